"""Commands that queue quick tests: a new one of two configurations, and an earlier one again.

A quick test is a run about its model configuration. It keeps copies of both configurations, so that nothing that
people do to them later reaches it. Any number of tests may go on at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from recsys.commands.configs import tidy
from recsys.commands.facts import FAMILY, SchemaFacts
from recsys.commands.foreseen import memory_doubt
from recsys.commands.refusing import conflict
from recsys.commands.trial_checks import Trial, checked_trial
from recsys.data.schema import Schema
from recsys.features.config import FeatureConfig
from recsys.hashes import content_hash
from recsys.model.codes import Code
from recsys.model.config import ModelConfig
from recsys.model.facts import schedule_of
from recsys.reading import short
from recsys.records import (
    FEATURES,
    MAX_NAME,
    MODELS,
    ConfigRecord,
    FeatureConfigRecord,
    ModelConfigRecord,
    model_of,
)
from recsys.trial import Columns, Named, TrialPayload, TrialSettings
from workbench.commands.base import Changes, Command, CommandError, Env
from workbench.commands.confirming import require_confirmed
from workbench.commands.rules import find, refuse
from workbench.commands.runs import queued_run
from workbench.fields import FieldProblem
from workbench.printing import printable
from workbench.roles import Role
from workbench.state import AppState, RunRecord, Subject

MODEL_TYPE = "recommender"
FRAMEWORK = "tensorflow"
Mode = Literal["snapshot", "current"]


class StartQuickTestCommand(Command):
    """Queue a test of a feature configuration with a model configuration.

    Args:
        run_id: the new run's id. code_version: of the program that queues it.
        settings: of `TrialSettings`, those that are not left at their defaults.
        overrides: of `Overrides`; 0 is a value, None is not.
        confirmed: that it is to start although it may not fit into memory.

    Facts: `SchemaFacts` of the dataset.
    """

    role: ClassVar[Role] = "train"
    run_id: str
    feature_config_id: str
    model_config_id: str
    code_version: str
    name: str = ""
    settings: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    overrides: dict[str, Any] = {}  # noqa: RUF012
    confirmed: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        features: FeatureConfigRecord = find(state, FEATURES, self.feature_config_id)
        model: ModelConfigRecord = find(state, MODELS, self.model_config_id)
        facts = env.require(SchemaFacts)
        trial, problems = checked_trial(
            features.features, model.recommender, state.datasets[features.dataset_id], facts,
            settings=self.settings, overrides=self.overrides,
        )  # fmt: skip
        refuse([*name_problems(self.name), *problems])
        assert trial is not None  # without one there are problems
        schedule = schedule_of(model.recommender, **trial.overrides.model_dump())
        doubt = memory_doubt(trial.features, model.recommender, trial.settings, schedule, facts)
        require_confirmed(doubt, confirmed=self.confirmed)
        payload = _payload(trial, features, model, facts.schema, tidy(self.name))
        return queued_run(
            state, env, run_id=self.run_id, subject=Subject(kind=MODELS, id=model.id), key=self.run_id,
            family=FAMILY, model_type=MODEL_TYPE, framework=FRAMEWORK, config=model.config,
            fingerprint=content_hash(model.recommender.architecture), payload=payload.model_dump(mode="json"),
            uses=(features.dataset_id, features.id, model.id), seed=trial.settings.seed,
            code_version=self.code_version,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Start a quick test"


class RerunQuickTestCommand(Command):
    """Queue an earlier test again.

    Args:
        run_id: the new run's id. of: the earlier one's.
        mode: `snapshot` repeats it on the same data with the configurations and the seed that it kept; `current` takes
            the configurations as they are now, with its settings and overrides.
        confirmed: that it is to start although it may not fit into memory.

    Facts: `SchemaFacts` of its dataset; for `snapshot` only if memory is to be looked at.
    """

    role: ClassVar[Role] = "train"
    run_id: str
    of: str
    code_version: str
    mode: Mode = "snapshot"
    confirmed: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_test(state, self.of)
        payload = TrialPayload.model_validate(run.payload)
        if self.mode == "current":
            features, model = (_still_there(state, run, kind) for kind in (FEATURES, MODELS))
            again = StartQuickTestCommand(
                run_id=self.run_id, feature_config_id=features.id, model_config_id=model.id,
                code_version=self.code_version, name=payload.name, settings=applying(payload.settings, model.recommender),
                overrides=payload.overrides.model_dump(), confirmed=self.confirmed,
            )  # fmt: skip
            return again.decide(state, env)
        require_same_data(state, run, "repeated")
        facts = env.known(SchemaFacts)
        if facts is not None:
            model = model_of(run.config)
            doubt = memory_doubt(
                FeatureConfig.model_validate(payload.features), model, TrialSettings.model_validate(payload.settings),
                schedule_of(model, **payload.overrides.model_dump()), facts,
            )  # fmt: skip
            require_confirmed(doubt, confirmed=self.confirmed)
        return queued_run(
            state, env, run_id=self.run_id, subject=run.subject, key=self.run_id, family=run.family,
            model_type=run.model_type, framework=run.framework, config=run.config, fingerprint=run.fingerprint,
            payload=run.payload, uses=run.uses, seed=run.seed, code_version=self.code_version,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Run a quick test again"


def find_test(state: AppState, id: str, *, deleted: bool = False) -> RunRecord:
    """The quick test of that id. Raises CommandError not_found, also for a run of another kind."""
    run = state.runs.get(id)
    if run is None:
        raise no_test(short(id))
    if not is_test(run):
        raise CommandError(f"Run #{run.number} is not a quick test.", "id", code="not_found")
    if run.deleted_at is not None and not deleted:
        message = f"The quick test #{run.number} was deleted."
        raise CommandError(message, "id", "Restore it first.", code="not_found")
    return run


def no_test(which: str) -> CommandError:
    """The refusal of a test that nobody made."""
    return CommandError(
        f"There is no quick test {which}.", "id", "See the list of quick tests.", code="not_found"
    )


def is_test(run: RunRecord) -> bool:
    """Whether a run is a quick test."""
    return run.family == FAMILY and run.subject.kind == MODELS


def applying(settings: Mapping[str, Any], model: ModelConfig) -> dict[str, Any]:
    """A test's stored settings without a rating column that its model has no use for."""
    return {name: value for name, value in settings.items() if model.rates or name != "rating_column"}


