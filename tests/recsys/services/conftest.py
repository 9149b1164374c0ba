"""A workbench on a small family of recommenders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recsys.service import RecommenderService
from tests.support.recommender_family import opened
from workbench.workbench import Workbench


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """An open workbench whose runs stay queued."""
    with opened(home, monkeypatch) as workbench:
        yield workbench


@pytest.fixture
def service(bench: Workbench) -> RecommenderService:
    """What people use."""
    return RecommenderService(bench)
