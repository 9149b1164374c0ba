"""Projections in the background: one of weights that were replaced can still be seen and ended."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rcmvae.explore import background, projecting
from rcmvae.explore.projecting import Projections
from workbench.apart import Cancelled

MODEL = "m"


class Place:
    """Where a projection of the present weights would lie; tests replace the weights."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.weights, self.begun = folder, "first", list[str]()

    def file(self, _workbench: Any, _model_id: str) -> Path:
        return self.folder / self.weights

    def work(self, _workbench: Any, _model_id: str, job: Any) -> None:
        """Goes on until it is cancelled."""
        self.begun.append(self.weights)
        job.words = "laying out"
        if job.cancelled.wait(20):
            raise Cancelled


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    monkeypatch.setattr(projecting, "file_of", made.file)
    monkeypatch.setattr(projecting, "check_projectable", lambda *_: None)
    monkeypatch.setattr(projecting, "_work", made.work)
    return made


def under_way() -> int:
    return sum(thread.name == "projection" for thread in threading.enumerate())


def begun(place: Place, found: Projections) -> None:
    before = len(place.begun)
    found.begin(None, MODEL)  # type: ignore[arg-type]
    until = time.monotonic() + 10
    while len(place.begun) == before and time.monotonic() < until:
        time.sleep(0.01)


def test_one_of_weights_that_were_replaced_is_told_and_can_be_cancelled(place: Place) -> None:
    found = Projections(place.folder / "jobs")
    begun(place, found)
    place.weights = "second"
    standing = found.look(None, MODEL)  # type: ignore[arg-type]
    assert (standing.state, standing.words) == ("under way", "of the weights before, laying out")
    found.cancel(MODEL)
    assert found.look(None, MODEL).state == "none"  # type: ignore[arg-type]
    assert under_way() == 0


def test_beginning_anew_ends_that_of_the_weights_before(place: Place) -> None:
    found = Projections(place.folder / "jobs")
    begun(place, found)
    place.weights = "second"
    begun(place, found)
    assert place.begun == ["first", "second"]
    assert under_way() == 1
    assert found.look(None, MODEL).words == "laying out"  # type: ignore[arg-type]
    found.cancel(MODEL)
    assert under_way() == 0


def test_another_models_projection_goes_on(place: Place) -> None:
    found = Projections(place.folder / "jobs")
    begun(place, found)
    found.cancel("another")
    assert found.look(None, MODEL).state == "under way"  # type: ignore[arg-type]
    found.cancel(MODEL)


def test_another_process_sees_one_that_goes_on_ends_it_and_begins_no_second(place: Place) -> None:
    here, there = Projections(place.folder / "jobs"), Projections(place.folder / "jobs")
    begun(place, here)
    until = time.monotonic() + 10
    while there.look(None, MODEL).words != "laying out" and time.monotonic() < until:  # type: ignore[arg-type]
        time.sleep(0.02)
    assert there.look(None, MODEL) == here.look(None, MODEL)  # type: ignore[arg-type]
    there.begin(None, MODEL)  # type: ignore[arg-type]
    assert place.begun == ["first"]
    there.cancel(MODEL)
    assert here.look(None, MODEL).state == there.look(None, MODEL).state == "none"  # type: ignore[arg-type]
    assert under_way() == 0


def test_whoever_hears_of_the_end_by_the_note_hears_it_from_the_process_that_worked_on_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, states, looking = Projections(place.folder / "jobs"), list[str](), list[threading.Thread]()
    tell = found._jobs._tell

    def told(*given: Any) -> None:
        tell(*given)
        if given[3:] == ("cancelled",):
            looking.append(threading.Thread(target=lambda: states.append(found.look(None, MODEL).state)))  # type: ignore[arg-type]
            looking[0].start()
            time.sleep(0.1)

    monkeypatch.setattr(found._jobs, "_tell", told)
    begun(place, found)
    found.cancel(MODEL)
    looking[0].join()
    assert states == ["none"]


def test_one_whose_process_died_counts_no_more(place: Place) -> None:
    found = Projections(place.folder / "jobs")
    key = str(place.folder / "first")
    note = background.Note(key=key, group=MODEL, pid=os.getpid(), started=1.0, words="laying out")
    (place.folder / "jobs" / "projection").mkdir(parents=True)
    found._jobs._note_file(key).write_text(note.model_dump_json())
    assert found.look(None, MODEL).state == "none"  # type: ignore[arg-type]
    begun(place, found)
    assert place.begun == ["first"]
    found.cancel(MODEL)
