"""The columns of a request, read off a configuration, against those that fitted transforms read."""

from __future__ import annotations

from typing import Any

import pytest

from recsys.codegen.asked_columns import asked_columns
from recsys.features.config import TOWERS, Tower
from recsys.features.defaults import smart_defaults
from recsys.features.fit import fit
from recsys.training.raw_columns import raw_columns
from tests.recsys.training.everything import CONFIG, HOSTILE, SCHEMA, fitted
from tests.support.recommender_family import load_sales


@pytest.mark.parametrize("tower", ["buyer", "product"])
def test_columns_are_those_that_the_fitted_transforms_are_asked_with(tower: Tower) -> None:
    table = load_sales()
    suggestion = smart_defaults(table.schema)
    assert suggestion.history is not None
    features = (*suggestion.config.buyer_model_features, suggestion.history)
    config = suggestion.config.model_copy(update={"buyer_model_features": features})
    assert config.buyer_model_crosses
    types: Any = {info.column: info.data_type for info in table.schema.columns}
    read = raw_columns(fit(config, table.frame), types)
    assert list(asked_columns(config, tower, list(types))) == list(read[tower])


def test_before_and_after_fitting_the_same_columns_are_asked_for_in_the_same_order() -> None:
    read = raw_columns(fitted(), SCHEMA)
    asked = {tower: asked_columns(CONFIG, tower, SCHEMA) for tower in TOWERS}
    assert asked == {tower: tuple(read[tower]) for tower in TOWERS}
    columns = [name for names in asked.values() for name in names]
    assert any(name.endswith("_history") for name in columns), "a history is among them"
    assert HOSTILE in columns
