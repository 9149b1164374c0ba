"""Opening the workbench for one command, and who acts when the command line does."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

from workbench.commands.base import CommandError
from workbench.fields import closest
from workbench.ids import is_id
from workbench.settings import Settings
from workbench.state import DatasetRecord, Kind, ModelRecord, RunRecord
from workbench.workbench import Workbench


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Workbench]:
    """The workbench, closed at the end. Raises SettingsError, StoreError."""
    workbench = Workbench.open(settings or Settings.load())
    try:
        yield workbench
    finally:
        workbench.close()


def actor() -> str:
    """The operating system's user, as the journal names them."""
    try:
        return f"user:{getpass.getuser()}"
    except (OSError, KeyError):
        # A process without a user entry (some containers).
        return "user"


def find_run(workbench: Workbench, reference: str) -> RunRecord:
    """A run by id or number (`12` or `#12`). Raises CommandError not_found."""
    runs = workbench.state().runs
    if is_id(Kind.RUN, reference) and reference in runs:
        return runs[reference]
    number = reference.removeprefix("#")
    found = [run for run in runs.values() if number.isdecimal() and run.number == int(number)]
    if not found:
        raise CommandError(f"There is no run {reference!r}.", "run", "See `trellis runs list` for the ids.", code="not_found")
    return found[0]


def find_model(workbench: Workbench, reference: str) -> ModelRecord:
    """A model by id, number (`12` or `#12`) or exact name. Raises CommandError not_found, or conflict where two models may be meant."""
    models = [model for model in workbench.state().models.values() if model.deleted_at is None]
    number = reference.removeprefix("#")
    numbered = [m for m in models if number.isdecimal() and m.number == int(number)]
    named = [m for m in models if m.name == reference]
    found = [m for m in models if m.id == reference] or (numbered if reference.startswith("#") else []) or [*numbered, *named]
    if not found:
        raise CommandError(f"There is no model {reference!r}.", "model", "See `trellis models` for the ids.", code="not_found")
    if len({m.id for m in found}) > 1:
        words = f"{reference!r} may be model #{numbered[0].number}, {numbered[0].name!r}, or the model of that name, #{named[0].number}."
        raise CommandError(words, "model", f"Say #{numbered[0].number} or #{named[0].number}.", code="conflict")
    return found[0]


def find_dataset(workbench: Workbench, reference: str, *, deleted: bool = False) -> DatasetRecord:
    """A dataset by id or exact name; one that was deleted only with `deleted`. Raises CommandError not_found."""
    datasets = [d for d in workbench.state().datasets.values() if deleted or d.deleted_at is None]
    found = [d for d in datasets if d.id == reference] or [d for d in datasets if d.name == reference]
    if not found:
        guess = closest(reference, [d.id for d in datasets])
        hint = f"Did you mean {guess}?" if guess else "See `trellis data list` for the ids."
        raise CommandError(f"There is no dataset {reference!r}.", "dataset", hint, code="not_found")
    return found[0]
