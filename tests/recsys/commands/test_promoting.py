"""A quick test becomes a model: what it takes over, what may differ, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.records import FEATURES, MODELS
from recsys.service import RecommenderService
from recsys.trial import TrialPayload
from tests.support.acting import finish, run_to
from tests.support.recommender_family import SALES, VISITS, features
from workbench.commands.base import CommandError
from workbench.state import RunRecord
from workbench.workbench import Workbench


def made_test(bench: Workbench, *, dataset: str = SALES, **start: Any) -> RunRecord:
    """A completed test of a deep model with 3 epochs."""
    service = RecommenderService(bench)
    named = {"actor": "me", "name": "T"}
    made = service.features.create(**named, dataset_id=dataset, document=features())
    model = service.models.create(**named, document={"epochs": 3, "optimizer": "adam", "learning_rate": 0.01})
    run = service.tests.start(actor="me", feature_config=made.id, model_config=model.id, **start)
    return completed(bench, run)


def completed(bench: Workbench, run: RunRecord) -> RunRecord:
    finish(bench, run_to(bench, run, "running"))
    return bench.state().runs[run.id]


def test_the_model_is_what_was_tested_with_overrides_as_its_own_training(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench, overrides={"batch_size": 64, "learning_rate": 0.02}, settings={"seed": 7})
    run = service.tests.promote(actor="me", key=test.number)
    model = bench.state().models[run.subject.id]
    assert (model.name, model.config["architecture"]) == ("T + T", test.config["architecture"])
    training = test.config["training"] | {"batch_size": 64, "learning_rate": 0.02}
    assert model.config["training"] == run.config["training"] == training
    payload = TrialPayload.model_validate(run.payload)
    assert payload == TrialPayload.model_validate(model.payload)
    assert payload.promoted_from is not None
    assert (payload.promoted_from.id, payload.promoted_from.number) == (test.id, test.number)
    assert payload.overrides.model_dump() == {"epochs": None, "batch_size": None, "learning_rate": None}
    assert (payload.features, payload.settings) == (test.payload["features"], test.payload["settings"])
    assert (run.seed, run.uses, run.dataset) == (7, (SALES,), test.dataset)
    assert run.state.value == "queued"
    assert service.tests.promoted(test.id) == (model,)


def test_epochs_sample_and_split_may_differ_and_a_new_split_begins_from_its_defaults(
    bench: Workbench, service: RecommenderService
) -> None:
    split = {"split": "time_holdout", "holdout_days": 10, "val_fraction": 0.2, "split_seed": 5}
    test = made_test(bench, settings={**split, "sample_percent": 50})
    run = service.tests.promote(actor="me", key=test.id, epochs=40, settings={"holdout_days": 20})
    kept = TrialPayload.model_validate(run.payload).settings
    assert run.config["training"]["epochs"] == 40
    assert {name: kept[name] for name in split} == {**split, "holdout_days": 20}
    changes = {"split": "random", "sample_percent": 100}
    other = service.tests.promote(actor="me", key=test.id, name="Big", settings=changes)
    assert bench.state().models[other.subject.id].name == "Big"
    settings = TrialPayload.model_validate(other.payload).settings
    assert (settings["split"], settings["split_seed"], settings["sample_percent"]) == ("random", 42, 100)


def test_a_promoted_model_is_trained_again_with_other_settings(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench)
    first = service.tests.promote(actor="me", key=test.id)
    completed(bench, first)
    model_id = first.subject.id
    bench.models.update_config(actor="me", model_id=model_id, values={"epochs": 9})
    with pytest.raises(CommandError, match="Clone the model"):
        bench.models.update_config(actor="me", model_id=model_id, values={"output_embedding_dim": 64})
    again = bench.runs.start(actor="me", model_id=model_id)
    assert again.config["training"]["epochs"] == 9
    assert TrialPayload.model_validate(again.payload).promoted_from is not None


def test_a_full_run_is_no_quick_test_and_locks_no_configuration(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench)
    run = service.tests.promote(actor="me", key=test.id)
    assert [r.id for r in service.tests.list()] == [test.id]
    for kind in (FEATURES, MODELS):
        assert not set(bench.state().of(kind)) & set(run.uses)
    service.models.delete(actor="me", key=1)
    with pytest.raises(CommandError, match="is not a quick test"):
        service.tests.promote(actor="me", key=run.number)


@pytest.mark.parametrize("end", ["queued", "running", "stopped", "failed"])
def test_only_a_completed_test_is_promoted(bench: Workbench, service: RecommenderService, end: str) -> None:
    made_test(bench)
    run = service.tests.start(actor="me", feature_config=1, model_config=1)
    if end != "queued":
        run = run_to(bench, run, "running")
    if end in ("stopped", "failed"):
        finish(bench, run, end)
    with pytest.raises(CommandError, match="only a completed one can be promoted") as caught:
        service.tests.promote(actor="me", key=run.id)
    assert caught.value.code == "conflict"
    assert [problem.code for problem in caught.value.problems] == ["NOT_COMPLETED"]
    assert not bench.state().models


def test_everything_wrong_with_a_full_run_is_said_and_nothing_is_made(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench, dataset=VISITS, settings={"split": "random"})

    def refused(**how: Any) -> list[tuple[str, str | None]]:
        with pytest.raises(CommandError) as caught:
            service.tests.promote(actor="me", key=test.id, **how)
        assert caught.value.code == "invalid"
        return [(p.path, p.code) for p in caught.value.problems]

    assert refused(settings={"split": "strict_time"}) == [("split", "SPLIT_NO_TIMESTAMP")]
    assert refused(settings={"sample_percent": 0}) == [("sample_percent", None)]
    assert refused(settings={"seed": 1, "rating_column": "stars"}) == [
        ("seed", None),
        ("rating_column", None),
    ]
    assert [path for path, _ in refused(epochs=501)] == ["epochs"]
    assert [path for path, _ in refused(name="x" * 101)] == ["name"]
    assert not bench.state().models
    assert len(bench.state().runs) == 1


def test_a_test_that_could_not_learn_needs_epochs_to_be_promoted(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench, overrides={"epochs": 0})
    with pytest.raises(CommandError, match="learns nothing") as caught:
        service.tests.promote(actor="me", key=test.id)
    assert caught.value.field == "epochs"
    assert service.tests.promote(actor="me", key=test.id, epochs=2).config["training"]["epochs"] == 2


def test_a_test_whose_data_is_gone_is_not_promoted(bench: Workbench, service: RecommenderService) -> None:
    test = made_test(bench)
    service.features.delete(actor="me", key=1)
    bench.datasets.delete(actor="me", dataset_id=SALES)
    with pytest.raises(CommandError, match="cannot be promoted: the dataset Sales is gone") as caught:
        service.tests.promote(actor="me", key=test.id)
    assert [problem.code for problem in caught.value.problems] == ["DATA_MISSING"]
    bench.datasets.restore(actor="me", dataset_id=SALES)
    assert service.tests.promote(actor="me", key=test.id).number == 2


def test_a_name_that_is_taken_is_refused_and_a_name_of_its_own_is_numbered(
    bench: Workbench, service: RecommenderService
) -> None:
    test = made_test(bench, name="Night")
    first, second = (service.tests.promote(actor="me", key=test.id) for _ in range(2))
    models = bench.state().models
    assert [models[run.subject.id].name for run in (first, second)] == ["Night", "Night (2)"]
    with pytest.raises(CommandError) as caught:
        service.tests.promote(actor="me", key=test.id, name="night")
    assert caught.value.code == "conflict"
