"""What a recommender's model keeps, as its settings ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from recsys.data.shops import load
from recsys.features.config import FeatureConfig
from recsys.features.shipped import SHIPPED
from recsys.holding import brief, items, words
from recsys.model.config import ModelConfig
from recsys.model.flat import config_of
from recsys.preparing import prepare
from recsys.trial import ModelSettings, TrialPayload
from workbench.artefacts import FolderRoot
from workbench.families import NewModel
from workbench.fields import ConfigError

RETRIEVAL = ModelConfig()
RANKING = config_of({"model_type": "ranking", "rating_head_layers": [{"type": "dense", "units": 1}]})


def prepared(tmp_path: Path, model: ModelConfig = RETRIEVAL, **settings: object) -> TrialPayload:
    table = load()
    configs = {"architecture": model.architecture, "training": model.training}
    new = NewModel(
        "model_x", table, table.facts, ModelSettings.model_validate(settings), configs, FolderRoot(tmp_path)
    )
    payload = prepare(new).payload
    assert isinstance(payload, TrialPayload)
    return payload


def test_shipped_features_are_kept_whole_with_what_the_columns_stand_for(tmp_path: Path) -> None:
    payload = prepared(tmp_path, features="retail-104-72", sample_percent=25.0)
    assert FeatureConfig.model_validate(payload.features) == SHIPPED["retail-104-72"].config
    assert (payload.columns.user, payload.columns.item) == ("customer_id", "product_id")
    assert payload.columns.types["trans_date"] == "temporal"
    assert brief(payload, 0) == "retail-104-72, 104 and 72 dimensions"
    assert ("Split", "last 30 days held out, seed 42") in words(payload, None)
    assert items(load().facts, payload) == 0.25 * 0.85 * 60_000


def test_a_rating_column_is_the_target_and_no_feature(tmp_path: Path) -> None:
    features = FeatureConfig.model_validate(
        prepared(tmp_path, RANKING, rating_column="customer_age").features
    )
    assert features.target_column is not None
    assert features.target_column.column == "customer_age"
    assert all(feature.column != "customer_age" for feature in features.buyer_model_features)


def test_a_model_that_rates_is_refused_without_its_column_and_told_which_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        prepared(tmp_path, RANKING)
    (problem,) = caught.value.problems
    assert problem.path == "rating_column"
    assert problem.message == "Rating column required for ranking/multitask models"
    assert problem.hint is not None
    assert "user_rating" in problem.hint


def test_a_column_that_no_model_could_learn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be numeric or boolean"):
        prepared(tmp_path, RANKING, rating_column="category")


def test_features_of_other_data_are_refused_with_each_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        prepared(tmp_path, features="ids-32")
    assert any('"movie_id" is not in the dataset' in problem.message for problem in caught.value.problems)
