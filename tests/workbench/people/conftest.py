"""Users are kept the same in both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.people.people import People
from workbench.store.store import Store

LOCAL = "user:ann"
"""Who acts on the machine itself."""


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.text = "2026-01-01T12:00:00.000Z"

    def __call__(self) -> str:
        return self.text


@pytest.fixture(params=["sqlite", "postgresql"])
def kept_in(request: pytest.FixtureRequest) -> str:
    """Each of them in turn."""
    return request.param


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = Store.open(database)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def people(store: Store, clock: Clock) -> People:
    return People(store, clock)
