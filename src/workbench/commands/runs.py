"""Commands about runs that people give: start, stop, resume, delete, restore, tag, note."""

from __future__ import annotations

from typing import Any, ClassVar

from workbench.commands.base import Changes, Command, CommandError, Env, Put
from workbench.commands.confirming import require_confirmed
from workbench.commands.rules import (
    ModelFacts,
    facts_now,
    find_model,
    find_run,
    model_type_of,
    next_number,
    put_run,
    refuse,
    weights_at,
)
from workbench.families import Beginning, ModelType
from workbench.fields import FieldProblem, fingerprint, structural_fields, structural_part, with_name
from workbench.ids import is_id
from workbench.kinds import RecordKind, kind_of
from workbench.roles import Role
from workbench.state import AppState, Kind, ModelRecord, RunRecord, RunState, Subject, Weights
from workbench.values import Stored, configs_of, resolved_of, stored_value, stored_values, validate_start


class StartRunCommand(Command):
    """Queue a run of a model: a snapshot of its whole config, its data's manifest, the labels' journal number, code and seed.

    Args:
        run_id: the new run's id, made beforehand so that files could be saved in its folder.
        framework: which workers may claim it. code_version: of the program that queues it.
        reset_optimizer: start with fresh optimiser moments.
        settings_of: take the settings of this earlier run of the model ("run again") instead of the model's own.
        weights_of: start from this earlier run's checkpoint instead of the model's kept weights.
        seed: of order and noise; default: the one in its settings.
        confirmed: that it is to start whatever its family foresees.

    Facts: `ModelFacts`.
    """

    role: ClassVar[Role] = "train"
    run_id: str
    model_id: str
    framework: str
    code_version: str
    reset_optimizer: bool = False
    settings_of: str | None = None
    weights_of: str | None = None
    seed: int | None = None
    confirmed: bool = False

    def decide(self, state: AppState, env: Env) -> Changes:
        model = find_model(state, self.model_id)
        config = model.config
        if self.settings_of is not None:
            config = _of_model(find_run(state, self.settings_of), model, "settings_of").config
        problems = start_problems(state, env, model, config)
        if problems:
            active = state.active_run(model.id)
            raise CommandError(
                " ".join(p.message for p in problems), problems[0].path, problems[0].hint,
                code="conflict" if active else "invalid", problems=problems,
            )  # fmt: skip
        require_confirmed(foreseen(state, env, model, config), confirmed=self.confirmed)
        return run_of_model(
            state, env, model, config, run_id=self.run_id, key=model.id, seed=self.seed, framework=self.framework,
            code_version=self.code_version, reset_optimizer=self.reset_optimizer, start_from=self._weights(state, model),
        )  # fmt: skip

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


def run_of_model(
    state: AppState, env: Env, model: ModelRecord, config: Stored, *, run_id: str, key: str, seed: int | None = None, **more: Any
) -> Changes:
    """The changes that queue a run of a model with a config, which may be another than the model's own; `seed`: default: the config's.

    The rest as in `queued_run`.
    """
    model_type = model_type_of(env, model.family, model.model_type)
    held = model_type.holds.for_run(model_type.holds.payload.model_validate(model.payload), run_id, len(state.labels.get(model.id, {})))
    return queued_run(
        state, env, run_id=run_id, subject=Subject(kind=Kind.MODEL, id=model.id), key=key, family=model.family,
        model_type=model.model_type, config=config, fingerprint=model.fingerprint, payload=held.model_dump(mode="json"),
        uses=model.uses, seed=_seed_of(model_type, config) if seed is None else seed, **more,
    )  # fmt: skip


def queued_run(state: AppState, env: Env, *, run_id: str, subject: Subject, key: str, uses: tuple[str, ...], **more: Any) -> Changes:
    """The changes that queue a new run, for the commands that start one: a model's, or a family's own about its records.

    Args:
        key: of the runs with the same key only one may be active; a run that may stand beside any other has its own id as key.
        uses: ids of records it is started with; the first dataset among them is its data, whose manifest is kept with it.
        more: the other fields of the record (see `RunRecord`).

    Raises CommandError for an id that is taken or none, and for a key under which a run is active.
    """
    if not is_id(Kind.RUN, run_id) or run_id in state.runs:
        raise CommandError(f"{run_id!r} cannot be a new run's id.", "run_id")
    active = state.active_run(key)
    if active is not None:
        raise CommandError(_active_words(active), subject.kind, code="conflict")
    number, counted = next_number(state, Kind.RUN)
    dataset = next((state.datasets[id] for id in uses if id in state.datasets), None)
    run = RunRecord(
        id=run_id, number=number, subject=subject, key=key, uses=uses, state=RunState.QUEUED,
        dataset=dataset.manifest if dataset else None, journal_seq=state.version, created_at=env.now, **more,
    )  # fmt: skip
    return (counted, Put(Kind.RUN, run.id, run))


