"""Quick tests: what they keep, what keeps them from starting, and running them again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from recsys.commands.quick_tests import RerunQuickTestCommand
from recsys.records import MODELS
from recsys.service import RecommenderService
from recsys.trial import TrialPayload
from tests.support.recommender_family import features
from workbench.commands.base import CommandError, Env, Put
from workbench.commands.datasets import RegisterDatasetCommand
from workbench.ids import new_id
from workbench.state import Kind, RunState
from workbench.workbench import Workbench

ME = "user:me"


def pair(
    service: RecommenderService, dataset: str = "sales", document: Any = None, **model: Any
) -> dict[str, Any]:
    """A feature configuration and a model configuration, as arguments of a start."""
    place = len(service.features.list())
    chosen = service.features.create(
        actor=ME, dataset_id=dataset, name=f"F{place}", document=document or features()
    )
    return {
        "feature_config": chosen.id,
        "model_config": service.models.create(actor=ME, name=f"M{place}", document=model).id,
    }


def problems(service: RecommenderService, **start: Any) -> dict[str, str]:
    """Path -> message of what a start is refused for, told by the check as well."""
    told = service.tests.problems(**start)
    with pytest.raises(CommandError) as caught:
        service.tests.start(actor=ME, **start)
    assert [(p.path, p.message) for p in caught.value.problems] == [(p.path, p.message) for p in told]
    assert caught.value.code == "invalid"
    return {p.path: p.message for p in told}


def test_a_test_keeps_copies_of_everything_that_it_needs(
    service: RecommenderService, bench: Workbench
) -> None:
    start = pair(service, epochs=3)
    chosen, model = service.features.get(start["feature_config"]), service.models.get(start["model_config"])
    test = service.tests.start(
        actor=ME, **start, name=" A  try ", settings={"split": "random", "seed": 7}, overrides={"epochs": 0, "learning_rate": 0}
    )  # fmt: skip
    kept = TrialPayload.model_validate(test.payload)
    assert (test.state, test.key, test.subject.kind, test.subject.id) == (
        RunState.QUEUED,
        test.id,
        MODELS,
        model.id,
    )
    assert (test.family, test.model_type, test.framework, test.seed) == (
        "recsys",
        "recommender",
        "tensorflow",
        7,
    )
    assert test.uses == ("sales", chosen.id, model.id)
    assert test.dataset == bench.state().datasets["sales"].manifest
    assert test.config == model.config
    assert kept.features == chosen.config
    assert (kept.features_of.hash, kept.features_of.version) == (chosen.content_hash, 1)
    assert kept.model_of is not None
    assert (kept.model_of.id, kept.name) == (model.id, "A try")
    assert kept.overrides.model_dump() == {"epochs": 0, "batch_size": None, "learning_rate": 0.0}
    assert (kept.columns.user, kept.columns.item, kept.columns.timestamp) == ("customer", "product", "day")
    assert kept.columns.types["stars"] == "numeric"
    service.models.update(actor=ME, key=model.id, document={"epochs": 100})
    service.features.update(actor=ME, key=chosen.id, document={"target_column": None})
    assert service.tests.get(test.number) == test


def test_any_number_of_tests_of_one_pair_go_on_at_once(service: RecommenderService, bench: Workbench) -> None:
    start = pair(service)
    tests = [service.tests.start(actor=ME, **start) for _ in range(3)]
    assert [r.id for r in bench.state().active_runs] == [t.id for t in tests]
    assert service.tests.list() == service.models.tests(start["model_config"]) == tuple(reversed(tests))
    assert service.features.tests(start["feature_config"]) == tuple(reversed(tests))


def test_architectures_alone_make_the_fingerprint(service: RecommenderService) -> None:
    first, second, third = (
        pair(service, epochs=2),
        pair(service, epochs=3),
        pair(service, output_embedding_dim=64),
    )
    prints = [service.tests.start(actor=ME, **start).fingerprint for start in (first, second, third)]
    assert prints[0] == prints[1] != prints[2]


def test_everything_that_keeps_a_test_from_starting_is_told_at_once(service: RecommenderService) -> None:
    start = pair(service, document=features(target=None), model_type="ranking")
    told = problems(
        service, **start, name="x" * 256,
        settings={"split": "random", "train": 0.9, "val": 0.5, "colour": "red", "seed": -1},
        overrides={"epochs": 501, "batch_size": 0, "learning_rate": math.nan, "speed": 1},
    )  # fmt: skip
    assert {
        "name",
        "colour",
        "seed",
        "epochs_override",
        "batch_size_override",
        "learning_rate_override",
    } <= set(told)
    assert "speed_override" in told
    assert told["batch_size_override"] == "batch_size_override must be between 16 and 65536"
    assert service.tests.list() == ()


def test_overrides_stay_in_their_ranges_and_nought_is_a_value(service: RecommenderService) -> None:
    start = pair(service)
    fine = {"epochs": (0, 500, 3.0, None), "batch_size": (16, 65_536), "learning_rate": (0, 10, 0.5)}
    wrong = {
        "epochs": (501, -1, 1.5, True, "3", 10**400), "batch_size": (0, 15, 65_537), "learning_rate": (10.1, -0.1, math.inf, "0.1"),
    }  # fmt: skip
    for name, values in fine.items():
        for value in values:
            assert service.tests.problems(**start, overrides={name: value}) == (), (name, value)
    for name, values in wrong.items():
        for value in values:
            found = service.tests.problems(**start, overrides={name: value})
            assert [p.path for p in found] == [f"{name}_override"], (name, value)


def test_a_batch_must_hold_the_hard_negatives_of_the_model(service: RecommenderService) -> None:
    start = pair(service, num_hard_negatives=100)
    assert list(problems(service, **start, overrides={"batch_size": 64})) == ["num_hard_negatives"]


def test_settings_that_make_no_split_are_refused(service: RecommenderService) -> None:
    start = pair(service)
    assert (
        "sum to 1"
        in problems(service, **start, settings={"split": "random", "train": 0.9, "val": 0.5})["split"]
    )
    assert list(problems(service, **start, settings={"holdout_days": 7})) == ["holdout_days"]


def test_a_split_by_time_needs_times(service: RecommenderService) -> None:
    start = pair(service, "visits")
    for split in ("time_holdout", "strict_time", "leave_last_out"):
        assert list(problems(service, **start, settings={"split": split})) == ["split"]
        (problem,) = service.tests.problems(**start, settings={"split": split})
        assert problem.code == "SPLIT_NO_TIMESTAMP"
    assert service.tests.problems(**start) == ()


def test_what_the_rating_needs_is_refused_with_its_code(service: RecommenderService) -> None:
    cases: list[tuple[Any, Any, str]] = [
        ({"model_type": "ranking"}, None, "C-2"),
        ({"model_type": "multitask", "ranking_weight": 1.0}, "city", "C-2"),
        ({"model_type": "ranking"}, "nowhere", "C-2"),
        ({"model_type": "ranking"}, "constant", "C-2"),
        ({"model_type": "ranking", "loss_function": "binary_crossentropy"}, "stars", "C-3"),
    ]
    for model, column, code in cases:
        start = pair(service, document=features(target=None), **model)
        told = service.tests.problems(**start, settings={"rating_column": column})
        assert {p.code for p in told} == {code}, (model, column)
        assert len(problems(service, **start, settings={"rating_column": column})) == 1


def test_the_rating_column_of_a_test_is_the_target_and_no_feature(service: RecommenderService) -> None:
    start = pair(service, model_type="ranking")
    other = service.tests.start(actor=ME, **start, settings={"rating_column": "age"})
    kept = other.payload["features"]
    assert kept["target_column"]["column"] == "age"
    assert [f["column"] for f in kept["buyer_model_features"]] == ["customer"]
    same = service.tests.start(actor=ME, **start, settings={"rating_column": "stars"})
    assert same.payload["features"] == service.features.get(start["feature_config"]).config
    with pytest.raises(CommandError, match="only applies when model_type is ranking or multitask") as caught:
        service.tests.start(actor=ME, **pair(service), settings={"rating_column": "age"})
    assert [(p.path, p.code) for p in caught.value.problems] == [("rating_column", "C-1")]


def test_a_rating_column_that_an_earlier_test_had_without_effect_keeps_nothing_from_being_repeated(
    service: RecommenderService, bench: Workbench
) -> None:
    test = service.tests.start(actor=ME, **pair(service))
    settings = {**test.payload["settings"], "rating_column": "age"}
    old = test.model_copy(update={"payload": {**test.payload, "settings": settings}})
    again = RerunQuickTestCommand(run_id=new_id(Kind.RUN), of=test.id, code_version="1", mode="current")
    state = bench.state()
    held = replace(state, records={**state.records, Kind.RUN: {**state.runs, test.id: old}})
    facts = service.features.facts("sales")
    env = Env(
        now="2026-01-01T00:00:00.000Z", new_id=new_id, actor=ME, model_type=lambda *_: None, facts=facts
    )
    queued: Any = next(
        change.record
        for change in again.decide(held, env)
        if isinstance(change, Put) and change.kind == Kind.RUN
    )
    assert queued.payload["settings"]["rating_column"] is None


def test_two_values_are_enough_for_binary_ratings(service: RecommenderService) -> None:
    start = pair(
        service, document=features(target=None), model_type="ranking", loss_function="binary_crossentropy"
    )
    test = service.tests.start(actor=ME, **start, settings={"rating_column": "liked"})
    assert test.payload["features"]["target_column"]["transforms"]["normalize"] is None
    assert test.payload["features"]["target_column"]["column"] == "liked"


def test_unknown_and_deleted_configurations_are_not_found(service: RecommenderService) -> None:
    start = pair(service)
    changes: list[dict[str, Any]] = [
        {"feature_config": 99},
        {"model_config": new_id(MODELS)},
        {"model_config": "x"},
    ]
    for change in changes:
        with pytest.raises(CommandError) as caught:
            service.tests.start(actor=ME, **start | change)
        assert caught.value.code == "not_found"
    service.models.delete(actor=ME, key=start["model_config"])
    with pytest.raises(CommandError, match="was deleted") as caught:
        service.tests.start(actor=ME, **start)
    assert caught.value.code == "not_found"


def test_a_test_is_repeated_from_what_it_kept(service: RecommenderService) -> None:
    start = pair(service, epochs=3)
    first = service.tests.start(actor=ME, **start, settings={"seed": 5}, overrides={"epochs": 2})
    service.models.update(actor=ME, key=start["model_config"], document={"epochs": 100})
    service.features.update(actor=ME, key=start["feature_config"], document=features(dim=64))
    again = service.tests.rerun(actor=ME, key=first.number)
    assert (again.payload, again.config, again.seed, again.fingerprint) == (
        first.payload,
        first.config,
        5,
        first.fingerprint,
    )
    assert (again.number, again.id == first.id) == (first.number + 1, False)
    now = service.tests.rerun(actor=ME, key=first.id, mode="current")
    assert now.config["training"]["epochs"] == 100
    assert (
        now.payload["features"]["product_model_features"][0]["transforms"]["embedding"]["embedding_dim"] == 64
    )
    assert (now.payload["overrides"], now.payload["settings"]) == (
        first.payload["overrides"],
        first.payload["settings"],
    )


@pytest.mark.parametrize("gone", ["features", "models"])
def test_only_the_snapshot_is_repeated_once_a_configuration_is_gone(
    service: RecommenderService, gone: str
) -> None:
    start = pair(service)
    first = service.tests.start(actor=ME, **start)
    service.tests.cancel(actor=ME, key=first.id)
    getattr(service, gone).delete(
        actor=ME, key=start["feature_config" if gone == "features" else "model_config"]
    )
    with pytest.raises(CommandError, match="was deleted") as caught:
        service.tests.rerun(actor=ME, key=first.id, mode="current")
    assert caught.value.code == "conflict"
    assert service.tests.rerun(actor=ME, key=first.id).payload == first.payload


def test_a_test_is_not_repeated_on_other_data(service: RecommenderService, bench: Workbench) -> None:
    start = pair(service)
    first = service.tests.start(actor=ME, **start)
    service.tests.cancel(actor=ME, key=first.id)
    service.features.delete(actor=ME, key=start["feature_config"])
    known = bench.state().datasets["sales"]
    assert known.manifest is not None
    other = known.manifest.model_copy(update={"content_sha256": "0" * 64})
    command = RegisterDatasetCommand(
        dataset_id="sales", name="Sales", family="recsys", source="sales", status="ready", manifest=other
    )
    bench.store.execute(command, actor="trellis")
    again = RerunQuickTestCommand(run_id=new_id(Kind.RUN), of=first.id, code_version="1")
    with pytest.raises(CommandError, match="has changed since") as caught:
        bench.store.execute(again, actor=ME)
    assert (caught.value.code, [p.code for p in caught.value.problems]) == ("conflict", ["DATA_CHANGED"])
    bench.datasets.delete(actor=ME, dataset_id="sales")
    with pytest.raises(CommandError, match="is gone") as caught:
        service.tests.rerun(actor=ME, key=first.id)
    assert [p.code for p in caught.value.problems] == ["DATA_MISSING"]


def test_cancelling_twice_is_in_conflict(service: RecommenderService) -> None:
    test = service.tests.start(actor=ME, **pair(service))
    assert service.tests.cancel(actor=ME, key=f"#{test.number}").state is RunState.STOPPED
    with pytest.raises(CommandError) as caught:
        service.tests.cancel(actor=ME, key=test.id)
    assert caught.value.code == "conflict"
