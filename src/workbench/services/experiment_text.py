"""The text of an experiment that is saved from what was chosen: the files that it includes, and what was set over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from workbench.layered.provenance import Leaf, Source, Write
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.layered.yaml12 import parse, plain

if TYPE_CHECKING:
    from workbench.services.config_files import ConfigFile

Path = tuple[str, ...]
_OF_THE_FILE = ("layer", "family", "includes", "allow_structural", "variants")
"""Entries of an experiment that are no values."""


def experiment_text(
    name: str, files: Sequence[ConfigFile], config: ResolvedConfig, included: Sequence[str], said_again: AbstractSet[str]
) -> str:
    """The experiment of files and overrides.

    Args:
        name: for people. files: those that were chosen, in order; variants of the last are copied, as no experiment includes others'.
        config: what they make; with variants, what one of them makes. included: names of files to include instead of those chosen.
        said_again: names of files that are not included but whose values are said again.
    """
    keys = config.schema.keys
    given = {path: write for path, leaf in config.leaves.items() if (write := _given(leaf)) is not None}
    said = {path: write.value for path, write in given.items() if _is_said(write.source, said_again)}
    locked = [".".join(path) for path in said if keys[path].structural and not keys[path].given_by_data]
    called: dict[Path, Any] = {("experiment", "name"): name.strip()}
    last = files[-1]
    if not last.variants:
        return _text(config.entry.family, [f"../{file}" for file in included], locked, said | called)
    copied = plain(parse(last.path.read_bytes(), last.name))
    includes = [*(f"../{file.name}" for file in files[:-1]), *(copied.get("includes") or ())]
    allowed = [*dict.fromkeys([*(copied.get("allow_structural") or ()), *locked])]
    body = _flat({key: value for key, value in copied.items() if key not in _OF_THE_FILE})
    return _text(config.entry.family, includes, allowed, body | said | called) + "\n".join(_variants(copied["variants"], said)) + "\n"


def _given(leaf: Leaf) -> Write | None:
    """The strongest value that somebody set."""
    return next((write for write in reversed(leaf.chain) if write.source.kind in ("file", "cli")), None)


def _is_said(source: Source, said_again: AbstractSet[str]) -> bool:
    return source.kind == "cli" or source.name in said_again


def _text(family: str, includes: Sequence[str], locked: Sequence[str], values: Mapping[Path, Any]) -> str:
    lines = [f"family: {family}", *(["includes:"] if includes else []), *(f"  - {yaml_text(name)}" for name in includes)]
    lines += [f"allow_structural: {yaml_text(locked)}"] if locked else []
    return "\n".join([*lines, *_nested(values)]) + "\n"


def _nested(values: Mapping[Path, Any]) -> Iterator[str]:
    """Values by path as sections within sections, one line each."""
    above: Path = ()
    for path in sorted(values):
        for depth in range(len(path) - 1):
            if path[: depth + 1] != above[: depth + 1]:
                yield f"{'  ' * depth}{path[depth]}:"
        above = path
        yield f"{'  ' * (len(path) - 1)}{path[-1]}: {yaml_text(values[path])}"


def _variants(copied: Sequence[Mapping[str, Any]], said: Mapping[Path, Any]) -> Iterator[str]:
    """Each variant with its files and values; what was set over all of them wins over its own."""
    yield "variants:"
    for each in copied:
        yield f"  - name: {yaml_text(each['name'])}"
        if each.get("includes"):
            yield f"    includes: {yaml_text(each['includes'])}"
        own = _flat(each.get("set") or {})
        values = own | {path: value for path, value in said.items() if path in own}
        if values:
            yield "    set:"
            yield from (f"      {'.'.join(path)}: {yaml_text(value)}" for path, value in values.items())


def _flat(tree: Mapping[str, Any], above: Path = ()) -> dict[Path, Any]:
    """Values by path; a mapping without entries is a value. Keys of several parts, such as a variant may have, are taken apart."""
    found: dict[Path, Any] = {}
    for key, value in tree.items():
        path = (*above, *key.split("."))
        found |= _flat(value, path) if isinstance(value, Mapping) and value else {path: value}
    return found
