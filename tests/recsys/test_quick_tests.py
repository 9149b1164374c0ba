"""The words of a quick test's status, read off its run."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.quick_tests import QuickTestStatus, hint_of, status_of
from workbench.state import CheckpointRef, RunError, RunRecord, RunState, Subject

KEPT = CheckpointRef(path="runs/r/last.npz", sha256="0" * 64, epoch=1, attempt=1)


def run(state: RunState, **more: Any) -> RunRecord:
    """A run in a state."""
    return RunRecord(
        id="run_1", number=1, subject=Subject(kind="model_config", id="mc_1"), key="run_1", family="recsys", model_type="recommender",
        framework="tensorflow", state=state, config={}, fingerprint="", seed=0, journal_seq=0, code_version="1", created_at="", **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "word", "code"),
    [
        (RunState.QUEUED, "pending", None),
        (RunState.STARTING, "running", None),
        (RunState.RUNNING, "running", None),
        (RunState.COMPLETED, "completed", None),
        (RunState.STOPPED, "cancelled", "CANCELLED"),
        (RunState.FAILED, "failed", "INTERNAL"),
        (RunState.INTERRUPTED, "failed", "WORKER_LOST"),
    ],
)
def test_every_state_of_a_run_has_its_word_and_code(state: RunState, word: Any, code: str | None) -> None:
    assert status_of(run(state)) == QuickTestStatus(word, False, code)


def test_a_failed_test_says_the_code_that_it_failed_with() -> None:
    failed = run(RunState.FAILED, error=RunError(message="The loss is not finite.", code="NON_FINITE"))
    assert status_of(failed).error_code == "NON_FINITE"


def test_a_test_whose_worker_is_gone_says_what_to_do_in_words_of_tests() -> None:
    assert hint_of(run(RunState.INTERRUPTED)) == "Run it again."
    assert "last checkpoint" in str(hint_of(run(RunState.INTERRUPTED, last_checkpoint=KEPT)))
    assert hint_of(run(RunState.FAILED, error=RunError(message="No.", hint="Lower it."))) == "Lower it."
    assert hint_of(run(RunState.RUNNING)) is None


@pytest.mark.parametrize("state", list(RunState))
def test_what_ended_early_with_a_checkpoint_can_go_on_and_nothing_else(state: RunState) -> None:
    early = state in (RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED)
    assert status_of(run(state, last_checkpoint=KEPT)).resumable == early
