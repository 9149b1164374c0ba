"""Configuration files that one can choose from: those that come with Trellis, and one's own below the home folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench.layered.files import LAYER_OF_FOLDER, SHIPPED
from workbench.layered.problems import LayeredError
from workbench.layered.provenance import Layer
from workbench.layered.yaml12 import parse, plain

OWN = "configs"
"""Folder of one's own files in the home folder; it has folders for layers like the shipped one."""


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
