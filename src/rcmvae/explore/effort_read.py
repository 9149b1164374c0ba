"""The progress of a model's labelling, read from its journal, labels and runs at the edge."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rcmvae.explore.effort import Estimate, Moment, Pace, Setters, Trained, estimate, lacking, over_time, pace
from rcmvae.explore.random_curve import RandomCurve, kept_curve
from rcmvae.holding import RunPayload, held
from workbench.artefacts import ArtefactError
from workbench.clock import from_text
from workbench.commands.rules import find_model
from workbench.kept import Recent
from workbench.state import Kind, RunRecord

if TYPE_CHECKING:
    from workbench.store.store import HistoryEntry
    from workbench.workbench import Workbench

_PATH = "labels."
_FILE = "ImportLabelsCommand"
_LABELLING = ("LabelSamplesCommand", "ClearLabelsCommand", _FILE)
"""Commands by which somebody says what images are. A merge of classes, Undo and Redo change labels, but label nothing."""


@dataclass(frozen=True)
class Effort:
    """How the labelling of a model stands.

    Attributes:
        total: labels now. series: (seconds since 1970, labels from then on). pace: of who asks. people: labels that stand, by who set them.
        runs: those whose labels and held-out accuracy are known, oldest first. lacking: (class, labels).
        random: what random labelling reaches, if that was computed.
    """

    total: int
    series: tuple[tuple[float, int], ...]
    pace: Pace
    people: Mapping[str, int]
    runs: tuple[Trained, ...]
    estimate: Estimate
    lacking: tuple[tuple[str, int], ...]
    random: RandomCurve | None = None


def effort_of(workbench: Workbench, model_id: str, who: str) -> Effort:
    """The effort so far. Raises CommandError not_found.

    Args:
        who: the actor whose pace is told.
    """
    model = find_model(workbench.state(), model_id)
    labels, payload = workbench.models.labels(model_id), held(model)
    moments, people = workbench.kept.of(_Journals).read(workbench, model_id)
    runs = tuple(_trained(workbench, run) for run in reversed(workbench.state().runs_of(model_id)))
    known = tuple(run for run in runs if run is not None)
    return Effort(
        total=len(labels),
        series=tuple(over_time(moments, len(labels))),
        pace=pace(moments, who),
        people=people,
        runs=known,
        estimate=estimate(known, len(labels), payload.sample.n_test),
        lacking=lacking(payload.class_names, Counter(mark.label for mark in labels.values())),
        random=kept_curve(workbench, model, known),
    )


def moment_of(entry: HistoryEntry) -> Moment | None:
    """What an entry of a model's history did to its labels; None if nothing."""
    changes = [change for change in entry.changes if change.path.startswith(_PATH)]
    if not changes:
        return None
    given = sum(change.old is None and change.new is not None for change in changes)
    cleared = sum(change.old is not None and change.new is None for change in changes)
    created = any(change.path == "family" for change in entry.changes)
    who = entry.actor if not created and entry.command in _LABELLING else ""
    by_hand = bool(who) and entry.command != _FILE
    return Moment(from_text(entry.at).timestamp(), who, given, cleared, len(changes) - given - cleared, by_hand)


class _Journals:
    """Moments of models and who set the labels that stand, read on from where each was read last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, list[Moment], Setters]] = {}

    def read(self, workbench: Workbench, model_id: str) -> tuple[Sequence[Moment], Mapping[str, int]]:
        with self._lock:
            last, moments, setters = self._read.get(model_id, (0, [], Setters()))
            entries = workbench.store.history(Kind.MODEL, model_id, None, after=last)
            if entries:
                told = [(entry, moment) for entry in reversed(entries) if (moment := moment_of(entry)) is not None]
                for entry, moment in told:
                    for change in entry.changes:
                        if change.path.startswith(_PATH):
                            setters.follow(int(change.path.removeprefix(_PATH)), change.new, moment.who)
                last, moments = entries[0].seq, [*moments, *(moment for _, moment in told)]
                self._read[model_id] = last, moments, setters
            return moments, setters.people()


class _Labels(Recent):
    """How many labels runs began with; it never changes."""

    def __init__(self) -> None:
        super().__init__(1000)


def _trained(workbench: Workbench, run: RunRecord) -> Trained | None:
    """A run as a point of the learning curve; None for one without held-out accuracy, or whose labels are not known any more."""
    accuracy = run.headline.get("accuracy")
    if run.state.active or accuracy is None:
        return None
    try:
        labels = workbench.kept.of(_Labels).get(run.id, lambda: _labels_of(workbench, run))
    except ArtefactError:
        return None
    return Trained(run.number, labels, accuracy)


def _labels_of(workbench: Workbench, run: RunRecord) -> int:
    name = RunPayload.model_validate(run.payload).labels_artefact
    arrays: dict[str, Any] = workbench.artefacts.read_arrays(name) if name is not None else {"rows": ()}
    return len(arrays["rows"])
