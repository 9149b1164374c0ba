"""Commands about runs that people give: start, stop, resume, delete, restore, tag, note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.rules import (
    find_dataset,
    find_model,
    find_run,
    live_facts,
    model_type_of,
    next_number,
    put_run,
    refuse,
    weights_at,
)
from workbench.fields import FieldProblem, fingerprint
from workbench.ids import is_id
from workbench.kinds import RecordKind
from workbench.state import AppState, DatasetRecord, Kind, ModelRecord, RunRecord, RunState, Weights
from workbench.values import stored_value, validate_start


class StartRunCommand(Command):
    """Queue a run of a model: a snapshot of its whole config, its data's manifest, the labels' journal number, code and seed.

    Args:
        run_id: the new run's id, made beforehand so that its labels can be saved in its folder.
        framework: which workers may claim it. code_version: of the program that queues it.
        labels_artefact: where the labels at this moment are saved (written in the same transaction by the caller).
        reset_optimizer: start with fresh optimiser moments.
        settings_of: take the training settings of this earlier run of the model ("run again") instead of the model's own.
        weights_of: start from this earlier run's checkpoint instead of the model's kept weights.
        seed: of order and noise; default: the one in its settings.

    Facts: `dataset`, `validation_rows` (see `live_facts`); `weights_mismatches`, sentences of an audit of the weights' file.
    """

    run_id: str
    model_id: str
    framework: Literal["jax", "tensorflow"]
    code_version: str
    labels_artefact: str | None = None
    reset_optimizer: bool = False
    settings_of: str | None = None
    weights_of: str | None = None
    seed: int | None = None

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        if not is_id(Kind.RUN, self.run_id) or self.run_id in state.runs:
            raise CommandError(f"{self.run_id!r} cannot be a new run's id.", "run_id")
        training = model.training
        if self.settings_of is not None:
            training = _of_model(find_run(state, self.settings_of), model, "settings_of").training
        problems = start_problems(state, env, model, training)
        if problems:
            active = state.active_run(model.id)
            raise CommandError(
                " ".join(p.message for p in problems), problems[0].path, problems[0].hint,
                code="conflict" if active else "invalid", problems=problems,
            )  # fmt: skip
        dataset = find_dataset(state, model.dataset_id)
        assert dataset.manifest is not None
        number, counted = next_number(state, Kind.RUN)
        seed = self.seed if self.seed is not None else _seed_of(env, model, training)
        run = RunRecord(
            id=self.run_id, number=number, model_id=model.id, family=model.family, model_type=model.model_type, framework=self.framework,
            state=RunState.QUEUED, architecture=model.architecture, training=training, fingerprint=model.fingerprint, sample=model.sample,
            dataset=dataset.manifest, dataset_id=dataset.id, class_names=model.class_names, seed=seed, journal_seq=state.version,
            code_version=self.code_version, labels_artefact=self.labels_artefact, reset_optimizer=self.reset_optimizer,
            start_from=self._weights(state, model), created_at=env.now,
        )  # fmt: skip
        return (counted, Put(Kind.RUN, run.id, run))

    def _weights(self, state: AppState, model: ModelRecord) -> Weights | None:
        if self.weights_of is None:
            return model.weights
        run = _of_model(find_run(state, self.weights_of), model, "weights_of")
        checkpoint = run.best_checkpoint or run.last_checkpoint
        if checkpoint is None:
            raise CommandError(f"Run #{run.number} has no checkpoint to start from.", "weights_of")
        return weights_at(run, checkpoint)

    @property
    def words(self) -> str:
        return "Start a run"


def _seed_of(env: Env, model: ModelRecord, training: Mapping[str, Any]) -> int:
    seed = model_type_of(env, model.family, model.model_type).seed
    return 0 if seed is None else stored_value({"training": training}, seed, 0)


def start_problems(state: AppState, env: Env, model: ModelRecord, training: Mapping[str, Any] | None = None) -> tuple[FieldProblem, ...]:
    """Why a run of the model cannot start now; empty if it can. The same sentences serve Start's refusal and its tooltip."""
    active = state.active_run(model.id)
    if active is not None:
        sentence = f"Run #{active.number} of this model is {active.state.value} already. Stop it, or wait until it has ended."
        return (FieldProblem("model", sentence),)
    dataset = find_dataset(state, model.dataset_id, deleted=True)
    problems = [*_dataset_problems(dataset), *architecture_problems(state, env, model)]
    model_type = model_type_of(env, model.family, model.model_type)
    facts = live_facts(state, env, model)
    checked = validate_start(model_type, {**model.architecture, **(model.training if training is None else training)}, facts)
    problems += [FieldProblem(p.path, f"{p.path}: {p.message}.", p.value, p.hint) for p in checked.problems]
    return tuple(problems)


