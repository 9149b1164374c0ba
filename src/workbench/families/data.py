"""What a family says about its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workbench.families.loading import ImportString
from workbench.fields import ConfigModel

if TYPE_CHECKING:
    from workbench.looks import Table
    from workbench.state import DatasetRecord


@dataclass(frozen=True)
class DataSource:
    """Where data of a family comes from; without `params` it is a dataset of its own, with a fixed id.

    Attributes:
        id: of the source, and of its dataset if it has no parameters.
        loader: import string to `load(settings) -> loaded`, or `load(settings, params) -> loaded` for a source with parameters;
            what it gives is the family's own, and has a `manifest`. None: the data is an artefact.
        facts: what is known before loading, in the family's own type; the core passes it on unread.
        default_sample: settings of a model's sample to start from.
        needs_download: whether the first use fetches files unless TRELLIS_DATA has them. download: how much, in words.
        files: import string to `files(settings) -> paths`, or None while they are not at hand; None: it has no files.
        place: where in the folder of datasets people put its file, which nothing fetches; "" for others. missing: a sentence while it is not there.
        params: the type of its parameters; each set of them can be made a dataset. foresees: import string to `foresees(params) ->
            facts` of one that is not yet made; raises DatasetError for parameters that cannot be used.
        varied: the source with parameters that makes others of its kind; its own are those parameters' defaults. Layered files may
            set the parameters beside its id, and mean a dataset of that source if they differ.
    """

    id: str
    name: str
    description: str
    loader: ImportString | None
    facts: Any = None
    default_sample: Mapping[str, Any] = field(default_factory=dict)
    needs_download: bool = False
    download: str = ""
    files: ImportString | None = None
    place: str = ""
    missing: str = ""
    params: type[ConfigModel] | None = None
    foresees: ImportString | None = None
    varied: str | None = None


@dataclass(frozen=True)
class FileKind:
    """A kind of file, or folder, that a family reads.

    Attributes:
        name: the source of what was imported from it. title: for people. extensions: of its files, with the dot; none for a
            folder. mime: its media types.
    """

    name: str
    title: str
    extensions: tuple[str, ...] = ()
    mime: tuple[str, ...] = ()


@dataclass(frozen=True)
class Importing:
    """How a family takes in people's own data.

    Attributes:
        kinds: what it reads. words: what is in such a file, in a sentence.
        read: import string to `read(path, options, progress) -> ReadImport` (see workbench.datasets).
        opened: import string to `opened(content, manifest) -> loaded`, of the arrays that `read` gave or the path of its file.
        options: the type of the options of reading; None: there are none.
        amend: import string to `amend(content, manifest, amendments) -> manifest`, what is kept being understood otherwise; files
            are left out. amendments: the type of what may be changed so; None: nothing.
    """

    kinds: tuple[FileKind, ...]
    read: ImportString
    opened: ImportString
    words: str = ""
    options: type[ConfigModel] | None = None
    amend: ImportString | None = None
    amendments: type[ConfigModel] | None = None

    @property
    def extensions(self) -> tuple[str, ...]:
        """Of all files that it reads."""
        return tuple(ending for kind in self.kinds for ending in kind.extensions)

    def takes(self, path: Path) -> bool:
        """Whether it reads files that end so, or folders."""
        if path.is_dir():
            return any(not kind.extensions for kind in self.kinds)
        return path.name.lower().endswith(self.extensions)


@dataclass(frozen=True)
class Column:
    """A column of lists of datasets: the key of its value in `DataSupport.row`, its title, how it is written."""

    key: str
    label: str
    format: Literal["text", "count", "shape", "size"] = "text"

    def shown(self, values: Mapping[str, Any], *, whole: bool = False) -> str:
        """Its value among a dataset's, as it is written; `whole` lists what is else only counted."""
        value = values.get(self.key)
        if value is None:
            return ""
        match self.format:
            case "count":
                return f"{value:,}"
            case "shape":
                return "x".join(map(str, value))
            case "size":
                return (", ".join(map(str, value)) or "none") if whole else f"{len(value):,}"
            case _:
                return str(value)


def _no_tables(_: Any) -> tuple[Table, ...]:
    return ()


def _no_row(_: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class DataSupport:
    """What a family can do with data.

    Attributes:
        sources: where data comes from. readers: how people's own data is read; None: it is not.
        describe: the record of a dataset, and its source if that is one of `sources` -> the dataset as one may choose it, its
            facts brought up to what its manifest says.
        row: facts -> JSON values of one dataset for lists, REST and the command line. columns: which of them lists show.
        tables: facts -> tables of what it is made of, such as its columns, for the command line.
        preview, statistics: import strings to `f(loaded) -> Look` (see workbench.looks).
        sample: import string to `f(loaded, index sets of a sample, facts) -> Look`, for the Create page.
        apart: modules that reading its data needs; a server then has a process of its own read it, which imports them ahead. Without
            any the server reads it itself.
    """

    describe: Callable[[DatasetRecord, DataSource | None], DataSource]
    sources: tuple[DataSource, ...] = ()
    readers: Importing | None = None
    row: Callable[[Any], Mapping[str, Any]] = _no_row
    columns: tuple[Column, ...] = ()
    tables: Callable[[Any], tuple[Table, ...]] = _no_tables
    preview: ImportString | None = None
    statistics: ImportString | None = None
    sample: ImportString | None = None
    apart: tuple[str, ...] = ()

    def source(self, id: str) -> DataSource | None:
        """The source of that id, if there is one."""
        return next((source for source in self.sources if source.id == id), None)

    def reads(self, kind: str) -> bool:
        """Whether `kind` names a kind of file that it reads."""
        return self.readers is not None and any(kind == known.name for known in self.readers.kinds)
