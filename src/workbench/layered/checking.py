"""The bodies of files against the schema: known keys, right types, and only what a layer may set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.layered.entries import places
from workbench.layered.layers import Body
from workbench.layered.names import close_names, did_you_mean
from workbench.layered.parts import holder_of, part_node
from workbench.layered.problems import Code, LayeredError, LayeredProblem
from workbench.layered.provenance import Layer, Leaf, Source
from workbench.layered.schema import SECTIONS, Key, Path, Schema
from workbench.layered.typed import Refused, RefusedEntries, typed, typed_text
from workbench.layered.yaml12 import Entry, MapNode, Mark, Node, kind_words, parse_value

TOP_LEVEL = {
    Layer.MODEL: ("layer", "family", "includes", "model"),
    Layer.DATA: ("layer", "family", "includes", "data", "model"),
    Layer.TRAINING: ("layer", "family", "includes", "training", "model"),
    Layer.EXPERIMENT: ("layer", "family", "includes", *SECTIONS, "allow_structural", "variants", "meta"),
}
"""What files of each layer may hold at the top."""

NO_OVERRIDE = ("includes", "layer", "allow_structural", "variants", "meta", "family")
ALLOW = "Allow changes of the architecture (--allow-structural on the command line), or set it in a model file."
"""What to do about an override of a structural key."""
OWNERS = {"data": "a data or experiment file", "training": "a training or experiment file", "experiment": "an experiment file"}


@dataclass(frozen=True)
class Dormant:
    """A section of another model in a data layer: valid, but not used now."""

    key: str
    source: Source


@dataclass
class Checked:
    """What became of the bodies: trees of leaves in the order of merging, the dormant sections, and every problem.

    `doubted` are the places of keys whose values are not known: they were refused, or may stand under a wrong name.
    """

    trees: list[dict[str, Any]] = field(default_factory=list)
    dormant: list[Dormant] = field(default_factory=list)
    problems: list[LayeredProblem] = field(default_factory=list)
    doubted: list[Path] = field(default_factory=list)


class Checker:
    """Checks bodies and overrides against a model's schema. `others` are the schemas of the family's other models."""

    def __init__(self, schema: Schema, others: Iterable[Schema]) -> None:
        self._schema = schema
        self._others = {other.entry.key: other for other in others}
        self.done = Checked()

    def body(self, body: Body, allowed: Iterable[str]) -> None:
        """Take one body's values. `allowed` are the structural keys that it may set."""
        _One(self._schema, self._others, body, frozenset(allowed), self.done).take()

    def override(self, number: int, text: str, allowed: Iterable[str]) -> None:
        """Take one `key.path=value` of the command line; `number` counts from 1."""
        source = Source("cli", str(number), layer=Layer.CLI)
        name, equals, value = text.partition("=")
        name = name.strip()
        path = tuple(name.split("."))
        holder = holder_of(self._schema, path)
        key = self._schema.keys.get(path) or holder
        told = len(self.done.problems)
        if not equals or not name:
            self._refuse("CFG_OVERRIDE", f"argument {number} must be key.path=value (got {text[:80]!r})", name, source)
        elif path[0] in NO_OVERRIDE:
            self._refuse("CFG_OVERRIDE", f"{path[0]} cannot be overridden", name, source, "Write it into a file.")
        elif key is None:
            names = [known.name for known in self._schema.keys.values()]
            near = ([known for known in names if known.rpartition(".")[2] == path[-1]] or close_names(name, names))[:3]
            self._refuse("CFG_UNKNOWN_KEY", f"there is no key {name[:80]}", name, source, did_you_mean(near) or _see(path[0]))
            self.done.doubted += [tuple(meant.split(".")) for meant in near]
        elif (why := _structural_problem(key, Layer.CLI, frozenset(allowed))) is not None:
            self.done.problems.append(LayeredProblem("CFG_STRUCTURAL", why, name, source.file, None, ALLOW))
        else:
            try:
                self.done.trees.append(_tree(key.path, self._typed(key, path, value, source)))
            except RefusedEntries as error:
                for one in error.refused:
                    inner = ".".join(filter(None, (key.name, one.path)))
                    self._refuse(one.code, f"{inner} {one.message}", inner, source, one.hint)
            except Refused as error:
                self._refuse(error.code, f"{name} {error.message}", name, source, error.hint)
            except LayeredError as error:
                self._refuse("CFG_OVERRIDE", f"argument {number}: {error.problems[0].message}", name, source, error.hint)
        if key is not None and len(self.done.problems) > told:
            self.done.doubted.append(key.path)

    def _typed(self, key: Key, path: Path, text: str, source: Source) -> Leaf:
        """An override's value, or a part of a config that may be absent. Raises Refused, RefusedEntries, LayeredError."""
        wanted_text = key.spec.value_type is str
        if path != key.path:
            node = part_node(key, path[len(key.path) :], text if wanted_text else text.strip(), str(source))
            return _leaf_of(key, typed(key, node), source, node)
        value = typed_text(key, text if wanted_text else text.strip(), str(source))
        return _leaf_of(key, value, source, parse_value(text.strip(), str(source)) if key.spec.merges else None)

    def _refuse(self, code: Code, message: str, key: str, source: Source, hint: str | None = None) -> None:
        self.done.problems.append(LayeredProblem(code, message, key or None, source.file, None, hint))


