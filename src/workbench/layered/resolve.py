"""`resolve(files, overrides)`: from files and overrides to one complete, checked configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from workbench.families import family
from workbench.layered.checking import Checked, Checker, allowed_problems, keys_set
from workbench.layered.derive import Derivation
from workbench.layered.doubt import Doubt
from workbench.layered.files import File, Library, Ref, names_in, root_of
from workbench.layered.layers import Body, Expansion
from workbench.layered.merge import merge
from workbench.layered.names import close_names, did_you_mean
from workbench.layered.parts import put_together
from workbench.layered.problems import LayeredError, LayeredProblem, fail
from workbench.layered.provenance import Layer, Leaf, join
from workbench.layered.registry import ModelEntry, registry
from workbench.layered.resolved import FileUsed, ResolvedConfig, with_meta
from workbench.layered.schema import Path as KeyPath
from workbench.layered.schema import schema_of
from workbench.layered.variants import Variant, variants_of
from workbench.layered.yaml12 import MapNode, ScalarNode, plain

FindDataset = Callable[[ModelEntry, str], Any]
"""(model, dataset id) -> what is known of the data without opening it, in the family's own type; None if there is no such dataset in the model's family."""


def built_in_dataset(entry: ModelEntry, dataset: str) -> Any:
    """The facts of a built-in dataset."""
    return next((source.facts for source in family(entry.family).datasets if source.id == dataset), None)


def resolve(
    files: Iterable[str | Path],
    overrides: Iterable[str] = (),
    *,
    variant: str | None = None,
    seed_step: int = 0,
    structural: bool = False,
    find_dataset: FindDataset = built_in_dataset,
    library: Library | None = None,
) -> ResolvedConfig:
    """The configuration that files and overrides make together.

    Args:
        files: paths in the order model, data, training, experiment; several form an experiment. What does not lie in the working
            directory is looked for among the shipped files. overrides: texts `key.path=value`.
        variant: the variant of the last file, if it has variants. seed_step: how far the model's seeds are counted up.
        structural: whether overrides may set every key of the architecture, as if `allow_structural` listed those that they name.
        find_dataset: knows the datasets. library: has read files before.

    Raises:
        LayeredError: with everything that is wrong.
    """
    return _Resolution(files, overrides, library or Library(), find_dataset, structural=structural).resolve(variant, seed_step)


def resolve_variants(
    files: Iterable[str | Path],
    overrides: Iterable[str] = (),
    *,
    seed_step: int = 0,
    structural: bool = False,
    find_dataset: FindDataset = built_in_dataset,
    library: Library | None = None,
) -> tuple[ResolvedConfig, ...]:
    """One configuration for each variant of the last file, or the one there is without variants. Raises LayeredError with all problems."""
    resolution = _Resolution(files, overrides, library or Library(), find_dataset, structural=structural)
    done: list[ResolvedConfig] = []
    problems: list[LayeredProblem] = []
    for name in [found.name for found in resolution.variants] or [None]:
        try:
            done.append(resolution.resolve(name, seed_step))
        except LayeredError as error:
            problems += error.problems
    if problems:
        raise LayeredError(dict.fromkeys(problems))
    return tuple(done)


def values_set(files: Iterable[str | Path], library: Library | None = None) -> dict[str, Any]:
    """The architecture and training values that files set, by field name: typed, without defaults and derived values. Raises LayeredError."""
    return _Resolution(files, (), library or Library(), built_in_dataset).values_set()


class _Resolution:
    """The files and overrides of one command."""

    def __init__(
        self,
        files: Iterable[str | Path],
        overrides: Iterable[str],
        library: Library,
        find_dataset: FindDataset,
        *,
        structural: bool = False,
    ) -> None:
        self._library = library
        self._find = find_dataset
        self._overrides = tuple(overrides)
        self._structural = structural
        paths = [library.entry(name) for name in files]
        if not paths:
            raise fail("CFG_MISSING_FILE", "no file was named", hint="Name a file, such as experiments/rcmvae_quick.yaml.")
        self._roots = tuple(dict.fromkeys(root_of(path) for path in paths))
        self._refs = tuple(Ref(str(path)) for path in paths)
        self._entries = tuple(library.read(path, self._roots, ref) for path, ref in zip(paths, self._refs, strict=True))
        self._last = self._entries[-1]
        self.variants = variants_of(self._last) if self._last.layer is Layer.EXPERIMENT else ()

    def resolve(self, name: str | None, seed_step: int) -> ResolvedConfig:
        """The configuration of one variant, or of the files if they have none. Raises LayeredError."""
        variant = self._variant(name)
        bodies = self._bodies(variant)
        entry = self._entry(bodies)
        if seed_step and not entry.layered.seeds:
            raise fail("CFG_OVERRIDE", f"{entry.name} has no seeds to count up", file=self._last.shown, hint="Leave --seeds out.")
        checked = self._check(entry, bodies)
        leaves = _merged(checked)
        schema = schema_of(entry)
        facts = self._facts(entry, leaves, checked)
        doubt = Doubt(schema, checked.doubted)
        derivation = Derivation(schema, leaves, facts, self._from_auto(), self._last.complete, seed_step, doubt)
        built = derivation.complete()
        if checked.problems or derivation.problems or built is None:
            raise LayeredError(_in_order([*checked.problems, *derivation.problems], bodies))
        files = dict.fromkeys(FileUsed(body.file.shown, body.file.sha256, body.file in self._entries) for body in bodies)
        resolved = ResolvedConfig(
            schema, derivation.leaves, built, tuple(files), self._overrides, name, tuple(checked.dormant), tuple(derivation.warnings),
        )  # fmt: skip
        return with_meta(resolved, self._last)

    def values_set(self) -> dict[str, Any]:
        """Typed values of architecture and training by field name."""
        bodies = self._bodies(None)
        entry = self._entry(bodies)
        checked = self._check(entry, bodies)
        if checked.problems:
            raise LayeredError(checked.problems)
        leaves = _merged(checked)
        set_ = {name: (key, leaves[key.path]) for name, key in schema_of(entry).by_field.items() if key.path in leaves}
        return {name: (put_together(key, leaf, None) if key.spec.merges else leaf).value for name, (key, leaf) in set_.items()}

    def _variant(self, name: str | None) -> Variant | None:
        names = [found.name for found in self.variants]
        if name is None and not names:
            return None
        if name not in names:
            line = self._last.root.entries["variants"].mark.line if names else 1
            message = f"there is no variant {name}" if name else f"{self._last.shown} has variants; one must be chosen"
            hint = did_you_mean(close_names(name or "", names)) or (f"It has {', '.join(names)}." if names else "It has none.")
            raise fail("CFG_LAYER_CONTENT", message, key="variants", file=self._last.shown, line=line, hint=hint)
        return self.variants[names.index(name)]

    def _bodies(self, variant: Variant | None) -> list[Body]:
        """Everything that is merged, weakest first."""
        expansion = Expansion(self._library, self._roots, variants_of=self._last.path, extra=variant.includes if variant else ())
        bodies = expansion.of_list(self._refs)
        for body in bodies:
            if "variants" in body.file.root.entries and body.file.path != self._last.path:
                line = body.file.root.entries["variants"].mark.line
                message = f"{body.file.shown} has variants, so it cannot be included"
                raise fail("CFG_LAYER_CONTENT", message, key="variants", file=body.file.shown, line=line, hint="Name it alone or last.")
        if variant is not None and variant.values is not None:
            bodies.append(Body(self._last, variant.values, variant=True))
        return bodies

    def _entry(self, bodies: Sequence[Body]) -> ModelEntry:
        """The model: what the strongest writer of `model.name` says. Raises CFG_UNKNOWN_MODEL, CFG_FAMILY."""
        named: tuple[str, str | None, int | None] | None = None
        for body in bodies:
            node = _at(body.node, "model", "name")
            if isinstance(node, ScalarNode) and node.value is not None:
                named = (node.text, body.file.shown, node.mark.line)
        for number, text in enumerate(self._overrides, 1):
            key, _, value = text.partition("=")
            if key.strip() == "model.name":
                named = (value.strip(), f"cli#{number}", None)
        known = registry()
        if named is None:
            hint = f"Add a model file, or model.name: {', '.join(known)}."
            raise fail(
                "CFG_UNKNOWN_MODEL",
                "model.name is missing: no file says which model it is",
                key="model.name",
                file=self._last.shown,
                line=1,
                hint=hint,
            )
        name, file, line = named
        if name not in known:
            families = {entry.family: [e.name for e in known.values() if e.family == entry.family] for entry in known.values()}
            listed = "; ".join(f"{group}: {', '.join(names)}" for group, names in families.items())
            hint = " ".join(filter(None, (did_you_mean(close_names(name, known)), f"Known: {listed}.")))
            raise fail("CFG_UNKNOWN_MODEL", f"there is no model {name[:80]}", key="model.name", file=file, line=line, hint=hint)
        self._check_families(bodies, known[name])
        return known[name]

    def _check_families(self, bodies: Sequence[Body], entry: ModelEntry) -> None:
        for body in bodies:
            node = _at(body.node, "family")
            if node is not None and plain(node) != entry.family:
                message = f"the file is for the family {plain(node)}, but {entry.name} belongs to {entry.family}"
                raise fail(
                    "CFG_FAMILY", message, key="family", file=body.file.shown, line=node.mark.line, hint="Choose files of one family."
                )

    def _check(self, entry: ModelEntry, bodies: Sequence[Body]) -> Checked:
        others = [schema_of(other) for other in registry().values() if other.family == entry.family and other.key != entry.key]
        schema = schema_of(entry)
        checker = Checker(schema, others)
        everything = {key.name for key in schema.keys.values()}
        for file in dict.fromkeys(body.file for body in bodies):
            checker.done.problems += allowed_problems([schema, *others], _allowed(file), self._used(file), file.shown)
        for body in bodies:
            checker.body(body, everything if body.file.complete else [name for name, _ in _allowed(body.file)])
        allowed = everything if self._structural or self._last.complete else [name for name, _ in _allowed(self._last)]
        for number, text in enumerate(self._overrides, 1):
            checker.override(number, text, allowed)
        return checker.done

    def _used(self, file: File) -> frozenset[str]:
        """The keys that a file, its variants or, for the last one, the command line set."""
        used = keys_set(file.root)
        if file is self._last:
            for variant in self.variants:
                used |= keys_set(variant.values) if variant.values else frozenset()
            used |= {text.partition("=")[0].strip() for text in self._overrides}
        return used

    def _facts(self, entry: ModelEntry, leaves: Mapping[KeyPath, Leaf], checked: Checked) -> Any:
        """What is known of the data; None, with the problem among those of `checked`, for data that is not there or not said."""
        path = ("data", "dataset")
        leaf = leaves.get(path)
        if any(path[: len(place)] == place for place in checked.doubted):
            return None
        facts = None if leaf is None else self._find(entry, leaf.value)
        if facts is not None:
            return facts
        checked.doubted.append(path)
        ids = [source.id for source in family(entry.family).datasets]
        if leaf is None:
            message = "data.dataset needs a value: no file says which data it is"
            hint = f"Add a data file, or set data.dataset={ids[0] if ids else 'ID'}."
            checked.problems.append(LayeredProblem("CFG_NULL", message, "data.dataset", self._last.shown, None, hint))
            return None
        hint = did_you_mean(close_names(leaf.value, ids)) or f"Built in: {', '.join(ids)}."
        message = f"the family {entry.family} has no dataset {leaf.value[:80]}"
        checked.problems.append(LayeredProblem("CFG_RANGE", message, "data.dataset", leaf.source.file, leaf.source.line, hint))
        return None

    def _from_auto(self) -> frozenset[str]:
        node = _at(self._last.root, "meta", "auto") if self._last.complete else None
        return frozenset() if node is None else frozenset(name for name, _ in names_in(node, "meta.auto", self._last.shown))


def _allowed(file: File) -> list[tuple[str, int]]:
    entry = file.root.entries.get("allow_structural")
    return [] if entry is None or file.layer is not Layer.EXPERIMENT else names_in(entry.node, "allow_structural", file.shown)


def _at(node: MapNode, *path: str) -> Any:
    """The node at a path, or None."""
    found: Any = node
    for part in path:
        if not isinstance(found, MapNode) or part not in found.entries:
            return None
        found = found.entries[part].node
    return found


def _in_order(problems: Iterable[LayeredProblem], bodies: Sequence[Body]) -> list[LayeredProblem]:
    """Problems once each: by file in the order of merging and by line, then those of the overrides in theirs, then those of no place."""
    files = {body.file.shown: place for place, body in enumerate(bodies)}

    def place(problem: LayeredProblem) -> tuple[int, int]:
        if problem.file is None:
            return (len(files) + 2, 0)
        kind, _, number = problem.file.partition("#")
        if kind == "cli" and number.isdecimal():
            return (len(files) + 1, int(number))
        return (files.get(problem.file, len(files)), problem.line or 0)

    return sorted(dict.fromkeys(problems), key=place)


def _merged(checked: Checked) -> dict[KeyPath, Leaf]:
    """What the bodies and overrides set, without what was refused."""
    return dict(_flat(reduce(lambda tree, more: merge(tree, more, join), checked.trees, {})))


def _flat(tree: Mapping[str, Any], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Leaf]]:
    for name, value in tree.items():
        if isinstance(value, Leaf):
            yield (*path, name), value
        else:
            yield from _flat(value, (*path, name))
