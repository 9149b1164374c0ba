"""Configuration files as they are read: where they may lie, how they are called, their layer and what they include."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.layered.names import close_names, did_you_mean
from workbench.layered.problems import LayeredError, fail
from workbench.layered.provenance import Layer, Source
from workbench.layered.yaml12 import Entry, ListNode, MapNode, Mark, Node, ScalarNode, kind_words, parse

SHIPPED = Path(__file__).resolve().parents[3] / "configs"
"""The configuration files that come with Trellis."""

LAYER_OF_FOLDER = {"models": Layer.MODEL, "data": Layer.DATA, "training": Layer.TRAINING, "experiments": Layer.EXPERIMENT}
FILE_LAYERS = {layer.word: layer for layer in (Layer.MODEL, Layer.DATA, Layer.TRAINING, Layer.EXPERIMENT)}


@dataclass(frozen=True)
class Ref:
    """A file that somebody names: its path as written, and the file and line that name it (none: the command line)."""

    text: str
    includer: File | None = None
    line: int | None = None

    @property
    def file(self) -> str | None:
        return None if self.includer is None else self.includer.shown


@dataclass(frozen=True, eq=False)
class File:
    """A file that was read.

    Attributes:
        path: canonical. shown: how people call it, relative to the configuration root. root: its content. sha256: of its bytes.
    """

    path: Path
    shown: str
    root: MapNode
    layer: Layer
    includes: tuple[Ref, ...]
    sha256: str

    @property
    def complete(self) -> bool:
        """Whether it is a resolved configuration, written by Trellis, that holds every value."""
        meta = self.root.entries.get("meta")
        return meta is not None and isinstance(meta.node, MapNode) and "fingerprint" in meta.node.entries

    def source(self, mark: Mark) -> Source:
        """The source of a value that stands at `mark`."""
        return Source("file", self.shown, mark.line, mark.column, self.layer)


class Library:
    """Reads files, each once. Shared by the resolutions of one command."""

    def __init__(self, shipped: Path = SHIPPED) -> None:
        self.shipped = shipped.resolve()
        self._files: dict[tuple[Path, str], File] = {}

    def entry(self, name: str | Path) -> Path:
        """The file that a command names: from the working directory, else below the shipped ones (`experiments/x.yaml`)."""
        given = Path(name).expanduser()
        candidates = [given, self.shipped / given, self.shipped.parent / given] if not given.is_absolute() else [given]
        found = next((path for path in candidates if path.exists()), None)
        if found is None:
            raise fail("CFG_MISSING_FILE", f"there is no file {name}", file=str(name), hint=self._similar(given.name))
        return found.resolve()

    def included(self, ref: Ref, roots: Iterable[Path]) -> Path:
        """The file that an include names. Raises LayeredError CFG_PATH_OUTSIDE, CFG_MISSING_FILE."""
        assert ref.includer is not None
        place = {"file": ref.file, "line": ref.line}
        roots = [self.shipped, *roots]
        path = self._instead((ref.includer.path.parent / ref.text).resolve(), ref.includer.path)
        if Path(ref.text).is_absolute() or not any(path.is_relative_to(root) for root in roots):
            hint = "Includes are relative paths below configs/, or below the folder of the file that was named first (above it, if it is called models, data, training or experiments)."
            raise fail("CFG_PATH_OUTSIDE", f"{ref.text} lies outside the configuration folders", hint=hint, **place)
        if not path.exists():
            raise fail("CFG_MISSING_FILE", f"there is no file {ref.text}", hint=self._similar(path.name), **place)
        return path

    def read(self, path: Path, roots: Iterable[Path], ref: Ref) -> File:
        """The file at a canonical path. Raises LayeredError; what cannot be opened is told at the place that names it."""
        shown = self._shown(path, roots)
        if (path, shown) not in self._files:
            if path.exists() and not path.is_file():
                raise fail("CFG_UNREADABLE", f"{ref.text} is no file", file=ref.file or str(path), line=ref.line, hint="Name a YAML file.")
            try:
                data = path.read_bytes()
            except OSError as error:
                message = f"{ref.text} cannot be read: {error.strerror or error}"
                raise fail("CFG_UNREADABLE", message, file=ref.file or str(path), line=ref.line, hint="Check its permissions.") from error
            root = parse(data, shown)
            layer = _layer_of(root, path, shown)
            file = File(path, shown, root, layer, (), hashlib.sha256(data).hexdigest())
            includes = tuple(Ref(text, file, line) for text, line in _includes(root.entries.get("includes"), shown))
            self._files[path, shown] = File(path, shown, root, layer, includes, file.sha256)
        return self._files[path, shown]

    def _instead(self, path: Path, includer: Path) -> Path:
        """The shipped file of the same name for one that a folder like `configs/` does not have itself."""
        root = root_of(includer)
        if path.exists() or root == includer.parent or not path.is_relative_to(root):
            return path
        shipped = self.shipped / path.relative_to(root)
        return shipped if shipped.exists() else path

    def _shown(self, path: Path, roots: Iterable[Path]) -> str:
        for root in (self.shipped, *roots):
            if path.is_relative_to(root):
                # `models/x.yaml` rather than `x.yaml`, which its training file may be called as well.
                return path.relative_to(root.parent if root.name in LAYER_OF_FOLDER else root).as_posix()
        return str(path)

    def _similar(self, name: str) -> str | None:
        known = {path.name: path for path in self.shipped.glob("*/*.yaml")}
        same = [known[found].relative_to(self.shipped).as_posix() for found in close_names(name, known)]
        return did_you_mean(same)


def root_of(path: Path) -> Path:
    """The folder below which a file's includes may lie: its own, or, where that holds a layer's files, the one that holds all layers."""
    return path.parent.parent if path.parent.name in LAYER_OF_FOLDER else path.parent


def names_in(node: Node, what: str, file: str) -> list[tuple[str, int]]:
    """A list of texts with their lines. Raises LayeredError CFG_TYPE."""
    if not isinstance(node, ListNode):
        raise fail("CFG_TYPE", f"{what} must be a list, not {kind_words(node)}", key=what, file=file, line=node.mark.line)
    for item in node.items:
        if not isinstance(item, ScalarNode) or not isinstance(item.value, str):
            raise fail("CFG_TYPE", f"{what} must list texts, not {kind_words(item)}", key=what, file=file, line=item.mark.line)
    return [(item.text, item.mark.line) for item in node.items if isinstance(item, ScalarNode)]


def _includes(entry: Entry | None, shown: str) -> list[tuple[str, int]]:
    return [] if entry is None else names_in(entry.node, "includes", shown)


def _layer_of(root: MapNode, path: Path, shown: str) -> Layer:
    by_folder = LAYER_OF_FOLDER.get(path.parent.name)
    entry = root.entries.get("layer")
    if entry is None:
        if by_folder is None:
            hint = f"Add a line such as `layer: experiment` ({', '.join(FILE_LAYERS)}), or keep it in {', '.join(LAYER_OF_FOLDER)}."
            raise _unknown_layer("the file does not say which layer it belongs to", shown, 1, hint)
        return by_folder
    line = entry.mark.line
    word = entry.node.value if isinstance(entry.node, ScalarNode) else None
    layer = FILE_LAYERS.get(word) if isinstance(word, str) else None
    if layer is None:
        raise _unknown_layer(f"the layer must be one of {', '.join(FILE_LAYERS)}", shown, line, None)
    if by_folder is not None and by_folder is not layer:
        message = f"the file says that its layer is {layer.word}, but it lies among {path.parent.name}"
        raise _unknown_layer(message, shown, line, "Move the file, or correct the line.")
    return layer


def _unknown_layer(message: str, shown: str, line: int, hint: str | None) -> LayeredError:
    return fail("CFG_LAYER_UNKNOWN", message, key="layer", file=shown, line=line, hint=hint)
