"""What is chosen on the page, as its address says it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from workbench.layered.provenance import Layer
from workbench.services.config_files import ConfigFile

PARTS: Mapping[str, Layer] = {"model": Layer.MODEL, "data": Layer.DATA, "training": Layer.TRAINING}
"""Query names of the files that are combined, in order."""

EXPERIMENT = "experiment"
LAYERS: Mapping[str, Layer] = {**PARTS, EXPERIMENT: Layer.EXPERIMENT}
ASKS = ("family", *LAYERS, "variant", "set", "structural", "overridden")
"""What the page's address may say."""

FIRST = "default"
"""How the file is called that is chosen first, where there is one."""


@dataclass(frozen=True)
class Choice:
    """What is chosen.

    Attributes:
        family: whose files are offered. files: query name -> the file's name without folder and ending; either an experiment alone or parts.
        overrides: texts `key=value`. variant: which is shown of an experiment that has some. overridden: whether values
            that others overrode are shown. structural: whether overrides may change the architecture.
    """

    family: str
    files: Mapping[str, str]
    overrides: tuple[str, ...] = ()
    variant: str = ""
    overridden: bool = False
    structural: bool = False

    @property
    def parts(self) -> bool:
        """Whether files are combined, not an experiment chosen."""
        return EXPERIMENT not in self.files

    def with_files(self, files: Mapping[str, str]) -> Choice:
        """The same with other files."""
        return replace(self, files=dict(files))


def overrides_of(text: str) -> tuple[str, ...]:
    """The overrides in a text, one a line; empty lines and comments are none."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def read(query: Mapping[str, str], families: Sequence[str], known: Sequence[ConfigFile]) -> Choice:
    """What an address asks for; what it leaves out is chosen: the first family, the first file of each layer.

    Args:
        families: names in the order in which they are offered. known: every file.
    """
    family = query.get("family") or families[0]
    asked = {name: query[name] for name in LAYERS if query.get(name)}
    if EXPERIMENT in asked or (EXPERIMENT in query and not asked):
        asked = {EXPERIMENT: asked.get(EXPERIMENT) or first(offered(known, family, Layer.EXPERIMENT))}
    else:
        asked = {name: asked.get(name) or first(offered(known, family, layer)) for name, layer in PARTS.items()}
    return Choice(
        family,
        asked,
        overrides_of(query.get("set", "")),
        query.get("variant", ""),
        bool(query.get("overridden")),
        bool(query.get("structural")),
    )


def offered(known: Sequence[ConfigFile], family: str, layer: Layer) -> tuple[ConfigFile, ...]:
    """The files of a family in a layer; one that does not say its family is offered in each."""
    return tuple(file for file in known if file.layer is layer and file.family in (family, None))


def first(files: Sequence[ConfigFile]) -> str:
    """The one that is chosen before anybody chose: the default, else the smallest of its kind, else the first."""
    stems = [file.stem for file in files if not file.problem]
    for wanted in (FIRST, "small", "quick"):
        found = next((stem for stem in stems if wanted in stem), None)
        if found is not None:
            return found
    return stems[0] if stems else ""


def chosen(choice: Choice, known: Sequence[ConfigFile]) -> tuple[tuple[ConfigFile, ...], tuple[str, ...]]:
    """(the files that are there, in order; the query names of those that are not)."""
    by_place = {(file.layer, file.stem): file for file in known}
    found = {name: by_place.get((LAYERS[name], stem)) for name, stem in choice.files.items()}
    return tuple(file for file in found.values() if file is not None), tuple(name for name, file in found.items() if file is None)


def query_of(choice: Choice) -> str:
    """The query that asks for it."""
    given = {
        "family": choice.family, **choice.files, "variant": choice.variant, "set": "\n".join(choice.overrides),
        "structural": "1" if choice.structural else "", "overridden": "1" if choice.overridden else "",
    }  # fmt: skip
    return urlencode({name: value for name, value in given.items() if value or name == EXPERIMENT})
