"""The request that an export's README shows: each column in the form that the served model takes."""

from __future__ import annotations

import ast
import datetime as dt
from typing import Any

from recsys.features.config import FeatureConfig
from recsys.services.request_example import request_code, vocabulary_of

TRAINER = 'BUYER_COLUMNS = {"who_is": "who is", "age": "age", "when": "when", "who_is_2": "who-is"}\nPRODUCT_COLUMNS = {"what": "what"}\n'
TYPES = {"who is": "numeric", "who-is": "text", "age": "numeric", "when": "temporal", "what": "text"}
MOMENT = dt.datetime(2024, 3, 5, 10, 12, tzinfo=dt.UTC)


def features() -> FeatureConfig:
    embedding = {"embedding": {"embedding_dim": 8}}
    return FeatureConfig.model_validate({
        "buyer_model_features": [
            {"column": "who is", "data_type": "text", "is_primary_id": True, "transforms": embedding},
            {"column": "who-is", "data_type": "text", "transforms": embedding},
            {"column": "age", "data_type": "numeric", "transforms": {"normalize": {}}},
            {"column": "when", "data_type": "temporal", "transforms": {"normalize": {}}},
        ],
        "product_model_features": [
            {"column": "what", "data_type": "text", "is_primary_id": True, "transforms": embedding},
        ],
    })  # fmt: skip


def code(*, retrieves: bool = True, trainer: str = TRAINER) -> str | None:
    held = {
        "vocab/buyer_who_is.json": '{"terms": ["__missing__", "17", "4"]}',
        "vocab/product_what.json": '{"terms": ["it\'s"]}',
    }
    return request_code(
        trainer, features(), TYPES, retrieves=retrieves, moment=MOMENT, vocabulary=vocabulary_of(held.get)
    )


def arguments(text: str) -> dict[str, Any]:
    """Argument -> the values and the type that it is given."""
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and node.keywords]
    given = next(call for call in calls if any(word.arg == "who_is" for word in call.keywords))
    return {
        str(word.arg): [ast.unparse(each) for each in word.value.args]
        for word in given.keywords
        if isinstance(word.value, ast.Call)
    }


def test_every_column_is_asked_by_its_argument_and_in_its_form() -> None:
    text = code()
    assert text is not None
    assert arguments(text) == {
        "who_is": ["['17']"],
        "age": ["[1.0]", "tf.float64"],
        "when": [f"[{int(MOMENT.timestamp())}]", "tf.int64"],
        "who_is_2": ["['']"],
    }
    assert "seconds since 1970-01-01 UTC: 2024-03-05 10:12:00" in text
    assert 'answer["product_ids"]' in text


def test_a_model_that_only_rates_is_asked_about_a_product_too() -> None:
    text = code(retrieves=False)
    assert text is not None
    assert arguments(text)["what"] == ['["it\'s"]']
    assert 'answer["rating"]' in text


def test_code_that_names_no_columns_gives_no_request() -> None:
    assert code(trainer="# nothing\n") is None
    assert code(trainer="def (") is None
