"""Runs generated `preprocessing.py` modules with the real tensorflow-transform, and compares.

tensorflow-transform 1.21 needs older packages than Trellis, so it has an environment of its own; without it
there is nothing to run, which the script says. `make test-tft` makes one and runs this.

5,000 rows of the simulated shop, and hostile columns, go through Beam's direct runner. Vocabularies, their
order, their counts and all rows of tables that need no quantile must be equal, normalised values within 1e-5,
waves within 1e-6, buckets of quantiles, which are approximate there, at most one apart in at most 1 % of
rows. Targets are cut at percentiles that may be 0.1 % of the rows off, and are within 1e-5 of what follows from
those. It prints a line for each tensor and fails where a limit is passed.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys.codegen.header import ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.tensor_keys import item_column, keys_of_fitted
from recsys.data.history import histories
from recsys.data.interactions import interactions_of
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.schema import DataType
from recsys.features.apply import apply
from recsys.features.columns import numbers_of
from recsys.features.config import TOWERS, FeatureConfig, Target
from recsys.features.fit import fit
from recsys.features.fitted import Bucketed, BucketMember, Crossed, Fitted
from recsys.features.histories import ItemHistories
from recsys.features.target import fit_target
from recsys.training.raw_columns import raw_arrays, raw_columns
from recsys.training.rows import target_constants
from recsys.training.vocabulary_files import vocabularies
from tests.recsys.features.examples import SCHEMA, rich
from tests.recsys.training import everything
from tests.tft import beam

ROWS = 5000
LIMITS = {"norm": 1e-5, "cycle": 1e-6, "null": 0.0}
"""Kind of output -> the largest difference of its values."""
LARGEST_SHARE = 0.01
"""The largest share of rows whose bucket of quantiles differs."""

HEADER = Header("Trellis", [ConfigFacts("FeatureConfig", "compared", "compared", 1, "0" * 64)], dt.datetime.now(dt.UTC))


def shop() -> tuple[str, FeatureConfig, dict[str, DataType], pl.DataFrame, ItemHistories]:
    """Rows of the simulated shop with every transform of the widest example."""
    frame = simulate(RetailSettings(size="small", rows=ROWS)).frame
    data = interactions_of(frame, "customer_id", "product_id", "trans_date")
    earlier = histories(data, np.arange(ROWS))
    held = ItemHistories(earlier.items, earlier.start, earlier.length, data.item_ids)
    document = rich()
    document["buyer_model_features"][2]["transforms"]["bucketize"] = {"buckets": 50}
    document["buyer_model_features"].append(
        {
            "column": "customer_age",
            "data_type": "numeric",
            "transforms": {"normalize": {"range": "z_score"}, "bucketize": {"buckets": 10}, "log_transform": True},
        }
    )
    document["target_column"] = {"column": "user_rating", "transforms": {"normalize": {"range": "[-1,1]"}}}
    members = [
        {"column": "city", "type": "text"},
        {"column": "customer_age", "type": "numeric", "crossing_buckets": 8},
        {"column": "customer_revenue_90d", "type": "numeric", "crossing_buckets": 4},
    ]
    document["buyer_model_crosses"].append({"features": members, "hash_bucket_size": 10_000})
    schema: dict[str, DataType] = {column.column: column.data_type for column in SCHEMA.columns}
    return "simulated shop", FeatureConfig.model_validate(document), schema, frame, held


def hostile() -> tuple[str, FeatureConfig, dict[str, DataType], pl.DataFrame, ItemHistories]:
    """Names and terms of every kind.

    Numbers and times are such that float32 tells them apart: quantiles are of float32 there, and two values
    that it rounds to one would be one edge.
    """
    frame = everything.plainer_table(ROWS)
    spent = np.random.default_rng(1).lognormal(2.0, 1.0, ROWS)
    spent[::7] = np.nan
    frame = frame.with_columns(pl.Series("spent", spent))
    target = {"column": "spent", "transforms": {"clip_outliers": {}, "log_transform": True}}
    config = FeatureConfig.model_validate(everything.DOCUMENT | {"target_column": target})
    schema: dict[str, DataType] = {**everything.SCHEMA, "spent": "numeric"}
    return "hostile columns", config, schema, frame, everything.histories(ROWS)


def compare(
    title: str,
    config: FeatureConfig,
    schema: Mapping[str, DataType],
    frame: pl.DataFrame,
    held: ItemHistories,
) -> Iterator[str]:
    """A line for each tensor; those that pass their limit begin with FAIL."""
    fitted = fit(config, frame)
    read = raw_columns(fitted, schema)
    raw = raw_arrays(read["buyer"] | read["product"], frame, held)
    assert config.target_column is not None
    values = numbers_of(frame[config.target_column.column])
    raw = beam.as_examples(raw | {config.target_column.column: values})
    with tempfile.TemporaryDirectory() as folder:
        module = beam.load(preprocessing_source(config, schema, HEADER), Path(folder), "preprocessing")
        output = beam.analyzed(module, raw, folder)
        found = beam.transformed(output, raw)
        yield f"{title}: {frame.height} rows, {len(found)} tensors"
        yield from compare_vocabularies(fitted, output)
        tensors = apply(fitted, frame, held)
        keys = keys_of_fitted(fitted)
        for tower in TOWERS:
            arrays = tensors.buyer if tower == "buyer" else tensors.product
            wanted = everything.by_key(keys, tower, arrays)
            kinds = {key: o for o in fitted.outputs(tower) for key in keys[tower, o.name]}
            for key, array in wanted.items():
                yield compare_tensor(key, kinds[key], found.pop(key), array)
        item = item_column(config)
        assert item is not None
        yield from compare_items(frame[item], output, found)
        yield from compare_target(config.target_column, values.astype(np.float32).astype(np.float64), found)
        if found:
            yield f"FAIL tensors that nobody asked for: {', '.join(found)}"


def compare_vocabularies(fitted: Fitted, output: Any) -> Iterator[str]:
    """Terms, their order, their counts and the rows of their tables."""
    for name, vocabulary in vocabularies(fitted).items():
        terms = [term.encode() for term in vocabulary.terms]
        counted = [f"{count} {term}".encode() for count, term in zip(vocabulary.counts, vocabulary.terms, strict=True)]
        same = (
            output.vocabulary_by_name(name) == terms
            and output.vocabulary_by_name(f"{name}_freq") == counted
            and output.vocabulary_size_by_name(name) == len(terms)
            and output.num_buckets_for_transformed_feature(name) == vocabulary.rows
        )
        yield f"{'ok  ' if same else 'FAIL'} {name}: vocabulary of {len(terms)}"


def compare_tensor(key: str, output: Any, found: np.ndarray, wanted: np.ndarray) -> str:
    """One line on one tensor."""
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        return f"FAIL {key}: {found.dtype} {found.shape} for {wanted.dtype} {wanted.shape}"
    if output.kind in LIMITS:
        largest = float(np.abs(found - wanted).max())
        return f"{'ok  ' if largest <= LIMITS[output.kind] else 'FAIL'} {key}: {largest:.1e} apart"
    other = found != wanted
    share = float(other.mean())
    if isinstance(output, Bucketed):
        # the last row is null's, wherever it is
        apart = int(np.abs(found - wanted).max())
        good = apart <= 1 and share <= LARGEST_SHARE
        return f"{'ok  ' if good else 'FAIL'} {key}: {share:.2%} of rows differ, by at most {apart}"
    quantiles = isinstance(output, Crossed) and any(isinstance(m, BucketMember) for m in output.members)
    good = share <= (LARGEST_SHARE if quantiles else 0)
    return f"{'ok  ' if good else 'FAIL'} {key}: {share:.2%} of rows differ"


def compare_items(ids: pl.Series, output: Any, found: dict[str, np.ndarray]) -> Iterator[str]:
    """Which item each row is of, by counting ids; takes what it looked at out of `found`."""
    texts = np.array(ids.to_list(), "S").astype(object)
    counts = Counter(texts.tolist())
    order = sorted(counts, key=lambda text: (counts[text], text), reverse=True)
    key = {text: number for number, text in enumerate(order)}
    same_ids = bool((found.pop("item_id") == texts).all())
    yield f"{'ok  ' if same_ids else 'FAIL'} item_id: of {len(order)} items"
    same_keys = found.pop("item_key").tolist() == [key[text] for text in texts]
    yield f"{'ok  ' if same_keys else 'FAIL'} item_key: by falling count, then falling id"
    counted = [b"%d %s" % (counts[text], text) for text in order]
    same_counts = output.vocabulary_by_name("item_key_freq") == counted
    yield f"{'ok  ' if same_counts else 'FAIL'} item_key_freq: {int(sum(counts.values()))} rows counted"


def compare_target(target: Target, values: np.ndarray, found: dict[str, np.ndarray]) -> Iterator[str]:
    """All that is made of the target; takes what it looked at out of `found`.

    Args:
        target: the settings. values: float64 (n,), NaN where missing.
    """
    made = {key: found.pop(key) for key in [key for key in found if key.startswith("target")]}
    finite = np.sort(values[np.isfinite(values)])
    low, high = (float(made[f"target_{end}"][0]) for end in ("low", "high"))
    clip = target.transforms.clip_outliers
    ends = {"low": (low, None if clip is None else clip.lower, 0), "high": (high, None if clip is None else clip.upper, 100)}
    for end, (found_end, asked, none) in ends.items():
        wanted = (none if asked is None else asked) / 100 * (len(finite) - 1)
        # a number that stands at several places is right if one of them is
        first, last = np.searchsorted(finite, found_end, "left"), np.searchsorted(finite, found_end, "right") - 1
        off = max(first - wanted, wanted - last, 0.0) / len(finite)
        yield f"{'ok  ' if off <= 0.001 else 'FAIL'} target, cut {end}: {off:.2%} of the rows off"
    cut = target.model_copy(update={"transforms": target.transforms.model_copy(update={"clip_outliers": None})})
    fitted = fit_target(cut, np.clip(values, low, high))
    learnt = fitted.forward(np.clip(values, low, high))
    known = ~np.isnan(learnt)
    wanted = {
        "target": np.where(known, learnt, 0.0),
        "target_known": known.astype(np.float64),
        "target_value": np.where(known, values, 0.0),
        **{key: np.full(len(values), number) for key, number in target_constants(fitted).items()},
    }
    for key, array in wanted.items():
        got = made.pop(key)
        largest = float(np.abs(got - array).max() / max(1.0, np.abs(array).max()))
        good = got.dtype == np.float32 and largest <= LIMITS["norm"]
        yield f"{'ok  ' if good else 'FAIL'} {key}: {largest:.1e} apart"
    if made:
        yield f"FAIL tensors of the target that nobody asked for: {', '.join(made)}"


def main() -> int:
    """Compare both examples; 1 if a limit is passed, 2 without tensorflow-transform."""
    if importlib.util.find_spec("tensorflow_transform") is None:
        print("Nothing compared: tensorflow-transform is not installed here (see the head of this file).")
        return 2
    failed = False
    for example in (shop(), hostile()):
        for line in compare(*example):
            print(line, flush=True)
            failed |= line.startswith("FAIL")
    return int(failed)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # that environment's libraries crash when the interpreter takes them down, which would hide the answer
    os._exit(code)
