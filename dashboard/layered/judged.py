"""What a choice of files makes, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.layered.choice import Choice, chosen
from workbench.layered.problems import LayeredError, LayeredProblem
from workbench.layered.registry import registry
from workbench.layered.resolved import ResolvedConfig
from workbench.services.config_files import ConfigFile
from workbench.services.layered import planned

if TYPE_CHECKING:
    from workbench.workbench import Workbench

EXCERPT = 2
"""Lines of a file that are shown before and after one with a problem."""


@dataclass(frozen=True)
class Excerpt:
    """Some lines of a file around what is wrong with it: (number, text), and the problems by line."""

    file: str
    lines: tuple[tuple[int, str], ...]
    problems: tuple[LayeredProblem, ...]


@dataclass(frozen=True)
class Judged:
    """What a choice makes.

    Attributes:
        configs: all that would be trained: each variant, with each seed. shown: the one that the page shows; where overrides are at fault,
            without them; None if the files are.
        variants: their names. problems: everything that is wrong. excerpts: where it stands in files.
        absent: of each dataset whose file is not there, where to put it.
    """

    choice: Choice
    files: tuple[ConfigFile, ...]
    configs: tuple[ResolvedConfig, ...] = ()
    shown: ResolvedConfig | None = None
    variants: tuple[str, ...] = ()
    problems: tuple[LayeredProblem, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    absent: tuple[str, ...] = ()

    def of_override(self, number: int) -> tuple[LayeredProblem, ...]:
        """What is wrong with an override, counted from 1."""
        return tuple(problem for problem in self.problems if problem.file == f"cli#{number}")

    def of_key(self, key: str) -> tuple[LayeredProblem, ...]:
        """What is wrong with a key."""
        return tuple(problem for problem in self.problems if problem.key == key)


def judge(workbench: Workbench, choice: Choice, known: Sequence[ConfigFile]) -> Judged:
    """Resolve what is chosen."""
    files, missing = chosen(choice, known)
    if missing or not files:
        words = [
            f"Choose {_article(name)} {name} file." if not choice.files[name] else f"There is no {name} file {choice.files[name]}."
            for name in missing
        ]
        return Judged(
            choice, files, problems=tuple(LayeredProblem("CFG_MISSING_FILE", text, name) for text, name in zip(words, missing, strict=True))
        )
    paths = [file.path for file in files]
    variants = files[-1].variants
    try:
        configs = planned(workbench, paths, choice.overrides, structural=choice.structural)
    except LayeredError as error:
        return _refused(workbench, choice, files, error)
    return Judged(choice, files, tuple(configs), _variant(configs, choice.variant), variants, absent=_absent(workbench, configs))


def _refused(workbench: Workbench, choice: Choice, files: tuple[ConfigFile, ...], error: LayeredError) -> Judged:
    shown = None
    if choice.overrides:
        try:
            shown = _variant(planned(workbench, [file.path for file in files]), choice.variant)
        except LayeredError:
            shown = None
    return Judged(choice, files, (), shown, files[-1].variants, error.problems, excerpts_of(error.problems, files))


def _absent(workbench: Workbench, configs: Sequence[ResolvedConfig]) -> tuple[str, ...]:
    sources = [workbench.datasets.source(name) for name in dict.fromkeys(str(config["data.dataset"]) for config in configs)]
    return tuple(f"{source.name}: {source.missing}" for source in sources if source.missing)


def _variant(configs: Sequence[ResolvedConfig], name: str) -> ResolvedConfig:
    return next((config for config in configs if config.variant == name), configs[0])


def excerpts_of(problems: Sequence[LayeredProblem], files: Sequence[ConfigFile]) -> tuple[Excerpt, ...]:
    """The places in files of the problems that have one, a file each."""
    found = []
    for name in dict.fromkeys(problem.file for problem in problems if problem.file and problem.line):
        own = tuple(problem for problem in problems if problem.file == name and problem.line)
        lines = _text(name, files)
        shown = {n for problem in own for n in range((problem.line or 1) - EXCERPT, (problem.line or 1) + EXCERPT + 1)}
        found.append(Excerpt(name, tuple((n, lines[n - 1]) for n in sorted(shown) if 1 <= n <= len(lines)), own))
    return tuple(found)


def _text(name: str, files: Sequence[ConfigFile]) -> list[str]:
    """The lines of a file by the name that errors call it; none if it is not there any more."""
    roots = dict.fromkeys([file.path.parent.parent for file in files])
    for path in [file.path for file in files if file.name == name] + [root / name for root in roots]:
        try:
            return path.read_text().splitlines()
        except (OSError, UnicodeDecodeError):
            continue
    return []


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def families_with_files(known: Sequence[ConfigFile], first: str) -> tuple[str, ...]:
    """The registered families that files are for, `first` before the others."""
    there = dict.fromkeys(entry.family for entry in registry().values())
    named = [name for name in there if any(file.family == name for file in known)]
    return tuple(sorted(named, key=lambda name: name != first))
