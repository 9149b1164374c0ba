"""Generated preprocessing, run with a stand-in for tensorflow-transform that looks at one batch as a whole.

The real one is a package that Trellis's environment lacks; `tests/tft` runs it.
"""

from __future__ import annotations

import collections
import datetime as dt
import sys
import types
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.codegen.header import Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.data.schema import DataType
from recsys.features.apply import apply
from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.fit import fit
from recsys.training.legacy_keras import tf
from recsys.training.raw_columns import raw_arrays, raw_columns
from recsys.training.rows import LocalDataAccessor, PartRows, part_rows
from tests.recsys.training import everything


class StandIn(types.ModuleType):
    """The parts of tensorflow-transform that generated modules use."""

    def __init__(self) -> None:
        super().__init__("tensorflow_transform")
        self.files: dict[str, list[bytes]] = {}
        self.rows: list[tuple[Any, int]] = []
        self.schema_inference = self
        self.min, self.max, self.mean = tf.reduce_min, tf.reduce_max, tf.reduce_mean
        self.var = tf.math.reduce_variance

    def vocabulary(
        self,
        terms: Any,
        *,
        vocab_filename: str,
        top_k: int | None,
        frequency_threshold: int | None,
        store_frequency: bool = False,
    ) -> str:
        counts = collections.Counter(terms.numpy().tolist())
        ordered = sorted(((n, t) for t, n in counts.items() if n >= (frequency_threshold or 1)), reverse=True)
        lines = [b"%d %s" % pair if store_frequency else pair[1] for pair in ordered[:top_k]]
        self.files[vocab_filename] = lines
        return vocab_filename

    def apply_vocabulary(self, terms: Any, file: str, *, num_oov_buckets: int) -> Any:
        held = {term: n for n, term in enumerate(self.files[file])}
        hashed = tf.strings.to_hash_bucket_fast(terms, num_oov_buckets).numpy() + len(held)
        rows: Any = [held.get(term, other) for term, other in zip(terms.numpy(), hashed, strict=True)]
        return tf.constant(rows, tf.int64)

    def quantiles(self, values: Any, buckets: int, *, epsilon: float) -> Any:
        assert 0 < epsilon <= 0.1 / buckets
        found = np.quantile(values.numpy(), np.arange(1, buckets) / buckets)
        return tf.constant(found[None], tf.float32)

    def set_tensor_schema_override(self, tensor: Any, least: Any, largest: Any) -> None:
        assert int(least) == 0
        self.rows.append((tensor, int(largest) + 1))


