"""A trained model on the test rows, and what it is compared with.

Baselines need no model: they are fitted beside its training, where one of the processors often waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from recsys.evaluation import trial as measured
from recsys.evaluation.comparing import Results
from recsys.evaluation.halting import Check, checked, never
from recsys.evaluation.ranks import rank_scores
from recsys.evaluation.scores import DotProducts
from recsys.evaluation.top import top_scores
from recsys.model.config import ModelConfig
from recsys.training import bundle
from recsys.training.parts import Transformed
from recsys.training.rows import PartRows

ROWS_AT_ONCE = 8 * 8192
"""Rows that a tower is asked for between two checks."""


@dataclass
class Beside:
    """What is known without the model: filled by `compare` while it trains.

    Attributes:
        results: of the baselines that are measured. oracle_rmse: on simulated data, for a model that rates.
        vocabulary: of `vocabulary_statistics`. seconds: that it took; None while it is not done.
    """

    results: Results
    oracle_rmse: float | None = None
    vocabulary: list[dict[str, Any]] = field(default_factory=list)
    seconds: float | None = None


@dataclass(frozen=True)
class Measured:
    """A model's figures with what they were taken of.

    Attributes:
        results: the model's, and the baselines' once they are added. products: embeddings (C, d) of the candidates.
        buyers: embeddings (Q, d) of the test rows. users, positions: different users (U,) of the test part, and the
            candidates in their lists (U, 10); None for a model that only rates, as `targets`, the rows' own candidates (Q,).
    """

    results: Results
    buyers: np.ndarray
    products: np.ndarray
    targets: np.ndarray | None = None
    users: np.ndarray | None = None
    positions: np.ndarray | None = None


def beside(config: ModelConfig, done: Transformed, test: PartRows) -> Beside:
    """What is known before anything is measured."""
    return Beside(_empty(config, done, test))


def compare(
    found: Beside, config: ModelConfig, done: Transformed, test: PartRows, check: Check = never
) -> None:
    """Fit and measure the baselines, and describe the vocabularies.

    Args:
        found: what takes them in, each as soon as it is there. check: called between blocks.

    Raises:
        Halted: from `check`.
    """
    began = time.monotonic()
    division, results = done.division, found.results
    if config.retrieves:
        measured.add_ranking_baselines(results, division, check)
    check()
    if config.rates:
        train, target = done.target("train"), done.fitted.target
        assert train is not None
        assert target is not None
        known = test.columns["target_known"] > 0
        measured.add_rating_baselines(results, division, train, known)
        found.oracle_rmse = measured.oracle_error(division, target.column, known, results.actual)
    found.vocabulary = bundle.vocabulary_statistics(done)
    found.seconds = time.monotonic() - began


def measure(
    trained: Any, config: ModelConfig, done: Transformed, test: PartRows, check: Check = never
) -> Measured:
    """Measure a model.

    Args:
        trained: what `run_fn` gave. test: the test part's rows. check: called between blocks.

    Raises:
        Halted: from `check`.
    """
    division = done.division
    results = _empty(config, done, test)
    columns = test.materialised()
    buyers = _outputs(trained.evaluation.buyers, columns, check)
    ids = np.char.encode(division.item_ids[division.candidates], "utf-8").astype(object)
    products = _outputs(trained.evaluation.products, trained.items, check)[np.searchsorted(trained.ids, ids)]
    found: Mapping[str, Any] = {}
    if config.retrieves:
        seen = division.seen("train", "validation")
        targets = division.targets("test")
        owners, count = division.users("test"), len(products)
        score = checked(DotProducts(buyers, products), check)
        ranks = rank_scores(score, np.arange(len(buyers)), targets, n_items=count, seen=seen, users=owners)
        users, first = np.unique(owners, return_index=True)
        top = top_scores(score, first, 10, n_items=count, seen=seen, users=users)
        measured.add_ranked(results, division, "model", "", ranks, top)
        found = {"targets": targets, "users": users, "positions": top.positions}
    if config.rates:
        known = columns["target_known"] > 0
        wanted = _outputs(trained.evaluation.products, columns, check)
        predicted = trained.evaluation.ratings(buyers, wanted)[known]
        measured.add_rated(results, division, "model", "", predicted)
    return Measured(results, buyers, products, **found)


def _outputs(
    tower: Callable[[Mapping[str, np.ndarray]], np.ndarray], columns: Mapping[str, np.ndarray], check: Check
) -> np.ndarray:
    """A tower's outputs float32 (n, d) of features (n, ...) by name, with a check now and then."""
    rows = len(next(iter(columns.values())))
    found = []
    for start in range(0, rows, ROWS_AT_ONCE):
        check()
        found.append(tower({name: values[start : start + ROWS_AT_ONCE] for name, values in columns.items()}))
    return np.concatenate(found)


def _empty(config: ModelConfig, done: Transformed, test: PartRows) -> Results:
    """The test rows without anybody's figures."""
    division = done.division
    users, rows = division.users("test"), division.rows("test")
    results = Results(seen=measured.seen_rule(division), users=users, rows=rows)  # type: ignore[arg-type]
    if config.rates:
        known = test.columns["target_known"] > 0
        results.actual = np.asarray(test.columns["target_value"][known], np.float64)
        results.rated_users, results.rated_rows = users[known], rows[known]
    return results