@dataclass
class _One:
    """The check of one body."""

    schema: Schema
    others: dict[str, Schema]
    body: Body
    allowed: frozenset[str]
    done: Checked

    def take(self) -> None:
        layer = self.body.file.layer
        tree: dict[str, Any] = {}
        for name, entry in self.body.node.entries.items():
            if name not in TOP_LEVEL[layer] or (self.body.variant and name not in SECTIONS):
                self._top_level(name, entry)
            elif name in SECTIONS:
                tree[name] = self._section((name,), entry, self.schema)
        self.done.trees.append(tree)

    def _top_level(self, name: str, entry: Entry) -> None:
        known = TOP_LEVEL[Layer.EXPERIMENT]
        if name not in known:
            self._refuse("CFG_UNKNOWN_KEY", f"there is no key {name[:80]}", name, entry.mark, did_you_mean(close_names(name, known)))
            return
        layer = self.body.file.layer
        what = "a variant" if self.body.variant else f"a {layer.word} file"
        hint = f"{name} belongs into {OWNERS.get(name, 'an experiment file')}."
        self.done.doubted.append((name,))
        self._refuse("CFG_LAYER_CONTENT", f"{what} cannot hold {name}", name, entry.mark, None if self.body.variant else hint)

    def _section(self, path: Path, entry: Entry, schema: Schema) -> dict[str, Any]:
        node = entry.node
        name = ".".join(path)
        if not isinstance(node, MapNode):
            empty = kind_words(node) == "nothing"
            message = f"{name} is empty" if empty else f"{name} must hold keys and values, not {kind_words(node)}"
            self._refuse("CFG_NULL" if empty else "CFG_TYPE", message, name, entry.mark, "Leave the key out." if empty else None)
            self.done.doubted.append(path)
            return {}
        tree: dict[str, Any] = {}
        for part, inner in node.entries.items():
            place = (*path, part)
            if place in schema.keys:
                leaf = self._leaf(schema.keys[place], inner)
                if leaf is not None:
                    tree[part] = leaf
            elif place in schema.sections:
                tree[part] = self._section(place, inner, schema)
            elif path == ("model",) and part in self.others:
                self._other_model(part, inner)
            else:
                self._unknown(place, inner, schema)
        return tree

    def _leaf(self, key: Key, entry: Entry) -> Leaf | None:
        leaf = self._judged(key, entry)
        if leaf is None:
            self.done.doubted.append(key.path)
        return leaf

    def _judged(self, key: Key, entry: Entry) -> Leaf | None:
        why = _structural_problem(key, self.body.file.layer, self.allowed)
        if why is not None:
            self._refuse("CFG_STRUCTURAL", why, key.name, entry.mark, _allow_hint(key))
            return None
        try:
            value = typed(key, entry.node)
            return _leaf_of(key, value, self.body.file.source(entry.node.mark), entry.node)
        except RefusedEntries as error:
            for one in error.refused:
                name = ".".join(filter(None, (key.name, one.path)))
                self._refuse(one.code, f"{name} {one.message}", name, one.mark or entry.node.mark, one.hint)
            return None
        except Refused as error:
            self._refuse(error.code, f"{key.name} {error.message}", key.name, entry.node.mark, error.hint)
            return None

    def _other_model(self, part: str, entry: Entry) -> None:
        name = f"model.{part}"
        if self.body.file.layer is not Layer.DATA:
            active = self.schema.entry
            message = f"{name} belongs to {self.others[part].entry.name}, but the model is {active.name}"
            self._refuse(
                "CFG_INACTIVE_SECTION", message, name, entry.mark, f"Its section is model.{active.key}; only data files may hold others."
            )
            return
        self._section(("model", part), entry, self.others[part])
        self.done.dormant.append(Dormant(name, self.body.file.source(entry.mark)))

    def _unknown(self, place: Path, entry: Entry, schema: Schema) -> None:
        name, parent = ".".join(place), ".".join(place[:-1])
        near = close_names(place[-1], schema.children(place[:-1]))
        hint = did_you_mean(near) or _see(parent)
        self._refuse("CFG_UNKNOWN_KEY", f"there is no key {name[:120]}", name, entry.mark, hint)
        self.done.doubted += [(*place[:-1], meant) for meant in near]

    def _refuse(self, code: Code, message: str, key: str, mark: Mark, hint: str | None = None) -> None:
        self.done.problems.append(LayeredProblem(code, message, key, self.body.file.shown, mark.line, hint))


