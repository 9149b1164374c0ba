"""Configuration files that one can choose from: those that come with Trellis, and one's own below the home folder."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.artefacts import write_atomic
from workbench.commands.base import CommandError
from workbench.layered.files import LAYER_OF_FOLDER, SHIPPED
from workbench.layered.problems import LayeredError
from workbench.layered.provenance import Layer
from workbench.layered.resolve import FindDataset, resolve
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.layered.yaml12 import parse, plain

OWN = "configs"
"""Folder of one's own files in the home folder; it has folders for layers like the shipped one."""

MOST_NAME = 80
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_COPIES = 1000


@dataclass(frozen=True)
class ConfigFile:
    """A file that can be chosen.

    Attributes:
        name: `models/x.yaml`; one of one's own stands for a shipped one of the same name. family: None if it does not say.
        about: what its first comment says. variants: their names. problem: why it cannot be read; "" if it can.
    """

    name: str
    path: Path
    layer: Layer
    own: bool
    family: str | None = None
    about: str = ""
    variants: tuple[str, ...] = ()
    problem: str = ""

    @property
    def stem(self) -> str:
        """The name without folder and ending."""
        return self.path.stem


def own_root(home: Path) -> Path:
    """Where one's own files are."""
    return home / OWN


def config_files(home: Path, shipped: Path = SHIPPED) -> tuple[ConfigFile, ...]:
    """Every file by layer and name."""
    found: dict[str, ConfigFile] = {}
    for root, own in ((shipped, False), (own_root(home), True)):
        for folder, layer in LAYER_OF_FOLDER.items():
            for path in sorted((root / folder).glob("*.yaml")):
                found[f"{folder}/{path.name}"] = _described(path, folder, layer, own)
    return tuple(sorted(found.values(), key=lambda file: (file.layer, file.name)))


def _described(path: Path, folder: str, layer: Layer, own: bool) -> ConfigFile:
    name = f"{folder}/{path.name}"
    try:
        stat = path.stat()
        family, about, variants = _read(path, name, stat.st_mtime_ns, stat.st_size)
    except (OSError, LayeredError) as error:
        problem = error.problems[0].message if isinstance(error, LayeredError) else error.strerror or str(error)
        return ConfigFile(name, path, layer, own, problem=problem)
    return ConfigFile(name, path, layer, own, family, about, variants)


@lru_cache(maxsize=1024)
def _read(path: Path, name: str, changed: int, size: int) -> tuple[str | None, str, tuple[str, ...]]:
    """(family, first comment, names of variants) of a file as it was changed last. Raises OSError, LayeredError."""
    data = path.read_bytes()
    root = plain(parse(data, name))
    family = root.get("family")
    variants = root.get("variants") or ()
    names = tuple(str(each.get("name")) for each in variants if isinstance(each, dict)) if isinstance(variants, list) else ()
    return family if isinstance(family, str) else None, _first_comment(data.decode()), names


def _first_comment(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return " ".join(filter(None, lines))


def save_experiment(
    home: Path, name: str, files: Sequence[ConfigFile], config: ResolvedConfig, *, find_dataset: FindDataset, shipped: Path = SHIPPED
) -> Path:
    """Write an experiment that makes a configuration again: the files that it includes, and what was set over them.

    Args:
        name: for people, from which the file's name is made; one that is taken gets a number. files: those that were chosen, in order.
        config: what they and its overrides make.

    Raises:
        CommandError: for a name without letters, files with variants, or a configuration that no such file makes. ArtefactError.
    """
    stem = _NOT_IN_NAMES.sub("_", name.lower()).strip("_")[:MOST_NAME]
    if not stem:
        raise CommandError("An experiment needs a name with a letter or a digit.", "name")
    if any(file.variants for file in files):
        raise CommandError(
            "An experiment with variants cannot be included in another.", "files", "Choose model, data and training, or copy its file."
        )
    folder = own_root(home) / "experiments"
    taken = {file.name for file in config_files(home, shipped)}
    path = next(folder / f"{candidate}.yaml" for candidate in _candidates(stem) if f"experiments/{candidate}.yaml" not in taken)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"The folder {folder} cannot be made: {error.strerror or error}.", "name") from error
    write_atomic(path, _text(name, files, config).encode())
    try:
        again = resolve([path], find_dataset=find_dataset)
        wrong = "" if again.sha256 == config.sha256 else "it would make another configuration"
    except LayeredError as error:
        wrong = error.problems[0].message
    if wrong:
        path.unlink(missing_ok=True)
        raise CommandError(f"This cannot be saved as an experiment: {wrong}.", "files", "Save without what was set over the files.")
    return path


def _candidates(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}_{number}" for number in range(2, _COPIES))


def _text(name: str, files: Sequence[ConfigFile], config: ResolvedConfig) -> str:
    set_over = {path: leaf for path, leaf in config.leaves.items() if any(write.source.kind == "cli" for write in leaf.chain)}
    said = {path: next(write.value for write in reversed(leaf.chain) if write.source.kind == "cli") for path, leaf in set_over.items()}
    said[("experiment", "name")] = name.strip()
    locked = [".".join(path) for path in set_over if config.schema.keys[path].structural and not config.schema.keys[path].given_by_data]
    lines = [f"family: {config.entry.family}", "includes:", *(f"  - ../{file.name}" for file in files)]
    lines += [f"allow_structural: {yaml_text(locked)}"] if locked else []
    return "\n".join([*lines, *_body(said)]) + "\n"


def _body(said: dict[tuple[str, ...], Any]) -> Iterator[str]:
    """Values by path as nested sections, one line each."""
    above: tuple[str, ...] = ()
    for path in sorted(said):
        for depth in range(len(path) - 1):
            if path[: depth + 1] != above[: depth + 1]:
                yield f"{'  ' * depth}{path[depth]}:"
        above = path
        yield f"{'  ' * (len(path) - 1)}{path[-1]}: {yaml_text(said[path])}"
