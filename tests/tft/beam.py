"""Rows of a table through Beam's direct runner and tensorflow-transform, in memory and as files."""

# pyright: reportMissingImports=false

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

Raw = Mapping[str, np.ndarray]
"""Raw columns by name: text as objects, numbers, times; (rows,), or (rows, longest) for histories."""


def load(source: str, folder: Path, name: str) -> ModuleType:
    """Generated text as a module, from the file that TFX would be told."""
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def as_examples(raw: Raw) -> dict[str, np.ndarray]:
    """The same in the types that a tf.train.Example holds."""
    return {name: a.astype(np.float32) if a.dtype == np.float64 else a for name, a in raw.items()}


def analyzed(module: ModuleType, raw: Raw, folder: str) -> Any:
    """What tensorflow-transform finds in some rows, a `TFTransformOutput`."""
    import apache_beam as beam
    import tensorflow_transform as tft
    import tensorflow_transform.beam as tft_beam

    with beam.Pipeline() as pipeline, tft_beam.Context(temp_dir=f"{folder}/scratch"):
        rows = (pipeline | beam.Create(_instances(raw)), _metadata(raw))
        made = rows | tft_beam.AnalyzeDataset(module.preprocessing_fn)
        _ = made | tft_beam.WriteTransformFn(f"{folder}/transform")
    return tft.TFTransformOutput(f"{folder}/transform")


def transformed(output: Any, raw: Raw) -> dict[str, np.ndarray]:
    """Rows through the layer of what was found."""
    import tensorflow as tf

    spec = _spec(raw)
    columns = {name: tf.constant(a.tolist(), spec[name].dtype) for name, a in _columns(raw).items()}
    return {key: np.asarray(values) for key, values in output.transform_features_layer()(columns).items()}


def written(module: ModuleType, train: Raw, others: Mapping[str, Raw], folder: str, sparse: Collection[str] = ()) -> str:
    """Find in train rows what there is, and write all rows, transformed, as TFX's Transform component does.

    Args:
        sparse: columns that lack what is null or padding, as those of a schema with optional features.

    Returns:
        The folder of what was found. Files are `{folder}/{part}-*`, compressed, the train part's `train-*`.
    """
    import apache_beam as beam
    import tensorflow_transform.beam as tft_beam
    from tfx_bsl.public.tfxio import RecordBatchToExamplesEncoder

    def write(found: Any, part: str) -> None:
        batches, metadata = found
        encoder = RecordBatchToExamplesEncoder(metadata.schema)
        _ = (
            batches
            | f"encode {part}" >> beam.FlatMapTuple(lambda batch, _: encoder.encode(batch))
            | f"write {part}" >> beam.io.WriteToTFRecord(f"{folder}/{part}", file_name_suffix=".gz")
        )

    with beam.Pipeline() as pipeline, tft_beam.Context(temp_dir=f"{folder}/scratch"):
        metadata = _metadata(train, sparse)
        rows = (pipeline | "train rows" >> beam.Create(_instances(train, sparse)), metadata)
        analyze = tft_beam.AnalyzeAndTransformDataset(module.preprocessing_fn, output_record_batches=True)
        found, made = rows | analyze
        write(found, "train")
        for part, raw in others.items():
            rows = (pipeline | f"{part} rows" >> beam.Create(_instances(raw, sparse)), metadata)
            transform = tft_beam.TransformDataset(output_record_batches=True)
            write((rows, made) | f"transform {part}" >> transform, part)
        _ = made | tft_beam.WriteTransformFn(f"{folder}/transform")
        _ = metadata | tft_beam.WriteMetadata(f"{folder}/transform/metadata", pipeline)
    return f"{folder}/transform"


def _columns(raw: Raw) -> dict[str, np.ndarray]:
    return {name: a if a.ndim == 2 else a[:, None] for name, a in raw.items()}


def _instances(raw: Raw, sparse: Collection[str] = ()) -> list[dict[str, Any]]:
    """A dictionary a row."""
    texts = {name: a.tolist() for name, a in _columns(raw).items()}
    for name in sparse:
        # NaN alone is not itself
        texts[name] = [[value for value in row if value not in ("", None) and value == value] for row in texts[name]]
    rows = len(next(iter(raw.values())))
    return [{name: values[row] for name, values in texts.items()} for row in range(rows)]


def _spec(raw: Raw, sparse: Collection[str] = ()) -> dict[str, Any]:
    import tensorflow as tf

    types = {name: tf.string if a.dtype == object else a.dtype for name, a in raw.items()}
    return {
        name: tf.io.VarLenFeature(types[name]) if name in sparse else tf.io.FixedLenFeature([a.shape[1]], types[name])
        for name, a in _columns(raw).items()
    }


def _metadata(raw: Raw, sparse: Collection[str] = ()) -> Any:
    from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

    return dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(_spec(raw, sparse)))
