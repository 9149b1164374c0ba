"""Issues of a document, and documents to find them in."""

from __future__ import annotations

import copy
from typing import Any

from recsys.data.schema import Schema
from recsys.features.codes import Code
from recsys.features.validate import validate
from tests.recsys.features.examples import SCHEMA, retail

BUYER = "buyer_model_features"
PRODUCT = "product_model_features"


def found(
    document: Any, schema: Schema = SCHEMA, name: str = "First", taken: tuple[str, ...] = ()
) -> list[tuple]:
    """Issues as (code, path, message, severity)."""
    issues = validate(document, schema, name=name, taken=taken)
    return [(i.code, i.path, i.message, i.severity) for i in issues]


def error(code: Code, path: str, message: str) -> tuple:
    return (code, path, message, "error")


def feature(column: str, data_type: str, **transforms: Any) -> dict[str, Any]:
    return {"column": column, "data_type": data_type, "transforms": transforms}


def with_buyer(*features: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The shop with more buyer features, the first of them at place 3."""
    document = retail(**fields)
    document[BUYER].extend(copy.deepcopy(features))
    return document
