"""What goes on with the sweeps that run: every server drives them, and a command line that waits for one; they agree through the store.

A trial's number is given to one of them only, since the command that starts it is refused to the others; telling and stopping are the
same whoever does it. So nothing is lost with a driver: the next one rebuilds the search from the trials.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from sqlalchemy.exc import SQLAlchemyError

from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.commands.base import CommandError
from workbench.families import family
from workbench.periodic import Periodic
from workbench.runs.held import ACTOR
from workbench.runs.starting import ExecutorError
from workbench.state import AppState, RunRecord, RunState
from workbench.store.errors import StoreError
from workbench.store.store import Store
from workbench.sweeps.commands import (
    MAX_ATTEMPTS,
    ContinueTrialCommand,
    FinishSweepCommand,
    PruneTrialCommand,
    RefuseTrialCommand,
    TellTrialCommand,
    resumed_to_its_end,
)
from workbench.sweeps.courses import Course
from workbench.sweeps.records import SweepRecord, next_trial, number_of, sweeps_of, trials_of
from workbench.sweeps.space import combinations

if TYPE_CHECKING:
    from workbench.services.sweeps import SweepService
    from workbench.sweeps.searching import Search

PERIOD_SECONDS = 1.0
"""How often a driver looks."""

MOST_FAILURES = 5
"""After so many trials of which none works, a sweep fails with the last one's reason."""

AWAY = (StoreError, ExecutorError, ArtefactError, ArtefactsAway, SQLAlchemyError)
"""What is in the way for now, such as a store that cannot be written: the next round tries again."""

_log = logging.getLogger(__name__)


class Driver:
    """One process's driver: `start()` runs it in a thread, `look()` does one round."""

    def __init__(self, store: Store, sweeps: SweepService) -> None:
        self._store, self._sweeps = store, sweeps
        self._driven: dict[str, Driven] = {}
        self._settled: set[tuple[str, int]] = set()
        self._seen = -1
        self._thread = Periodic("sweeps", PERIOD_SECONDS, self._try_to_look)

    def start(self) -> None:
        """Look once a second from now on; nothing happens if it runs already."""
        self._thread.start()

    def end(self) -> None:
        """Stop looking and wait for the thread."""
        self._thread.end()

    def look(self) -> None:
        """One round over the sweeps that run. Raises StoreError."""
        running = [sweep for sweep in sweeps_of(self._store.state()) if sweep.state == "running"]
        self._driven = {id: driven for id, driven in self._driven.items() if any(sweep.id == id for sweep in running)}
        self._settle()
        for sweep in reversed(running):
            driven = self._driven.get(sweep.id) or self._driven.setdefault(sweep.id, Driven(self._store, self._sweeps, sweep.id))
            try:
                driven.look()
            except CommandError as error:
                # Somebody else was faster, or gave another order meanwhile: what is known of the search is rebuilt.
                _log.info("%s", error)
                self._driven.pop(sweep.id, None)
            except AWAY:
                raise
            except Exception as error:
                # A fault of one sweep must not hold up the others.
                _log.exception("the sweep %s cannot go on", sweep.id)
                reason = f"It could not go on ({type(error).__name__}: {str(error)[:300]}); the server's log has the details."
                self._store.execute(FinishSweepCommand(sweep_id=sweep.id, outcome="failed", reason=reason), actor=ACTOR)

    def _settle(self) -> None:
        """Say what became of trials that nobody drives any more: those that ended although their sweep was stopped, and those that had not
        worked and that somebody resumed to their end."""
        state = self._store.state()
        if state.version == self._seen:
            return
        known = {sweep.id: sweep for sweep in sweeps_of(state)}
        for run in state.runs.values() if known else ():
            sweep = known.get(run.trial.sweep) if run.trial is not None else None
            if sweep is None or run.trial is None:
                continue
            left = sweep.state != "running" and not run.trial.told and not run.trial.paused
            if (left and run.state in (RunState.COMPLETED, RunState.FAILED)) or resumed_to_its_end(run):
                self._tell(sweep, run)
        self._seen = state.version

    def _tell(self, sweep: SweepRecord, run: RunRecord) -> None:
        key = (run.id, run.attempt)
        if key in self._settled:
            return
        course = Course(sweep.objective, lambda after: self._sweeps.events(run.id, after))
        course.look()
        value = course.best(sweep.direction)
        told = "completed" if run.state is RunState.COMPLETED and value is not None and run.deleted_at is None else "failed"
        self._settled.add(key)
        if run.trial is not None and (told, value) != (run.trial.told, run.trial.value):
            self._store.execute(TellTrialCommand(run_id=run.id, told=told, value=value), actor=ACTOR)
            self._driven.pop(sweep.id, None)

    def _try_to_look(self) -> None:
        try:
            self.look()
        except (CommandError, *AWAY) as error:
            # The next round tries again; what stays wrong keeps being said.
            _log.warning("%s", error)


