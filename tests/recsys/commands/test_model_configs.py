"""Model configurations: checked, versioned, and locked in their architecture once a test has used them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from recsys.model.config import ModelConfig, document_of
from recsys.model.presets import STANDARD_HEAD
from recsys.service import RecommenderService
from tests.support.recommender_family import features
from workbench.commands.base import CommandError
from workbench.state import RunState
from workbench.workbench import Workbench

ME = "user:me"
DENSE = [{"type": "dense", "units": 128}], [{"type": "dense", "units": 64}]


def make(service: RecommenderService, name: str = "Small", **document: Any) -> Any:
    """A model configuration."""
    return service.models.create(actor=ME, name=name, document=document)


def used(service: RecommenderService, bench: Workbench, name: str = "Small", **document: Any) -> Any:
    """A model configuration that a test has used; the test was cancelled and deleted since."""
    model = make(service, name, **document)
    chosen = service.features.create(actor=ME, dataset_id="sales", name=name, document=features())
    test = service.tests.start(actor=ME, feature_config=chosen.id, model_config=model.id)
    service.tests.cancel(actor=ME, key=test.id)
    bench.runs.delete(actor=ME, run_id=test.id)
    return model


def test_a_document_with_little_in_it_gets_every_default(service: RecommenderService) -> None:
    made = make(service, buyer_tower_layers=DENSE[0], product_tower_layers=DENSE[1])
    assert made.recommender.architecture.output_embedding_dim == 32
    assert made.recommender.training == ModelConfig().training
    assert made.config["architecture"]["buyer_tower_layers"][0]["activation"] == "relu"
    assert made.content_hash == made.recommender.content_hash


def test_every_issue_is_told_at_once(service: RecommenderService) -> None:
    make(service, "Taken")
    with pytest.raises(CommandError) as caught:
        make(service, "taken", buyer_tower_layers=[], epochs=math.nan, output_embedding_dim=4)
    assert [p.code for p in caught.value.problems] == ["M-40", "M-46", "M-49", "M-50"]
    assert [p.value for p in caught.value.problems if p.path == "output_embedding_dim"] == [4]
    assert caught.value.code == "invalid"
    with pytest.raises(CommandError, match='A model config named "taken" already exists') as caught:
        make(service, "taken")
    assert caught.value.code == "conflict"


def test_an_edit_names_only_what_changes_and_what_stops_applying_is_reset(
    service: RecommenderService,
) -> None:
    made = make(service, optimizer="adamw", weight_decay=0.5, epochs=7)
    changed = service.models.update(actor=ME, key=made.id, document={"optimizer": "adam"})
    assert (changed.version, changed.recommender.training.optimizer) == (2, "adam")
    assert (changed.recommender.training.weight_decay, changed.recommender.training.epochs) == (0.004, 7)
    with pytest.raises(CommandError, match="weight_decay") as caught:
        service.models.update(actor=ME, key=made.id, document={"weight_decay": 0.5})
    assert [p.code for p in caught.value.problems] == ["M-51"]


def test_a_hash_that_another_trellis_stored_makes_no_version_of_the_same_settings(
    service: RecommenderService, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(ModelConfig, "content_hash", "0" * 64)
        made = make(service, epochs=7)
    assert made.content_hash == "0" * 64
    same = service.models.update(actor=ME, key=made.id, document={"epochs": 7}, name="Other")
    assert (same.version, same.name) == (1, "Other")
    changed = service.models.update(actor=ME, key=made.id, document={"epochs": 8})
    assert (changed.version, changed.content_hash) == (2, changed.recommender.content_hash)


def test_a_model_that_begins_to_rate_gets_the_standard_head_and_loses_it_again(
    service: RecommenderService,
) -> None:
    made = make(service)
    rating = service.models.update(actor=ME, key=made.id, document={"model_type": "ranking"})
    assert rating.recommender.architecture.rating_head_layers == STANDARD_HEAD.rating_head_layers
    back = service.models.update(actor=ME, key=made.id, document={"model_type": "retrieval"})
    assert back.content_hash == made.content_hash


def test_architecture_is_locked_from_the_first_test_on_and_the_rest_is_not(
    service: RecommenderService, bench: Workbench
) -> None:
    made = used(service, bench)
    assert service.models.is_locked(made.id)
    with pytest.raises(CommandError, match="is part of the architecture and cannot change") as caught:
        service.models.update(actor=ME, key=made.id, document={"output_embedding_dim": 64, "epochs": 9})
    assert [p.path for p in caught.value.problems] == ["output_embedding_dim"]
    assert caught.value.code == "conflict"
    assert "Clone the model config" in (caught.value.hint or "")
    assert service.models.get(made.id).recommender.training.epochs == 5
    changed = service.models.update(actor=ME, key=made.id, document={"epochs": 9, "output_embedding_dim": 32})
    assert (changed.version, changed.recommender.training.epochs) == (2, 9)
    clone = service.models.clone(actor=ME, key=made.id, document={"output_embedding_dim": 64})
    assert (clone.name, clone.recommender.architecture.output_embedding_dim) == ("Small (copy)", 64)


def test_each_locked_layer_setting_is_named(service: RecommenderService, bench: Workbench) -> None:
    made = used(service, bench, buyer_tower_layers=DENSE[0])
    with pytest.raises(CommandError) as caught:
        service.models.update(
            actor=ME, key=made.id,
            document={"buyer_tower_layers": [{"type": "dense", "units": 99}], "share_tower_weights": False},
        )  # fmt: skip
    assert [p.path for p in caught.value.problems] == ["buyer_tower_layers.0.units"]


def test_neither_a_version_nor_undo_brings_another_architecture_to_a_used_one(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    service.models.update(actor=ME, key=made.id, document={"output_embedding_dim": 64})
    chosen = service.features.create(actor="other", dataset_id="sales", name="F", document=features())
    service.tests.start(actor="other", feature_config=chosen.id, model_config=made.id)
    with pytest.raises(CommandError, match="output_embedding_dim is part of the architecture"):
        service.models.restore_version(actor=ME, key=made.id, version=1)
    with pytest.raises(CommandError, match="output_embedding_dim is part of the architecture"):
        bench.undo(actor=ME)
    assert service.models.get(made.id).version == 2


def test_undo_and_versions_of_training_settings_stay_possible(
    service: RecommenderService, bench: Workbench
) -> None:
    made = used(service, bench)
    service.models.update(actor=ME, key=made.id, document={"epochs": 9})
    bench.undo(actor=ME)
    assert service.models.get(made.id).recommender.training.epochs == 5
    service.models.update(actor=ME, key=made.id, document={"epochs": 11})
    back = service.models.restore_version(actor=ME, key=made.id, version=1)
    assert (back.version, back.content_hash) == (4, made.content_hash)


def test_it_cannot_be_deleted_while_a_test_of_it_is_active(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    chosen = service.features.create(actor=ME, dataset_id="sales", name="F", document=features())
    test = service.tests.start(actor=ME, feature_config=chosen.id, model_config=made.id)
    with pytest.raises(
        CommandError, match=f"cannot be deleted while test #{test.number} is queued"
    ) as caught:
        service.models.delete(actor=ME, key=made.id)
    assert caught.value.code == "conflict"
    with pytest.raises(
        CommandError, match=f"feature config F cannot be deleted while test #{test.number}"
    ) as caught:
        service.features.delete(actor=ME, key=chosen.id)
    assert (caught.value.code, caught.value.field) == ("conflict", "feature_config_id")
    assert service.tests.cancel(actor=ME, key=test.id).state is RunState.STOPPED
    service.features.delete(actor=ME, key=chosen.id)
    bench.undo(actor=ME)
    service.models.delete(actor=ME, key=made.id)
    bench.undo(actor=ME)
    assert service.models.get(made.id) == made.model_copy(
        update={"updated_at": service.models.get(made.id).updated_at}
    )


def test_the_creation_of_one_that_tests_have_used_is_not_taken_back(
    service: RecommenderService, bench: Workbench
) -> None:
    made = make(service)
    chosen = service.features.create(actor="other", dataset_id="sales", name="F", document=features())
    service.tests.start(actor="other", feature_config=chosen.id, model_config=made.id)
    with pytest.raises(CommandError, match="Tests have used Small by now"):
        bench.undo(actor=ME)
    with pytest.raises(CommandError, match="Tests have used F by now"):
        bench.undo(actor="other")


def test_a_typed_configuration_is_as_good_as_its_document(service: RecommenderService) -> None:
    config = ModelConfig()
    typed = service.models.create(actor=ME, name="Typed", document=config)
    assert typed.content_hash == make(service, "Flat", **document_of(config)).content_hash