def architecture_problems(state: AppState, env: Env, model: ModelRecord) -> list[FieldProblem]:
    """Mismatches between a model's stored architecture, its fingerprint and its weights, with what to do."""
    model_type = model_type_of(env, model.family, model.model_type)
    try:
        architecture = model_type.architecture(**model.architecture)
    except ValueError as error:
        return [FieldProblem("architecture", f"The stored architecture cannot be read: {error}. {MISMATCH_HINT}")]
    resolved = model_type.resolve({**model.architecture, **model.training})
    own = fingerprint(model_type.name, architecture, resolved)
    problems = []
    if own != model.fingerprint:
        sentence = f"The stored architecture has fingerprint {own}, but the model was created with {model.fingerprint}. {MISMATCH_HINT}"
        problems.append(FieldProblem("architecture", sentence))
    weights = model.weights
    if weights is not None and weights.fingerprint != own:
        run = state.runs.get(weights.run_id)
        names = [n for n in model.architecture if run is not None and run.architecture.get(n) != model.architecture[n]]
        differing = f" They differ in {', '.join(names)}." if names else ""
        sentence = f"The architecture does not match the weights from {_run_words(run, weights)}.{differing} {MISMATCH_HINT}"
        problems.extend(FieldProblem(name, sentence) for name in names or ["architecture"])
    elif weights is not None and own == model.fingerprint:
        problems.extend(FieldProblem("weights", f"{sentence} {MISMATCH_HINT}") for sentence in env.facts.get("weights_mismatches", ()))
    return list({p.message: p for p in problems}.values())


MISMATCH_HINT = "Restore the store or the checkpoint from a backup, or clone the model and train the clone."


class RequestStopCommand(Command):
    """Ask a run to stop; one that is still queued ends at once. Asking twice changes nothing."""

    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id)
        if run.state is RunState.QUEUED:
            return put_run(run, state=RunState.STOPPED, reason="Stopped before it started.", stop_requested_at=env.now, ended_at=env.now)
        if not run.state.active:
            raise CommandError(f"Run #{run.number} has ended already ({run.state.value}).", "run", code="conflict")
        return () if run.stop_requested_at is not None else put_run(run, stop_requested_at=env.now)

    @property
    def words(self) -> str:
        return "Ask the run to stop"


class ResumeRunCommand(Command):
    """Queue a model's latest run again, to go on from its last checkpoint as its next attempt."""

    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id)
        model = find_model(state, run.model_id)
        refuse(resume_problems(state, env, run, model), code="conflict")
        return put_run(
            run, state=RunState.QUEUED, attempt=run.attempt + 1, reason="", error=None, stop_requested_at=None, ended_at=None
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Resume the run"


def resume_problems(state: AppState, env: Env, run: RunRecord, model: ModelRecord) -> tuple[FieldProblem, ...]:
    """Why a run cannot be resumed now; empty if it can."""
    active = state.active_run(model.id)
    if active is not None:
        return (
            FieldProblem(
                "run", f"Run #{active.number} of this model is {active.state.value} already. Stop it, or wait until it has ended."
            ),
        )
    if not run.state.resumable:
        return (FieldProblem("run", f"Run #{run.number} is {run.state.value}; only a stopped, failed or interrupted run can be resumed."),)
    latest = state.runs_of(model.id)[0]
    if latest.id != run.id:
        sentence = f"Run #{latest.number} is newer; only a model's latest run can be resumed. Start a new run from this one's checkpoint."
        return (FieldProblem("run", sentence),)
    if run.last_checkpoint is None:
        return (FieldProblem("run", f"Run #{run.number} has no checkpoint to go on from. Start a new run."),)
    if run.fingerprint != model.fingerprint:
        return (FieldProblem("architecture", f"The run's architecture does not match the model's. {MISMATCH_HINT}"),)
    return tuple(_dataset_problems(find_dataset(state, run.dataset_id, deleted=True), run))


def require_run_deletable(state: AppState, run: RunRecord) -> None:
    """Raise CommandError conflict for a run that is active, or whose weights a live model uses."""
    if run.state.active:
        raise CommandError(
            f"Run #{run.number} is {run.state.value}; stop it before deleting it.", "run", "Stop and delete.", code="conflict"
        )
    model = state.models.get(run.model_id)
    if model is not None and model.deleted_at is None and model.weights is not None and model.weights.run_id == run.id:
        raise CommandError(
            f"The model {model.name} uses the weights of run #{run.number}.",
            "run",
            "Train the model anew, or delete the model.",
            code="conflict",
        )


def _of_model(run: RunRecord, model: ModelRecord, field: str) -> RunRecord:
    if run.model_id != model.id:
        raise CommandError(f"Run #{run.number} belongs to another model.", field)
    return run


def _dataset_problems(dataset: DatasetRecord, run: RunRecord | None = None) -> list[FieldProblem]:
    if dataset.deleted_at is not None:
        return [FieldProblem("dataset", f"The dataset {dataset.name} was deleted. Restore it first.")]
    if dataset.status == "failed":
        return [FieldProblem("dataset", f"The dataset {dataset.name} cannot be used: {dataset.error}")]
    if dataset.status != "ready" or dataset.manifest is None:
        return [FieldProblem("dataset", f"The dataset {dataset.name} is still being prepared.")]
    if run is not None and dataset.manifest.content_sha256 != run.dataset.content_sha256:
        return [FieldProblem("dataset", f"The dataset {dataset.name} has changed since the run started. Start a new run.")]
    return []


def _run_words(run: RunRecord | None, weights: Weights) -> str:
    return f"run #{run.number}" if run is not None else f"run {weights.run_id}"


RUN = RecordKind(Kind.RUN, "run", RunRecord, "run", deletable=require_run_deletable)
"""What the core knows of runs as records."""
