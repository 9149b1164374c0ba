"""Quick tests as pages, REST and the command line see them: check, start, run again, promote, cancel, delete, find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from recsys.commands.promoting import PromoteQuickTestCommand, PromotionFacts, promotions
from recsys.commands.quick_tests import (
    Mode,
    RerunQuickTestCommand,
    StartQuickTestCommand,
    find_test,
    is_test,
    name_problems,
    no_test,
)
from recsys.commands.trial_checks import checked_trial
from recsys.issues import Issue, ranked
from recsys.model.compat import incompatible, with_target
from recsys.records import FEATURES, MODELS, FeatureConfigRecord, ModelConfigRecord
from recsys.services.exporting import write_export
from recsys.services.finding import Key, find_by, not_readable, number_of, schema_facts
from workbench.commands.base import CommandError, Facts
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem
from workbench.ids import new_id
from workbench.runs.code_version import code_version
from workbench.state import AppState, Kind, ModelRecord, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench


class QuickTests:
    """The quick tests of one workbench. Keys are ids or numbers (see `finding.Key`)."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def list(self) -> tuple[RunRecord, ...]:
        """Those that are not deleted, newest first."""
        found = [r for r in self._workbench.state().runs.values() if r.deleted_at is None and is_test(r)]
        return tuple(sorted(found, key=lambda r: r.number, reverse=True))

    def get(self, key: Key, *, deleted: bool = False) -> RunRecord:
        """One of them. Raises CommandError not_found."""
        state, number = self._workbench.state(), number_of(key)
        if number is None:
            return find_test(state, str(key), deleted=deleted)
        found = next((run for run in state.runs.values() if run.number == number), None)
        if found is None:
            raise no_test(f"#{number}")
        return find_test(state, found.id, deleted=deleted)

    def problems(
        self,
        *,
        feature_config: Key,
        model_config: Key,
        name: str = "",
        settings: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> tuple[FieldProblem, ...]:
        """Why a test would be refused now, all of it; empty if it can start. Raises CommandError not_found."""
        features, model = self._pair(feature_config, model_config)
        try:
            facts = schema_facts(self._workbench, features.dataset_id)
        except CommandError as error:
            if error.code == "not_found":
                raise
            return error.problems
        dataset = self._workbench.state().datasets[features.dataset_id]
        _, found = checked_trial(
            features.features,
            model.recommender,
            dataset,
            facts,
            settings=settings or {},
            overrides=overrides or {},
        )
        return (*name_problems(name), *found)

    def issues(
        self, *, feature_config: Key, model_config: Key, rating_column: str | None = None
    ) -> tuple[Issue, ...]:
        """How features and model fit, errors first, with what is only worth knowing. Raises CommandError."""
        features, model = self._pair(feature_config, model_config)
        schema = schema_facts(self._workbench, features.dataset_id).schema
        used = with_target(features.features, model.recommender, rating_column)
        return ranked(incompatible(used, model.recommender, schema, rating_column=rating_column))

    def start(
        self,
        *,
        actor: str,
        feature_config: Key,
        model_config: Key,
        name: str = "",
        settings: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
        confirmed: bool = False,
        run_id: str | None = None,
    ) -> RunRecord:
        """Queue a test, and see to a worker. Raises CommandError with everything that keeps it from starting.

        Args:
            settings: of `TrialSettings`. overrides: of `Overrides`. confirmed: it may start although its memory may not do.
            run_id: the id that it gets, if the caller has made one.
        """
        features, model = self._pair(feature_config, model_config)
        facts = schema_facts(self._workbench, features.dataset_id)
        self._require_unchanged(features.dataset_id)
        command = StartQuickTestCommand(
            run_id=run_id or new_id(Kind.RUN), feature_config_id=features.id, model_config_id=model.id,
            code_version=code_version(), name=name, settings=dict(settings or {}),
            overrides=dict(overrides or {}), confirmed=confirmed,
        )  # fmt: skip
        return self._launch(command, actor, facts)

    def rerun(
        self,
        *,
        actor: str,
        key: Key,
        mode: Mode = "snapshot",
        confirmed: bool = False,
        run_id: str | None = None,
    ) -> RunRecord:
        """Queue a test again: as it was, or with its configurations as they are now. Raises CommandError."""
        run = self.get(key)
        facts: Facts | None = None
        dataset_id = self._workbench.state().dataset_of(run)
        if mode == "current":
            facts = self._facts_now(run)
        elif dataset_id is not None and self._is_live(dataset_id):
            self._require_unchanged(dataset_id)
            facts = schema_facts(self._workbench, dataset_id)
        command = RerunQuickTestCommand(
            run_id=run_id or new_id(Kind.RUN), of=run.id, code_version=code_version(), mode=mode, confirmed=confirmed
        )  # fmt: skip
        return self._launch(command, actor, facts)

    def promote(
        self,
        *,
        actor: str,
        key: Key,
        name: str | None = None,
        epochs: int | None = None,
        settings: Mapping[str, Any] | None = None,
        confirmed: bool = False,
        model_id: str | None = None,
        run_id: str | None = None,
    ) -> RunRecord:
        """Make a model of a completed test and queue its first run, which is returned. Raises CommandError.

        Args:
            name: the model's. epochs: instead of the test's. settings: of `promoting.CHANGEABLE`, those that differ.
            model_id, run_id: the ids that they get, if the caller has made them.
        """
        test, state = self.get(key), self._workbench.state()
        dataset_id = state.dataset_of(test)
        facts: Facts | None = None
        if dataset_id is not None and self._is_live(dataset_id):
            self._require_unchanged(dataset_id)
            facts = PromotionFacts(
                schema_facts(self._workbench, dataset_id), self._workbench.datasets.facts(dataset_id)
            )
        command = PromoteQuickTestCommand(
            model_id=model_id or new_id(Kind.MODEL), run_id=run_id or new_id(Kind.RUN), of=test.id,
            code_version=code_version(), name=name, epochs=epochs, settings=dict(settings or {}),
            confirmed=confirmed,
        )  # fmt: skip
        return self._launch(command, actor, facts)

    def promoted(self, key: Key) -> tuple[ModelRecord, ...]:
        """The models made of a test that are not deleted, oldest first. Raises CommandError not_found."""
        return promotions(self._workbench.state(), self.get(key, deleted=True))

    def export(self, key: Key, stream: IO[bytes]) -> None:
        """Write a test that has ended as one zip file (see `write_export`). Raises CommandError, ArtefactError."""
        write_export(self._workbench, self.get(key), stream)

    def delete(self, *, actor: str, key: Key, expected_version: int | None = None) -> RunRecord:
        """Mark a test deleted that has ended. Raises CommandError conflict for another one, VersionConflict."""
        return self._workbench.runs.delete(
            actor=actor, run_id=self.get(key).id, expected_version=expected_version
        )

    def restore(self, *, actor: str, key: Key) -> RunRecord:
        """Bring a deleted test back. Raises CommandError not_found."""
        return self._workbench.runs.restore(actor=actor, run_id=self.get(key, deleted=True).id)

    def resume(self, *, actor: str, key: Key) -> RunRecord:
        """Have a test go on from its last checkpoint. Raises CommandError conflict for one that has none, or that goes on already."""
        return self._workbench.runs.resume(actor=actor, run_id=self.get(key).id)

    def cancel(self, *, actor: str, key: Key) -> RunRecord:
        """Ask a test to stop; a pending one ends at once. Raises CommandError conflict for one that has ended."""
        return self._workbench.runs.request_stop(actor=actor, run_id=self.get(key).id)

    def _pair(self, feature_config: Key, model_config: Key) -> tuple[FeatureConfigRecord, ModelConfigRecord]:
        state = self._workbench.state()
        return find_by(state, FEATURES, feature_config), find_by(state, MODELS, model_config)

    def _launch(
        self,
        command: StartQuickTestCommand | RerunQuickTestCommand | PromoteQuickTestCommand,
        actor: str,
        facts: Facts | None,
    ) -> RunRecord:
        return self._workbench.runs.launch(command, actor=actor, run_id=command.run_id, facts=facts)

    def _facts_now(self, run: RunRecord) -> Facts | None:
        """Facts of the dataset of a test's feature configuration; None where that is gone, which the command says."""
        record = _feature_config_of(self._workbench.state(), run)
        return None if record is None else schema_facts(self._workbench, record.dataset_id)

    def _is_live(self, dataset_id: str) -> bool:
        return self._workbench.state().datasets[dataset_id].deleted_at is None

    def _require_unchanged(self, dataset_id: str) -> None:
        try:
            self._workbench.datasets.require_unchanged(dataset_id)
        except DatasetError as error:
            raise not_readable(error) from error


def _feature_config_of(state: AppState, run: RunRecord) -> FeatureConfigRecord | None:
    known = state.of(FEATURES)
    found = next((known[id] for id in run.uses if id in known), None)
    return found if found is not None and found.deleted_at is None else None
