"""Generated preprocessing, run with a stand-in for tensorflow-transform that looks at one batch as a whole.

The real one is a package that Trellis's environment lacks; `tests/tft` runs it.
"""

from __future__ import annotations

import collections
import datetime as dt
import sys
import types
from typing import Any

import numpy as np
import pytest

from recsys.codegen.header import Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.features.apply import apply
from recsys.features.config import TOWERS
from recsys.features.fit import fit
from recsys.training.legacy_keras import tf
from recsys.training.raw_columns import raw_arrays, raw_columns
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


def run(raw: dict[str, np.ndarray]) -> dict[str, Any]:
    header = Header("Trellis", [], dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    module: dict[str, Any] = {}
    exec(preprocessing_source(everything.CONFIG, everything.SCHEMA, header), module)
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
    assert list(found) == list(wanted)
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
    assert len(transform.files) == 2 * 5
    for name in [name for name in transform.files if not name.endswith("_freq")]:
        counted = [line.split(b" ", 1) for line in transform.files[f"{name}_freq"]]
        assert [term for _, term in counted] == transform.files[name]
