"""What is cut, altered, deleted or replaced in a run's folder is named, and nothing is resumed or drawn from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import acting
from workbench.artefacts import ArtefactError
from workbench.audit import audit_runs
from workbench.commands.base import CommandError
from workbench.runs import folder
from workbench.state import RunRecord


@pytest.fixture
def run(bench: Any, make_model: Any) -> RunRecord:
    """A completed run with a checkpoint, a file and a manifest."""
    run = acting.trained(bench, make_model())
    bench.artefacts.write_text(f"runs/{run.id}/diagnostics.npz", "diagnostics")
    folder.write_manifest(bench.artefacts, run.id)
    return run


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def alter(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def link(path: Path) -> None:
    path.rename(path.with_suffix(".elsewhere"))
    path.symlink_to(path.with_suffix(".elsewhere"))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = {"cut": cut, "altered": alter, "deleted": Path.unlink, "link": link, "folder": make_folder}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", ["diagnostics.npz", "attempt-1/checkpoints/last-1.json"])
def test_whatever_happens_to_a_file_is_found_and_named(bench: Any, run: RunRecord, name: str, damage: Any) -> None:
    path = Path(bench.runs.where(run.id)) / name
    assert bench.runs.files.problems(run) == ()
    assert bench.runs.artefact_path(run.id, name) == path
    damage(path)
    (problem,) = bench.runs.files.problems(run)
    assert name in problem
    with pytest.raises(ArtefactError, match=name):
        bench.runs.artefact_path(run.id, name)


def test_the_audit_names_the_run(bench: Any, run: RunRecord) -> None:
    assert [(found.run.id, found.problems) for found in audit_runs(bench)] == [(run.id, ())]
    cut(Path(bench.runs.where(run.id)) / "diagnostics.npz")
    (found,) = audit_runs(bench)
    assert "diagnostics.npz is damaged: it has 10 bytes, and 11 were written." in found.problems[0]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("torn")], ids=["deleted", "torn"])
def test_a_completed_run_without_a_readable_manifest_is_found(bench: Any, run: RunRecord, damage: Any) -> None:
    damage(Path(bench.runs.where(run.id)) / "manifest.json")
    assert "manifest.json" in bench.runs.files.problems(run)[0]


def test_a_run_that_was_cut_short_after_its_training_needs_no_manifest(bench: Any, make_model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, make_model()), "running")
    acting.checkpoint(bench, run)
    assert bench.runs.files.problems(acting.finish(bench, run, reason="The diagnostics were cut short.")) == ()


def test_a_measured_run_whose_reason_says_what_limits_it_needs_its_manifest(bench: Any, make_model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, make_model()), "running")
    acting.checkpoint(bench, run)
    done = acting.finish(bench, run, reason="Trained on 5 of 9 windows.", headline={"loss": 1.0})
    assert "manifest.json" in bench.runs.files.problems(done)[0]


def test_a_killed_runs_checkpoint_is_audited_without_a_manifest(bench: Any, make_model: Any) -> None:
    run = acting.run_to(bench, acting.queue(bench, make_model()), "running")
    reference = acting.checkpoint(bench, run)
    run = acting.finish(bench, run, "stopped")
    assert bench.runs.files.problems(run) == ()
    alter(bench.artefacts.path(reference.path))
    assert reference.path in bench.runs.files.problems(run)[0]


def test_a_file_that_no_manifest_lists_only_has_to_be_there(bench: Any, run: RunRecord) -> None:
    bench.artefacts.write_text(f"runs/{run.id}/later.txt", "later")
    assert bench.runs.artefact_path(run.id, "later.txt").read_text() == "later"
    with pytest.raises(CommandError, match="no file named"):
        bench.runs.artefact_path(run.id, "never.txt")


@pytest.fixture
def stopped(bench: Any, make_model: Any) -> RunRecord:
    """A stopped run that can be resumed, its labels saved."""
    model = make_model()
    run = bench.runs.start(actor="me", model_id=model.id)
    run = acting.run_to(bench, run, "running")
    acting.checkpoint(bench, run)
    return acting.finish(bench, run, "stopped")


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("name", ["labels.npz", "attempt-1/checkpoints/last-1.json"])
def test_resume_refuses_what_it_can_know_to_be_damaged(
    bench: Any, stopped: RunRecord, name: str, damage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.runs, "see_to_worker", lambda run: None)
    assert bench.runs.why_not_resume(stopped.id) == ()
    damage(Path(bench.runs.where(stopped.id)) / name)
    assert name in " ".join(bench.runs.why_not_resume(stopped.id))
    with pytest.raises(CommandError, match=name) as refused:
        bench.runs.resume(actor="me", run_id=stopped.id)
    assert refused.value.code == "conflict"
    assert bench.state().runs[stopped.id] == stopped
