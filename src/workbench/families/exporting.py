"""What can be taken out of a model as a file."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.families.loading import ImportString


@dataclass(frozen=True)
class Size:
    """Bytes that a file will have, exactly so or as far as can be told before it is made; `note`: what else to know of it now."""

    bytes: int
    exact: bool = False
    note: str = ""


@dataclass(frozen=True)
class Export:
    """A file that can be made of a model.

    Attributes:
        name: the last part of its address, and what the command line calls it. file: what its name ends with, after the model's.
        title, words: what it is, short and in a sentence or two. group: the heading it stands under.
        media_type: of the file.
        write: import string to `write(workbench, model, out, part, progress)`, which writes the file into the open binary file `out` and
            tells `progress(done, total)`. size: import string to `size(workbench, model, part) -> Size`; both raise CommandError, with what
            to do, where the model cannot give it now.
        parts: of its data, one of which may be chosen, the first if nobody does; none: it has no parts.
        shown: whether a page shows its text as well.
    """

    name: str
    title: str
    words: str
    group: str
    file: str
    media_type: str
    write: ImportString
    size: ImportString
    parts: tuple[str, ...] = ()
    shown: bool = False
