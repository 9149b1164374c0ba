"""Names of the simple methods, and what is said of a model that one of them outdoes. Imports no array package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.families.noticing import Notice

TITLES: Mapping[str, str] = {
    "nearest_neighbours": "Nearest neighbours",
    "logistic_regression": "Logistic regression",
    "support_vector_machine": "Support vector machine",
    "label_spreading": "Label spreading",
    "perceptron": "Small MLP",
}
"""By key, in the order in which they are computed, the cheapest first."""

TRY = (
    "Raise the label weight, let it train for longer with a part held out for validation, or give it more of the unlabelled images; "
    "if one class is found badly, label more of it."
)


def notice(values: Mapping[str, Any]) -> Notice | None:
    """What to notice in an event's values, whose `verdict` is a `Verdict.plain`: a model below the best simple method by more
    than chance explains (`high` is the upper bound of its lead)."""
    found = values.get("verdict") or {}
    if found.get("high", found.get("lead", 0)) >= 0:
        return None
    return Notice(f"{found['words']}.", TRY)
