"""Every shipped file with every other that it could be combined with: what must resolve, does; what cannot is declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from workbench.layered.files import Library
from workbench.layered.problems import LayeredError, fail
from workbench.layered.resolve import resolve, resolve_variants
from workbench.layered.yaml12 import parse, plain

DECLARED = "incompatible.yaml"
_PARTS = ("models", "data", "training")
_ENTRY_KEYS = {*_PARTS, "code", "why"}


@dataclass(frozen=True)
class Outcome:
    """One combination: the files, the code of its first error (None: it resolves) and the error itself."""

    files: tuple[str, ...]
    code: str | None
    error: LayeredError | None = None


@dataclass(frozen=True)
class Declared:
    """Combinations that cannot be used: patterns of file names without their ending, the error's code and why."""

    family: str
    patterns: tuple[tuple[str, ...], ...]
    code: str
    why: str
    line: int

    def covers(self, family: str, stems: tuple[str, ...]) -> bool:
        """Whether it speaks of the combination of these files."""
        return family == self.family and all(
            any(fnmatchcase(stem, pattern) for pattern in patterns) for stem, patterns in zip(stems, self.patterns, strict=True)
        )


@dataclass(frozen=True)
class Matrix:
    """What came of all combinations.

    Attributes:
        outcomes: one a combination, experiments and variants included. problems: sentences on what is neither ok nor declared.
    """

    outcomes: tuple[Outcome, ...]
    problems: tuple[str, ...]


def check_matrix(library: Library | None = None) -> Matrix:
    """Resolve every model x data x training of a family and every experiment below the configuration root. No data is opened.

    Raises:
        LayeredError: a file that cannot be read, or a declaration that cannot be understood.
    """
    library = library or Library()
    declared = _declared(library)
    outcomes: list[Outcome] = []
    problems: list[str] = []
    met: set[int] = set()
    for family, files in _combinations(library):
        outcome = _outcome(library, files)
        outcomes.append(outcome)
        stems = tuple(Path(file).stem for file in files)
        expected = [number for number, entry in enumerate(declared) if entry.covers(family, stems)]
        found = [number for number in expected if declared[number].code == outcome.code]
        met.update(found)
        words = " + ".join(files)
        if outcome.error is not None and not found:
            problems.append(f"{words}: {outcome.error}")
        elif outcome.error is None and expected:
            problems.append(f"{words} resolves, although {DECLARED}:{declared[expected[0]].line} declares {declared[expected[0]].code}")
    problems += [f"{DECLARED}:{entry.line}: nothing fails in this way any more" for n, entry in enumerate(declared) if n not in met]
    for file in _names(library, "experiments"):
        outcome = _outcome(library, (file,))
        outcomes.append(outcome)
        if outcome.error is not None:
            problems.append(f"{file}: {outcome.error}")
    return Matrix(tuple(outcomes), tuple(problems))


def _outcome(library: Library, files: tuple[str, ...]) -> Outcome:
    try:
        if len(files) == 1:
            resolve_variants([library.shipped / files[0]], library=library)
        else:
            resolve([library.shipped / file for file in files], library=library)
    except LayeredError as error:
        return Outcome(files, error.code, error)
    return Outcome(files, None)


def _combinations(library: Library) -> Iterator[tuple[str, tuple[str, ...]]]:
    by_family: dict[str, dict[str, list[str]]] = {}
    for part in _PARTS:
        for name in _names(library, part):
            by_family.setdefault(_family(library.shipped / name, name), {}).setdefault(part, []).append(name)
    for family, parts in by_family.items():
        for model in parts.get("models", ()):
            for data in parts.get("data", ()):
                yield from ((family, (model, data, training)) for training in parts.get("training", ()))


def _names(library: Library, part: str) -> list[str]:
    return [f"{part}/{path.name}" for path in sorted((library.shipped / part).glob("*.yaml"))]


def _family(path: Path, name: str) -> str:
    family = plain(parse(path.read_bytes(), name)).get("family")
    if not isinstance(family, str):
        raise fail(
            "CFG_FAMILY", "a shipped file names its family", key="family", file=name, line=1, hint="Add a line such as `family: rcmvae`."
        )
    return family


def _declared(library: Library) -> list[Declared]:
    path = library.shipped / DECLARED
    if not path.exists():
        return []
    root = parse(path.read_bytes(), DECLARED)
    return [_entry(family, node, plain(node)) for family, entry in root.entries.items() for node in getattr(entry.node, "items", ())]


def _entry(family: str, node: Any, values: Any) -> Declared:
    if not isinstance(values, dict) or set(values) != _ENTRY_KEYS or not all(isinstance(values[part], list) for part in _PARTS):
        message = f"an entry has {', '.join(sorted(_ENTRY_KEYS))}; {', '.join(_PARTS)} are lists of patterns"
        raise fail("CFG_TYPE", message, file=DECLARED, line=node.mark.line)
    return Declared(family, tuple(tuple(values[part]) for part in _PARTS), values["code"], values["why"], node.mark.line)
