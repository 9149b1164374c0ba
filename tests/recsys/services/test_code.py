"""The code of two configurations: what changes it, and what does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recsys.service import RecommenderService
from recsys.services.code import generated_code
from tests.support.recommender_family import features
from workbench.commands.base import CommandError
from workbench.workbench import Workbench

ME = "user:me"
THEN, NOW = datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_the_clock_changes_one_line_of_each_module_and_not_the_hash(
    service: RecommenderService, bench: Workbench
) -> None:
    service.features.create(actor=ME, dataset_id="sales", name="F", document=features())
    service.models.create(actor=ME, name="M", document={"model_type": "multitask", "ranking_weight": 0.5})
    pair: dict[str, Any] = {"feature_config": 1, "model_config": 1}
    then, now = (generated_code(bench, **pair, now=moment) for moment in (THEN, NOW))
    assert (then.problem, then.line) == ("", None)
    assert then.code_hash == now.code_hash
    for before, after in ((then.trainer, now.trainer), (then.preprocessing, now.preprocessing)):
        lines = list(zip(before.splitlines(), after.splitlines(), strict=True))
        ((changed, _),) = [pair for pair in lines if pair[0] != pair[1]]
        assert "2024-02-29" in changed
    service.models.update(actor=ME, key=1, document={"learning_rate": 0.02})
    assert generated_code(bench, **pair, now=NOW).code_hash != now.code_hash


def test_what_is_rated_is_no_feature_of_the_code_and_a_pair_that_does_not_fit_has_none(
    service: RecommenderService, bench: Workbench
) -> None:
    document = features(target=None)
    service.features.create(actor=ME, dataset_id="sales", name="F", document=document)
    service.models.create(actor=ME, name="R", document={"model_type": "ranking"})
    pair: dict[str, Any] = {"feature_config": 1, "model_config": 1}
    with pytest.raises(CommandError) as caught:
        generated_code(bench, **pair)
    assert [p.code for p in caught.value.problems] == ["C-2"]
    rated_by_age = generated_code(bench, **pair, rating_column="age").trainer
    assert '"age"' in generated_code(bench, **pair, rating_column="stars").trainer.split("PRODUCT_COLUMNS")[0]
    assert '"age"' not in rated_by_age.split("PRODUCT_COLUMNS")[0]
