"""Modules and functions that are imported at their first use, so that a server answers before it has loaded them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from workbench.families import ImportString


class Later:
    """A module by its name; its attributes are those of the module, which is imported when one is asked for.

    if TYPE_CHECKING:
        from dashboard.pages.maps import view
    else:
        view = Later("dashboard.pages.maps.view")
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def later(target: str) -> Callable[..., Any]:
    """A function by its import string, such as `dashboard.pages.maps.view:render`; its module is imported at the first call."""
    found = ImportString(target)

    def call(*args: Any, **given: Any) -> Any:
        return found.load()(*args, **given)

    return call
