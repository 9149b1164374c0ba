"""The request that starts a quick test, or asks what starting it would mean, and how it reads to the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictBool, WithJsonSchema

from dashboard.api.dependencies import Body, Key
from dashboard.api.schemas import Documented, Setting
from dashboard.families.recsys.requests import Name
from recsys.model.training import Training
from recsys.trial import TrialSettings
from workbench.commands.base import CommandError
from workbench.fields import FieldProblem, spec_of

Confirm = Annotated[StrictBool, Field(description="Start it although its memory may not do, as the warning W-15 says.")]


def setting(name: str, more: str = "") -> Setting:
    """A field that is a setting of a test. What it may be is for the service to say: it tells everything that is wrong at once."""
    condition = spec_of(TrialSettings, name).meta.applies_when
    only = f"Only where {condition.describe()}." if condition else ""
    return Setting(TrialSettings, name, more=" ".join(filter(None, (only, more))))


_SETTING: Mapping[str, str] = {"strategy": "split", "seed": "split_seed"}


class Split(Body, Documented):
    """How rows are divided. Only what the strategy asks for may be said."""

    strategy: Any = None
    seed: Any = None
    train: Any = None
    val: Any = None
    test: Any = None
    holdout_days: Any = None
    val_fraction: Any = None
    train_days: Any = None
    val_days: Any = None
    test_days: Any = None

    def settings(self) -> dict[str, Any]:
        """What is said, by the names of a test's settings."""
        return {_SETTING.get(name, name): value for name, value in self.model_dump(exclude_none=True).items()}


Split.settings_of = {name: setting(_SETTING.get(name, name)) for name in Split.model_fields}


class StartQuickTest(Body, Documented):
    """A test of a feature configuration with a model configuration; what is left out has its default."""

    settings_of: ClassVar[Mapping[str, Setting]] = {
        **{name: setting(name) for name in ("rating_column", "sample_percent", "seed", "candidate_set")},
        "epochs_override": Setting(Training, "epochs", least=0, more="0 evaluates the untrained model.", inherits=True),
        "batch_size_override": Setting(Training, "batch_size", inherits=True),
        "learning_rate_override": Setting(Training, "learning_rate", least=0, more="0 trains without any change.", inherits=True),
    }

    feature_config_id: Key
    model_config_id: Key
    name: Name = Field("", description="Its own name; left out, it is known by both configurations.")
    rating_column: Any = None
    epochs_override: Any = None
    batch_size_override: Any = None
    learning_rate_override: Any = None
    split: Split | None = Field(None, description="How rows are divided; left out: as the strategy auto does.")
    sample_percent: Any = None
    seed: Any = None
    exclude_seen: Annotated[Any, WithJsonSchema({"anyOf": [{"enum": ["auto", "yes", "no", True, False]}, {"type": "null"}]})] = Field(
        None, description=f"{spec_of(TrialSettings, 'exclude_seen').meta.help} true is yes, false is no; left out: auto."
    )
    candidate_set: Any = None
    confirm: Confirm = False

    @classmethod
    def examples(cls) -> list[dict[str, Any]]:
        pair = {"feature_config_id": 1, "model_config_id": 1}
        windows = {"strategy": "strict_time", "train_days": 60, "val_days": 7, "test_days": 7}
        return [pair, {**pair, "name": "Windows", "epochs_override": 2, "split": windows, "sample_percent": 50}]

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
