"""The columns that a trainer's towers are asked with, as its features alone say them, before anything is fitted."""

from __future__ import annotations

from collections.abc import Collection

from recsys.codegen.tensor_keys import history_column
from recsys.features.config import Cross, FeatureConfig, Tower
from recsys.features.outputs import Output, tower_outputs


def asked_columns(features: FeatureConfig, tower: Tower, columns: Collection[str]) -> tuple[str, ...]:
    """Names of one tower's raw columns, each once, in the order in which its outputs read them.

    Args:
        columns: of the dataset; a history takes a name that none of them has.
    """
    names = [name for output in tower_outputs(features, tower) for name in _read(output, columns)]
    return tuple(dict.fromkeys(names))


def _read(output: Output, columns: Collection[str]) -> tuple[str, ...]:
    if output.kind == "history":
        return (history_column(output.name, columns),)
    source = output.source
    return tuple(m.column for m in source.features) if isinstance(source, Cross) else (source.column,)
