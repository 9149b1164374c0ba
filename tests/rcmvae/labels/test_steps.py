"""Steps of labelling: one transaction, a journal row each, none twice, a refused one alone; and what changed since."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from rcmvae.labels.commands import Proposal
from rcmvae.labels.service import LabelService
from rcmvae.labels.steps import Outcome, Step, carry_out, changes_since
from workbench.commands.base import CommandError
from workbench.state import Kind


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model("First", parts=4)


@pytest.fixture
def rows(bench: Any, model: Any) -> list[int]:
    """Training rows without a label."""
    return [int(i) for i in bench.models.read(model).train if int(i) not in bench.models.labels(model.id)]


def step(number: int, **does: Any) -> Step:
    return Step(key=f"step-{number:04}", **does)


def steps_of(bench: Any, model: Any, actor: str, *steps: Step) -> tuple[Outcome, ...]:
    return carry_out(bench, actor=actor, model_id=model.id, steps=steps)


def labels(bench: Any, model: Any, *wanted: int) -> list[int | None]:
    known = bench.models.labels(model.id)
    return [known[row].label if row in known else None for row in wanted]


def test_each_step_is_an_undo_step_of_its_own(bench: Any, model: Any, rows: list[int]) -> None:
    a, b, c = rows[:3]
    steps_of(bench, model, "ann", step(1, set={a: 1}), step(2, set={b: 2}), step(3, set={c: 0}), step(4, clear=[a]))
    assert labels(bench, model, a, b, c) == [None, 2, 0]
    told = [entry.words for entry in bench.history(Kind.MODEL, model.id, 4)]
    assert told == [f"Clear the label of sample {a}", f"Label sample {c} as ant", f"Label sample {b} as cat", f"Label sample {a} as bee"]
    bench.undo(actor="ann")
    assert labels(bench, model, a, b, c) == [1, 2, 0]


def test_a_step_sent_twice_is_carried_out_once_even_after_others(bench: Any, model: Any, rows: list[int]) -> None:
    row = rows[0]
    first = steps_of(bench, model, "ann", step(1, set={row: 1}))
    steps_of(bench, model, "bob", step(2, set={row: 2}))
    version = bench.state().version
    assert steps_of(bench, model, "ann", step(1, set={row: 1})) == first
    assert (labels(bench, model, row), bench.state().version) == ([2], version)
    steps_of(bench, model, "bob", step(1, set={row: 0}), step(1, set={row: 1}))
    assert labels(bench, model, row) == [0], "keys are an actor's own, and within one request count once, too"


def test_a_refused_step_stops_no_other_and_says_why(bench: Any, model: Any, rows: list[int]) -> None:
    test_row = int(bench.models.read(model).test[0])
    outcomes = steps_of(
        bench, model, "ann", step(1, set={rows[0]: 1}), step(2, set={test_row: 1}), step(3, set={rows[1]: 99}), step(4, clear=[rows[0]])
    )
    assert [outcome.refused is None for outcome in outcomes] == [True, False, False, True]
    assert "cannot be labelled" in (outcomes[1].refused or "")
    assert labels(bench, model, rows[0], rows[1], test_row) == [None, None, None]


def test_a_walk_takes_back_this_models_newest_label_change_and_no_other_change(
    bench: Any, model: Any, make_model: Any, rows: list[int]
) -> None:
    other = make_model("Other", parts=4, actor="ann")
    other_row = next(int(i) for i in bench.models.read(other).train if int(i) not in bench.models.labels(other.id))
    a, b = rows[:2]
    steps_of(bench, model, "ann", step(1, set={a: 1}), step(2, set={b: 2}))
    bench.models.rename(actor="ann", model_id=model.id, name="Renamed")
    steps_of(bench, other, "ann", step(3, set={other_row: 1}))
    (undone,) = steps_of(bench, model, "ann", step(4, walk="undo"))
    assert undone == Outcome(key="step-0004", rows=(b,))
    assert labels(bench, model, a, b) == [1, None]
    assert labels(bench, other, other_row) == [1]
    assert bench.state().models[model.id].name == "Renamed"
    steps_of(bench, model, "ann", step(5, walk="undo"))
    assert labels(bench, model, a, b) == [None, None]
    (nothing,) = steps_of(bench, model, "ann", step(6, walk="undo"))
    assert nothing.refused == "There is nothing to undo."
    bench.models.rename(actor="ann", model_id=model.id, name="Again")
    steps_of(bench, model, "ann", step(7, walk="redo"), step(8, walk="redo"))
    assert labels(bench, model, a, b) == [1, 2]
    (nothing,) = steps_of(bench, model, "ann", step(9, walk="redo"))
    assert nothing.refused == "There is nothing to redo."
    steps_of(bench, model, "ann", step(10, walk="undo"), step(11, set={a: 0}))
    (nothing,) = steps_of(bench, model, "ann", step(12, walk="redo"))
    assert nothing.refused == "There is nothing to redo.", "a new label ends what could be redone"


def test_an_undo_passes_by_what_somebody_else_changed_and_says_so(bench: Any, model: Any, rows: list[int]) -> None:
    me, other = "browser:3f2a000000000000", "browser:77770000000000aa"
    a, b, c, d = rows[:4]
    steps_of(bench, model, me, step(1, set={a: 1}), step(2, set={b: 1}), step(3, set={c: 1, d: 1}))
    steps_of(bench, model, other, step(1, set={b: 2, c: 2}))
    (part,) = steps_of(bench, model, me, step(4, walk="undo"))
    assert (part.refused, part.rows) == (None, (d,))
    assert (part.left or "").startswith(f"The label of sample {c} was changed since, by browser 7777")
    assert labels(bench, model, a, b, c, d) == [1, 2, 2, None]
    (past,) = steps_of(bench, model, me, step(5, walk="undo"))
    assert past.rows == (a,)
    assert f"The label of sample {b} was changed since" in (past.left or "")
    (nothing,) = steps_of(bench, model, me, step(6, walk="undo"))
    assert re.fullmatch(rf"The label of sample {b} was changed since, .*, and stays. There is nothing else to undo.", nothing.refused or "")
    assert labels(bench, model, a, b, c, d) == [None, 2, 2, None]
    again = steps_of(bench, model, me, step(7, walk="redo"), step(8, walk="redo"))
    assert [outcome.rows for outcome in again] == [(a,), (d,)]
    assert labels(bench, model, a, b, c, d) == [1, 2, 2, 1]


def test_what_proposed_a_sample_is_in_the_history(bench: Any, model: Any, rows: list[int]) -> None:
    proposal = Proposal(strategy="margin", run="run_1", score=0.25)
    steps_of(bench, model, "ann", step(1, set={rows[0]: 1}, proposal=proposal))
    assert bench.history(Kind.MODEL, model.id, 1)[0].words == f"Label sample {rows[0]} as bee, proposed by margin"


def test_changes_since_a_version_are_the_newest_of_each_sample_with_who_made_them(bench: Any, model: Any, rows: list[int]) -> None:
    a, b = rows[:2]
    version = bench.state().version
    assert changes_since(bench, model.id, version).labels == {}
    steps_of(bench, model, "ann", step(1, set={a: 1}), step(2, set={b: 1}), step(3, clear=[b]))
    steps_of(bench, model, "bob", step(1, set={a: 2}))
    found = changes_since(bench, model.id, version)
    assert {row: (change.label, change.actor) for row, change in found.labels.items()} == {a: (2, "bob"), b: (None, "ann")}
    assert found.version == bench.state().version
    LabelService(bench).add_name(actor="bob", model_id=model.id, name="dog")
    assert changes_since(bench, model.id, found.version).class_names == ("ant", "bee", "cat", "dog")


def test_a_version_that_the_store_has_not_reached_asks_for_everything(bench: Any, model: Any) -> None:
    assert changes_since(bench, model.id, bench.state().version + 1).everything


def test_steps_about_a_model_that_is_gone_are_refused(bench: Any, model: Any, rows: list[int]) -> None:
    bench.models.delete(actor="ann", model_id=model.id)
    for ask in (lambda: steps_of(bench, model, "ann", step(1, set={rows[0]: 1})), lambda: changes_since(bench, model.id, 0)):
        with pytest.raises(CommandError) as caught:
            ask()
        assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    "does", [{}, {"set": {1: 1}, "clear": [2]}, {"walk": "undo", "clear": [2]}, {"walk": "back"}, {"set": {1: True}}, {"set": {-1: 1}}]
)
def test_a_step_does_one_thing(does: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        step(1, **does)


def test_a_label_of_a_class_that_was_merged_meanwhile_counts_as_of_the_other(bench: Any, model: Any, rows: list[int]) -> None:
    LabelService(bench).merge_classes(actor="bob", model_id=model.id, number=1, into=2)
    (outcome,) = steps_of(bench, model, "ann", step(1, set={rows[0]: 1, rows[1]: 0}))
    assert outcome.refused is None
    assert labels(bench, model, rows[0], rows[1]) == [2, 0]
