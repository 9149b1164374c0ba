"""HTML attributes with a dash in their name, which no keyword can spell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def attrs(given: Mapping[str, str]) -> dict[str, Any]:
    """`aria-` and `data-` attributes, to be spread into an `html` component: `html.Div(**attrs({"aria-label": "Runs"}))`."""
    return dict(given)
