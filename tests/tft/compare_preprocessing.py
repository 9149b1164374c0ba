"""Runs generated `preprocessing.py` modules with the real tensorflow-transform, and compares.

tensorflow-transform 1.21 needs older packages than Trellis, so it has an environment of its own; without it
there is nothing to run, which the script says. `make test-tft` makes one and runs this.

5,000 rows of the simulated shop, and hostile columns, go through Beam's direct runner. Vocabularies, their
order, their counts and all rows of tables that need no quantile must be equal, normalised values within 1e-5,
waves within 1e-6, buckets of quantiles, which are approximate there, at most one apart in at most 1 % of
rows. It prints a line for each tensor and fails where a limit is passed.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl

from recsys.codegen.header import ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.codegen.tensor_keys import keys_of_fitted
from recsys.data.history import histories
from recsys.data.interactions import interactions_of
from recsys.data.retail import simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.schema import DataType
from recsys.features.apply import apply
from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.fit import fit
from recsys.features.fitted import Bucketed, BucketMember, Crossed, Fitted
from recsys.features.histories import ItemHistories
from recsys.training.raw_columns import raw_arrays, raw_columns
from recsys.training.vocabulary_files import vocabularies
from tests.recsys.features.examples import SCHEMA, rich
from tests.recsys.training import everything

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
    return "hostile columns", everything.CONFIG, everything.SCHEMA, frame, everything.histories(ROWS)


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
    raw = {name: a.astype(np.float32) if a.dtype == np.float64 else a for name, a in raw.items()}
    with tempfile.TemporaryDirectory() as folder:
        module = load(preprocessing_source(config, schema, HEADER), Path(folder))
        output, found = transformed(module, raw, folder)
        yield f"{title}: {frame.height} rows, {len(found)} tensors"
        yield from compare_vocabularies(fitted, output)
        tensors = apply(fitted, frame, held)
        keys = keys_of_fitted(fitted)
        for tower in TOWERS:
            arrays = tensors.buyer if tower == "buyer" else tensors.product
            wanted = everything.by_key(keys, tower, arrays)
            kinds = {key: o for o in fitted.outputs(tower) for key in keys[tower, o.name]}
            for key, array in wanted.items():
                yield compare_tensor(key, kinds[key], np.asarray(found.pop(key)), array)
        if found:
            yield f"FAIL tensors that nobody asked for: {', '.join(found)}"


def load(source: str, folder: Path) -> ModuleType:
    """The generated text as a module."""
    path = folder / "preprocessing.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("preprocessing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def transformed(module: ModuleType, raw: Mapping[str, np.ndarray], folder: str) -> tuple[Any, dict[str, Any]]:
    """What tensorflow-transform finds in the rows, and makes of them."""
    import apache_beam as beam
    import tensorflow as tf
    import tensorflow_transform as tft
    import tensorflow_transform.beam as tft_beam
    from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

    spec = {
        name: tf.io.FixedLenFeature([a.shape[1] if a.ndim == 2 else 1], tf.string if a.dtype == object else a.dtype)
        for name, a in raw.items()
    }
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
    rows = len(next(iter(raw.values())))
    columns = {name: a if a.ndim == 2 else a[:, None] for name, a in raw.items()}
    texts = {name: a.tolist() for name, a in columns.items()}
    instances = [{name: values[row] for name, values in texts.items()} for row in range(rows)]
    with beam.Pipeline() as pipeline, tft_beam.Context(temp_dir=f"{folder}/scratch"):
        made = (pipeline | beam.Create(instances), metadata) | tft_beam.AnalyzeDataset(module.preprocessing_fn)
        _ = made | tft_beam.WriteTransformFn(f"{folder}/transform")
    output = tft.TFTransformOutput(f"{folder}/transform")
    layer = output.transform_features_layer()
    return output, dict(layer({name: tf.constant(values, spec[name].dtype) for name, values in texts.items()}))


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
