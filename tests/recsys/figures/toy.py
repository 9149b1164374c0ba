"""Made-up bundles: what a trial of each type of model keeps, without a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys.evaluation.product_map import ProductMap
from recsys.training.bundle import Bundle

TYPES = ("retrieval", "ranking", "multitask")
CANDIDATES = 300
ROWS = 400


def make(
    model_type: str = "multitask",
    *,
    epochs: int = 4,
    candidates: int = CANDIDATES,
    seed: int = 0,
    **told: Any,
) -> Bundle:
    """A bundle of that type; `told` replaces what it tells."""
    rng = np.random.default_rng(seed)
    ranked, rated = model_type != "ranking", model_type != "retrieval"
    who = ("model", "popularity", "ease", "oracle") if ranked else ()
    ranks = {name: (rng.integers(2, 2 * candidates, ROWS) / 2).astype(np.float32) for name in who}
    for values in ranks.values():
        values[:3] = np.inf
    actual = rng.integers(1, 6, ROWS if rated else 0).astype(np.float32)
    predicted = {
        name: (actual + rng.normal(size=len(actual))).astype(np.float32)
        for name in ("model", "mean")
        if rated
    }
    lifts: dict[str, Any] = {"recall_at_10": {}, "rmse": {}}
    if ranked:
        lifts["recall_at_10"] = {"popularity": lift(0.1, 0.05, 0.15), "ease": lift(-0.1, -0.2, -0.01)}
    if rated:
        lifts["rmse"] = {"mean": lift(-0.1, -0.2, -0.01), "user_item_means": lift(0.01, -0.02, 0.05)}
    known = {
        "model_type": model_type, "seen": "all", "lift": lifts, "oracle_rmse": None, "warnings": [], "examples": [],
        "counts": {"candidates": candidates, "test_rows": ROWS, "test_users": 50},
        "history": history(model_type, epochs),
        "popularity": deciles() if ranked else None,
        "vocabulary": [table("movie_id", 0.01), table("genre", None)],
        "seconds": {"split": 0.5, "fit_transforms": 1.25, "train": 20.0},
    }  # fmt: skip
    return Bundle(ranks, ranks, predicted, actual, known | told, products(candidates, rng))


def lift(absolute: float, low: float, high: float) -> dict[str, Any]:
    """A lift's JSON form."""
    return {
        "model": 0.3, "baseline": 0.3 - absolute, "absolute": absolute, "absolute_interval": {"low": low, "high": high},
        "relative": None, "relative_interval": None, "users": 50, "resamples": 1000, "seed": 0,
    }  # fmt: skip


def history(model_type: str, epochs: int) -> dict[str, Any]:
    """Epochs of a training of that type."""
    keys = ["train/loss", "train/gradient_norm"]
    if model_type != "ranking":
        keys += ["validation/recall_at_10", "validation/mrr"]
    if model_type != "retrieval":
        keys += ["validation/rmse", "validation/mae"]
    if model_type == "multitask":
        keys += ["train/retrieval_loss", "train/ranking_loss", "train/retrieval_share"]
    numbers = list(range(1, epochs + 1))
    return {
        "epochs": numbers,
        "metrics": {key: [1 / (1 + n) for n in numbers] for key in keys} if epochs else {},
    }


def deciles() -> dict[str, Any]:
    """Shares of ten groups."""
    weights = [2.0**-place for place in range(10)]
    return {"products": [30] * 10, "train": [w / sum(weights) for w in weights], "recommended": [0.1] * 10}


def table(column: str, unknown: float | None) -> dict[str, Any]:
    """A table of terms."""
    parts = {"train": 0.0, "validation": unknown, "test": unknown}
    return {
        "tower": "product", "column": column, "terms": 40, "cut_by_frequency": 3, "cut_by_size": 0, "unknown": parts,
    }  # fmt: skip


def products(n: int, rng: np.random.Generator, attribute: str = "genre") -> ProductMap:
    """Products as points."""
    values = np.array(["Drama", "Comedy", "Horror"])[rng.integers(0, 3, n)] if attribute else np.full(n, "")
    return ProductMap(
        coordinates=rng.normal(size=(n, 2)).astype(np.float32),
        items=np.array([f"P{i}" for i in range(n)]),
        values=values,
        counts=rng.integers(0, 50, n),
        attribute=attribute,
        explained=(0.5, 0.25),
        total=n,
    )
