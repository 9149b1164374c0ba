"""The pages of sweeps as component trees: what each state of a sweep offers, and what the form's controls mean."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.pages.sweeps.asking import held, text_of
from dashboard.pages.sweeps.callbacks import PARTS, rows_held
from dashboard.pages.sweeps.figures import importance, lines, progress
from dashboard.pages.sweeps.layout import actions, header, status, trials
from workbench.state import AppState, ModelRecord, RunRecord, RunState, Subject, Trial
from workbench.sweeps.records import Refused, SweepRecord
from workbench.sweeps.rows import rows_of
from workbench.sweeps.space import Parameter

AT = "2026-11-28T20:00:00.000Z"
SPACE = (
    Parameter(path="learning_rate", kind="float", low=1e-4, high=1e-2, log=True),
    Parameter(path="batch_size", kind="choice", choices=(32, 64)),
)


def run(number: int, told: Any, value: float | None, state: RunState = RunState.COMPLETED, **trial: Any) -> RunRecord:
    tried = {"learning_rate": 1e-3 * number, "batch_size": 32 if number % 2 else 64}
    return RunRecord(
        id=f"run_000000000000{number}", number=number, subject=Subject(kind="model", id="model_1"), key="k", family="rcmvae", model_type="rcmvae",
        framework="jax", state=state, config={}, fingerprint="f", seed=0, journal_seq=1, code_version="c", created_at=AT, reason=trial.pop("reason", ""),
        trial=Trial(sweep="sweep_1", number=number, values=tried, told=told, value=value, **trial),
    )  # fmt: skip


def state_of(*runs: RunRecord, **sweep: Any) -> tuple[AppState, SweepRecord]:
    record = SweepRecord(
        id="sweep_1", number=1, name="Rates", model_id="model_1", family="rcmvae", model_type="rcmvae", space=SPACE, objective="validation/loss",
        direction="lower", trials=5, at_once=1, sampler="tpe", pruner="median", seed=0, created_at=AT, updated_at=AT, **sweep,
    )  # fmt: skip
    model = ModelRecord(
        id="model_1", number=1, name="Oak", family="rcmvae", model_type="rcmvae", config={}, fingerprint="f", created_at=AT, updated_at=AT
    )
    records = {"sweep": {"sweep_1": record}, "model": {"model_1": model}, "run": {each.id: each for each in runs}}
    return AppState(records=records), record


def offered(state: AppState, sweep: SweepRecord) -> list[str]:
    found: list[Any] = actions(state, sweep)
    return [str(part.children[1] if isinstance(part.children, list) else part.children) for part in found]


def test_each_state_of_a_sweep_offers_what_can_be_done() -> None:
    assert offered(*state_of()) == ["Stop"]
    told = (run(1, "completed", 3.0), run(2, "pruned", 9.0, RunState.STOPPED, pruned="Pruned: worse."))
    assert offered(*state_of(*told)) == ["Stop", "Use the best settings"]
    assert offered(*state_of(*told, state="stopped")) == ["Rename…", "Delete", "Resume", "Use the best settings"]
    over = tuple(run(number, "completed", float(number)) for number in range(1, 6))
    assert offered(*state_of(*over, state="completed")) == ["Rename…", "Delete", "More trials…", "Use the best settings"]
    assert offered(*state_of(*over, state="completed", architectures=True)) == ["Rename…", "Delete", "More trials…", "Open the best model"]


def test_every_trial_says_what_became_of_it_and_why() -> None:
    state, sweep = state_of(
        run(1, "completed", 3.0), run(2, "pruned", 9.0, RunState.STOPPED, pruned="Pruned: worse than the median."),
        run(3, "failed", None, RunState.FAILED, reason="The loss is not finite."), run(4, "", None, RunState.RUNNING),
        refused=(Refused(number=5, values={"learning_rate": 1e-3}, why="They do not go together."),),
    )  # fmt: skip
    shown = str(trials(state, sweep))
    for words in ("Pruned: worse than the median.", "The loss is not finite.", "They do not go together.", "(best)", "Training", "Refused"):
        assert words in shown
    assert "5 of 5 trials: 1 running, 1 completed, 1 pruned, 1 failed, 1 refused." in str(status(state, sweep))
    assert "Oak" in str(header(state, sweep))
    assert [row.over for row in rows_of(state, sweep)] == [True, True, True, False, True]


@pytest.mark.parametrize("dark", [False, True])
def test_graphs_show_the_best_so_far_and_lines_of_trials_that_ran_to_their_end(dark: bool) -> None:
    told = (run(1, "completed", 3.0), run(2, "completed", 5.0), run(3, "completed", 2.0), run(4, "pruned", 9.0, RunState.STOPPED))
    state, sweep = state_of(*told)
    rows = rows_of(state, sweep)
    best: Any = progress(sweep, rows, dark=dark)
    by_name = {trace.name: trace for trace in best.data}
    assert list(by_name["Best so far"].y) == [3.0, 3.0, 2.0]
    assert list(by_name["Pruned"].x) == [4]
    across: Any = lines(sweep, rows, dark=dark)
    assert [axis.label for axis in across.data[0].dimensions] == ["Trial", "Learning rate", "Batch size", "Loss"]
    assert lines(sweep, rows[:1], dark=dark) is None
    assert progress(sweep, (), dark=dark) is None
    shares: Any = importance(sweep, {"learning_rate": 0.8, "batch_size": 0.2}, dark=dark)
    assert list(shares.data[0].x) == [0.2, 0.8]


@pytest.mark.parametrize(
    "parameter", [*SPACE, Parameter(path="a.b", kind="int", low=1, high=9), Parameter(path="c", kind="choice", choices=(True, False))]
)
def test_what_controls_hold_of_a_proposal_means_the_same(parameter: Parameter) -> None:
    assert text_of(held(parameter)) == parameter.text


def test_controls_are_read_in_the_order_in_which_settings_were_chosen() -> None:
    low, high = ("b", "a"), ("b", "a")
    given: dict[str, tuple[tuple[str, ...], list[Any]]] = {
        "low": (low, ["1", "2"]), "high": (high, ["3", "4"]), "count": (low, ["", "5"]), "log": (low, [False, True]), "choices": (("c",), ["x,y"]),
    }  # fmt: skip
    controls = [part for name in PARTS for part in (given[name][1], [{"sweep": name, "path": path} for path in given[name][0]])]
    assert [text_of(row) for row in rows_held(["a", "c", "b", "gone"], controls)] == ["a=2..4/5:log", "c=x,y", "b=1..3"]
