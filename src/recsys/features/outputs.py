"""The tensors that a feature configuration gives each tower: their names, widths and order.

Everything that needs a name or a width reads it here: the dimensions that pages show, fitting, applying,
generated code. Names follow the columns'. Where two would be equal within a tower (a column `a` normalised
and a column named `a_norm`), the later one is numbered: `a_norm_2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from recsys.features.config import (
    Cross,
    Feature,
    FeatureConfig,
    HistoryFeature,
    NumericFeature,
    TemporalFeature,
    TextFeature,
    Tower,
)

Kind = Literal["embedding", "norm", "bucket", "cycle", "null", "history", "cross"]


@dataclass(frozen=True)
class Output:
    """One tensor of a tower.

    Attributes:
        name: its name, unique in the tower. kind: what makes it.
        dim: the width that it adds to the tower's input; of a table, the table's.
        source: the feature or cross that it comes from. cycle: the calendar's cycle, of a cyclical one.
    """

    name: str
    kind: Kind
    dim: int
    source: Feature | Cross
    cycle: str | None = None

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names of the arrays that applying gives for it: its own, but sine and cosine for a cycle."""
        return (f"{self.name}_sin", f"{self.name}_cos") if self.kind == "cycle" else (self.name,)


def tower_outputs(config: FeatureConfig, tower: Tower) -> tuple[Output, ...]:
    """The tensors of one tower in the order in which they are joined: features, then crosses."""
    taken: set[str] = set()
    found: list[Output] = []
    for output in _outputs(config, tower):
        numbered, count = output, 1
        while taken.intersection((numbered.name, *numbered.arrays)):
            count += 1
            numbered = Output(f"{output.name}_{count}", output.kind, output.dim, output.source, output.cycle)
        taken.update((numbered.name, *numbered.arrays))
        found.append(numbered)
    return tuple(found)


def _outputs(config: FeatureConfig, tower: Tower) -> Iterator[Output]:
    for feature in config.features(tower):
        if isinstance(feature, HistoryFeature):
            yield from _of_history(config, feature)
        else:
            yield from _of_feature(feature)
    for cross in config.crosses(tower):
        name = "_x_".join(member.column for member in cross.features)
        yield Output(f"{name}_cross", "cross", cross.embedding_dim, cross)


def shared_embedding(config: FeatureConfig, feature: HistoryFeature) -> Output | None:
    """The product tower's table that a history takes its vectors from; None where there is none."""
    history = feature.transforms.history
    if history is None:
        return None
    outputs = tower_outputs(config, "product")
    return next((o for o in outputs if o.kind == "embedding" and _column(o) == history.shared_with), None)


def _column(output: Output) -> str | None:
    return None if isinstance(output.source, Cross) else output.source.column


def _of_history(config: FeatureConfig, feature: HistoryFeature) -> Iterator[Output]:
    if feature.transforms.history is not None:
        shared = shared_embedding(config, feature)
        yield Output(f"{feature.column}_history", "history", 0 if shared is None else shared.dim, feature)


def _of_feature(feature: TextFeature | NumericFeature | TemporalFeature) -> Iterator[Output]:
    column = feature.column
    if isinstance(feature, TextFeature):
        if feature.transforms.embedding is not None:
            yield Output(column, "embedding", feature.transforms.embedding.embedding_dim, feature)
        return
    transforms = feature.transforms
    if transforms.normalize is not None:
        yield Output(f"{column}_norm", "norm", 1, feature)
    if transforms.bucketize is not None:
        yield Output(f"{column}_bucket", "bucket", transforms.bucketize.embedding_dim, feature)
    if isinstance(feature, TemporalFeature) and feature.transforms.cyclical is not None:
        for cycle in feature.transforms.cyclical.chosen():
            yield Output(f"{column}_{cycle}", "cycle", 2, feature, cycle)
    if transforms.null_flag:
        yield Output(f"{column}_null", "null", 1, feature)