def _active_words(active: RunRecord) -> str:
    word = kind_of(active.subject.kind).word
    return f"Run #{active.number} of this {word} is {active.state.value} already. Stop it, or wait until it has ended."


def _seed_of(model_type: ModelType, config: Stored) -> int:
    return 0 if model_type.seed is None else stored_value(config, model_type.seed, 0)


def start_problems(state: AppState, env: Env, model: ModelRecord, config: Stored | None = None) -> tuple[FieldProblem, ...]:
    """Why a run of the model cannot start now; empty if it can. The same sentences serve Start's refusal and its tooltip."""
    active = state.active_run(model.id)
    if active is not None:
        return (FieldProblem("model", _active_words(active)),)
    return beginning_problems(state, env, model, model.config if config is None else config)


def beginning_problems(state: AppState, env: Env, model: ModelRecord, config: Stored) -> tuple[FieldProblem, ...]:
    """Why no run of the model with that config can begin, whatever else runs; empty if one can."""
    problems = [*_data_problems(state, model), *architecture_problems(state, env, model)]
    model_type = model_type_of(env, model.family, model.model_type)
    checked = validate_start(model_type, config, facts_now(state, env, model))
    problems += [FieldProblem(p.path, f"{with_name(p.path, p.message).removesuffix('.')}.", p.value, p.hint) for p in checked.problems]
    return tuple(problems)


def foreseen(state: AppState, env: Env, model: ModelRecord, config: Stored) -> FieldProblem | None:
    """What the model's family doubts about a run that starts now; None for nothing, or where nobody looked."""
    known = env.known(ModelFacts)
    model_type = model_type_of(env, model.family, model.model_type)
    foresees = model_type.holds.foresees
    if known is None or foresees is None:
        return None
    held, configs = model_type.holds.payload.model_validate(model.payload), configs_of(model_type, config)
    return foresees.load()(Beginning(facts_now(state, env, model), held, configs, known.memory_limit))


def architecture_problems(state: AppState, env: Env, model: ModelRecord) -> list[FieldProblem]:
    """Mismatches between a model's stored architecture, its fingerprint and its weights, with what to do."""
    model_type = model_type_of(env, model.family, model.model_type)
    try:
        configs = configs_of(model_type, model.config)
    except ValueError as error:
        return [FieldProblem("architecture", f"The stored architecture cannot be read: {error}. {MISMATCH_HINT}")]
    own = fingerprint(model_type.name, configs.values(), resolved_of(model_type, model.config))
    problems = []
    if own != model.fingerprint:
        sentence = f"The stored architecture has fingerprint {own}, but the model was created with {model.fingerprint}. {MISMATCH_HINT}"
        problems.append(FieldProblem("architecture", sentence))
    weights = model.weights
    if weights is not None and weights.fingerprint != own:
        run = state.runs.get(weights.run_id)
        names = [] if run is None else _locked_differences(model_type, run.config, model.config)
        differing = f" They differ in {', '.join(names)}." if names else ""
        sentence = f"The architecture does not match the weights from {_run_words(run, weights)}.{differing} {MISMATCH_HINT}"
        problems.extend(FieldProblem(name, sentence) for name in names or ["architecture"])
    elif weights is not None and own == model.fingerprint:
        problems.extend(
            FieldProblem("weights", f"{sentence} {MISMATCH_HINT}")
            for sentence in (env.known(ModelFacts) or ModelFacts()).weights_mismatches
        )
    return list({p.message: p for p in problems}.values())


MISMATCH_HINT = "Restore the store or the checkpoint from a backup, or clone the model and train the clone."


class RequestStopCommand(Command):
    """Ask a run to stop; one that is still queued ends at once. Asking twice changes nothing."""

    role: ClassVar[Role] = "train"
    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id)
        if run.state is RunState.QUEUED:
            reason = f"{kind_of(run.subject.kind).run_words.stopped} before it started."
            return put_run(run, state=RunState.STOPPED, reason=reason, stop_requested_at=env.now, ended_at=env.now)
        if not run.state.active:
            raise CommandError(f"Run #{run.number} has ended already ({run.state.value}).", "run", code="conflict")
        return () if run.stop_requested_at is not None else put_run(run, stop_requested_at=env.now)

    @property
    def words(self) -> str:
        return "Ask the run to stop"


