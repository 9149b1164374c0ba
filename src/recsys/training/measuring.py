"""A trained model on the test rows, and what it is compared with.

Baselines need no model: they are fitted beside its training, where one of the processors often waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.evaluation import trial as measured
from recsys.evaluation.comparing import Results
from recsys.evaluation.ranks import rank
from recsys.evaluation.top import top_k
from recsys.model.config import ModelConfig
from recsys.training import bundle
from recsys.training.parts import Transformed
from recsys.training.rows import PartRows


@dataclass(frozen=True)
class Beside:
    """What is known without the model.

    Attributes:
        results: of the baselines. oracle_rmse: on simulated data, for a model that rates.
        vocabulary: of `vocabulary_statistics`.
    """

    results: Results
    oracle_rmse: float | None
    vocabulary: list[dict[str, Any]]


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


def compared(config: ModelConfig, done: Transformed, test: PartRows) -> Beside:
    """Fit and measure the baselines, and describe the vocabularies."""
    division = done.division
    results, oracle_rmse = _empty(config, done, test), None
    if config.retrieves:
        measured.add_ranking_baselines(results, division)
    if config.rates:
        train, target = done.target("train"), done.fitted.target
        assert train is not None
        assert target is not None
        known = test.columns["target_known"] > 0
        measured.add_rating_baselines(results, division, train, known)
        oracle_rmse = measured.oracle_error(division, target.column, known, results.actual)
    return Beside(results, oracle_rmse, bundle.vocabulary_statistics(done))


def measure(trained: Any, config: ModelConfig, done: Transformed, test: PartRows) -> Measured:
    """Measure a model.

    Args:
        trained: what `run_fn` gave. test: the test part's rows.
    """
    division = done.division
    results = _empty(config, done, test)
    columns = test.materialised()
    buyers = trained.evaluation.buyers(columns)
    ids = np.char.encode(division.item_ids[division.candidates], "utf-8").astype(object)
    products = trained.evaluation.products(trained.items)[np.searchsorted(trained.ids, ids)]
    found: Mapping[str, Any] = {}
    if config.retrieves:
        seen = division.seen("train", "validation")
        targets = division.targets("test")
        ranks = rank(buyers, products, targets, seen=seen, users=division.users("test"))
        users, first = np.unique(division.users("test"), return_index=True)
        top = top_k(buyers[first], products, 10, seen=seen, users=users)
        measured.add_ranked(results, division, "model", "", ranks, top)
        found = {"targets": targets, "users": users, "positions": top.positions}
    if config.rates:
        known = columns["target_known"] > 0
        predicted = trained.evaluation.ratings(buyers, trained.evaluation.products(columns))[known]
        measured.add_rated(results, division, "model", "", predicted)
    return Measured(results, buyers, products, **found)


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
