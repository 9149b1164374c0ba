from __future__ import annotations

import json

import pytest

from recsys.data.splits import SplitError
from recsys.evaluation.halting import Halted
from recsys.training.errors import HINTS, TrialError
from recsys.training.stages import (
    BESIDE,
    STAGES,
    Stage,
    Stages,
    expected_seconds,
    expected_work,
    one_after_the_other,
)
from tests.recsys.training.reported import Reported
from workbench.datasets import DatasetError

EVEN = dict.fromkeys(STAGES, 1.0)


def failing(error: BaseException, stage: Stage = "train") -> tuple[BaseException, Reported]:
    told = Reported()
    with pytest.raises(BaseException) as caught, Stages(told, EVEN).stage(stage):
        raise error
    return caught.value, told


def test_stages_are_told_as_they_begin_and_end() -> None:
    told = Reported()
    stages = Stages(told, EVEN)
    with stages.stage("split"):
        pass
    with stages.stage("generate"):
        pass
    rows = [[(row["stage"], row["status"]) for row in values["stages"]] for values in told.of("stages")]
    assert rows == [
        [("split", "running")],
        [("split", "done")],
        [("split", "done"), ("generate", "running")],
        [("split", "done"), ("generate", "done")],
    ]
    assert stages.seconds.keys() == {"split", "generate"}
    assert json.dumps(told.of("stages"))
    assert told.of("stages")[0]["all"] == list(STAGES)


def test_a_stage_counts_by_what_it_is_expected_to_take() -> None:
    told = Reported()
    stages = Stages(told, {**EVEN, "split": 3.0})
    for name in STAGES:
        with stages.stage(name):
            pass
    figures = [(values["percent"], values["share"]) for values in told.of("stages")]
    assert figures[:3] == [(0, 30), (30, 0), (30, 10)]
    assert figures[-1] == (100, 0)
    assert [percent for percent, _ in figures] == sorted(percent for percent, _ in figures)


def test_longer_training_and_more_rows_are_expected_to_take_longer() -> None:
    few, many = expected_seconds(10_000, 2, 1_000, 500), expected_seconds(1_000_000, 20, 100_000, 4_000)
    assert set(few) == set(STAGES)
    assert all(many[stage] >= few[stage] > 0 for stage in STAGES)
    assert many["train"] / sum(many.values()) > few["train"] / sum(few.values())


def test_baselines_are_waited_for_only_as_far_as_the_training_is_quicker() -> None:
    work = dict.fromkeys([*STAGES, BESIDE], 1.0)
    # generate, check, train and evaluate take four seconds
    assert one_after_the_other(work | {BESIDE: 4.0}) == dict.fromkeys(STAGES, 1.0)
    assert one_after_the_other(work | {BESIDE: 6.5}) == dict.fromkeys(STAGES, 1.0) | {"baselines": 3.5}
    # ten thousand products take EASE a hundred seconds, which a long training hides and a short one does not
    short, long = expected_seconds(10_000, 1, 1_000, 10_000), expected_seconds(1_000_000, 9, 1_000, 10_000)
    assert short["baselines"] > 90
    assert long["baselines"] < 1
    assert sum(long.values()) < sum(expected_work(1_000_000, 9, 1_000, 10_000).values())


def test_a_stage_that_is_left_is_stopped_and_no_failure() -> None:
    error, told = failing(Halted())
    assert isinstance(error, Halted)
    assert told.of("stages")[-1]["stages"][0]["status"] == "stopped"
    stages = Stages(told, EVEN)
    with stages.stage("train"):
        stages.stopped()
    assert told.of("stages")[-1]["stages"][0]["status"] == "stopped"
    assert set(stages.seconds) == {"train"}
    assert told.of("stages")[-1]["percent"] == 0


def test_an_error_with_a_code_gets_the_stage_that_it_happened_in_and_keeps_one_that_it_has() -> None:
    error, told = failing(TrialError("NON_FINITE", "The loss is no number."))
    assert isinstance(error, TrialError)
    assert (error.code, error.stage, error.hint) == ("NON_FINITE", "train", HINTS["NON_FINITE"])
    assert told.of("stages")[-1]["stages"][0]["status"] == "failed"
    error, _ = failing(TrialError("NO_TEST_ROWS", "None.", stage="evaluate"))
    assert isinstance(error, TrialError)
    assert error.stage == "evaluate"
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("raised", "stage", "code"),
    [
        (DatasetError("Gone.", code="DATA_CHANGED"), "split", "DATA_CHANGED"),
        (MemoryError(), "train", "OUT_OF_MEMORY"),
        (ValueError("no logarithm of -3"), "fit_transforms", "DOMAIN"),
        (TypeError("no numbers"), "fit_transforms", "DOMAIN"),
        (SyntaxError("bad"), "check", None),
        (ValueError("surprising"), "train", None),
    ],
)
def test_known_errors_get_codes_and_others_stay_what_they_are(
    raised: Exception, stage: Stage, code: str | None
) -> None:
    error, _ = failing(raised, stage)
    if code is None:
        assert error is raised
        assert error.__cause__ is None
    else:
        assert isinstance(error, TrialError)
        assert (error.code, error.stage, error.__cause__) == (code, stage, raised)
        assert error.hint == HINTS[code]
        assert str(error).endswith(".")


def test_a_split_without_rows_is_told_with_its_own_hint() -> None:
    raised = SplitError("SPLIT_EMPTY", "The test part has no rows.", hint="Choose another window.")
    error, _ = failing(raised, "split")
    assert isinstance(error, TrialError)
    assert (error.code, error.stage, error.hint) == ("SPLIT_EMPTY", "split", "Choose another window.")


def test_what_is_no_ordinary_error_passes_untouched() -> None:
    interrupt = KeyboardInterrupt()
    error, told = failing(interrupt)
    assert error is interrupt
    assert told.of("stages")[-1]["stages"][0]["status"] == "running"
