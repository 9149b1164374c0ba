"""Fixtures of the core's tests: the fake family, a store and a workbench of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import fake_family
from workbench import families
from workbench.settings import Settings
from workbench.store.store import Store


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The fake family as the only registered one."""
    fake_family.register(monkeypatch)
    yield fake_family
    families.family.cache_clear()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """A fresh store that checks every command for mutation and JSON."""
    opened = Store.open(database, check=True)
    yield opened
    opened.close()


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings of a fresh home, with the development checks on."""
    return Settings.load(home=home, check_state=True)


@pytest.fixture
def bench(fake: Any, settings: Settings) -> Iterator[Any]:
    """A fresh workbench on the fake family."""
    from workbench.workbench import Workbench

    opened = Workbench.open(settings)
    yield opened
    opened.close()


@pytest.fixture
def make_model(bench: Any) -> Any:
    """Creates models in `bench`: make_model(name, **values)."""

    def make(name: str | None = None, actor: str = "me", sample: dict[str, Any] | None = None, **values: Any) -> Any:
        return bench.models.create(
            actor=actor, family="fake", model_type="toy", dataset_id="tiny", values=values, sample=sample or {}, name=name
        )

    return make
