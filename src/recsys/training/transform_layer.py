"""The layer that turns raw columns into both towers' tensors when a model is served. Imports TensorFlow.

It holds TensorFlow operations, constants and vocabulary tables alone, so that a SavedModel which contains it
answers without Trellis. Its tensors are those of `recsys.features.apply`: equal indices, floats within 1e-6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recsys.codegen.tensor_keys import TensorKeys
from recsys.features.config import TOWERS, Tower
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
    Reading,
    TermMember,
)
from recsys.features.numbers import Edges
from recsys.features.vocabulary import Vocabulary
from recsys.training import transform_ops as ops
from recsys.training.legacy_keras import keras, tf
from recsys.training.log_edges import before_log1p
from recsys.training.raw_columns import RawColumn


class TransformFeatures(keras.layers.Layer):
    """Raw columns in, tensors by key out: of each tower whose columns are all there.

    Args:
        fitted: what `fit` gave. keys: the tensors' keys. columns: what each tower reads.
        files: vocabulary files by key. They become assets of a SavedModel.
    """

    def __init__(
        self,
        fitted: Fitted,
        keys: TensorKeys,
        columns: Mapping[Tower, Mapping[str, RawColumn]],
        files: Mapping[str, Path],
    ) -> None:
        # Keras would round float64 inputs to float32
        super().__init__(trainable=False, autocast=False, name="transform_features")
        self._fitted = fitted
        self._keys = tuple(keys.items())
        self._columns = tuple((tower, tuple(columns[tower].values())) for tower in TOWERS)
        self._tables = {
            key: _table(output.vocabulary, files[key])
            for (tower, name), (key, *_) in keys.items()
            for output in fitted.outputs(tower)
            if isinstance(output, EmbeddedTerms) and output.name == name and output.vocabulary.terms
        }

    def call(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Tensors of each tower whose columns are all given.

        Args:
            inputs: raw columns by name, in the forms that `recsys.training.raw_columns` tells, of shape [B]
                or [B, 1]; a history [B, any] or ragged.

        Returns:
            Rows of tables int64 and values float32, both [B]; a history's rows and mask [B, length].

        Raises:
            ValueError: if no tower has all its columns.
        """
        keys = dict(self._keys)
        reads = _Reads(inputs, [c for _, columns in self._columns for c in columns])
        found: dict[str, Any] = {}
        for tower in self._complete(inputs):
            for output in self._fitted.outputs(tower):
                found.update(zip(keys[tower, output.name], self._tensors(tower, output, reads), strict=True))
        return found

    def _complete(self, inputs: Mapping[str, Any]) -> list[Tower]:
        lacking = {t: [c.name for c in columns if c.name not in inputs] for t, columns in self._columns}
        complete: list[Tower] = [tower for tower in TOWERS if not lacking[tower]]
        if not complete:
            said = "; ".join(
                f"{tower} lacks {', '.join(map(repr, names))}" for tower, names in lacking.items()
            )
            raise ValueError(f"no tower has all its columns: {said}")
        return complete

    def _tensors(self, tower: Tower, output: FittedOutput, reads: _Reads) -> tuple[Any, ...]:
        if isinstance(output, EmbeddedTerms):
            return (self._rows(tower, output.name, output.vocabulary, reads.terms(output.column)),)
        if isinstance(output, EarlierItems):
            return self._history(output, reads)
        if isinstance(output, Cycle):
            return ops.wave(*reads.seconds(output.column), output.cycle)
        if isinstance(output, Crossed):
            return (ops.cross(output.rows, *(_token(member, reads) for member in output.members)),)
        if isinstance(output, Bucketed):
            return (_bucket(output.reading, output.edges, reads),)
        if isinstance(output, Normalized):
            scale = output.scale
            numbers = reads.values(output.reading)
            return (ops.scale(numbers, scale.range, scale.minimum, scale.maximum, scale.mean, scale.std),)
        return (ops.flag(tf.math.is_nan(reads.values(output.reading))),)

    def _history(self, output: EarlierItems, reads: _Reads) -> tuple[Any, Any]:
        terms, mask = ops.latest_items(reads.history(output.name), output.max_length)
        rows = self._rows("product", output.shared, self._fitted.items(output), terms)
        return tf.where(mask > 0, rows, tf.zeros_like(rows)), mask

    def _rows(self, tower: Tower, name: str, vocabulary: Vocabulary, terms: Any) -> Any:
        if not vocabulary.terms:
            return tf.strings.to_hash_bucket_fast(terms, vocabulary.oov_buckets)
        return self._tables[dict(self._keys)[tower, name][0]].lookup(terms)


class _Reads:
    """The raw columns of one call, each read once in each way."""

    def __init__(self, inputs: Mapping[str, Any], columns: Sequence[RawColumn]) -> None:
        self._inputs = inputs
        self._columns = columns
        self._read: dict[tuple[str, Any], Any] = {}

    def terms(self, column: str) -> Any:
        return self._once(ops.as_terms, column)

    def seconds(self, column: str) -> tuple[Any, Any]:
        return self._once(ops.as_seconds, column)

    def numbers(self, column: str) -> Any:
        return self._once(ops.as_numbers, column)

    def values(self, reading: Reading) -> Any:
        if reading.type == "temporal":
            return ops.elapsed(*self.seconds(reading.column), reading.origin)
        numbers = self.numbers(reading.column)
        return ops.log1p(numbers) if reading.log_transform else numbers

    def history(self, output: str) -> Any:
        return self._inputs[next(c.name for c in self._columns if c.output == output)]

    def _once(self, read: Any, column: str) -> Any:
        if (column, read) not in self._read:
            self._read[column, read] = read(self._inputs[column])
        return self._read[column, read]


def _token(member: TermMember | BucketMember, reads: _Reads) -> Any:
    if isinstance(member, TermMember):
        return reads.terms(member.column)
    return _bucket(member.reading, member.edges, reads)


def _bucket(reading: Reading, edges: Edges, reads: _Reads) -> Any:
    if not reading.log_transform:
        return ops.bucket(reads.values(reading), tf.constant(edges.edges, tf.float64))
    before = before_log1p(np.array(edges.edges, np.float64))
    return ops.bucket(reads.numbers(reading.column), tf.constant(before, tf.float64))


def _table(vocabulary: Vocabulary, file: Path) -> Any:
    index = tf.lookup.TextFileIndex
    lines = tf.lookup.TextFileInitializer(
        str(file), tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER, vocab_size=len(vocabulary.terms)
    )
    return tf.lookup.StaticVocabularyTable(lines, vocabulary.oov_buckets)
