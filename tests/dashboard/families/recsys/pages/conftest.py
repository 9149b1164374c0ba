"""Pages of recommenders over a workbench whose tests stay queued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import shell
from dashboard.components import toast
from dashboard.context import AppContext
from dashboard.forms.words import known_fields
from workbench.workbench import Workbench


def context_of(bench: Workbench) -> AppContext:
    """What pages may ask of."""
    return AppContext(lambda: bench, bench.settings)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What callbacks tell the browser besides their outputs: (id, properties), outside any callback."""
    sent: list[Any] = []
    for module in (toast, shell):
        monkeypatch.setattr(module, "set_props", lambda id, props: sent.append((id, props)))
    return sent


@pytest.fixture(autouse=True)
def _fields_are_looked_up_anew() -> Iterator[None]:
    """Labels that were looked up among this family alone are not those of the other tests."""
    known_fields.cache_clear()
    yield
    known_fields.cache_clear()
