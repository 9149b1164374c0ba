"""The tree of commands, and the one place where errors become sentences and exit codes."""

from __future__ import annotations

import copy
import errno
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer
from typer.core import TyperCommand

from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.backup.archive import BackupError
from workbench.cli import (
    artefacts,
    audit,
    backup,
    config,
    crew,
    data,
    doctor,
    export,
    gc,
    models,
    runs,
    serve,
    settings,
    store,
    sweep,
    sweeps,
    train,
    users,
    worker,
)
from workbench.cli.output import say_error, say_fault, say_layered
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.families import all_families
from workbench.fields import ConfigError
from workbench.layered.problems import LayeredError
from workbench.runs.starting import ExecutorError
from workbench.settings import SettingsError
from workbench.store.errors import StoreError

EXPECTED = (CommandError, ConfigError, SettingsError, StoreError, DatasetError, ArtefactError, ArtefactsAway, ExecutorError, BackupError)
"""Errors whose message is a sentence for people; anything else is a fault of Trellis."""

COMMANDS: Mapping[str, Callable[..., None]] = {
    "serve": serve.serve, "train": train.train, "audit": audit.audit, "settings": settings.settings,
    "export": export.export, "sweep": sweep.sweep, "doctor": doctor.doctor,
    "worker": worker.worker, "crew": crew.crew, "backup": backup.backup, "restore": backup.restore, "gc": gc.gc,
}  # fmt: skip
OPTIONS: Mapping[str, type[TyperCommand]] = {"sweep": sweep.SweepCommand}
"""Classes of those commands whose options are declared elsewhere."""
GROUPS: Mapping[str, typer.Typer] = {
    "artefacts": artefacts.app,
    "config": config.app,
    "data": data.app,
    "runs": runs.app,
    "models": models.app,
    "store": store.app,
    "sweeps": sweeps.app,
    "users": users.app,
}


def build(asked: str = "") -> typer.Typer:
    """The tree of commands: the core's own and those of every registered family.

    Args:
        asked: the command that is to be carried out; of the families' only that one is loaded. All, where there is none of that name.

    Raises ValueError if two of them have one name and are not the same.
    """
    app = typer.Typer(
        name="trellis",
        help="A workbench for models whose architecture is chosen once and whose everything else stays tunable.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in COMMANDS.items():
        app.command(name, cls=OPTIONS.get(name))(command)
    groups = {name: _extensible(group) for name, group in GROUPS.items()}
    own = {f"{name} {command.name}": "" for name, group in GROUPS.items() for command in group.registered_commands}
    taken: dict[str, str] = {**dict.fromkeys((*COMMANDS, *GROUPS), ""), **own}
    known = {*COMMANDS, *GROUPS, *(verb.name.split()[0] for declared in all_families() for verb in declared.verbs)}
    for declared in all_families():
        for verb in declared.verbs:
            if verb.name in taken:
                if taken[verb.name] != verb.target.target:
                    raise ValueError(f"the family {declared.name} brings a second command {verb.name!r}")
                continue
            taken[verb.name] = verb.target.target
            first, _, within = verb.name.partition(" ")
            if asked in known and asked != first:
                continue
            found = verb.target.load()
            if verb.group:
                app.add_typer(found, name=verb.name)
            else:
                options = None if verb.options is None else verb.options.load()
                (groups[first] if within else app).command(within or first, cls=options)(found)
    for name, group in groups.items():
        app.add_typer(group, name=name)
    return app


def _extensible(group: typer.Typer) -> typer.Typer:
    """The same group, to which commands can be added without the other one having them."""
    made = copy.copy(group)
    made.registered_commands = list(group.registered_commands)
    return made


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and return the exit code. Users never meet a traceback."""
    with _ended_as_by_ctrl_c():
        return _run(arguments)


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Have SIGTERM end a command as Ctrl+C does: what it was writing is cleared away, and a run or sweep that it follows is stopped."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _run(arguments: Sequence[str]) -> int:
    try:
        build(next(iter(arguments), ""))(args=list(arguments), prog_name="trellis")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except LayeredError as error:
        return say_layered(error, as_json="--json" in arguments)
    except EXPECTED as error:
        return say_error(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            return say_fault(error)
        return say_error(
            RuntimeError(f"There is no space left for {error.filename or 'the output'}. Make room, and run the command again.")
        )
    except Exception as error:
        return say_fault(error)
    return 0
