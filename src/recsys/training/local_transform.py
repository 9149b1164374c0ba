"""What a trainer asks of tensorflow-transform's `TFTransformOutput`, from what was fitted here.

Imports TensorFlow. Tensors go by the keys of `recsys.codegen.tensor_keys`, as in generated modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recsys.codegen.tensor_keys import FREQUENCIES, keys_of_fitted
from recsys.data.schema import DataType
from recsys.features.config import TOWERS, Tower
from recsys.features.fitted import EarlierItems, Fitted
from recsys.training.legacy_keras import tf
from recsys.training.raw_columns import NULL_TIME, RawColumn, raw_columns
from recsys.training.transform_layer import TransformFeatures
from recsys.training.vocabulary_files import read_vocabulary, vocabularies, write_vocabularies


class LocalTransformOutput:
    """Vocabularies, specs and the layer of what was fitted.

    Args:
        fitted: what `fit` gave. schema: the data's columns and what they are.
        folder: where vocabulary files are written; it must last as long as the layer does until it is saved.

    Raises:
        ValueError: for columns that the schema lacks or that are of another kind.

    Example::

        transform = LocalTransformOutput(fitted, {"user": "text", "item": "text"}, folder)
        transform.transform_features_layer()({"user": tf.constant(["u1"])})["buyer_user"]
    """

    def __init__(self, fitted: Fitted, schema: Mapping[str, DataType], folder: str | Path) -> None:
        self._fitted = fitted
        self._keys = keys_of_fitted(fitted)
        self._columns = raw_columns(fitted, schema)
        self._vocabularies = vocabularies(fitted)
        self._files = write_vocabularies(self._vocabularies, Path(folder))
        self._buckets = self._table_rows()

    def vocabulary_file_by_name(self, name: str) -> str:
        """The path of a vocabulary's file. Raises ValueError for another name."""
        return str(self._file(name))

    def vocabulary_by_name(self, name: str) -> list[bytes]:
        """The lines of a vocabulary's file: terms in the order of rows; of `{name}_freq` `count term`.

        Raises ValueError for another name.
        """
        return read_vocabulary(self._file(name))

    def vocabulary_size_by_name(self, name: str) -> int:
        """The number of its terms, without rows for unknown ones. Raises ValueError for another name."""
        self._file(name)
        return len(self._vocabularies[name.removesuffix(FREQUENCIES)].terms)

    def num_buckets_for_transformed_feature(self, name: str) -> int:
        """The rows of the table that a transformed tensor points into. Raises ValueError where none is."""
        if name not in self._buckets:
            raise ValueError(f"{name!r} has no table; tables have {', '.join(self._buckets)}")
        return self._buckets[name]

    def raw_feature_spec(self) -> dict[str, Any]:
        """The raw columns of both towers as `tf.io.FixedLenFeature`, with what null is as default.

        Shape (1,), a history's (its longest,). Numbers are float64, which is more than a tf.train.Example
        holds: use the types for signatures, and parse float32 and cast if data comes as Examples.
        """
        both = self._columns["buyer"] | self._columns["product"]
        return {name: _raw_spec(column) for name, column in both.items()}

    def raw_columns(self, tower: Tower) -> dict[str, RawColumn]:
        """The raw columns of one tower, by name."""
        return dict(self._columns[tower])

    def transformed_feature_spec(self) -> dict[str, Any]:
        """The transformed tensors of both towers as `tf.io.FixedLenFeature`, in the order of their inputs.

        Shape () each, a history's rows and mask (its longest,).
        """
        found: dict[str, Any] = {}
        for tower in TOWERS:
            for output in self._fitted.outputs(tower):
                keys = self._keys[tower, output.name]
                shape = [output.max_length] if isinstance(output, EarlierItems) else []
                for key in keys:
                    found[key] = tf.io.FixedLenFeature(
                        shape, tf.int64 if key in self._buckets else tf.float32
                    )
        return found

    def transform_features_layer(self) -> TransformFeatures:
        """A layer that makes the transformed tensors of raw columns; it can be saved and served."""
        return TransformFeatures(self._fitted, self._keys, self._columns, self._files)

    def _file(self, name: str) -> Path:
        if name not in self._files:
            raise ValueError(f"there is no vocabulary {name!r}; there are {', '.join(self._files)}")
        return self._files[name]

    def _table_rows(self) -> dict[str, int]:
        rows: dict[str, int] = {}
        for tower in TOWERS:
            tables = self._fitted.table_rows(tower)
            for output in self._fitted.outputs(tower):
                if isinstance(output, EarlierItems):
                    rows[self._keys[tower, output.name][0]] = self._fitted.items(output).rows
                elif output.name in tables:
                    rows[self._keys[tower, output.name][0]] = tables[output.name]
        return rows


def _raw_spec(column: RawColumn) -> Any:
    if column.form == "items":
        return tf.io.FixedLenFeature([column.length], tf.string, [""] * column.length)
    dtype, null = {
        "text": (tf.string, ""),
        "number": (tf.float64, float("nan")),
        "time": (tf.int64, NULL_TIME),
    }[column.form]
    return tf.io.FixedLenFeature([1], dtype, null)
