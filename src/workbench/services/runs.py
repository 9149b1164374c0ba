"""Runs as pages, REST and the command line see them: start, stop, resume, follow, and the files they leave."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workbench import families
from workbench.artefacts import ArtefactRoot
from workbench.artefacts.names import parts_of
from workbench.clock import utc_now
from workbench.commands.base import Command, CommandError, Env, Facts
from workbench.commands.records import DeleteCommand, NoteCommand, RestoreCommand, TagCommand
from workbench.commands.rules import find_model, find_run
from workbench.commands.runs import (
    RequestStopCommand,
    ResumeRunCommand,
    StartRunCommand,
    foreseen,
    resume_problems,
    start_problems,
)
from workbench.datasets import DatasetError
from workbench.fields import FieldProblem
from workbench.ids import new_id, require_id
from workbench.runs import archive, events, leases
from workbench.runs.code_version import code_version
from workbench.runs.events import EventPage, NewEvent, StoredEvent
from workbench.runs.executor import Executor, executor_of
from workbench.runs.folder import ArtefactEntry, folder_of, list_files, read_manifest
from workbench.runs.obstacles import nobody_takes, obstacle
from workbench.runs.queueing import taker_command, waiting_words
from workbench.runs.rates import known_rate, reached_rate, told_rate
from workbench.runs.reconciler import Reconciler
from workbench.runs.starting import ExecutorError
from workbench.runs.verified import VerifiedFiles
from workbench.services.datasets import DatasetService
from workbench.services.models import ModelService
from workbench.settings import Settings
from workbench.state import Kind, LabelValue, RunRecord
from workbench.store.store import Store

FOLLOW_SECONDS = 0.2
"""How often `follow` looks for new events."""


class RunService:
    """Runs of one workbench. `executor` says where they are carried out, if not as the settings say."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        artefacts: ArtefactRoot,
        datasets: DatasetService,
        models: ModelService,
        executor: Executor | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._artefacts = artefacts
        self._datasets = datasets
        self._models = models
        self.executor: Executor = executor or executor_of(store, settings)
        self.files = VerifiedFiles(artefacts)
        self._reconciler = Reconciler(store, settings, self.executor, chore=lambda: archive.archive_old(store, artefacts))

    def preflight(self, model_id: str) -> tuple[str, ...]:
        """Why Start would be refused now, in sentences; empty if a run may start. Raises CommandError not_found."""
        state = self._store.state()
        model = find_model(state, model_id)
        try:
            facts = self._models.facts(model)
        except CommandError as error:
            return (error.message,)
        return tuple(problem.message for problem in start_problems(state, self._env(facts), model))

    def doubt(self, model_id: str) -> FieldProblem | None:
        """What somebody would have to say yes to before a run of the model; None for nothing. Raises CommandError."""
        state = self._store.state()
        model = find_model(state, model_id)
        return foreseen(state, self._env(self._models.facts(model)), model, model.config)

    def why_not_resume(self, run_id: str) -> tuple[str, ...]:
        """Why Resume would be refused now, in sentences; empty if the run may go on. Raises CommandError not_found."""
        state = self._store.state()
        run = find_run(state, run_id)
        found = resume_problems(state, run)
        return tuple(problem.message for problem in found) or self.files.resume_problems(run)

    def start(
        self,
        *,
        actor: str,
        model_id: str,
        reset_optimizer: bool = False,
        settings_of: str | None = None,
        weights_of: str | None = None,
        seed: int | None = None,
        confirmed: bool = False,
        run_id: str | None = None,
    ) -> RunRecord:
        """Queue a run with the model's settings and labels as they are now, and see to a worker. Raises CommandError.

        Args:
            run_id: the id that it gets, if the caller has made one.
            settings_of: an earlier run whose training settings to use. weights_of: one from whose checkpoint to start.
            confirmed: somebody said yes to what its family foresees; without that, a doubt is refused (`NeedsConfirmation`).
        """
        model = find_model(self._store.state(), model_id)
        facts = self._models.facts(model)
        dataset_id = self._store.state().dataset_of(model)
        if dataset_id is not None:
            self._require_unchanged_data(dataset_id)
        run_id = new_id(Kind.RUN) if run_id is None else require_id(Kind.RUN, run_id)
        command = StartRunCommand(
            run_id=run_id,
            model_id=model_id,
            framework=families.family(model.family).framework,
            code_version=code_version(),
            reset_optimizer=reset_optimizer,
            settings_of=settings_of,
            weights_of=weights_of,
            seed=seed,
            confirmed=confirmed,
        )
        return self.launch(command, actor=actor, run_id=run_id, facts=facts)

    def launch(self, command: Command, *, actor: str, run_id: str, facts: Facts | None = None, first: Iterable[Command] = ()) -> RunRecord:
        """Execute a command that queues a run of this id, about whatever record, and see to a worker. Raises CommandError.

        `first`: commands that are executed before it, with the same facts, all or none.
        """
        # What the run must still find later is saved before the commit, under the write lock: it is of this very journal number,
        # no worker can see the run before it is there, and a full disk takes the whole start back.
        with self._store.transaction(actor) as connection:
            for each in first:
                self._store.execute(each, actor=actor, facts=facts, connection=connection)
            executed = self._store.execute(command, actor=actor, facts=facts, connection=connection)
            run = executed.state.runs[run_id]
            self.keep_snapshot(run, executed.state.labels.get(run.subject.id, {}))
        self.see_to_worker(run)
        return run

    def resume(self, *, actor: str, run_id: str) -> RunRecord:
        """Queue the run again to go on from its last checkpoint, and see to a worker.

        Raises CommandError, with what its files are known to lack too: a worker would only find out later.
        """
        known = self._store.state().runs.get(run_id)
        damaged = self.files.resume_problems(known) if known is not None and known.state.resumable else ()
        if damaged:
            raise CommandError(" ".join(damaged), "run", code="conflict")
        run = self._execute(ResumeRunCommand(run_id=run_id), actor, run_id)
        self.see_to_worker(run)
        return run

    def request_stop(self, *, actor: str, run_id: str) -> RunRecord:
        """Ask a run to stop; a queued one ends at once. Raises CommandError."""
        return self._execute(RequestStopCommand(run_id=run_id), actor, run_id)

    def delete(self, *, actor: str, run_id: str, expected_version: int | None = None) -> RunRecord:
        """Mark a run deleted. Raises CommandError conflict while it is active or its weights are used."""
        return self._execute(DeleteCommand(kind=Kind.RUN, id=run_id), actor, run_id, expected_version)

    def restore(self, *, actor: str, run_id: str, expected_version: int | None = None) -> RunRecord:
        """Bring a deleted run back."""
        return self._execute(RestoreCommand(kind=Kind.RUN, id=run_id), actor, run_id, expected_version)

    def tag(self, *, actor: str, run_id: str, tags: tuple[str, ...], expected_version: int | None = None) -> RunRecord:
        """Set a run's tags."""
        return self.change(actor=actor, run_id=run_id, tags=tags, expected_version=expected_version)

    def note(self, *, actor: str, run_id: str, note: str, expected_version: int | None = None) -> RunRecord:
        """Set a run's note."""
        return self.change(actor=actor, run_id=run_id, note=note, expected_version=expected_version)

    def change(
        self, *, actor: str, run_id: str, tags: tuple[str, ...] | None = None, note: str | None = None, expected_version: int | None = None
    ) -> RunRecord:
        """Set a run's tags and note, both or neither; None leaves one as it is."""
        wanted: list[Command] = []
        if tags is not None:
            wanted.append(TagCommand(kind=Kind.RUN, id=run_id, tags=tags))
        if note is not None:
            wanted.append(NoteCommand(kind=Kind.RUN, id=run_id, note=note))
        expected = None if expected_version is None else (run_id, expected_version)
        self._store.execute_all(wanted, actor=actor, expected=expected)
        return find_run(self._store.state(), run_id)

    def events(self, run_id: str, after: int = 0, limit: int = events.MAX_PAGE) -> EventPage:
        """The run's events after a cursor, oldest first. Raises CommandError not_found."""
        page = archive.read(self._store, self._artefacts, run_id, after, limit)
        if not page.items:  # one that has told something is there
            find_run(self._store.state(), run_id, deleted=True)
        return page

    def latest(self, run_id: str, kinds: Iterable[str]) -> tuple[StoredEvent, ...]:
        """The newest event of each kind in each attempt of a run, oldest first, as far as its rows are kept. Raises CommandError not_found."""
        find_run(self._store.state(), run_id, deleted=True)
        return events.latest(self._store, run_id, kinds)

    def obstacle(self, run: RunRecord) -> str | None:
        """Why an active run may stand still (a full disk, a silent worker), in a sentence; None while nothing is known."""
        return obstacle(self._store, self._settings, run)

    def waiting_words(self, run: RunRecord) -> str:
        """What a queued run waits for, in words; where no host takes it, with the command that starts a worker."""
        words = waiting_words(self._store.state(), run, self._settings)
        if not nobody_takes(self._store, self._settings, run):
            return words
        return f"{words} · None has taken it; start one: {taker_command(self._settings, run.framework)}"

    def follow(self, run_id: str, after: int = 0) -> Iterator[StoredEvent]:
        """The run's events after a cursor as they come; ends when the run has ended and everything was read."""
        cursor = after
        while True:
            # Read first whether it goes on: what it told before its end is then on the page read after.
            active = find_run(self._store.state(), run_id, deleted=True).state.active
            page = self.events(run_id, cursor)
            yield from page.items
            cursor = page.next
            if not page.items:
                if not active:
                    return
                time.sleep(FOLLOW_SECONDS)

    def where(self, run_id: str) -> str:
        """The run's folder, or its address in object storage; it may not exist yet. Raises InvalidId, CommandError not_found."""
        return self._artefacts.place(self._folder(run_id))

    def lying(self, run_id: str, name: str) -> Path:
        """A file of the run as it lies there now, existing or not, whatever a manifest says. Raises as `artefact_path`."""
        return self._artefacts.path(self._named(run_id, name))

    def artefacts(self, run_id: str) -> tuple[ArtefactEntry, ...]:
        """The run's files: as its manifest lists them once it has ended, else what lies in its folder. Raises CommandError not_found."""
        self._folder(run_id)
        return read_manifest(self._artefacts, run_id) or list_files(self._artefacts, run_id)

    def artefact_path(self, run_id: str, name: str) -> Path:
        """One file of the run, if it is what was written.

        Raises CommandError not_found, UnsafePath for a name outside its folder, ArtefactError for a file that is damaged.
        """
        self._named(run_id, name)
        return self.files.file(run_id, name)

    def _folder(self, run_id: str) -> str:
        return folder_of(find_run(self._store.state(), require_id(Kind.RUN, run_id), deleted=True).id)

    def _named(self, run_id: str, name: str) -> str:
        parts_of(name)
        return f"{self._folder(run_id)}/{name}"

    def warm(self, framework: str) -> None:
        """Have a worker wait for a run that may soon be started. Raises ExecutorError."""
        self.executor.warm(framework)

    def rate(self, framework: str, model_type: str | None = None) -> float | None:
        """Floating point operations a second of training here: what finished runs of `model_type` ("family/name") reached, else
        what an idle worker measured; None while unknown. Where other hosts train, only what they reached tells."""
        if self._settings.executor != "local":
            return told_rate(self._store.state(), self._artefacts, model_type) if model_type else None
        reached = reached_rate(self._settings.home, model_type) if model_type else None
        return reached if reached is not None else known_rate(self._store, self._settings.home, framework, model_type)

    def keep_watch(self) -> None:
        """Run this process's reconciler in the background until `close`. Every server does."""
        self._reconciler.start()

    def look(self) -> None:
        """Look once, now, whether the processes of active runs are still there, for whoever tells of runs without a server beside.

        What is in the way (a store that cannot be written now) is left to the next look.
        """
        if self._store.state().active_runs:
            self._reconciler.try_to_look()

    def close(self) -> None:
        """End the reconciler. Workers and runs go on."""
        self._reconciler.end()

    def _execute(self, command: Command, actor: str, run_id: str, expected_version: int | None = None) -> RunRecord:
        expected = None if expected_version is None else (run_id, expected_version)
        return self._store.execute(command, actor=actor, expected=expected).state.runs[run_id]

    def keep_snapshot(self, run: RunRecord, marks: Mapping[int, LabelValue]) -> None:
        """Save what a run that starts must still find when people have gone on. Raises ArtefactError, DiskFull."""
        holds = families.model_type(run.family, run.model_type).holds
        if holds.snapshot is not None:
            holds.snapshot.load()(holds.run_payload.model_validate(run.payload), marks, self._artefacts)

    def see_to_worker(self, run: RunRecord) -> None:
        """Have a worker for a queued run. The run is queued whatever happens here: reconcilers keep trying to start a worker, and the page says why it waits."""
        try:
            self.executor.ensure_worker(run.framework)
        except ExecutorError as error:
            with self._store.transaction() as connection:
                leases.hold_off(connection, run.id)
                events.append(connection, run.id, run.attempt, [NewEvent.now("log", level="error", message=str(error))])

    def _require_unchanged_data(self, dataset_id: str) -> None:
        """Raise CommandError if a source file of the dataset is missing, damaged or not what it was."""
        try:
            self._datasets.require_unchanged(dataset_id)
        except DatasetError as error:
            raise CommandError(str(error), "dataset") from error

    def _env(self, facts: Facts | None) -> Env:
        """What a command would know if it were executed now, to ask what it would refuse."""
        return Env(utc_now(), new_id, "", families.model_type, facts)
