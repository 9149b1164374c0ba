"""A run that may not fit into memory starts only with a yes, whoever starts it."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.service import RecommenderService
from tests.recsys.commands.test_promoting import made_test
from tests.support.acting import finish, run_to
from tests.support.recommender_family import SALES
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.services import models
from workbench.workbench import Workbench

LITTLE, MUCH = 2**30, 2**40


@pytest.fixture
def model(bench: Workbench) -> Any:
    """A model of its own, by no test."""
    return bench.models.create(
        actor="me", family="recsys", model_type="recommender", dataset_id=SALES, values={"epochs": 1}
    )


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets what a worker may have."""

    def set_limit(limit: int | None) -> None:
        monkeypatch.setattr(models, "memory_limit", lambda: limit)

    return set_limit


def test_a_models_own_training_is_refused_with_the_doubt_and_starts_with_a_yes(
    bench: Workbench, model: Any, limited: Any
) -> None:
    limited(LITTLE)
    with pytest.raises(NeedsConfirmation) as refused:
        bench.runs.start(actor="me", model_id=model.id)
    error = refused.value
    assert (error.code, error.rule, error.field) == ("conflict", "W-15", "confirm")
    assert error.message.startswith("Training may need")
    assert "of the 1.0 GiB" in error.message
    assert "batches of 2,048" in str(error.hint)
    assert "--yes" in str(error.hint)
    assert error.question.endswith("a worker may have. Start it all the same?")
    assert not bench.state().runs
    run = bench.runs.start(actor="me", model_id=model.id, confirmed=True)
    assert run.state.value == "queued"


@pytest.mark.parametrize("limit", [MUCH, None])
def test_nobody_is_asked_where_memory_is_enough_or_unknown(
    bench: Workbench, model: Any, limited: Any, limit: int | None
) -> None:
    limited(limit)
    assert bench.runs.doubt(model.id) is None
    assert bench.runs.start(actor="me", model_id=model.id).state.value == "queued"


def test_another_reason_comes_before_the_question(bench: Workbench, model: Any, limited: Any) -> None:
    limited(LITTLE)
    bench.runs.start(actor="me", model_id=model.id, confirmed=True)
    with pytest.raises(CommandError, match="already") as refused:
        bench.runs.start(actor="me", model_id=model.id)
    assert not isinstance(refused.value, NeedsConfirmation)


def test_a_promoted_model_is_asked_about_as_its_test_and_its_next_run_are(
    bench: Workbench, service: RecommenderService, limited: Any
) -> None:
    test = made_test(bench)
    limited(LITTLE)
    starts = [
        lambda **yes: service.tests.start(actor="me", feature_config=1, model_config=1, **yes),
        lambda **yes: service.tests.rerun(actor="me", key=test.id, **yes),
        lambda **yes: service.tests.promote(actor="me", key=test.id, **yes),
    ]
    for start in starts:
        with pytest.raises(NeedsConfirmation):
            start()
        run = start(confirmed=True)
    finish(bench, run_to(bench, run, "running"))
    with pytest.raises(NeedsConfirmation):
        bench.runs.start(actor="me", model_id=run.subject.id)


def test_the_memory_of_this_host_says_nothing_where_others_train(
    bench: Workbench, model: Any, limited: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(LITTLE)
    monkeypatch.setattr(bench.models, "_trained_here", False)
    assert bench.runs.doubt(model.id) is None
