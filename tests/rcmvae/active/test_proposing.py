"""Suggestions for a page."""

from __future__ import annotations

from typing import Any

import pytest

from rcmvae.active import asking, proposing
from rcmvae.active.stored import NOT_HERE
from rcmvae.labels.service import LabelService
from rcmvae.suggestions import StrategyState, Suggestions


class Asked:
    """Stands for `asking.suggest`: what it was asked."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []

    def __call__(self, workbench: Any, model_id: str, **given: Any) -> Suggestions:
        self.given.append(given)
        states = (StrategyState("bald", "BALD", "", NOT_HERE), StrategyState("margin", "Margin", "", "no labels"))
        return Suggestions(given["strategy"], (), given["n"], states)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(asking, "suggest", made)
    return made


def propose(bench: Any, model: Any, strategy: str = "margin", n: int = 20) -> Suggestions:
    return proposing.propose(bench, model.id, strategy=strategy, n=n, seed=1)


def test_a_page_is_given_as_many_as_are_left_and_none_when_none_is(bench: Any, make_model: Any, asked: Asked) -> None:
    model = make_model(parts=4)
    free = [int(row) for row in bench.models.read(model).train if int(row) not in bench.models.labels(model.id)]
    propose(bench, model, n=500)
    assert asked.given[-1]["n"] == len(free)
    LabelService(bench).set(actor="me", model_id=model.id, labels=dict.fromkeys(free, 1))
    assert (propose(bench, model).left, len(asked.given)) == (0, 1)


def test_what_runs_the_model_is_asked_of_a_process_beside_and_not_called_impossible(
    bench: Any, make_model: Any, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(parts=4)
    found = propose(bench, model, "bald", 2)
    assert asked.given[-1]["run_model"] is True
    assert [state.disabled for state in found.strategies] == [None, "no labels"]
    beside: list[str] = []
    monkeypatch.setattr(
        type(bench), "beside", lambda self, target, *given: beside.append(target) or asked(self, given[0], strategy="bald", n=2)
    )
    propose(bench, model, "bald", 2)
    propose(bench, model, "margin", 2)
    assert beside == ["rcmvae.active.proposing:by_running"]
    assert "run_model" not in asked.given[-1]
