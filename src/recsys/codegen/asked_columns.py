"""The raw columns that each tower is asked with, read off a feature configuration before anything is fitted."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from recsys.codegen.tensor_keys import history_column
from recsys.features.config import Cross, FeatureConfig, Tower
from recsys.features.outputs import Output, tower_outputs


def asked_columns(config: FeatureConfig, tower: Tower, columns: Collection[str]) -> tuple[str, ...]:
    """The names of a tower's columns, once each, in the order in which it reads them.

    Args:
        columns: all columns of the data; a history's name keeps clear of them.
    """
    found = (name for output in tower_outputs(config, tower) for name in _read(output, columns))
    return tuple(dict.fromkeys(found))


def _read(output: Output, columns: Collection[str]) -> Iterator[str]:
    if output.kind == "history":
        yield history_column(output.name, columns)
    elif isinstance(output.source, Cross):
        yield from (member.column for member in output.source.features)
    else:
        yield output.source.column
