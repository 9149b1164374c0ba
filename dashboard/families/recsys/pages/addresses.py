"""The addresses of the Recommenders page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

HOME = "/recommenders"
DATASETS = f"{HOME}/datasets"
MODELS = f"{HOME}/models"
FEATURES = f"{HOME}/features"
TESTS = f"{HOME}/tests"

CHAPTERS = (("datasets", "Datasets"), ("features", "Features"), ("models", "Model Structure"), ("tests", "Quick Test"))
"""(key, title) of the chapters in order."""


def new(chapter: str, *, of: str | None = None, step: int = 1) -> str:
    """The wizard for a new configuration of a chapter; `of` is the stored one that it begins as a copy of."""
    return with_query(f"{chapter}/new", {"from": of, "step": str(step) if step != 1 else None})


def one(chapter: str, id: str) -> str:
    """A stored configuration of a chapter."""
    return f"{chapter}/{id}"


def edit(chapter: str, id: str) -> str:
    """The wizard on a stored configuration of a chapter, at the step where most is changed."""
    return with_query(f"{chapter}/{id}/edit", {"step": "2"})


def new_model() -> str:
    """The wizard for a new model."""
    return new(MODELS)


def model_of_recipe(key: str) -> str:
    """The wizard for a new model that begins as a recipe."""
    return with_query(f"{MODELS}/new", {"recipe": key})


def one_model(id: str) -> str:
    """A stored model."""
    return one(MODELS, id)


def one_dataset(id: str) -> str:
    """A table of interactions."""
    return f"{DATASETS}/{id}"


def with_query(path: str, given: Mapping[str, str | None]) -> str:
    """An address with those parameters that have a value."""
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return f"{path}?{query}" if query else path


def new_test(
    *, features: str | None = None, model: str | None = None, like: str | None = None, overrides: Mapping[str, str] | None = None
) -> str:
    """Where a quick test is started.

    Args:
        like: an earlier test whose settings it begins with, but for what else is given. overrides: by name; "" takes one away.
    """
    return with_query(f"{TESTS}/new", {"features": features, "model": model, "from": like, **(overrides or {})})


def one_test(id: str) -> str:
    """A quick test: as it runs, and its results."""
    return f"{TESTS}/{id}"


def compare_tests(ids: Sequence[str]) -> str:
    """Tests side by side."""
    return f"{TESTS}/compare?ids={','.join(ids)}"