class Driven:
    """One sweep as a driver knows it."""

    def __init__(self, store: Store, sweeps: SweepService, sweep_id: str) -> None:
        self._store, self._sweeps, self._id = store, sweeps, sweep_id
        self._search: Search | None = None
        self._courses: dict[str, Course] = {}

    def look(self) -> None:
        """One round. Raises CommandError where another driver was faster, StoreError."""
        sweep, runs = self._known()
        self._take_refused(sweep)
        for run in runs:
            self._follow(sweep, run)
        self._go_on()

    def _known(self) -> tuple[SweepRecord, tuple[RunRecord, ...]]:
        state = self._store.state()
        return self._sweeps.get(self._id), trials_of(state, self._id)

    def _take_refused(self, sweep: SweepRecord) -> None:
        search = self._searching(sweep)
        for refused in sweep.refused:
            if refused.number not in search:
                search.add(refused.number, refused.values)
                search.tell(refused.number, "failed", None)

    def _follow(self, sweep: SweepRecord, run: RunRecord) -> None:
        """Read what a trial has told since, and do what follows from it."""
        trial, search, number = run.trial, self._searching(sweep), number_of(run)
        assert trial is not None
        if number not in search:
            search.add(number, trial.values)
        course = self._courses.get(run.id)
        if course is None:
            course = self._courses[run.id] = Course(sweep.objective, lambda after: self._sweeps.events(run.id, after))
        elif trial.told:
            return
        new = course.look()
        worse = [epoch for epoch, value in new if search.report(number, epoch, value)]
        if trial.told:
            search.tell(number, trial.told, trial.value)
        elif not run.state.active or run.deleted_at is not None:
            self._end(sweep, run, course)
        elif worse and worse[0] < course.total and run.stop_requested_at is None:
            self._execute(PruneTrialCommand(run_id=run.id, why=pruned_words(sweep, worse[0], course.values[worse[0]])))

    def _end(self, sweep: SweepRecord, run: RunRecord, course: Course) -> None:
        """A trial's run has ended: say what became of it, or go on with it."""
        trial = run.trial
        assert trial is not None
        deleted = run.deleted_at is not None
        lost = run.state is RunState.INTERRUPTED and run.attempt < MAX_ATTEMPTS
        if not deleted and not trial.pruned and (lost or (run.state is RunState.STOPPED and trial.paused)):
            self._execute(ContinueTrialCommand(run_id=run.id))
            self._sweeps.see_to_worker(run)
            return
        value = course.best(sweep.direction)
        if trial.pruned and run.state is not RunState.COMPLETED:
            told = "pruned"
        elif run.state is RunState.STOPPED:
            told = "stopped"
        else:
            told = "completed" if run.state is RunState.COMPLETED and value is not None and not deleted else "failed"
        self._execute(TellTrialCommand(run_id=run.id, told=told, value=value))
        self._searching(sweep).tell(number_of(run), told, value)

    def _go_on(self) -> None:
        """Begin trials as far as they may run at once, or end the sweep."""
        while True:
            sweep, runs = self._known()
            if sweep.state != "running":
                return
            under_way = [run for run in runs if run.trial is not None and not run.trial.told]
            why = ended_words(self._store.state(), sweep, runs)
            if why is not None:
                if not under_way:
                    self._execute(FinishSweepCommand(sweep_id=sweep.id, outcome=why[0], reason=why[1]))
                return
            if len(under_way) >= sweep.at_once:
                return
            self._begin(sweep, next_trial(self._store.state(), sweep))

    def _begin(self, sweep: SweepRecord, number: int) -> None:
        values = self._searching(sweep).ask(number)
        try:
            self._sweeps.start_trial(sweep, number, values)
        except CommandError as error:
            if error.code == "conflict":
                raise
            self._execute(RefuseTrialCommand(sweep_id=sweep.id, number=number, values=values, why=error.message))
            self._searching(sweep).tell(number, "failed", None)

    def _searching(self, sweep: SweepRecord) -> Search:
        """The search; the first call makes it."""
        if self._search is None:
            from workbench.sweeps.searching import Search  # loads Optuna, which few servers need

            self._search = Search(sweep.space, sweep.sampler, sweep.pruner, sweep.seed, sweep.direction, self._sweeps.present_values(sweep))
        return self._search

    def _execute(
        self, command: PruneTrialCommand | TellTrialCommand | ContinueTrialCommand | RefuseTrialCommand | FinishSweepCommand
    ) -> None:
        self._store.execute(command, actor=ACTOR)


