"""The names under which a served model is asked for columns that Python would call the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys.codegen.arguments import arguments_of
from recsys.codegen.trainer import trainer_source
from recsys.data.shops import ROLES
from recsys.data.table import table_of
from recsys.features.config import FeatureConfig
from tests.recsys.codegen.tiny import Data, Silent, config_of, features_of, imported, prepared, run, sales

ALIKE = {"city": "a b", "category": "a-b", "sub_category": "a_b"}
"""Columns, the first of buyers and the others of products, that all are `a_b` to Python."""


def test_columns_of_both_towers_have_names_of_their_own_and_a_shared_column_has_one() -> None:
    found = arguments_of({"buyer": ("a b", "both"), "product": ("a-b", "both", "a_b", "A B")})
    assert found == {
        "buyer": {"a_b": "a b", "both": "both"},
        "product": {"a_b_2": "a-b", "both": "both", "a_b_3": "a_b", "A_B_4": "A B"},
    }


def _alike() -> Data:
    """200 rows that learn from columns of equal names."""
    rows = sales().frame.head(200).rename(ALIKE)
    # categories must not follow from each other, or a wrong one would be no fault
    rows = rows.with_columns(pl.col("a_b").reverse())
    roles: Any = {ALIKE.get(name, name): role for name, role in ROLES.items()}
    document = features_of("ids").model_dump(mode="json")
    for tower, name in (("buyer", "a b"), ("product", "a-b"), ("product", "a_b")):
        transforms = {"embedding": {"embedding_dim": 4}}
        feature = {"column": name, "data_type": "text", "transforms": transforms}
        document[f"{tower}_model_features"].append(feature)
    table = table_of(rows, roles, source="retail")
    return prepared(table, FeatureConfig.model_validate(document), test=0.4)


def test_a_model_of_columns_that_python_calls_the_same_answers_in_another_process_as_here(
    tmp_path: Path,
) -> None:
    data, config = _alike(), config_of("ranking", epochs=1, batch_size=64, learning_rate=0.05)
    module = imported(trainer_source(data.request(config)))
    trained = run(config, data, Silent(), module=module)
    trained.export(str(tmp_path / "model"))
    rows = data.division.rows("test")
    columns = module.BUYER_COLUMNS | module.PRODUCT_COLUMNS
    assert len(columns) == 5
    raw = data.raw("buyer", rows) | data.raw("product", rows)
    given = {argument: raw[column].tolist() for argument, column in columns.items()}
    asked, told = tmp_path / "requests.json", tmp_path / "answers.json"
    asked.write_text(json.dumps([[str(tmp_path / "model"), [["serving_default", given]]]]))
    environment = {
        key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "TF_USE_LEGACY_KERAS")
    }
    script = Path(__file__).parent / "served_alone.py"
    command = [sys.executable, str(script), str(asked), str(told)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    [[_, [answer]]] = json.loads(told.read_text())
    test = data.parts["test"].materialised()
    evaluation = trained.evaluation
    here = evaluation.ratings(evaluation.buyers(test), evaluation.products(test))
    assert np.std(here) > 0
    np.testing.assert_allclose(answer["rating"], here, atol=1e-5)
