"""The rows of a table as generated trainers read them. Imports TensorFlow.

What tensorflow-transform and Beam write to files in a pipeline is here kept in memory: `LocalDataAccessor` gives each
part's transformed rows as a dataset, and `LocalTransform` what preprocessing knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recsys.codegen.tensor_keys import FREQUENCIES, ITEM_ID, ITEM_KEY, keys_of_fitted
from recsys.data.schema import DataType
from recsys.features.apply import Arrays, Tensors, narrow
from recsys.features.config import TOWERS, Tower
from recsys.features.fitted import Fitted
from recsys.features.histories import EarlierRows
from recsys.features.target import FittedTarget
from recsys.training.legacy_keras import tf
from recsys.training.local_transform import LocalTransformOutput


class LocalTransform(LocalTransformOutput):
    """What was fitted, with the items of the train part by `item_key` and how often each stands in it.

    Args:
        items: ids in the order of their keys. counts: train rows of each.
    """

    def __init__(
        self,
        fitted: Fitted,
        schema: Mapping[str, DataType],
        folder: Path,
        items: Sequence[str],
        counts: Sequence[int],
    ) -> None:
        super().__init__(fitted, schema, folder)
        self._items = folder / f"{ITEM_KEY}{FREQUENCIES}"
        lines = (f"{count} {item}\n" for item, count in zip(items, counts, strict=True))
        self._items.write_text("".join(lines), encoding="utf-8")

    def vocabulary_file_by_name(self, name: str) -> str:
        """The path of a vocabulary's file. Raises ValueError for a name that there is not."""
        return str(self._items) if name == self._items.name else super().vocabulary_file_by_name(name)


@dataclass(frozen=True)
class PartRows:
    """The transformed rows of one part.

    Attributes:
        columns: arrays (n, ...) by key; rows of tables may be int32, and are int64 for whoever reads them. histories: earlier
            rows by the keys of their rows and mask. Once a dataset has been made of the part, both lie in its tensors.
        constants: numbers that are the same for every row, by key.
        item_ids: text (I,). items: int32 (n,), the place of each row's item there; a text a row would be many times as much.
    """

    columns: dict[str, np.ndarray]
    histories: dict[tuple[str, str], EarlierRows]
    constants: Mapping[str, float]
    item_ids: np.ndarray
    items: np.ndarray

    def __len__(self) -> int:
        return len(self.columns[ITEM_KEY])

    @classmethod
    def of_products(
        cls, fitted: Fitted, arrays: Arrays, item_key: np.ndarray, item_ids: np.ndarray, items: np.ndarray
    ) -> PartRows:
        """Items alone: the product tower's arrays, with key and number of each."""
        columns = {keys[0]: array for keys, array in _keyed(fitted, "product", arrays)}
        return cls(columns | {ITEM_KEY: narrow(item_key)}, {}, {}, item_ids, items.astype(np.int32))

    def materialised(self) -> dict[str, np.ndarray]:
        """Every row's arrays by key, histories padded."""
        found = {
            key: array.astype(np.int64) if array.dtype == np.int32 else array
            for key, array in self.columns.items()
        }
        found[ITEM_ID] = self.item_ids[self.items]
        for (key, mask_key), history in self.histories.items():
            found[key], found[mask_key] = history.padded()
        return found


def part_rows(
    fitted: Fitted,
    tensors: Tensors,
    item_key: np.ndarray,
    item_ids: np.ndarray,
    items: np.ndarray,
    target: np.ndarray | None = None,
) -> PartRows:
    """The rows of one part by the keys that a trainer reads.

    Args:
        tensors: what `apply` gave. item_key: int64 (n,). item_ids: text (I,). items: each row's place there, (n,).
        target: float64 (n,), NaN where missing, in its own units; None for models that do not rate.
    """
    columns: dict[str, np.ndarray] = {}
    histories: dict[tuple[str, str], EarlierRows] = {}
    for tower in TOWERS:
        for keys, array in _keyed(fitted, tower, getattr(tensors, tower)):
            if isinstance(array, EarlierRows):
                histories[keys[0], keys[1]] = array
            else:
                columns[keys[0]] = array
    columns[ITEM_KEY] = narrow(item_key)
    constants: dict[str, float] = {}
    if fitted.target is not None and tensors.target is not None and target is not None:
        assert tensors.known is not None
        columns["target"] = tensors.target
        columns["target_known"] = tensors.known.astype(np.float32)
        columns["target_value"] = np.where(tensors.known, target, 0.0).astype(np.float32)
        constants = target_constants(fitted.target)
    return PartRows(columns, histories, constants, item_ids, items.astype(np.int32))


