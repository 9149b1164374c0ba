"""Where commands write files: never over something without being told to, and never into Trellis' own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.commands.base import CommandError
from workbench.settings import Settings

Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
"""The option of every command that writes a file."""


def free_place(place: Path, settings: Settings, *, force: bool, option: str | None = "--out") -> Path:
    """`place` as an absolute path, if a file may be written there.

    Args:
        option: the option that named it; None if it was the argument FILE.

    Raises CommandError where something is there already and `force` is not given, where it is no ordinary file, and in the folder that
    Trellis keeps its store and artefacts in.
    """
    field = "file" if option is None else option.removeprefix("--")
    place = place.expanduser().absolute()
    real = place.resolve()
    for own, _ in settings.folders:
        if real.is_relative_to(own.resolve()):
            raise CommandError(f"{place} lies in {own}, where Trellis keeps its own files.", field, "Write it somewhere else.")
    if place.exists() and not place.is_file():
        what = "a folder" if place.is_dir() else "no ordinary file"
        raise CommandError(f"{place} is {what}.", field, "Name a file to write.")
    if place.exists() and not force:
        hint = f"Give --force to replace it, or name another file{f' with {option}' if option else ''}."
        raise CommandError(f"{place} is there already.", field, hint, code="conflict")
    return place
