"""The keys of transformed tensors: one flat set for both towers, of identifiers, for files and code alike.

Within a tower every output has a name of its own, but a column may feed both towers, and a name may hold
anything. So a tensor's key is the tower and the name as an identifier: `buyer_customer_id`. A cycle gives two
tensors (`…_sin`, `…_cos`), a history its rows and, with `_mask`, which of them stand for an item.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from recsys.codegen.identifiers import identifiers
from recsys.features.config import TOWERS, FeatureConfig, TextFeature, Tower
from recsys.features.outputs import tower_outputs

if TYPE_CHECKING:
    from recsys.features.fitted import Fitted

TensorKeys = Mapping[tuple[Tower, str], tuple[str, ...]]
"""(tower, output's name) -> the keys of its tensors: one, or two for a cycle or a history."""

ITEM_ID = "item_id"
"""The tensor of each row's item as text, by which items that can be recommended are told apart."""

ITEM_KEY = "item_key"
"""The tensor, and the vocabulary, of items by falling number of train rows; those of none share the last key."""

FREQUENCIES = "_freq"
"""What a vocabulary's name ends in where its terms stand with their counts."""

_PARTS = {"cycle": ("_sin", "_cos"), "history": ("", "_mask")}


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> str: ...


def keys_of_config(config: FeatureConfig) -> TensorKeys:
    """The keys of everything that a configuration gives, buyer first, in the order of the towers' inputs."""
    return _keys({tower: tower_outputs(config, tower) for tower in TOWERS})


def keys_of_fitted(fitted: Fitted) -> TensorKeys:
    """The same keys, from what was fitted by that configuration."""
    return _keys({tower: fitted.outputs(tower) for tower in TOWERS})


def item_column(config: FeatureConfig) -> str | None:
    """The column of the product's id; None for a configuration that marks none."""
    marked = (
        f.column for f in config.product_model_features if isinstance(f, TextFeature) and f.is_primary_id
    )
    return next(marked, None)


def history_column(name: str, columns: Collection[str]) -> str:
    """The raw column that brings a history along: named as its output is, numbered if a data column is too.

    Args:
        name: the history's output. columns: all columns of the data.
    """
    chosen, count = name, 1
    while chosen in columns:
        count += 1
        chosen = f"{name}_{count}"
    return chosen


def _keys(outputs: Mapping[Tower, Sequence[_Named]]) -> TensorKeys:
    places: list[tuple[Tower, str, str]] = [
        (tower, output.name, part)
        for tower in TOWERS
        for output in outputs[tower]
        for part in _PARTS.get(output.kind, ("",))
    ]
    keys: dict[tuple[Tower, str], tuple[str, ...]] = {}
    texts = (f"{tower}_{name}{part}" for tower, name, part in places)
    named = identifiers(texts, tails=("", FREQUENCIES))
    for (tower, name, _), key in zip(places, named, strict=True):
        keys[tower, name] = (*keys.get((tower, name), ()), key)
    return keys
