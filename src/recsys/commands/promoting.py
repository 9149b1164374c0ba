"""The command that makes a model of a quick test and queues its first run.

The model is one like any other: its architecture is locked, its training stays tunable, its runs are resumed and
reported as usual. It says which test it goes back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from recsys.commands.configs import tidy
from recsys.commands.facts import SchemaFacts
from recsys.commands.foreseen import memory_doubt
from recsys.commands.quick_tests import applying, find_test, require_same_data
from recsys.commands.refusing import conflict
from recsys.commands.trial_checks import checked_trial
from recsys.features.config import FeatureConfig
from recsys.model.facts import schedule_of
from recsys.quick_tests import status_of
from recsys.records import model_of, sections_of
from recsys.trial import Overrides, TestedIn, TrialPayload, TrialSettings
from workbench.commands.base import Changes, Command, Env, Facts, Put
from workbench.commands.confirming import require_confirmed
from workbench.commands.models import CreateModelCommand
from workbench.commands.rules import ModelFacts, free_name, refuse
from workbench.commands.runs import queued_run
from workbench.fields import FieldProblem, field_specs, spec_of
from workbench.kinds import MAX_NAME
from workbench.roles import Role
from workbench.state import AppState, Kind, ModelRecord, RunRecord, Subject

SPLIT = tuple(
    spec.name
    for spec in field_specs(TrialSettings)
    if spec.section == spec_of(TrialSettings, "split").section
)
SAMPLE = ("sample_percent", "sample_unit")
CHANGEABLE = (*SPLIT, *SAMPLE)
"""Settings of a test that its full run may have otherwise; everything else is what was tested."""


@dataclass(frozen=True)
class PromotionFacts(Facts):
    """What is known of the test's dataset: its columns, and its family's facts of it."""

    schema: SchemaFacts
    data: Any


class PromoteQuickTestCommand(Command):
    """Make a model of a completed test's copies and queue a run of it: another sample, split or length, the same code.

    What the test trained with, overrides applied, becomes the model's own training.

    Args:
        model_id, run_id: the new records' ids. of: the test's.
        name: the model's; default: the test's own, or those of its configurations.
        epochs: default: those of the test. settings: of `CHANGEABLE`; a `split` takes the place of all that the test said of it.
        confirmed: that it is to start although it may not fit into memory.

    Facts: `PromotionFacts`.
    """

    role: ClassVar[Role] = "train"
    model_id: str
    run_id: str
    of: str
    code_version: str
    name: str | None = None
    epochs: int | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012 (pydantic copies it)
    confirmed: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        test = find_test(state, self.of)
        _require_completed(test)
        require_same_data(state, test, "promoted")
        facts = env.require(PromotionFacts)
        tested = TrialPayload.model_validate(test.payload)
        payload = self._payload(state, test, tested, facts)
        created = CreateModelCommand(
            model_id=self.model_id, name=_named(self.name) or free_name(state, Kind.MODEL, title(tested)),
            family=test.family, model_type=test.model_type, dataset_id=state.dataset_of(test),
            config=self._config(test, tested), payload=payload.model_dump(mode="json"), tags=test.tags,
        ).decide(state, replace(env, facts=ModelFacts(data=facts.data)))  # fmt: skip
        model = next(
            change.record for change in created if isinstance(change, Put) and change.kind == Kind.MODEL
        )
        assert isinstance(model, ModelRecord)
        recommender = model_of(model.config)
        doubt = memory_doubt(
            FeatureConfig.model_validate(payload.features), recommender, TrialSettings.model_validate(payload.settings),
            schedule_of(recommender), facts.schema,
        )  # fmt: skip
        require_confirmed(doubt, confirmed=self.confirmed)
        queued = queued_run(
            state, env, run_id=self.run_id, subject=Subject(kind=Kind.MODEL, id=model.id), key=model.id, family=model.family,
            model_type=model.model_type, framework=test.framework, config=model.config, fingerprint=model.fingerprint,
            payload=model.payload, uses=model.uses, seed=test.seed, code_version=self.code_version,
        )  # fmt: skip
        return (*created, *queued)

    @property
    def words(self) -> str:
        return "Promote a quick test"

    def said(self, state: AppState, env: Env) -> str:
        test = state.runs.get(self.of)
        return self.words if test is None else f"Promote quick test #{test.number}"

    def _config(self, test: RunRecord, tested: TrialPayload) -> dict[str, dict[str, Any]]:
        """The test's configuration with what it trained with in place. Raises CommandError for what no model can have."""
        changes = {name: value for name, value in tested.overrides.model_dump().items() if value is not None}
        if self.epochs is not None:
            changes["epochs"] = self.epochs
        idle = [name for name in ("epochs", "learning_rate") if changes.get(name) == 0]
        refuse([_idle(test, name) for name in idle])
        config = sections_of(model_of(test.config))
        return {**config, "training": {**config["training"], **changes}}

    def _payload(
        self, state: AppState, test: RunRecord, tested: TrialPayload, facts: PromotionFacts
    ) -> TrialPayload:
        """What the model keeps. Raises CommandError for settings that the data does not allow."""
        dataset_id = state.dataset_of(test)
        assert dataset_id is not None  # its data is the same
        refuse(
            FieldProblem(
                name, f"{name} is what was tested and stays; a full run may change {', '.join(CHANGEABLE)}."
            )
            for name in self.settings
            if name not in CHANGEABLE
        )
        recommender = model_of(test.config)
        trial, problems = checked_trial(
            FeatureConfig.model_validate(tested.features), recommender, state.datasets[dataset_id], facts.schema,
            settings=changed_settings(applying(tested.settings, recommender), self.settings), overrides={},
        )  # fmt: skip
        refuse(problems)
        assert trial is not None  # without one there are problems
        return tested.model_copy(
            update={
                "settings": trial.settings.model_dump(mode="json"),
                "overrides": Overrides(),
                "name": "",
                "promoted_from": TestedIn(id=test.id, number=test.number),
            }
        )


