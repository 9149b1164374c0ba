"""The variants of an experiment: the same experiment with other files or values, each a configuration of its own."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from workbench.layered.files import File, Ref, names_in
from workbench.layered.names import close_names, did_you_mean
from workbench.layered.problems import fail
from workbench.layered.yaml12 import Entry, ListNode, MapNode, ScalarNode, kind_words, set_twice

_KEYS = ("name", "includes", "set")


@dataclass(frozen=True)
class Variant:
    """One variant: its name, the files it adds, and the values it sets (as a body holds them)."""

    name: str
    includes: tuple[Ref, ...]
    values: MapNode | None


def variants_of(file: File) -> tuple[Variant, ...]:
    """The variants that a file lists, in order; none if it has none. Raises LayeredError."""
    entry = file.root.entries.get("variants")
    if entry is None:
        return ()
    if not isinstance(entry.node, ListNode):
        message = f"variants must be a list, not {kind_words(entry.node)}"
        raise fail("CFG_TYPE", message, key="variants", file=file.shown, line=entry.mark.line)
    found: dict[str, Variant] = {}
    for item in entry.node.items:
        if not isinstance(item, MapNode):
            message = f"a variant has a name, and includes or set; this is {kind_words(item)}"
            raise fail("CFG_TYPE", message, key="variants", file=file.shown, line=item.mark.line)
        variant = _variant(file, item)
        if variant.name in found:
            message = f"two variants are named {variant.name}"
            raise fail("CFG_DUPLICATE_KEY", message, key="variants", file=file.shown, line=item.mark.line, hint="Rename one.")
        found[variant.name] = variant
    return tuple(found.values())


def _variant(file: File, node: MapNode) -> Variant:
    for name, entry in node.entries.items():
        if name not in _KEYS:
            hint = did_you_mean(close_names(name, _KEYS)) or f"A variant has {', '.join(_KEYS)}."
            raise fail(
                "CFG_UNKNOWN_KEY", f"a variant has no {name}", key=f"variants.{name}", file=file.shown, line=entry.mark.line, hint=hint
            )
    name = node.entries.get("name")
    if name is None or not isinstance(name.node, ScalarNode) or not name.node.text.strip() or name.node.value is None:
        raise fail("CFG_NULL", "a variant needs a name", key="variants.name", file=file.shown, line=node.mark.line)
    includes = node.entries.get("includes")
    refs = () if includes is None else tuple(Ref(text, file, line) for text, line in names_in(includes.node, "includes", file.shown))
    values = node.entries.get("set")
    if values is not None and not isinstance(values.node, MapNode):
        message = f"set must hold keys and values, not {kind_words(values.node)}"
        raise fail("CFG_TYPE", message, key="variants.set", file=file.shown, line=values.mark.line)
    nested = None if values is None or not isinstance(values.node, MapNode) else _nested(values.node, file)
    return Variant(name.node.text, refs, nested)


def _nested(node: MapNode, file: File) -> MapNode:
    """The same with dotted keys (`training.max_epochs: 5`) as mappings within mappings."""
    tree: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        parts = key.split(".")
        inner = entry
        for part in reversed(parts[1:]):
            inner = Entry(entry.mark, MapNode(MappingProxyType({part: inner}), entry.mark))
        tree[parts[0]] = _joined(tree[parts[0]], inner, key, file) if parts[0] in tree else inner
    return MapNode(MappingProxyType(tree), node.mark)


def _joined(old: Entry, new: Entry, key: str, file: File) -> Entry:
    if not isinstance(old.node, MapNode) or not isinstance(new.node, MapNode):
        message = set_twice(key, old.mark, new.mark)
        raise fail("CFG_DUPLICATE_KEY", message, key=key, file=file.shown, line=new.mark.line, hint="Keep one of the two.")
    both = dict(old.node.entries)
    for part, entry in new.node.entries.items():
        both[part] = _joined(both[part], entry, key, file) if part in both else entry
    return Entry(old.mark, MapNode(MappingProxyType(both), old.node.mark))
