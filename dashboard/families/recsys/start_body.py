"""The request that starts a quick test, or asks what starting it would mean, and how it reads to the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field, StrictBool, WithJsonSchema

from dashboard.api.dependencies import Body, Key
from dashboard.families.recsys.requests import Name
from workbench.commands.base import CommandError
from workbench.fields import FieldProblem

Number = Annotated[Any, WithJsonSchema({"type": ["number", "null"]})]
Word = Annotated[Any, WithJsonSchema({"type": ["string", "null"]})]
Confirm = Annotated[StrictBool, Field(description="Start it although its memory may not do, as the warning W-15 says.")]
# What numbers and words may be is for the service to say: it tells everything that is wrong at once.


class Split(Body):
    """How rows are divided. Only what the strategy asks for may be said."""

    strategy: Word = Field(None, description="auto, random, time_holdout, strict_time, leave_last_out or stratified.")
    seed: Number = None
    train: Number = None
    val: Number = None
    test: Number = None
    holdout_days: Number = None
    val_fraction: Number = None
    train_days: Number = None
    val_days: Number = None
    test_days: Number = None

    def settings(self) -> dict[str, Any]:
        """What is said, by the names of a test's settings."""
        return {_SETTING.get(name, name): value for name, value in self.model_dump(exclude_none=True).items()}


class StartQuickTest(Body):
    """A test of a feature configuration with a model configuration; what is left out has its default."""

    feature_config_id: Key
    model_config_id: Key
    name: Name = ""
    rating_column: Word = Field(None, description="What a ranking or multitask model predicts; left out: the target of the features.")
    epochs_override: Number = Field(None, description="0 evaluates the untrained model.")
    batch_size_override: Number = None
    learning_rate_override: Number = Field(None, description="0 trains without any change.")
    split: Split | None = None
    sample_percent: Number = None
    seed: Number = None
    exclude_seen: Annotated[StrictBool | Word, WithJsonSchema({"enum": ["auto", True, False, None]})] = None
    candidate_set: Word = Field(None, description="catalog or train.")
    confirm: Confirm = False

    def trial(self) -> dict[str, Any]:
        """The arguments of the service's `start` and `problems`."""
        settings = {
            name: getattr(self, name)
            for name in ("rating_column", "sample_percent", "seed", "candidate_set", "exclude_seen")
            if getattr(self, name) is not None
        }
        if isinstance(self.exclude_seen, bool):
            settings["exclude_seen"] = "yes" if self.exclude_seen else "no"
        if self.split is not None:
            settings |= self.split.settings()
        overrides = {name: getattr(self, f"{name}_override") for name in ("epochs", "batch_size", "learning_rate")}
        return {
            "feature_config": self.feature_config_id, "model_config": self.model_config_id, "name": self.name,
            "settings": settings, "overrides": {name: value for name, value in overrides.items() if value is not None},
        }  # fmt: skip


_SETTING: Mapping[str, str] = {"strategy": "split", "seed": "split_seed"}
_PATHS = {name: f"split.{name}" for name in Split.model_fields if name not in _SETTING}
_PATHS |= {setting: f"split.{name}" for name, setting in _SETTING.items()}


def as_asked(problem: FieldProblem, *, query: bool = False) -> FieldProblem:
    """A problem at the place of the request that it is about; a `query` has a split's settings by their own names."""
    path = _PATHS.get(problem.path, problem.path)
    return replace(problem, path=path.removeprefix("split.") if query else path)


@contextmanager
def told_as_asked(*, query: bool = False) -> Iterator[None]:
    """Refusals within name the fields of the request."""
    try:
        yield
    except CommandError as error:
        error.problems = tuple(as_asked(problem, query=query) for problem in error.problems)
        raise
