"""Fitting: what the train part alone says about terms, scales, quantiles and times.

Rows of other parts are never looked at: they are left out before anything is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.features.columns import Columns
from recsys.features.config import (
    Cross,
    FeatureConfig,
    HistoryFeature,
    Member,
    NumericFeature,
    TemporalFeature,
    TextFeature,
    TextMember,
    Tower,
)
from recsys.features.fitted import (
    Bucketed,
    BucketMember,
    Crossed,
    Cycle,
    EarlierItems,
    EmbeddedTerms,
    Fitted,
    FittedOutput,
    Normalized,
    NullFlag,
    Reading,
    TermMember,
)
from recsys.features.numbers import fit_edges, fit_scale, sorted_finite
from recsys.features.outputs import Output, shared_embedding, tower_outputs
from recsys.features.target import fit_target
from recsys.features.vocabulary import fit_vocabulary

if TYPE_CHECKING:
    import polars as pl


def fit(
    config: FeatureConfig,
    frame: pl.DataFrame,
    train: np.ndarray | None = None,
    *,
    binary_target: bool = False,
) -> Fitted:
    """Everything that turns rows into tensors, fitted on the train part.

    Args:
        config: a valid configuration (see `validate`). frame: the rows; only columns that the configuration
            names are read.
        train: int64 of shape (n,), numbers of the rows to fit on; all, if not given. Their order makes no
            difference.
        binary_target: whether a model of probabilities learns the target.

    Raises:
        ValueError: for a missing column, no train row, a logarithm or target that the values do not allow, or
            a history whose items have no table. TypeError: for a column that its data type does not fit.
    """
    named = columns_of(config)
    missing = [column for column in named if column not in frame.columns]
    if missing:
        there = ", ".join(frame.columns)[:500]
        raise ValueError(f"the rows have no column {', '.join(map(repr, missing))}; they have {there}")
    count = frame.height if train is None else len(train)
    if count == 0:
        raise ValueError("the train part has no rows to fit on; choose another split")
    fitting = _Fitting(config, Columns(frame, None if train is None else np.asarray(train, np.int64)))
    target = config.target_column
    return Fitted(
        train_rows=count,
        buyer=fitting.tower("buyer"),
        product=fitting.tower("product"),
        target=None
        if target is None
        else fit_target(target, fitting.columns.numbers(target.column), binary=binary_target),
    )


def columns_of(config: FeatureConfig) -> tuple[str, ...]:
    """The columns that a configuration reads, each once; those of histories are read when they are made."""
    features = (*config.buyer_model_features, *config.product_model_features)
    members = (
        m for cross in (*config.buyer_model_crosses, *config.product_model_crosses) for m in cross.features
    )
    named = [f.column for f in features if not isinstance(f, HistoryFeature)] + [m.column for m in members]
    target = [config.target_column.column] if config.target_column is not None else []
    return tuple(dict.fromkeys(named + target))


class _Fitting:
    """One pass over the train part's columns; a column's sorted numbers are kept for all that reads them."""

    def __init__(self, config: FeatureConfig, columns: Columns) -> None:
        self.config = config
        self.columns = columns
        self._ordered: dict[Reading, np.ndarray] = {}

    def tower(self, tower: Tower) -> tuple[FittedOutput, ...]:
        return tuple(self._output(output) for output in tower_outputs(self.config, tower))

    def _output(self, output: Output) -> FittedOutput:
        source = output.source
        if isinstance(source, Cross):
            return Crossed(
                name=output.name,
                members=tuple(self._member(m) for m in source.features),
                rows=source.hash_bucket_size,
            )
        if isinstance(source, HistoryFeature):
            return self._history(output, source)
        if isinstance(source, TextFeature):
            settings = source.transforms.embedding
            assert settings is not None
            vocabulary = fit_vocabulary(self.columns.terms(source.column), settings)
            return EmbeddedTerms(name=output.name, column=source.column, vocabulary=vocabulary)
        return self._number(output, source)

    def _number(self, output: Output, feature: NumericFeature | TemporalFeature) -> FittedOutput:
        if output.cycle is not None:
            return Cycle(name=output.name, column=feature.column, cycle=output.cycle)
        log = isinstance(feature, NumericFeature) and feature.transforms.log_transform
        reading = self._reading(feature.column, feature.data_type, log=log)
        if output.kind == "norm":
            assert feature.transforms.normalize is not None
            scale = fit_scale(self._sorted(reading), feature.transforms.normalize.range)
            return Normalized(name=output.name, reading=reading, scale=scale)
        if output.kind == "bucket":
            assert feature.transforms.bucketize is not None
            edges = fit_edges(self._sorted(reading), feature.transforms.bucketize.buckets)
            return Bucketed(name=output.name, reading=reading, edges=edges)
        return NullFlag(name=output.name, reading=reading)

    def _member(self, member: Member) -> TermMember | BucketMember:
        if isinstance(member, TextMember):
            self.columns.terms(member.column)
            return TermMember(column=member.column)
        reading = self._reading(member.column, member.type, log=False)
        return BucketMember(reading=reading, edges=fit_edges(self._sorted(reading), member.crossing_buckets))

    def _history(self, output: Output, feature: HistoryFeature) -> EarlierItems:
        shared = shared_embedding(self.config, feature)
        history = feature.transforms.history
        if shared is None or history is None:
            raise ValueError(
                f'History of "{feature.column}" needs an embedding of the product id in the product tower'
            )
        return EarlierItems(name=output.name, shared=shared.name, max_length=history.max_length)

    def _reading(self, column: str, data_type: str, *, log: bool) -> Reading:
        if data_type == "temporal":
            seconds = self.columns.seconds(column)
            known = seconds.values[~seconds.null]
            return Reading(column=column, type="temporal", origin=int(known.min()) if known.size else 0)
        if log:
            finite = self.columns.numbers(column)
            finite = finite[np.isfinite(finite)]
            if finite.size and finite.min() <= -1:
                raise ValueError(f'log1p needs values greater than -1 ("{column}" has {finite.min():g})')
        return Reading(column=column, type="numeric", log_transform=log)

    def _sorted(self, reading: Reading) -> np.ndarray:
        if reading not in self._ordered:
            self._ordered[reading] = sorted_finite(reading.values(self.columns))
        return self._ordered[reading]