def _keyed(fitted: Fitted, tower: Tower, arrays: Arrays) -> list[tuple[tuple[str, ...], Any]]:
    """Arrays of a tower with their keys; a history has two, its rows' and its mask's."""
    keys = keys_of_fitted(fitted)
    found: list[tuple[tuple[str, ...], Any]] = []
    waiting = list(arrays.values())
    for output in fitted.outputs(tower):
        named = keys[tower, output.name]
        if output.kind == "history":
            found.append((named, waiting.pop(0)))
        else:
            found += [((key,), waiting.pop(0)) for key in named]
    return found


def target_constants(target: FittedTarget) -> dict[str, float]:
    """The line from what is learnt back to the target (or its logarithm), and the range of predictions."""
    if target.binary is not None:
        low, high = target.binary
        slope, offset = high - low, low
    elif target.scale is None:
        slope, offset = 1.0, 0.0
    else:
        offset = float(target.scale.inverse(np.array(0.0)))
        slope = float(target.scale.inverse(np.array(1.0))) - offset
    low, high = target.limits or (-np.inf, np.inf)
    return {
        "target_slope": slope,
        "target_offset": offset,
        "target_low": float(low),
        "target_high": float(high),
    }


class LocalDataAccessor:
    """Datasets of parts by name, as TFX's `DataAccessor` gives those of files.

    Args:
        parts: by name, which stands where files do.
    """

    plain_options = True

    def __init__(self, parts: Mapping[str, PartRows]) -> None:
        self._parts = parts
        self._held: dict[str, _Held] = {}

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """All rows of a part as arrays by key."""
        return self._parts[name].materialised()

    def tf_dataset_factory(self, file_pattern: Sequence[str], options: Any, schema: Any = None) -> Any:
        """One pass over one part: batches by key, in an order that follows from `options.shuffle_seed`."""
        (name,) = file_pattern
        if name not in self._held:
            self._held[name] = _Held(self._parts[name])
        held = self._held[name]
        rows = np.arange(len(self._parts[name]))
        if options.shuffle:
            rows = np.random.default_rng(options.shuffle_seed).permutation(rows)
        numbers, size = tf.constant(rows, tf.int64), options.batch_size
        starts = tf.data.Dataset.range(0, len(rows), size)
        return starts.map(lambda start: held.batch(numbers[start : start + size])).prefetch(2)


class _Held:
    """A part's arrays as tensors, from which batches are gathered; the part's own arrays are from then on views of these."""

    def __init__(self, part: PartRows) -> None:
        self._columns = {}
        for key in list(part.columns):
            self._columns[key], part.columns[key] = _as_tensor(part.columns[key])
        self._item_ids = tf.constant(np.char.encode(part.item_ids, "utf-8"))
        self._items = tf.constant(part.items)
        self._histories = {}
        for keys, history in list(part.histories.items()):
            rows, own_rows = _as_tensor(history.rows)
            start, own_start = _as_tensor(history.start)
            length, own_length = _as_tensor(history.length)
            self._histories[keys] = (rows, start, length, history.max_length)
            part.histories[keys] = EarlierRows(own_rows, own_start, own_length, history.max_length)
        self._constants = {key: tf.constant(value, tf.float32) for key, value in part.constants.items()}
        # traced once, whatever number of passes there are
        numbers = tf.TensorSpec([None], tf.int64)
        self.batch = tf.function(self._batch, input_signature=[numbers], autograph=False)

    def _batch(self, rows: Any) -> dict[str, Any]:
        """The rows of some numbers (B,) by key."""
        found = {key: _gathered(values, rows) for key, values in self._columns.items()}
        found[ITEM_ID] = tf.gather(self._item_ids, tf.gather(self._items, rows))
        for (key, mask_key), (items, start, length, longest) in self._histories.items():
            place = tf.range(longest, dtype=tf.int64)
            known = place < _gathered(length, rows)[:, None]
            at = tf.where(known, _gathered(start, rows)[:, None] + place, 0)
            found[key] = tf.where(known, _gathered(items, at), 0) if items.shape[0] else tf.zeros_like(at)
            found[mask_key] = tf.cast(known, tf.float32)
        for key, value in self._constants.items():
            found[key] = tf.fill(tf.shape(rows), value)
        return found


def _as_tensor(array: np.ndarray) -> tuple[Any, np.ndarray]:
    """An array's tensor and the array anew, in the tensor's own memory: kept beside it, it would be there twice."""
    tensor: Any = tf.constant(array)
    return tensor, np.asarray(memoryview(tensor))


def _gathered(values: Any, rows: Any) -> Any:
    """Some rows of a tensor, those that are kept as int32 as int64."""
    found = tf.gather(values, rows)
    return tf.cast(found, tf.int64) if found.dtype == tf.int32 else found
