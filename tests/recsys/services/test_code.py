"""The code of two configurations: what changes it, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.service import RecommenderService
from tests.support.recommender_family import features
from workbench.commands.base import CommandError

ME = "user:me"


def test_equal_configurations_give_equal_code_and_another_setting_other_code(
    service: RecommenderService,
) -> None:
    service.features.create(actor=ME, dataset_id="sales", name="F", document=features())
    service.models.create(actor=ME, name="M", document={"model_type": "multitask", "ranking_weight": 0.5})
    pair: dict[str, Any] = {"feature_config": 1, "model_config": 1}
    first, again = (service.code.trainer(**pair) for _ in range(2))
    assert (first.trainer, first.preprocessing) == (again.trainer, again.preprocessing)
    assert first.trainer.problem is None
    assert first.preprocessing.problem is None
    service.models.update(actor=ME, key=1, document={"learning_rate": 0.02})
    assert service.code.trainer(**pair).trainer.sha256 != first.trainer.sha256


def test_what_is_rated_is_no_feature_of_the_code_and_a_pair_that_does_not_fit_has_none(
    service: RecommenderService,
) -> None:
    document = features(target=None)
    service.features.create(actor=ME, dataset_id="sales", name="F", document=document)
    service.models.create(actor=ME, name="R", document={"model_type": "ranking"})
    pair: dict[str, Any] = {"feature_config": 1, "model_config": 1}
    with pytest.raises(CommandError) as caught:
        service.code.trainer(**pair)
    assert [p.code for p in caught.value.problems] == ["C-2"]
    rated_by_age = service.code.trainer(**pair, rating_column="age").trainer.source
    assert (
        '"age"'
        in service.code.trainer(**pair, rating_column="stars").trainer.source.split("PRODUCT_COLUMNS")[0]
    )
    assert '"age"' not in rated_by_age.split("PRODUCT_COLUMNS")[0]
