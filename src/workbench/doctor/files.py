"""The files of an installation: those that rows name and that are missing or damaged, those that no row names, and what takes how much."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from workbench.artefacts import ArtefactError, ArtefactRoot, ArtefactsAway, root_of
from workbench.cleaning.leftovers import Leftover, orphans, temporaries
from workbench.cleaning.sizes import bytes_words, look
from workbench.doctor.finding import Finding, fault, ok, warning
from workbench.named import NamedFile, named_files
from workbench.settings import Settings
from workbench.store.store import Store

ORPHAN_SECONDS = 3600.0
"""How long nothing may have changed in a folder that no row names: a model's files are written before its row."""


def examine(store: Store, settings: Settings) -> Iterator[Finding]:
    """Files that rows name, and files that none does."""
    artefacts = root_of(settings)
    try:
        yield named(store, artefacts)
        found = (*orphans(store, artefacts, time.time() - ORPHAN_SECONDS), *temporaries(settings, artefacts, time.time()))
    except (ArtefactsAway, ArtefactError) as error:
        yield warning("checkpoints", f"Files that the store names could not be looked at. {error}", "See to the artefacts first.")
        return
    if found:
        yield _left(found, "See what `trellis gc --older-than 0` would clear away.")
    else:
        yield ok("leftovers", "Every folder of a model, a run or a dataset belongs to a row of the store.")


def without_store(settings: Settings) -> Iterator[Finding]:
    """What lies in a home without a store, such as a restore that was killed leaves."""
    try:
        found = temporaries(settings, root_of(settings), time.time())
    except (ArtefactsAway, ArtefactError) as error:
        yield warning("leftovers", f"Artefacts could not be looked at. {error}", "See to the artefacts first.")
        return
    if found:
        yield _left(
            found, "The next `trellis restore` into this home clears away what a restore left, and the next backup what a backup did."
        )


def _left(found: tuple[Leftover, ...], todo: str) -> Finding:
    size, names = sum(each.bytes for each in found), [each.place.name for each in found]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    said = f"{len(found)} files and folders with {bytes_words(size)} belong to nothing: {', '.join(names[:3])}{more}."
    return warning("leftovers", said, todo, bytes=size, paths=names)


def named(store: Store, artefacts: ArtefactRoot) -> Finding:
    """Whether every file that a row names with a checksum is there and is what was written."""
    files = named_files(store.state())
    broken = [(file, problem) for file in files if (problem := _problem(artefacts, file))]
    # what was replaced while it was read is named no more: a running run's checkpoint
    still = {file.name for file in named_files(store.state())} if broken else set()
    broken = [(file, problem) for file, problem in broken if file.name in still]
    if broken:
        said = "; ".join(f"{file.name}, {file.by}, {problem}" for file, problem in broken[:5])
        more = f"; {len(broken) - 5} more" if len(broken) > 5 else ""
        todo = "Restore these files from a backup, or train the models again; `trellis audit` says more."
        return fault("checkpoints", f"{said}{more}.", todo, files=[file.name for file, _ in broken])
    return ok("checkpoints", f"Files that the store names with a checksum: {len(files)}, each as it was written.")


def _problem(artefacts: ArtefactRoot, file: NamedFile) -> str:
    try:
        if not artefacts.exists(file.name):
            return "is missing"
        return "" if artefacts.sha256(file.name) == file.sha256 else "is not what was written"
    except ArtefactError:
        return "is not what was written"


def _kinds(settings: Settings) -> dict[str, int]:
    """Bytes of artefacts by kind, as far as they lie on this machine."""
    if not isinstance(settings.artefacts, Path):
        return {"staging": look(settings.staging).bytes}
    return {name: look(settings.artefacts / name).bytes for name in ("models", "runs", "datasets")}


def use(settings: Settings) -> Finding:
    """What takes how much of the disk, by kind."""
    database = Path(settings.database_url.removeprefix("sqlite:///")) if settings.database_url.startswith("sqlite:///") else None
    parts = {
        "store": sum(look(Path(f"{database}{end}")).bytes for end in ("", "-wal", "-shm")) if database is not None else 0,
        **_kinds(settings),
        "downloads": look(settings.downloads).bytes,
        "compiled programs": look(settings.cache / "compiled").bytes,
        "other caches": look(settings.cache).bytes - look(settings.cache / "compiled").bytes,
        "logs": look(settings.home / "logs").bytes,
    }
    said = ", ".join(f"{name} {bytes_words(size)}" for name, size in parts.items() if size)
    return ok(
        "use",
        f"On the disk: {said}." if said else "Nothing is on the disk yet.",
        **{name.replace(" ", "_"): size for name, size in parts.items()},
    )
