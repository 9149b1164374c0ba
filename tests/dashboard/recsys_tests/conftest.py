"""A workbench on a small family of recommenders, whose tests stay queued, with two features and three models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.context import AppContext
from recsys.service import RecommenderService
from tests.support.recommender_family import SALES, features, opened
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """An open workbench."""
    with opened(home, monkeypatch) as workbench:
        yield workbench


@pytest.fixture
def service(bench: Workbench) -> RecommenderService:
    """What the pages use."""
    return RecommenderService(bench)


@pytest.fixture
def context(bench: Workbench, home: Path) -> AppContext:
    """What pages are given."""
    return AppContext(lambda: bench, Settings.load(home=home))


@dataclass(frozen=True)
class Stored:
    """Ids of what is stored: features with a target and without, and models that rank products, rate, and do so too steeply."""

    targeted: str
    bare: str
    retrieval: str
    ranking: str
    steep: str


@pytest.fixture
def stored(service: RecommenderService) -> Stored:
    """Configurations to choose of."""

    def model(name: str, **document: Any) -> str:
        return service.models.create(
            actor="me", name=name, document={"optimizer": "adam", "learning_rate": 0.005, "batch_size": 64, **document}
        ).id

    def feature(name: str, target: str | None) -> str:
        return service.features.create(actor="me", dataset_id=SALES, name=name, document=features(target=target)).id

    return Stored(
        feature("With stars", "stars"), feature("Bare", None), model("Finder"), model("Rater", model_type="ranking"), model("Steep", learning_rate=0.2),
    )  # fmt: skip


TOLD: dict[str, Any] = {
    "seen": "all",
    "counts": {"candidates": 7, "test_rows": 30, "test_users": 12},
    "oracle_rmse": 0.5,
    "about": {"model": "", "popularity": "number of train rows", "ease": "λ 200", "oracle": "true chances", "mean": "the mean rating"},
    "metrics": {
        "model": [
            {"name": "recall_at_10", "value": 0.2, "reason": None, "protocol": "all items ranked"},
            {"name": "recall_at_10_unseen", "value": 0.3, "reason": None, "protocol": "seen items removed"},
            {"name": "user_ndcg_at_10", "value": 0.25, "reason": None, "protocol": "seen items removed; mean over users"},
            {"name": "rmse", "value": 1.0, "reason": None, "protocol": "rated rows"},
            {"name": "auc", "value": None, "reason": "the target is not binary", "protocol": "rated rows"},
        ],
        "popularity": [{"name": "recall_at_10", "value": 0.19, "reason": None, "protocol": "all items ranked"}],
        "ease": [{"name": "recall_at_10", "value": 0.38, "reason": None, "protocol": "all items ranked"}],
        "oracle": [{"name": "recall_at_10", "value": 0.4, "reason": None, "protocol": "all items ranked"}],
    },
    "lift": {
        "recall_at_10": {
            "ease": {"model": 0.2, "baseline": 0.38, "absolute": -0.18, "absolute_interval": {"low": -0.2, "high": -0.16}},
            "popularity": {"model": 0.2, "baseline": 0.19, "absolute": 0.01, "absolute_interval": {"low": -0.01, "high": 0.03}},
        },
        "rmse": {"mean": {"model": 1.0, "baseline": 1.2, "absolute": -0.2, "absolute_interval": {"low": -0.3, "high": -0.1}}},
    },
    "warnings": [
        {"code": "W-04", "severity": "info", "message": "Few steps", "action": {"words": "Use batches of 512", "settings": {}, "without_columns": []}},
        {"code": "W-08", "severity": "high", "message": "Not above popularity", "action": {"words": "Train longer", "settings": {}, "without_columns": []}},
    ],
    "seconds": {"split": 1.0, "train": 8.0, "evaluate": 1.0},
    "vocabulary": [],
    "examples": [
        {
            "buyer": "c1", "history": ["p1", "p2"], "history_rows": 5, "wanted": ["p3", "p4"],
            "top": [{"item": "p4", "hit": True}, {"item": "p6", "hit": False}],
        }
    ],
}  # fmt: skip
"""What a test keeps, in small."""


@pytest.fixture
def told() -> dict[str, Any]:
    """What a test keeps, in small."""
    return TOLD