class ResumeRunCommand(Command):
    """Queue a run again, to go on from its last checkpoint as its next attempt; of the runs with one key the latest alone."""

    role: ClassVar[Role] = "train"
    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        run = find_run(state, self.run_id)
        refuse(resume_problems(state, run), code="conflict")
        return put_run(
            run, state=RunState.QUEUED, attempt=run.attempt + 1, lost_starts=0, reason="", error=None, stop_requested_at=None,
            ended_at=None,
        )  # fmt: skip

    @property
    def words(self) -> str:
        return "Resume the run"


def resume_problems(state: AppState, run: RunRecord) -> tuple[FieldProblem, ...]:
    """Why a run cannot be resumed now; empty if it can. Raises CommandError not_found for a run of a model that is gone."""
    model = find_model(state, run.subject.id) if run.subject.kind == Kind.MODEL else None
    kind = kind_of(run.subject.kind)
    called = f"{kind.run_word.capitalize()} #{run.number}"
    active = state.active_run(run.key)
    if active is not None:
        return (FieldProblem("run", _active_words(active)),)
    if not run.state.resumable:
        sentence = f"{called} is {run.state.value}; only a stopped, failed or interrupted {kind.run_word} can be resumed."
        return (FieldProblem("run", sentence),)
    latest = next((other for other in state.runs_of(run.subject.id) if other.key == run.key), run)
    if latest.id != run.id:
        sentence = (
            f"Run #{latest.number} is newer; only a {kind.word}'s latest run can be resumed. Start a new run from this one's checkpoint."
        )
        return (FieldProblem("run", sentence),)
    if run.last_checkpoint is None:
        return (FieldProblem("run", f"{called} has no checkpoint to go on from. {kind.run_again}"),)
    if model is not None and run.fingerprint != model.fingerprint:
        return (FieldProblem("architecture", f"The run's architecture does not match the model's. {MISMATCH_HINT}"),)
    return tuple(_data_problems(state, run))


def require_run_deletable(state: AppState, run: RunRecord) -> None:
    """Raise CommandError conflict for a run that is active, or whose weights a live model uses."""
    if run.state.active:
        raise CommandError(
            f"Run #{run.number} is {run.state.value}; stop it before deleting it.", "run", "Stop and delete.", code="conflict"
        )
    model = state.model_of(run)
    if model is not None and model.deleted_at is None and model.weights is not None and model.weights.run_id == run.id:
        raise CommandError(
            f"The model {model.name} uses the weights of run #{run.number}.",
            "run",
            "Train the model anew, or delete the model.",
            code="conflict",
        )


def _of_model(run: RunRecord, model: ModelRecord, field: str) -> RunRecord:
    if run.subject.id != model.id:
        raise CommandError(f"Run #{run.number} belongs to another model.", field)
    return run


def _data_problems(state: AppState, record: ModelRecord | RunRecord) -> list[FieldProblem]:
    """What is wrong with the data that a model or a run was made on; nothing for one without data."""
    dataset_id = state.dataset_of(record)
    if dataset_id is None:
        return []
    dataset = state.datasets[dataset_id]
    if dataset.deleted_at is not None:
        return [FieldProblem("dataset", f"The dataset {dataset.name} was deleted. Restore it first.")]
    if dataset.status == "failed":
        return [FieldProblem("dataset", f"The dataset {dataset.name} cannot be used: {dataset.error}")]
    if dataset.status != "ready" or dataset.manifest is None:
        return [FieldProblem("dataset", f"The dataset {dataset.name} is still being prepared.")]
    then = record.dataset if isinstance(record, RunRecord) else None
    if then is not None and dataset.manifest.content_sha256 != then.content_sha256:
        return [FieldProblem("dataset", f"The dataset {dataset.name} has changed since the run started. Start a new run.")]
    return []


def _locked_differences(model_type: ModelType, before: Stored, after: Stored) -> list[str]:
    """Paths of structural fields in which two stored configs differ."""
    then, now = stored_values(model_type.fields, before), stored_values(model_type.fields, after)
    return [
        spec.name
        for config_type in model_type.sections.values()
        for spec in structural_fields(config_type)
        if structural_part(spec, then.get(spec.name)) != structural_part(spec, now.get(spec.name))
    ]


def _run_words(run: RunRecord | None, weights: Weights) -> str:
    return f"run #{run.number}" if run is not None else f"run {weights.run_id}"


RUN = RecordKind(Kind.RUN, "run", RunRecord, "run", deletable=require_run_deletable)
"""What the core knows of runs as records."""
