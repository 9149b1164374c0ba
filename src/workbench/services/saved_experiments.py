"""Saving what was chosen as an experiment: one file of one's own, which includes what it is made of and never another saved one."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.artefacts import write_atomic
from workbench.commands.base import CommandError
from workbench.commands.confirming import NameTaken
from workbench.layered.files import SHIPPED
from workbench.layered.problems import LayeredError
from workbench.layered.provenance import Layer
from workbench.layered.resolve import FindDataset, resolve_variants
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.yaml12 import parse, plain
from workbench.services.config_files import ConfigFile, config_files, own_root
from workbench.services.experiment_text import experiment_text

MOST_NAME = 50
"""Characters of a file's name; each takes four bytes at most, and file systems hold 255, with what is added while a file is written."""


def save_experiment(
    home: Path,
    name: str,
    files: Sequence[ConfigFile],
    configs: Sequence[ResolvedConfig],
    *,
    find_dataset: FindDataset,
    replace: bool = False,
    shipped: Path = SHIPPED,
) -> Path:
    """Write an experiment that makes configurations again: the files that it is made of, its variants, and what was set over them.

    One's own experiments among the files are not included but said again: their includes, their values and their variants.

    Args:
        name: for people, from which the file's name is made. files: those that were chosen, in order.
        configs: what they and their overrides make, one a variant, or the one there is. replace: whether one's own experiment of this name is replaced.

    Raises:
        NameTaken: for a name of one's own experiment without `replace`.
        CommandError: for a name without letters, one that is too long or that Trellis has, or a configuration that no such file
            makes. ArtefactError.
    """
    known = {file.name: file for file in config_files(home, shipped)}
    path = own_root(home) / "experiments" / f"{_stem(name)}.yaml"
    _require_free(known.get(f"experiments/{path.name}"), path, replace=replace)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise CommandError(f"The file {path} cannot be made: {error.strerror or error}.", "name") from error
    included, said_again = _origins(files, known)
    write_atomic(path, experiment_text(name, files, configs[0], included, said_again).encode())
    try:
        again = resolve_variants([path], find_dataset=find_dataset)
        same = [(one.variant, one.sha256) for one in again] == [(one.variant, one.sha256) for one in configs]
        wrong = "" if same else "it would make another configuration"
    except LayeredError as error:
        wrong = error.problems[0].message
    if wrong:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            write_atomic(path, before)
        raise CommandError(f"This cannot be saved as an experiment: {wrong}.", "files", "Save without what was set over the files.")
    return path


def _stem(name: str) -> str:
    """The name of a file: letters of any script, with their marks, and digits; the rest becomes underscores. Raises CommandError."""
    kept = "".join(letter if letter.isalnum() or unicodedata.category(letter)[0] == "M" else " " for letter in _plain(name))
    stem = "_".join(kept.split())
    if not any(letter.isalnum() for letter in stem):
        raise CommandError("An experiment needs a name with a letter or a digit.", "name")
    if len(stem) > MOST_NAME:
        raise CommandError(f"An experiment's name has at most {MOST_NAME} characters; this one has {len(stem)}.", "name", "Shorten it.")
    return stem


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower()


def _require_free(taken: ConfigFile | None, path: Path, *, replace: bool) -> None:
    if taken is not None and not taken.own:
        raise CommandError(f"Trellis comes with an experiment {path.stem}.", "name", "Choose another name.", code="conflict")
    if taken is not None and not replace:
        raise NameTaken(f"There is an experiment {path.stem}.", "name", "Choose another name.", code="conflict")


def _origins(files: Sequence[ConfigFile], known: Mapping[str, ConfigFile]) -> tuple[list[str], set[str]]:
    """(what to include instead of the files, in order; the names of one's own experiments whose values are to be said again)."""
    included: dict[str, None] = {}
    said_again: set[str] = set()

    def walk(file: ConfigFile) -> None:
        below = None if file.name in said_again else _below(file, known)
        if below is None:
            included.setdefault(file.name)
            return
        said_again.add(file.name)
        for each in below:
            walk(each)

    for file in files:
        walk(file)
    return list(included), said_again


def _below(file: ConfigFile, known: Mapping[str, ConfigFile]) -> list[ConfigFile] | None:
    """What one's own experiment includes; None for another file, and for one that includes what cannot be chosen."""
    if not file.own or file.layer is not Layer.EXPERIMENT or file.variants or file.problem:
        return None
    try:
        root = plain(parse(file.path.read_bytes(), file.name))
    except (OSError, LayeredError):
        return None
    names = [posixpath.normpath(f"{posixpath.dirname(file.name)}/{text}") for text in root.get("includes") or ()]
    return None if "meta" in root or any(name not in known for name in names) else [known[name] for name in names]
