"""Saving what was chosen as an experiment: one file of one's own, which includes what it is made of and never another saved one."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.artefacts import write_atomic
from workbench.commands.base import CommandError
from workbench.layered.files import SHIPPED
from workbench.layered.problems import LayeredError
from workbench.layered.provenance import Layer, Leaf, Source, Write
from workbench.layered.resolve import FindDataset, resolve
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.layered.yaml12 import parse, plain
from workbench.services.config_files import ConfigFile, config_files, own_root

MOST_NAME = 50
"""Characters of a file's name; each takes four bytes at most, and file systems hold 255, with what is added while a file is written."""


class NameTaken(CommandError):
    """There is such an experiment; it is one's own, and a yes replaces it."""

    @property
    def question(self) -> str:
        """The same as a question."""
        return f"{self.message} Replace it?"


def save_experiment(
    home: Path,
    name: str,
    files: Sequence[ConfigFile],
    config: ResolvedConfig,
    *,
    find_dataset: FindDataset,
    replace: bool = False,
    shipped: Path = SHIPPED,
) -> Path:
    """Write an experiment that makes a configuration again: the files that it is made of, and what was set over them.

    One's own experiments among the files are not included but said again: their includes, and their values.

    Args:
        name: for people, from which the file's name is made. files: those that were chosen, in order.
        config: what they and its overrides make. replace: whether one's own experiment of this name is replaced.

    Raises:
        NameTaken: for a name of one's own experiment without `replace`.
        CommandError: for a name without letters, one that is too long or that Trellis has, files with variants, or a configuration that
            no such file makes. ArtefactError.
    """
    if any(file.variants for file in files):
        raise CommandError(
            "An experiment with variants cannot be included in another.", "files", "Choose model, data and training, or copy its file."
        )
    known = {file.name: file for file in config_files(home, shipped)}
    path = own_root(home) / "experiments" / f"{_stem(name)}.yaml"
    _require_free(known.get(f"experiments/{path.name}"), path, replace=replace)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else None
    except OSError as error:
        raise CommandError(f"The file {path} cannot be made: {error.strerror or error}.", "name") from error
    included, said_again = _origins(files, known)
    write_atomic(path, _text(name, included, said_again, config).encode())
    try:
        again = resolve([path], find_dataset=find_dataset)
        wrong = "" if again.sha256 == config.sha256 else "it would make another configuration"
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


def _text(name: str, included: Iterable[str], said_again: set[str], config: ResolvedConfig) -> str:
    held = {path: write for path, leaf in config.leaves.items() if (write := _given(leaf)) is not None}
    said = {path: write.value for path, write in held.items() if _own(write.source, said_again)}
    said[("experiment", "name")] = name.strip()
    keys = config.schema.keys
    locked = [".".join(path) for path in said if keys[path].structural and not keys[path].given_by_data]
    lines = [f"family: {config.entry.family}", *_listed("includes", [f"../{name}" for name in included])]
    lines += [f"allow_structural: {yaml_text(locked)}"] if locked else []
    return "\n".join([*lines, *_body(said)]) + "\n"


def _given(leaf: Leaf) -> Write | None:
    """The strongest value that somebody set."""
    return next((write for write in reversed(leaf.chain) if write.source.kind in ("file", "cli")), None)


def _own(source: Source, said_again: set[str]) -> bool:
    return source.kind == "cli" or source.name in said_again


def _listed(key: str, texts: Sequence[str]) -> list[str]:
    return [f"{key}:", *(f"  - {yaml_text(text)}" for text in texts)] if texts else []


def _body(said: dict[tuple[str, ...], Any]) -> Iterator[str]:
    """Values by path as nested sections, one line each."""
    above: tuple[str, ...] = ()
    for path in sorted(said):
        for depth in range(len(path) - 1):
            if path[: depth + 1] != above[: depth + 1]:
                yield f"{'  ' * depth}{path[depth]}:"
        above = path
        yield f"{'  ' * (len(path) - 1)}{path[-1]}: {yaml_text(said[path])}"