def name_problems(name: str) -> list[FieldProblem]:
    """What is wrong with a test's name; none is fine."""
    name = tidy(name)
    if len(name) > MAX_NAME:
        return [
            FieldProblem("name", f"name must have at most {MAX_NAME} characters", code=Code.INVALID_VALUE)
        ]
    if not printable(name):
        return [FieldProblem("name", "name must have printable characters only", code=Code.INVALID_VALUE)]
    return []


def _payload(
    trial: Trial, features: FeatureConfigRecord, model: ModelConfigRecord, schema: Schema, name: str
) -> TrialPayload:
    user, item = schema.only("user_id"), schema.only("item_id")
    assert user is not None  # without these columns the features do not fit
    assert item is not None
    return TrialPayload(
        features=trial.features.model_dump(mode="json"),
        settings=trial.settings.model_dump(mode="json"),
        columns=Columns(
            user=user,
            item=item,
            timestamp=schema.only("timestamp"),
            types={info.column: info.data_type for info in schema.columns},
        ),
        features_of=_named(features),
        model_of=_named(model),
        overrides=trial.overrides,
        name=name,
    )


def _named(record: ConfigRecord) -> Named:
    return Named(name=record.name, id=record.id, version=record.version, hash=record.content_hash)


def _still_there(state: AppState, run: RunRecord, kind: str) -> Any:
    """The configuration that a test used, if it is not deleted. Raises CommandError conflict."""
    id = next((id for id in run.uses if id in state.of(kind)), "")
    try:
        return find(state, kind, id)
    except CommandError as error:
        hint = "Restore it first, or run the test again as it was."
        raise CommandError(error.message, f"{kind}_id", hint, code="conflict") from error


def require_same_data(state: AppState, run: RunRecord, what: str) -> None:
    """Raises CommandError conflict for a test whose data is gone or another by now; `what` cannot be done with it then."""
    dataset = state.datasets.get(state.dataset_of(run) or "")
    if dataset is None or dataset.deleted_at is not None or dataset.manifest is None:
        name = "its dataset" if dataset is None else f"the dataset {dataset.name}"
        raise conflict(
            f"Test #{run.number} cannot be {what}: {name} is gone.", "dataset_id", "DATA_MISSING",
            "Restore the dataset.",
        )  # fmt: skip
    if run.dataset is None or dataset.manifest.content_sha256 != run.dataset.content_sha256:
        raise conflict(
            f"Test #{run.number} cannot be {what}: the dataset {dataset.name} has changed since.",
            "dataset_id", "DATA_CHANGED", "Restore the data, or run the test again with the current data.",
        )  # fmt: skip
