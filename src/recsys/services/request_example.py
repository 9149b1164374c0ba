"""A complete request to an exported model, as Python code: one row of the dataset's raw columns."""

from __future__ import annotations

import ast
import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any

from recsys.codegen.tensor_keys import keys_of_config
from recsys.features.columns import MISSING
from recsys.features.config import TOWERS, Cross, FeatureConfig, TextFeature, TextMember
from recsys.features.outputs import tower_outputs

_CONSTANTS = ("BUYER_COLUMNS", "PRODUCT_COLUMNS")

_CODE = """\
import tensorflow as tf

model = tf.saved_model.load("saved_model")
answer = model.signatures["serving_default"](
{arguments}
)
{shown}"""

_SHOWN = {
    True: 'for product, score in zip(answer["product_ids"][0, :10].numpy(), answer["scores"][0, :10].numpy()):\n'
    "    print(product.decode(), score)",
    False: 'print(answer["rating"].numpy())',
}


def request_code(
    trainer: str,
    features: FeatureConfig,
    types: Mapping[str, str],
    *,
    retrieves: bool,
    moment: dt.datetime,
    vocabulary: Callable[[str], Mapping[str, Any] | None],
) -> str | None:
    """Python that loads `saved_model/` and asks for one row; None for a trainer that names no columns.

    Texts are the most frequent terms of the vocabularies; numbers and times are made up.

    Args:
        trainer: the exported code, which says under what name each column is asked. types: data type of each column.
        moment: stands for every time. vocabulary: name of a vocabulary's file without its ending -> its content.
    """
    columns = _columns(trainer)
    if columns is None:
        return None
    asked = columns[0] if retrieves else columns[0] | columns[1]
    texts = _texts(features)
    lines = [
        f"    {argument}={_value(column, texts, types, moment, vocabulary)}"
        for argument, column in asked.items()
    ]
    return _CODE.format(arguments="\n".join(lines), shown=_SHOWN[retrieves])


def _columns(trainer: str) -> list[dict[str, str]] | None:
    """Argument -> column of each tower, off the trainer's own constants."""
    try:
        tree = ast.parse(trainer)
    except SyntaxError:
        return None
    found = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in _CONSTANTS
    }
    return [found[name] for name in _CONSTANTS] if len(found) == len(_CONSTANTS) else None


def _texts(features: FeatureConfig) -> dict[str, list[str]]:
    """The columns that either tower reads as terms -> the names of their vocabularies."""
    keys = keys_of_config(features)
    found: dict[str, list[str]] = {}
    for tower in TOWERS:
        for output in tower_outputs(features, tower):
            source = output.source
            if isinstance(source, Cross):
                for member in source.features:
                    if isinstance(member, TextMember):
                        found.setdefault(member.column, [])
            elif isinstance(source, TextFeature):
                found.setdefault(source.column, []).append(keys[tower, output.name][0])
    return found


def _value(
    column: str,
    texts: Mapping[str, list[str]],
    types: Mapping[str, str],
    moment: dt.datetime,
    vocabulary: Callable[[str], Mapping[str, Any] | None],
) -> str:
    """One argument's value and what it is."""
    if column in texts:
        return f"tf.constant([{_term(texts[column], vocabulary)!r}]),"
    if column not in types:
        return 'tf.constant([[""]]),  # ids of earlier products, oldest first; "" for none'
    if types[column] == "temporal":
        second = int(moment.timestamp())
        return (
            f"tf.constant([{second}], tf.int64),  # seconds since 1970-01-01 UTC: {moment:%Y-%m-%d %H:%M:%S}"
        )
    return "tf.constant([1.0], tf.float64),  # a number; float('nan') where it is missing"


def _term(names: list[str], vocabulary: Callable[[str], Mapping[str, Any] | None]) -> str:
    """The most frequent term of some vocabularies; "", which is a missing one, where there is none."""
    for name in names:
        terms = [term for term in (vocabulary(name) or {}).get("terms", ()) if term != MISSING]
        if terms:
            return str(terms[0])
    return ""


def vocabulary_of(read: Callable[[str], str | None]) -> Callable[[str], Mapping[str, Any] | None]:
    """Reads vocabularies by name. `read` gives a file of the export as text, None for one that is not there."""

    def content(name: str) -> Mapping[str, Any] | None:
        text = read(f"vocab/{name}.json")
        return None if text is None else json.loads(text)

    return content
