"""What a trial keeps for its figures: ranks, ratings and the map of products as arrays, the rest as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.evaluation.comparing import Results
from recsys.evaluation.product_map import ProductMap
from recsys.histograms import FILE as _HISTOGRAMS
from recsys.histograms import Epoch, lines, parsed
from workbench.artefacts import ArtefactError, pack_arrays, unpack_arrays, write_atomic

if TYPE_CHECKING:
    from recsys.training.parts import Transformed

RANKED, RATED = "ranked", "rated"
"""Which test rows: all of them, and those whose rating is known."""

_TOLD = "results.json"
_MAP = "product_map"
_MAP_ARRAYS = ("coordinates", "items", "values", "counts")


@dataclass(frozen=True)
class Bundle:
    """A trial's results.

    Attributes:
        ranks: who -> float32 (Q,), all items ranked. unseen: the same without seen items.
        predicted: who -> float32 (n,), ratings. actual: float32 (n,).
        rows, users: `ranked` and `rated` -> numbers of the test rows in the table, and their users' numbers, int64 (Q,) and (n,); those
            that the trial measured, and none for a trial that kept none.
        products: products as points, or None. histograms: of weights and gradients, by epoch; empty where none were asked for.
        told: everything else, as JSON values:

            - `model_type`; `seen`, the headline's rule; `counts` of `candidates`, `test_rows`, `test_users`
            - `metrics`, `about`, `lift` (by the figure's full name), `oracle_rmse`: see `Results.as_json`
            - `history`: `epochs`, their numbers, and `metrics`, name -> a value an epoch, None where there is none
            - `popularity`: `products`, `train` and `recommended` by decile, most popular first; None if not known
            - `examples`: buyers with their lists (see `example_buyers`)
            - `vocabulary`: see `vocabulary_statistics`; `seconds`: stage -> seconds
            - `baselines_took`: `seconds` of the work on baselines beside the training, and how many of them were `waited` for
            - `arguments`: tower -> the served model's argument -> raw column
            - `warnings`: `code`, `severity`, `message`, `action` with `words`, `settings`, `without_columns`
    """

    ranks: Mapping[str, np.ndarray]
    unseen: Mapping[str, np.ndarray]
    predicted: Mapping[str, np.ndarray]
    actual: np.ndarray
    told: Mapping[str, Any]
    products: ProductMap | None = None
    rows: Mapping[str, np.ndarray] = field(default_factory=dict)
    users: Mapping[str, np.ndarray] = field(default_factory=dict)
    histograms: tuple[Epoch, ...] = ()


def write(
    path: Path,
    results: Results,
    told: Mapping[str, Any],
    products: ProductMap | None = None,
    looked_at: Sequence[Epoch] = (),
) -> None:
    """Write a bundle in one step.

    Raises:
        ArtefactError: if it cannot be written. ValueError: for a number in `told` that is not finite.
    """
    arrays: dict[str, np.ndarray] = {"actual": results.actual.astype(np.float32)}
    for one in results.ranked:
        if one.ranks is not None:
            arrays[f"ranks/{one.name}"] = one.ranks.all_items.astype(np.float32)
            if one.ranks.unseen is not None:
                arrays[f"unseen/{one.name}"] = one.ranks.unseen.astype(np.float32)
    for one in results.rated:
        arrays[f"predicted/{one.name}"] = one.predicted.astype(np.float32)
    for group, rows, users in (
        (RANKED, results.rows, results.users),
        (RATED, results.rated_rows, results.rated_users),
    ):
        if len(rows):
            arrays |= {f"rows/{group}": rows.astype(np.int64), f"users/{group}": users.astype(np.int64)}
    if products is not None:
        arrays |= {f"products/{name}": getattr(products, name) for name in _MAP_ARRAYS}
        told = {**told, _MAP: {name: getattr(products, name) for name in ("attribute", "explained", "total")}}
    if looked_at:
        arrays[_HISTOGRAMS] = np.frombuffer("\n".join(lines(looked_at)).encode(), np.uint8)
    arrays[_TOLD] = np.frombuffer(json.dumps(told, allow_nan=False).encode(), np.uint8)
    write_atomic(path, pack_arrays(arrays))


def load(path: Path) -> Bundle:
    """Read what `write` wrote. Raises ArtefactError for a file that is not that."""
    return _load(path, lambda name: True)


def load_own(path: Path) -> Bundle:
    """The model's own ranks and ratings with their rows: without the baselines', the map and histograms. Raises ArtefactError."""
    others = ("products/", _HISTOGRAMS)
    measured = ("ranks/", "unseen/", "predicted/")
    return _load(
        path,
        lambda name: (
            not name.startswith(others) and (not name.startswith(measured) or name.endswith("/model"))
        ),
    )


def _load(path: Path, wanted: Callable[[str], bool]) -> Bundle:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArtefactError(
            f"The diagnostics {path.name} cannot be read: {error.strerror or error}."
        ) from error
    arrays = unpack_arrays(data, f"The diagnostics {path.name}", wanted)
    try:
        told = json.loads(arrays.pop(_TOLD).tobytes())
        actual = arrays.pop("actual")
        looked_at = arrays.pop(_HISTOGRAMS, np.empty(0, np.uint8)).tobytes().decode()
    except (KeyError, ValueError) as error:
        raise ArtefactError(f"The diagnostics {path.name} are damaged: {error}.") from error
    groups: dict[str, dict[str, np.ndarray]] = {
        name: {} for name in ("ranks", "unseen", "predicted", "products", "rows", "users")
    }
    for name, array in arrays.items():
        group, _, who = name.partition("/")
        groups.setdefault(group, {})[who] = array
    _name_by_rule(told)
    about = told.pop(_MAP, None)
    products = None
    if about is not None and groups["products"]:
        explained = tuple(about.pop("explained"))
        products = ProductMap(**groups["products"], explained=explained, **about)
    return Bundle(
        groups["ranks"], groups["unseen"], groups["predicted"], actual, told, products, groups["rows"], groups["users"],
        parsed(looked_at.splitlines()),
    )  # fmt: skip


def _name_by_rule(told: dict[str, Any]) -> None:
    """Call the lift of Recall@10 by the rule for seen items that it follows, as results of before it was named so."""
    lift = told.get("lift", {})
    if told.get("seen") == "unseen" and "recall_at_10" in lift:
        told["lift"] = {
            f"{name}_unseen" if name == "recall_at_10" else name: found for name, found in lift.items()
        }


def vocabulary_statistics(done: Transformed) -> list[dict[str, Any]]:
    """Of each table of terms: its size, what was cut, and the share of rows that it does not know, by part."""
    from recsys.features.config import TOWERS
    from recsys.features.fitted import EmbeddedTerms

    found = []
    for tower in TOWERS:
        for output in done.fitted.outputs(tower):
            if not isinstance(output, EmbeddedTerms):
                continue
            vocabulary = output.vocabulary
            unknown = {}
            for part in ("train", "validation", "test"):
                terms = done.columns(part).terms(output.column)
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