@pytest.fixture
def transform(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setitem(sys.modules, "tensorflow_transform", stand_in)
    return stand_in


def run(
    raw: dict[str, np.ndarray], config: FeatureConfig = everything.CONFIG, *, binary: bool = False
) -> dict[str, Any]:
    header = Header("Trellis", [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    module: dict[str, Any] = {}
    schema: dict[str, DataType] = {**everything.SCHEMA, "stars": "numeric"}
    exec(preprocessing_source(config, schema, header, binary=binary), module)
    columns = {n: tf.constant(a if a.ndim == 2 else a[:, None]) for n, a in raw.items()}
    return module["preprocessing_fn"](columns)


def test_generated_code_means_what_features_mean(transform: StandIn) -> None:
    frame, held = everything.plainer_table(), everything.histories()
    fitted = fit(everything.CONFIG, frame)
    read = raw_columns(fitted, everything.SCHEMA)
    found = run(raw_arrays(read["buyer"] | read["product"], frame, held))
    tensors, keys = apply(fitted, frame, held), keys_of_fitted(fitted)
    both = {"buyer": tensors.buyer, "product": tensors.product}
    wanted = {k: a for tower in TOWERS for k, a in everything.by_key(keys, tower, both[tower]).items()}
    assert list(found) == [*wanted, "item_id", "item_key"]
    for key, array in wanted.items():
        got = found[key].numpy()
        assert got.dtype == array.dtype, key
        if array.dtype == np.int64:
            np.testing.assert_array_equal(got, array, err_msg=key)
        else:
            np.testing.assert_allclose(got, array, rtol=0, atol=1e-6, err_msg=key)
    told = {key: n for key, tensor in found.items() for of, n in transform.rows if of is tensor}
    rows = {keys[t, name][0]: n for t in TOWERS for name, n in fitted.table_rows(t).items()}
    assert told == {key: rows[key] for key in told}
    assert {key for key in rows if key.endswith(("_bucket", "_cross"))} == told.keys()


def test_every_vocabulary_is_written_with_and_without_counts(transform: StandIn) -> None:
    frame = everything.plainer_table()
    fitted = fit(everything.CONFIG, frame)
    read = raw_columns(fitted, everything.SCHEMA)
    run(raw_arrays(read["buyer"] | read["product"], frame, everything.histories()))
    assert len(transform.files) == 2 * 6
    for name in [name for name in transform.files if not name.endswith("_freq")]:
        counted = [line.split(b" ", 1) for line in transform.files[f"{name}_freq"]]
        assert [term for _, term in counted] == transform.files[name]


STARS = [1.0, 2.0, 2.5, 3.0, 4.0, 4.0, 5.0, 40.0, -0.5, -1.0, float("nan"), float("inf")]
TARGETS = [
    {},
    {"transforms": {"normalize": {"range": "[0,1]"}}, "clip_predictions": False},
    {"transforms": {"clip_outliers": {"lower": 10.0, "upper": None}, "normalize": {"range": "[-1,1]"}}},
    {"transforms": {"clip_outliers": {"lower": 10.0, "upper": 90.0}, "log_transform": True}},
    {"transforms": {"clip_outliers": {"lower": 0.0, "upper": 100.0}, "normalize": None}},
]


def rows_of(
    stars: np.ndarray, target: dict[str, Any], *, binary: bool = False
) -> tuple[dict[str, Any], PartRows]:
    """What generated preprocessing makes of items and targets, and what is trained on here."""
    frame = everything.plainer_table(len(stars)).with_columns(pl.Series("stars", stars))
    held = everything.histories(len(stars))
    config = FeatureConfig.model_validate(
        everything.DOCUMENT | {"target_column": {"column": "stars", **target}}
    )
    fitted = fit(config, frame, binary_target=binary)
    read = raw_columns(fitted, everything.SCHEMA)
    raw = raw_arrays(read["buyer"] | read["product"], frame, held) | {"stars": stars}
    found = run(raw, config, binary=binary)
    text = frame["item"].to_numpy().astype(str)
    ids, number, counts = np.unique(text, return_inverse=True, return_counts=True)
    place = {item: key for key, item in enumerate(sorted(range(len(ids)), key=lambda i: (-counts[i], -i)))}
    keys = np.array([place[item] for item in number])
    return found, part_rows(fitted, apply(fitted, frame, held), keys, ids, number, stars)


@pytest.mark.parametrize("target", TARGETS)
def test_items_and_targets_are_those_that_are_trained_on_here(
    target: dict[str, Any], transform: StandIn
) -> None:
    drawn = np.random.default_rng(3).choice(STARS, 400)
    logarithmic = target.get("transforms", {}).get("log_transform", False)
    found, wanted = rows_of(np.where(logarithmic & (drawn == -1.0), 6.0, drawn), target)
    check(found, wanted)


def test_two_values_are_learnt_as_0_and_1(transform: StandIn) -> None:
    stars = np.random.default_rng(4).choice([2.0, 7.0, float("nan")], 300)
    found, wanted = rows_of(stars, {"transforms": {"normalize": None}}, binary=True)
    assert set(found["target"].numpy()[~np.isnan(stars)]) == {0.0, 1.0}
    check(found, wanted)


def check(found: dict[str, Any], wanted: PartRows) -> None:
    rows = LocalDataAccessor({"all": wanted}).tf_dataset_factory(
        ["all"], SimpleNamespace(batch_size=500, shuffle=False)
    )
    (batch,) = rows
    keys = [key for key in batch if key.startswith(("target", "item"))]
    assert len(keys) == 9
    for key in keys:
        got, array = found[key].numpy(), batch[key].numpy()
        assert got.dtype == array.dtype, key
        if got.dtype == np.float32:
            np.testing.assert_allclose(got, array, rtol=1e-6, atol=1e-6, err_msg=key)
        else:
            np.testing.assert_array_equal(got, array, err_msg=key)


def test_an_item_of_no_train_row_has_the_last_key(transform: StandIn) -> None:
    found, _ = rows_of(np.random.default_rng(3).choice(STARS[:8], 50), {})
    seen = len(transform.files["item_key"])
    assert found["item_key"].numpy().max() == seen - 1
    assert transform.apply_vocabulary(tf.constant(["never seen"]), "item_key", num_oov_buckets=1).numpy() == [
        seen
    ]
    counted = [int(line.split(b" ", 1)[0]) for line in transform.files["item_key_freq"]]
    assert counted == sorted(counted, reverse=True)
    assert sum(counted) == 50
