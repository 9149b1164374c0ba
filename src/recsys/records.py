"""The records of feature configurations and model configurations, and what the core is told of these kinds.

A feature configuration says how one dataset's columns become tensors; a model configuration, which knows no
dataset, how tensors are processed and trained. Every version of either is kept with it.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from recsys.features.config import FeatureConfig
from recsys.model.config import SECTIONS, Architecture, ModelConfig, Training
from workbench.commands.base import CommandError, Env
from workbench.fields import FieldProblem, flat_values, structural_fields
from workbench.kinds import RecordKind, RunWords
from workbench.state import AppState, Record, RunRecord
from workbench.values.locked import changed_paths

FEATURES = "feature_config"
MODELS = "model_config"
MAX_NAME = 255


class ConfigVersion(BaseModel):
    """A configuration as it once was; it never changes.

    Attributes:
        at: when it was stored. by: who stored it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    version: int
    config: dict[str, Any]
    content_hash: str
    at: str
    by: str


class FeatureVersion(ConfigVersion):
    """The same of features, with the widths of both towers (`TensorDims` as JSON values)."""

    dims: dict[str, Any]


class ConfigRecord(Record):
    """What both kinds have.

    Attributes:
        version: counts what it says, from 1; a number that Undo took back is not given again.
        content_hash: equal for configurations that say the same.
        versions: number as text -> what it said then, the present version among them.
    """

    number: int
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    config: dict[str, Any]
    version: int
    content_hash: str
    created_at: str
    updated_at: str
    created_by: str
    deleted_at: str | None = None


class FeatureConfigRecord(ConfigRecord):
    """What columns of a dataset become in both towers: `config` is a `FeatureConfig` as JSON values."""

    dataset_id: str
    uses: tuple[str, ...]
    versions: dict[str, FeatureVersion] = Field(default_factory=dict)

    @property
    def features(self) -> FeatureConfig:
        """The configuration, typed."""
        return FeatureConfig.model_validate(self.config)

    @property
    def dims(self) -> dict[str, Any]:
        """The widths of both towers now."""
        return self.versions[str(self.version)].dims


class ModelConfigRecord(ConfigRecord):
    """A recommender's two configurations: `config` has the sections `architecture` and `training`."""

    versions: dict[str, ConfigVersion] = Field(default_factory=dict)

    @property
    def recommender(self) -> ModelConfig:
        """The configuration, typed."""
        return model_of(self.config)


def model_of(config: dict[str, Any]) -> ModelConfig:
    """Stored sections as a typed configuration."""
    return ModelConfig(
        Architecture.model_validate(config["architecture"]), Training.model_validate(config["training"])
    )


def sections_of(model: ModelConfig) -> dict[str, Any]:
    """A typed configuration as stored sections."""
    return {name: getattr(model, name).model_dump(mode="json") for name in SECTIONS}


def is_used(state: AppState, id: str) -> bool:
    """Whether a test has ever used a configuration; deleted tests count."""
    return id in state.run_ids or any(id in run.uses for run in state.runs.values())


def locked_problems(before: ModelConfig, after: ModelConfig) -> tuple[FieldProblem, ...]:
    """What an edit changes of the architecture, and the sentence that refuses it."""
    then, now = flat_values(before.architecture), flat_values(after.architecture)
    paths: list[str] = []
    for spec in structural_fields(Architecture):
        was, wanted = then[spec.name], now[spec.name]
        if spec.composite is not None:
            paths += changed_paths(spec, was, wanted)
        elif was != wanted:
            paths.append(spec.name)
    sentence = locked_sentence(paths)
    return tuple(FieldProblem(path, sentence, hint=CLONE_HINT) for path in paths)


CLONE_HINT = "Clone the model config with the new architecture instead."


def locked_sentence(paths: list[str]) -> str:
    """Why fields of a used model configuration cannot change, and what to do."""
    named = paths[0] if len(paths) == 1 else f"{', '.join(paths[:-1])} and {paths[-1]}" if paths else ""
    verb = "is" if len(paths) == 1 else "are"
    return f"{named} {verb} part of the architecture and cannot change once a test has used it. {CLONE_HINT}"


def _deletable(state: AppState, record: ConfigRecord) -> None:
    active = next((run for run in state.active_runs if _uses(run, record.id)), None)
    if active is not None:
        kind = MODELS if isinstance(record, ModelConfigRecord) else FEATURES
        message = (
            f"The {kind.replace('_', ' ')} {record.name} cannot be deleted while test #{active.number} is "
            f"{active.state.value}."
        )
        raise CommandError(message, f"{kind}_id", "Cancel the test first.", code="conflict")


def _removable(state: AppState, record: ConfigRecord) -> None:
    if is_used(state, record.id):
        message = f"Tests have used {record.name} by now, so its creation cannot be undone."
        raise CommandError(message, hint="Delete it instead.", code="conflict")


def _features_restorable(state: AppState, record: FeatureConfigRecord) -> None:
    dataset = state.datasets.get(record.dataset_id)
    if dataset is None or dataset.deleted_at is not None:
        name = record.dataset_id if dataset is None else dataset.name
        message = f"The dataset {name} of {record.name} was deleted."
        raise CommandError(message, "dataset_id", "Restore the dataset first.", code="conflict")


def _model_fits(state: AppState, env: Env, before: ModelConfigRecord, after: ModelConfigRecord) -> None:
    if after.config == before.config or not is_used(state, after.id):
        return
    problems = locked_problems(before.recommender, after.recommender)
    if problems:
        raise CommandError(
            problems[0].message, problems[0].path, CLONE_HINT, code="conflict", problems=problems
        )


def _uses(run: RunRecord, id: str) -> bool:
    return run.subject.id == id or id in run.uses


FEATURE_CONFIG = RecordKind(
    FEATURES,
    "fc",
    FeatureConfigRecord,
    "feature config",
    named=True,
    scope="dataset_id",
    max_name=MAX_NAME,
    deletable=_deletable,
    removable=_removable,
    restorable=_features_restorable,
)
"""What the core knows of feature configurations; their names are unique within a dataset."""

MODEL_CONFIG = RecordKind(
    MODELS,
    "mc",
    ModelConfigRecord,
    "model config",
    named=True,
    max_name=MAX_NAME,
    run_word="test",
    run_words=RunWords("Running", "Running", "Cancel", "Cancelling", "Cancelled"),
    run_again="Run it again.",
    without_weights="nothing was computed",
    deletable=_deletable,
    removable=_removable,
    fits=_model_fits,
)
"""What the core knows of model configurations."""
