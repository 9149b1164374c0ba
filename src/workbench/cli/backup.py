"""`trellis backup` and `trellis restore`: a whole installation in one file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.text import Text

from workbench.backup.archive import Manifest, Told
from workbench.backup.restoring import restore as put_back
from workbench.backup.taking import take
from workbench.cleaning.sizes import bytes_words
from workbench.cli.opening import opened
from workbench.cli.output import AsJson, console, error_console, print_json, say
from workbench.cli.places import Force, free_place
from workbench.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, a zip archive.")], force: Force = False, as_json: AsJson = False
) -> None:
    """Write the store and every file that it names to one file, as of this moment. Servers and runs go on meanwhile.

    What is fetched or made again is left out: downloads, caches, logs. The file holds all that the home folder keeps secret.
    """
    settings = Settings.load()
    place = free_place(file, settings, force=force, option=None)
    with opened(settings) as workbench, _progress("Writing", as_json) as told:
        manifest = take(workbench.store, settings, place, told)
    for name in manifest.missing[:5]:
        say(f"{name} was missing or damaged already, and cannot be restored from this backup.")
    if len(manifest.missing) > 5:
        say(f"So were {len(manifest.missing) - 5} more.")
    size = place.stat().st_size
    if as_json:
        print_json(_values(manifest, place, size))
        return
    console().print(Text(f"{_counts(manifest)} in {len(manifest.files):,} files: {place}, {bytes_words(size)}."), soft_wrap=True)


def restore(file: Annotated[Path, typer.Argument(help="The file that `trellis backup` wrote.")], as_json: AsJson = False) -> None:
    """Put a backup back into an empty home (TRELLIS_HOME, and where they are set, TRELLIS_ARTEFACTS and TRELLIS_DATABASE_URL).

    Every checksum is compared before anything takes its place; what is refused leaves nothing behind.
    """
    settings = Settings.load()
    with _progress("Restoring", as_json) as told:
        manifest = put_back(file.expanduser().absolute(), settings, told)
    if as_json:
        print_json(_values(manifest, settings.home, manifest.bytes))
        return
    console().print(Text(f"{_counts(manifest)} as of {manifest.made_at} are in {settings.home}."), soft_wrap=True)
    if manifest.active:
        runs = ", ".join(f"#{number}" for number in manifest.active[:5])
        say(
            f"Active then: {runs}. What was queued starts with the next server; what was under way ends as interrupted, and can be resumed."
        )


@contextmanager
def _progress(word: str, quiet: bool) -> Iterator[Told]:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = error_console()
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        task = bar.add_task(word, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _counts(manifest: Manifest) -> str:
    return f"{_count(manifest.models, 'model')} and {_count(manifest.runs, 'run')} at journal row {manifest.journal:,}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _values(manifest: Manifest, place: Path, size: int) -> dict[str, object]:
    said = manifest.model_dump(mode="json", exclude={"files"})
    return {"place": str(place), "bytes": size, **said, "files": len(manifest.files)}
