from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from rcmvae.holding import held
from tests.support import acting
from workbench.audit import audit, audit_model
from workbench.commands.base import CommandError
from workbench.workbench import Workbench


def plant(bench: Any, model_id: str, old: str, new: str) -> None:
    """Change a stored model by hand, past the product."""
    with sqlite3.connect(bench.store.engine.url.database) as connection:
        record = connection.execute("SELECT record FROM entities WHERE id = ?", (model_id,)).fetchone()[0]
        assert old in record
        connection.execute("UPDATE entities SET record = ? WHERE id = ?", (record.replace(old, new, 1), model_id))


def reopened(bench: Any) -> Workbench:
    return Workbench.open(bench.settings)


def test_models_made_through_the_product_have_nothing_wrong(bench: Any, make_model: Any) -> None:
    trained = make_model("First")
    acting.trained(bench, trained)
    make_model("Second")
    bench.models.update_config(actor="me", model_id=trained.id, values={"learning_rate": 0.7})
    assert [(r.model.name, r.problems) for r in audit(bench)] == [("First", ()), ("Second", ())]


def test_a_mismatch_planted_by_hand_is_found_named_and_keeps_the_model_from_starting(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    acting.trained(bench, model)
    plant(bench, model.id, '"width":8', '"width":9')
    again = reopened(bench)
    (result,) = audit(again)
    assert any("does not match the weights from run #1. They differ in width." in p for p in result.problems)
    assert all("clone the model" in p for p in result.problems)
    assert again.runs.preflight(model.id)
    with pytest.raises(CommandError, match="They differ in width"):
        acting.queue(again, model)
    again.close()


def test_a_planted_mismatch_of_a_model_without_weights_is_found(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    plant(bench, model.id, '"width":8', '"width":9')
    again = reopened(bench)
    (problem,) = audit_model(again, again.state().models[model.id])
    assert "but the model was created with" in problem
    again.close()


def test_a_checkpoint_of_another_architecture_is_found(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    acting.trained(bench, model, width=77)
    (problem,) = audit_model(bench, bench.state().models[model.id])
    assert "width=77, but the model has width=8" in problem


def test_a_changed_or_missing_checkpoint_is_found_and_the_answer_follows_the_file(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    run = acting.trained(bench, model)
    record = bench.state().models[model.id]
    assert run.last_checkpoint is not None
    path = bench.artefacts.path(run.last_checkpoint.path)
    content = path.read_bytes()
    assert audit_model(bench, record) == ()
    path.write_bytes(content + b" ")
    assert "sha256 differs" in audit_model(bench, record)[0]
    path.unlink()
    assert "is missing" in audit_model(bench, record)[0]
    path.write_bytes(content)
    assert audit_model(bench, record) == ()


def test_a_lost_or_changed_sample_is_found_even_if_it_was_read_before(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    assert bench.runs.preflight(model.id) == ()
    path = bench.artefacts.path(held(model).sample.artefact)
    path.write_bytes(path.read_bytes() + b" ")
    assert "not what was written" in audit_model(bench, model)[0]
    path.unlink()
    (problem,) = audit_model(bench, model)
    assert "What First was made on cannot be used" in problem
    assert "missing" in problem
    assert "What First was made on" in bench.runs.preflight(model.id)[0]


def test_deleted_models_are_not_audited(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.delete(actor="me", model_id=model.id)
    assert audit(bench) == ()