def allowed_problems(schemas: Sequence[Schema], listed: Iterable[tuple[str, int]], used: frozenset[str], file: str) -> list[LayeredProblem]:
    """What is wrong with an experiment's `allow_structural`: entries that are unknown, not structural, or used by nothing."""
    known = {key.name: key for schema in schemas for key in schema.keys.values()}
    problems = []
    for name, line in listed:
        key = known.get(name)
        if key is None:
            hint = did_you_mean(close_names(name, known))
            problems.append(
                LayeredProblem("CFG_UNKNOWN_KEY", f"allow_structural names {name}, which does not exist", name, file, line, hint)
            )
        elif not key.structural:
            message = f"allow_structural names {name}, which is not structural"
            problems.append(LayeredProblem("CFG_STRUCTURAL", message, name, file, line, "Remove the entry; the key may be set anyway."))
        elif name not in used:
            message = f"allow_structural names {name}, which nothing here sets"
            problems.append(LayeredProblem("CFG_STRUCTURAL", message, name, file, line, "Remove the entry."))
    return problems


def keys_set(node: MapNode, path: Path = ()) -> frozenset[str]:
    """The dotted keys of everything in a body, sections included."""
    found: set[str] = set()
    for name, entry in node.entries.items():
        found.add(".".join((*path, name)))
        if isinstance(entry.node, MapNode):
            found |= keys_set(entry.node, (*path, name))
    return frozenset(found)


def _structural_problem(key: Key, layer: Layer, allowed: frozenset[str]) -> str | None:
    """Why this layer may not set the key; None if it may."""
    if not key.structural or layer is Layer.MODEL:
        return None
    if key.given_by_data and layer is not Layer.TRAINING:
        return None
    if layer in (Layer.EXPERIMENT, Layer.CLI) and key.name in allowed:
        return None
    where = "an override" if layer is Layer.CLI else f"a {layer.word} file" if layer is not Layer.EXPERIMENT else "an experiment"
    return f"{key.name} is part of the architecture, which the model layer owns; {where} cannot set it"


def _allow_hint(key: Key) -> str:
    return f"Set it in a model file, or list {key.name} under allow_structural of an experiment."


def _see(section: str) -> str:
    """The hint of an unknown key that resembles none."""
    return f"See `trellis config show` for {f'what {section} holds' if section.partition('.')[0] in SECTIONS else 'all keys'}."


def _leaf_of(key: Key, value: Any, source: Source, node: Node | None) -> Leaf:
    """A value that was set, with where the parts of it stand."""
    lines = {path: mark.line for path, mark in places(node)} if node is not None and key.spec.composite is not None else {}
    return Leaf.of(value, source, lines, partial=key.spec.merges and value is not None)


def _tree(path: Path, leaf: Leaf) -> dict[str, Any]:
    tree: Any = leaf
    for part in reversed(path):
        tree = {part: tree}
    return tree