def changed_settings(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A test's settings with others in their place; another split begins from its own defaults."""
    kept = {name: value for name, value in before.items() if "split" not in changes or name not in SPLIT}
    return {**kept, **changes}


def promotions(state: AppState, test: RunRecord) -> tuple[ModelRecord, ...]:
    """The models made of a test that are not deleted, oldest first."""
    found = [
        model
        for model in state.models.values()
        if model.family == test.family and model.deleted_at is None and _origin(model) == test.id
    ]
    return tuple(sorted(found, key=lambda model: model.number))


def _origin(model: ModelRecord) -> str | None:
    origin = model.payload.get("promoted_from")
    return None if origin is None else origin["id"]


def title(tested: TrialPayload) -> str:
    """What a model is called that nobody named: as the test, or as both of its configurations."""
    model = "" if tested.model_of is None else f" + {tested.model_of.name}"
    words = tested.name or f"{tested.features_of.name}{model}"
    return words if len(words) <= MAX_NAME else f"{words[: MAX_NAME - 1].rstrip()}…"


def _named(name: str | None) -> str:
    return "" if name is None else tidy(name)


def _require_completed(test: RunRecord) -> None:
    word = status_of(test).word
    if word != "completed":
        hint = "Wait until it has completed." if test.state.active else "Run it again first."
        message = f"Test #{test.number} is {word}; only a completed one can be promoted."
        raise conflict(message, "id", "NOT_COMPLETED", hint)


def _idle(test: RunRecord, name: str) -> FieldProblem:
    hint = (
        "Say how many epochs the full run has."
        if name == "epochs"
        else "Promote a test with a learning rate above 0."
    )
    return FieldProblem(
        name, f"Test #{test.number} had {name} 0, with which a model learns nothing.", 0, hint
    )
