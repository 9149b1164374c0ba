"""From files to their bodies in the order in which they are merged: includes, precedence, cycles.

`resolve(f) = resolve(i1) + ... + resolve(ik) + body(f)`: what a file includes comes before it, in the order of its list. A
file that is reached twice is merged at each place where it stands.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.layered.files import File, Library, Ref
from workbench.layered.problems import fail
from workbench.layered.provenance import Layer
from workbench.layered.yaml12 import MapNode, ScalarNode

MAX_DEPTH = 16
MAX_FILES = 64

MAY_INCLUDE = {
    Layer.MODEL: (Layer.MODEL,),
    Layer.DATA: (Layer.DATA,),
    Layer.TRAINING: (Layer.TRAINING,),
    Layer.EXPERIMENT: (Layer.MODEL, Layer.DATA, Layer.TRAINING, Layer.EXPERIMENT),
}


@dataclass(frozen=True)
class Body:
    """What one file, or one variant's `set`, contributes: `node` holds sections, control keys included."""

    file: File
    node: MapNode
    variant: bool = False


@dataclass
class Expansion:
    """Opens the files of one resolution. `roots` are the folders of the files that were named first."""

    library: Library
    roots: tuple[Path, ...]
    opened: int = 0
    variants_of: Path | None = None
    """The experiment whose variants may be used."""
    extra: tuple[Ref, ...] = ()
    """Includes of the chosen variant, to be placed in that experiment's list."""
    _stack: list[tuple[File, int]] = field(default_factory=list)

    def of_list(self, refs: Sequence[Ref]) -> list[Body]:
        """The bodies of a list of files, in order. Raises LayeredError."""
        files = [self._open(ref) for ref in refs]
        _check_order(files, refs)
        parts = [self._of_file(file, ref) for file, ref in zip(files, refs, strict=True)]
        _check_names(files, refs, parts)
        return [body for part in parts for body in part]

    def file_of(self, ref: Ref) -> File:
        """The file that `ref` names, without what it includes."""
        path = self.library.entry(ref.text) if ref.includer is None else self.library.included(ref, self.roots)
        return self.library.read(path, self.roots, ref)

    def _open(self, ref: Ref) -> File:
        self.opened += 1
        if self.opened > MAX_FILES:
            raise fail("CFG_LIMIT", f"more than {MAX_FILES} files are merged", file=ref.file, line=ref.line)
        return self.file_of(ref)

    def _of_file(self, file: File, ref: Ref) -> list[Body]:
        if any(above.path == file.path for above, _ in self._stack):
            raise fail("CFG_CYCLE", f"files include each other: {self._chain(file, ref)}", file=ref.file, line=ref.line)
        if len(self._stack) >= MAX_DEPTH:
            raise fail("CFG_LIMIT", f"includes are nested more than {MAX_DEPTH} deep", file=ref.file, line=ref.line)
        includes = file.includes
        if file.path == self.variants_of:
            includes = self._with_extra(includes)
        self._stack.append((file, ref.line or 0))
        try:
            for inner in includes:
                self._check_may_include(file, inner)
            return [*self.of_list(includes), Body(file, file.root)]
        finally:
            self._stack.pop()

    def _check_may_include(self, file: File, ref: Ref) -> None:
        layer = self.file_of(ref).layer
        if layer not in MAY_INCLUDE[file.layer]:
            message = f"a {file.layer.word} file cannot include {ref.text}, a {layer.word} file"
            raise fail("CFG_LAYER_CONTENT", message, key="includes", file=ref.file, line=ref.line, hint="Combine them in an experiment.")

    def _with_extra(self, includes: tuple[Ref, ...]) -> tuple[Ref, ...]:
        """A variant's includes in the list, each after the last entry of the same or a lower layer."""
        placed = list(includes)
        for ref in self.extra:
            rank = self.file_of(ref).layer
            after = [index for index, other in enumerate(placed) if self.file_of(other).layer <= rank]
            placed.insert(after[-1] + 1 if after else 0, ref)
        return tuple(placed)

    def _chain(self, file: File, ref: Ref) -> str:
        """`a.yaml:2 -> b.yaml:1 -> a.yaml`: each file with the line of the include that leads on."""
        names = [above for above, _ in self._stack]
        lines = [line for _, line in self._stack[1:]] + [ref.line or 0]
        start = next(index for index, above in enumerate(names) if above.path == file.path)
        steps = [f"{above.shown}:{line}" for above, line in zip(names[start:], lines[start:], strict=True)]
        return " -> ".join([*steps, file.shown])


def _check_order(files: Sequence[File], refs: Sequence[Ref]) -> None:
    pairs = list(zip(files, refs, strict=True))
    for (before, earlier), (after, ref) in itertools.pairwise(pairs):
        if after.layer < before.layer:
            message = f"the {after.layer.word} file {_at(after, ref)} stands after the {before.layer.word} file {_at(before, earlier)}"
            hint = "List files in the order model, data, training, experiment."
            raise fail("CFG_LAYER_ORDER", message, file=ref.file or after.shown, line=ref.line, hint=hint)
    experiments = [(file, ref) for file, ref in pairs if file.layer is Layer.EXPERIMENT]
    if len(experiments) > 1:
        (first, earlier), (file, ref) = experiments[:2]
        message = f"{_at(first, earlier)} and {_at(file, ref)} are both experiments; a list may hold one"
        raise fail("CFG_LAYER_ORDER", message, file=ref.file or file.shown, line=ref.line, hint="Let one include the other.")


def _check_names(files: Sequence[File], refs: Sequence[Ref], parts: Sequence[list[Body]]) -> None:
    """Two model files of one list that are different models are a mistake, not an override."""
    first: tuple[str, File] | None = None
    for (file, ref), part in zip(zip(files, refs, strict=True), parts, strict=True):
        if file.layer is not Layer.MODEL:
            continue
        name = next((found for body in reversed(part) if (found := _model_name(body.node)) is not None), None)
        if name is not None and first is not None and name != first[0]:
            message = f"{first[1].shown} is a {first[0]}, but {file.shown} is a {name}"
            raise fail(
                "CFG_LAYER_ORDER", message, key="model.name", file=ref.file or file.shown, line=ref.line, hint="Keep one of the two."
            )
        first = first or (None if name is None else (name, file))


def _model_name(node: MapNode) -> str | None:
    model = node.entries.get("model")
    entry = model.node.entries.get("name") if model is not None and isinstance(model.node, MapNode) else None
    return entry.node.text if entry is not None and isinstance(entry.node, ScalarNode) else None


def _at(file: File, ref: Ref) -> str:
    return file.shown if ref.line is None else f"{file.shown} (line {ref.line})"
