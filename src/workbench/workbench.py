"""The workbench: settings, store, artefacts and services in one object, which pages, REST and the command line use."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactError, ArtefactRoot, ArtefactsAway, root_of
from workbench.commands.history import RedoCommand, UndoCommand
from workbench.families import ImportString
from workbench.kept import Kept
from workbench.people.people import People
from workbench.services.datasets import DatasetService
from workbench.services.models import ModelService
from workbench.services.runs import RunService
from workbench.services.sweeps import SweepService
from workbench.services.views import ViewService
from workbench.settings import Settings
from workbench.state import AppState
from workbench.store.engine import shown_address
from workbench.store.store import Executed, HistoryEntry, Store

if TYPE_CHECKING:
    from workbench.apart import Apart

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workbench:
    """Everything a server, a worker or a command needs. One a process; threads share it.

    Attributes:
        kept: may be emptied at any time. apart: processes that read data of families that say so; None: this process does.
    """

    settings: Settings
    store: Store
    artefacts: ArtefactRoot
    datasets: DatasetService
    models: ModelService
    runs: RunService
    kept: Kept = field(default_factory=Kept)
    apart: Apart | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, *, apart: bool = False) -> Workbench:
        """Create the home folder if need be, open the store, upgrading it, and make the built-in datasets known.

        Args:
            apart: whether data may be read by processes beside this one, as a server wants it, which lives long.

        Raises SettingsError if a folder cannot be written, StoreError if the store cannot be opened.
        """
        settings = (Settings.load() if settings is None else settings).prepare()
        store = Store.open(settings.database_url, check=settings.check_state)
        artefacts = root_of(settings)
        lost = store_lost(store, artefacts)
        if lost is not None:
            _log.warning("%s", lost)
        beside = _beside(settings) if apart else None
        datasets = DatasetService(settings, store, artefacts, beside)
        models = ModelService(store, artefacts, datasets, trained_here=settings.executor == "local")
        runs = RunService(settings, store, artefacts, datasets, models)
        datasets.register_built_in()
        return cls(settings, store, artefacts, datasets, models, runs, apart=beside)

    def state(self) -> AppState:
        """The newest state."""
        return self.store.state()

    def beside(self, target: str, *arguments: Any, framework: str | None = None) -> Any:
        """What a function of a workbench returns that reads data or runs a model: called by a process beside this one, if there are such.

        Args:
            target: its import string; it is given the workbench of its process first. arguments: what can be pickled.
            framework: the one whose models it runs; None for a function that reads data.
        """
        if self.apart is None:
            return ImportString(target).load()(self, *arguments)
        return self.apart.call(target, *arguments, framework=framework)

    def warm(self) -> None:
        """Have a process wait that reads data, if there are such: a page is shown that will soon ask for it."""
        if self.apart is not None:
            self.apart.warm()

    @property
    def views(self) -> ViewService:
        """The saved views of lists and comparisons of runs."""
        return ViewService(self.store)

    @cached_property
    def people(self) -> People:
        """The users, if there are any."""
        return People(self.store)

    @cached_property
    def sweeps(self) -> SweepService:
        """Searches for settings."""
        return SweepService(self.store, self.models, self.runs)

    def keep_watch(self) -> None:
        """See to runs and drive sweeps in the background until `close`, as every server does."""
        self.runs.keep_watch()
        self.sweeps.keep_watch()

    def undo(self, *, actor: str) -> Executed:
        """Take back the actor's newest undoable change. Raises CommandError if there is none or it was changed since."""
        return self.store.execute(UndoCommand(), actor=actor)

    def redo(self, *, actor: str) -> Executed:
        """Bring back what the actor undid last. Raises CommandError if there is nothing or it was changed since."""
        return self.store.execute(RedoCommand(), actor=actor)

    def undo_words(self, actor: str) -> str | None:
        """What `undo` would take back, in words; None if nothing."""
        return self.store.undo_words(actor)

    def redo_words(self, actor: str) -> str | None:
        """What `redo` would bring back, in words; None if nothing."""
        return self.store.redo_words(actor)

    def history(self, kind: str, id: str, limit: int | None = 500, *, after: int = 0, before: int | None = None) -> list[HistoryEntry]:
        """Who changed an entity, what and when, newest first; only journal numbers between these two."""
        return self.store.history(kind, id, limit, after=after, before=before)

    def end_watch(self) -> None:
        """End what `keep_watch` began. Workers, runs and sweeps stay what they are."""
        self.sweeps.close()
        self.runs.close()

    def close(self) -> None:
        """End what runs in the background for this workbench, and close the store's connections."""
        self.end_watch()
        if self.apart is not None:
            self.apart.close()
        self.store.close()


def _beside(settings: Settings) -> Apart:
    from workbench.apart import Apart

    return Apart(settings)


def store_lost(store: Store, artefacts: ArtefactRoot) -> str | None:
    """A warning if the store knows no models and no runs although their files lie among the artefacts; else None.

    So it looks where the store's file was replaced, or where its `-wal` file, which holds the latest writes, was lost.
    """
    state = store.state()
    if state.models or state.runs:
        return None
    count = sum(_entries(artefacts, name) for name in ("models", "runs"))
    if count == 0:
        return None
    where = shown_address(store.engine.url)
    return (
        f"The store at {where} is empty, but {artefacts.where} holds the files of {count} models and runs. If its file or the -wal file "
        "beside it was lost, end Trellis and restore them from a backup before anything is written."
    )


def _entries(artefacts: ArtefactRoot, name: str) -> int:
    try:
        return len(artefacts.names(name))
    except (ArtefactError, ArtefactsAway):
        # whatever is to be said of that is said where files are needed
        return 0
