"""What a trial keeps for its figures: ranks and ratings of the test rows as arrays, the rest as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.comparing import Results
from workbench.artefacts import ArtefactError, pack_arrays, unpack_arrays, write_atomic

if TYPE_CHECKING:
    from recsys.training.parts import Transformed

_TOLD = "results.json"


@dataclass(frozen=True)
class Bundle:
    """A trial's results.

    Attributes:
        ranks: who -> float32 (Q,), all items ranked. unseen: the same without seen items.
        predicted: who -> float32 (n,), ratings. actual: float32 (n,). told: everything else, as JSON values.
    """

    ranks: Mapping[str, np.ndarray]
    unseen: Mapping[str, np.ndarray]
    predicted: Mapping[str, np.ndarray]
    actual: np.ndarray
    told: Mapping[str, Any]


def write(path: Path, results: Results, told: Mapping[str, Any]) -> None:
    """Write a bundle in one step. Raises ArtefactError."""
    arrays: dict[str, np.ndarray] = {"actual": results.actual.astype(np.float32)}
    for one in results.ranked:
        if one.ranks is not None:
            arrays[f"ranks/{one.name}"] = one.ranks.all_items.astype(np.float32)
            if one.ranks.unseen is not None:
                arrays[f"unseen/{one.name}"] = one.ranks.unseen.astype(np.float32)
    for one in results.rated:
        arrays[f"predicted/{one.name}"] = one.predicted.astype(np.float32)
    arrays[_TOLD] = np.frombuffer(json.dumps(told, allow_nan=False).encode(), np.uint8)
    write_atomic(path, pack_arrays(arrays))


def load(path: Path) -> Bundle:
    """Read what `write` wrote. Raises ArtefactError for a file that is not that."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"The diagnostics {path.name} cannot be read: {error.strerror or error}."
        ) from error
    arrays = unpack_arrays(data, f"The diagnostics {path.name}")
    try:
        told = json.loads(arrays.pop(_TOLD).tobytes())
        actual = arrays.pop("actual")
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"The diagnostics {path.name} are damaged: {error}.") from error
    groups: dict[str, dict[str, np.ndarray]] = {"ranks": {}, "unseen": {}, "predicted": {}}
    for name, array in arrays.items():
        group, _, who = name.partition("/")
        groups[group][who] = array
    return Bundle(groups["ranks"], groups["unseen"], groups["predicted"], actual, told)


def vocabulary_statistics(done: Transformed) -> list[dict[str, Any]]:
    """Of each table of terms: its size, what was cut, and the share of rows that it does not know, by part."""
    from recsys.features.columns import Columns
    from recsys.features.config import TOWERS
    from recsys.features.fitted import EmbeddedTerms

    frames = {part: Columns(done.frame(part)) for part in ("train", "validation", "test")}
    found = []
    for tower in TOWERS:
        for output in done.fitted.outputs(tower):
            if not isinstance(output, EmbeddedTerms):
                continue
            vocabulary = output.vocabulary
            unknown = {}
            for part, columns in frames.items():
                terms = columns.terms(output.column)
                known = np.array([term in vocabulary.places for term in terms.distinct], bool)
                unknown[part] = float(1 - known[terms.codes].mean()) if len(terms.codes) else None
            found.append(
                {
                    "tower": tower,
                    "column": output.column,
                    "terms": len(vocabulary.terms),
                    "cut_by_frequency": vocabulary.cut_by_frequency,
                    "cut_by_size": vocabulary.cut_by_size,
                    "unknown": unknown,
                }
            )
    return found
