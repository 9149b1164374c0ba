"""What a trial leaves for its export besides the model: embeddings, vocabularies, and preprocessing as code."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np

from recsys.codegen.header import PROGRAM, ConfigFacts, Header
from recsys.codegen.preprocessing import preprocessing_source
from recsys.data.schema import DataType
from recsys.features.config import FeatureConfig
from recsys.features.fitted import Fitted
from recsys.training.vocabulary_files import vocabularies
from recsys.trial import TrialPayload
from workbench.artefacts import pack_arrays, write_atomic

EMBEDDINGS = "embeddings.npz"
PREPROCESSING = "preprocessing.py"
VOCABULARIES = "vocab"
"""Their names in a run's folder, and in an export."""


def preprocessing_of(payload: TrialPayload, features: FeatureConfig, written: dt.datetime) -> str:
    """`preprocessing.py` of the features as the trial uses them. Raises ValueError as `preprocessing_source` does."""
    types: dict[str, DataType] = dict(payload.columns.types)  # type: ignore[arg-type]
    of = payload.features_of
    facts = ConfigFacts("FeatureConfig", of.name, of.id, of.version, of.hash)
    return preprocessing_source(features, types, Header(PROGRAM, (facts,), written))


def write_embeddings(path: Path, ids: np.ndarray, vectors: np.ndarray) -> None:
    """Every candidate's embedding in one file that `numpy.load` reads without pickle.

    Args:
        ids: as text (C,). vectors: float (C, d), what a buyer's embedding is multiplied with.

    Raises:
        ArtefactError: if it cannot be written.
    """
    write_atomic(path, pack_arrays({"item_ids": ids.astype(str), "vectors": vectors.astype(np.float32)}))


def write_vocabularies(fitted: Fitted, folder: Path) -> None:
    """A JSON file a vocabulary: its terms in the order of their rows, the train rows of each, and the rows of all others.

    Raises:
        ArtefactError: if one cannot be written.
    """
    for name, vocabulary in vocabularies(fitted).items():
        told = {
            "terms": vocabulary.terms,
            "counts": vocabulary.counts,
            "oov_buckets": vocabulary.oov_buckets,
            "rows": vocabulary.rows,
        }
        text = json.dumps(told, ensure_ascii=False)
        write_atomic(folder / f"{name}.json", text.encode())