def ended_words(state: AppState, sweep: SweepRecord, runs: Sequence[RunRecord]) -> tuple[Literal["completed", "failed"], str] | None:
    """(outcome, why) if no further trial is to begin; None while there is one to come."""
    begun = next_trial(state, sweep) - 1
    since = [run for run in runs if number_of(run) > sweep.begun_before and run.trial is not None and run.trial.told]
    refused = [each for each in sweep.refused if each.number > sweep.begun_before]
    useless = [run for run in since if run.trial is not None and run.trial.told == "failed"]
    most = min(MOST_FAILURES, max(1, sweep.trials - sweep.begun_before))
    if len(useless) + len(refused) >= most and len(useless) == len(since):
        reasons = [(number_of(run), run.reason or f"It told no {sweep.objective}.") for run in useless]
        reasons += [(each.number, each.why) for each in refused]
        return "failed", f"None of {len(reasons)} trials gave a value. The last one: {max(reasons)[1]}"
    why = _enough(sweep, runs, begun)
    if why is None:
        return None
    without = sum(run.trial is not None and run.trial.told == "failed" for run in runs) + len(sweep.refused)
    return "completed", f"{why} {without} of them gave no value." if without else why


def _enough(sweep: SweepRecord, runs: Sequence[RunRecord], begun: int) -> str | None:
    """Why there is no further trial to begin, in a sentence; None while there is."""
    most = combinations(sweep.space) if sweep.sampler == "grid" else None
    if most is not None and begun >= most:
        return f"All {most} combinations were tried."
    if begun >= sweep.trials:
        return f"All {sweep.trials} trials are over."
    spent = sum(run.duration_seconds or 0.0 for run in runs)
    if sweep.minutes is not None and spent >= 60 * sweep.minutes:
        return f"The budget of {sweep.minutes:g} minutes was spent after {begun} trials."
    return None


def pruned_words(sweep: SweepRecord, epoch: int, value: float | None) -> str:
    """Why a trial was given up."""
    metric = family(sweep.family).measures
    said = f"{metric.title(sweep.objective)} {metric.text(sweep.objective, value)} after epoch {epoch}"
    if sweep.pruner == "median":
        return f"Pruned: {said} is worse than the median of the earlier trials."
    return f"Pruned: {said} is not among the best quarter of the trials."
