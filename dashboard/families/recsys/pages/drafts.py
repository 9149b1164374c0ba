"""What wizards hold in the browser: a document that is being made or changed, and how gestures are applied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, Self, TypeVar

from dashboard.components import Action, notify_error
from dashboard.components.gestures import unapplied
from workbench.commands.base import CommandError

Document = dict[str, Any]

MOST_UNDONE = 50
"""How many steps back a wizard remembers."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What every wizard holds; those of one kind add fields of text, numbers and truth values.

    Attributes:
        key: the address that it belongs to. document: as it is now. name, description: as typed.
        version: of the stored configuration that it edits; None for a new one. revision: the same, but counting changes of
            its name, description, tags and note too; 0 for a new one.
        past: documents before the last gestures, the newest last. seq: the number of the last gesture applied.
        edits: how often it was changed, by gestures or by typing; 0 as the server first draws it.
        over: whether it has been saved, so that nobody needs it any more.
    """

    key: str
    document: Document
    name: str = ""
    description: str = ""
    version: int | None = None
    revision: int = 0
    past: tuple[Document, ...] = ()
    seq: int = 0
    edits: int = 0
    over: bool = False

    @property
    def stored_id(self) -> str | None:
        """The id of the stored configuration that it edits; None for a new one."""
        return self.key.removeprefix("edit/") if self.version is not None else None

    def to_json(self) -> dict[str, Any]:
        """As the browser keeps it."""
        return {**{field.name: getattr(self, field.name) for field in fields(self)}, "past": list(self.past)}

    @classmethod
    def read(cls, data: Any, key: str | None = None) -> Self | None:
        """A draft as the browser sends it back; None for anything malformed, or of another address than `key`, if that is given."""
        if not isinstance(data, Mapping) or not isinstance(data.get("document"), dict):
            return None
        if not isinstance(data.get("key"), str) or key not in (None, data["key"]):
            return None
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in data and field.name != "past":
                values[field.name] = data[field.name]
                if not _fits(data[field.name], str(field.type)):
                    return None
        past = data.get("past")
        known = [entry for entry in past if isinstance(entry, dict)] if isinstance(past, list) else []
        return cls(**values, past=tuple(known[-MOST_UNDONE:]))

    def changed(self, document: Document) -> Self:
        """With another document, and this one to go back to."""
        if document == self.document:
            return self
        return replace(self, document=document, past=(*self.past, self.document)[-MOST_UNDONE:])

    def undone(self) -> Self:
        """With the document before the last gesture; the same where there is none."""
        return replace(self, document=self.past[-1], past=self.past[:-1]) if self.past else self


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str), "bool": lambda value: isinstance(value, bool), "int": lambda value: type(value) is int,
    "int | None": lambda value: value is None or type(value) is int, "Document": lambda value: isinstance(value, dict),
}  # fmt: skip


def _fits(value: Any, kind: str) -> bool:
    return _TYPES[kind](value)


def place_of(text: Any, what: str) -> tuple[str, int]:
    """The list and the place that "<list>:<place>" names. Raises CommandError for any other text.

    Args:
        what: an entry is called.
    """
    name, _, place = str(text).partition(":")
    if not place.isdecimal():
        raise CommandError(f"That {what} is no longer there.", code="not_found")
    return name, int(place)


D = TypeVar("D", bound=Draft)


def restored(draft: D, kept: Any) -> D | None:
    """What the browser kept over a reload: a draft that is further than this one, of the same stored version; else None.

    One of an older version would be refused at every save, so what is stored takes its place.
    """
    back = type(draft).read(kept, draft.key)
    same = back is not None and (back.version, back.revision) == (draft.version, draft.revision)
    return back if back is not None and same and back.edits > draft.edits else None


def counted(before: D, after: D) -> D:
    """A draft after an edit, which counts if it changed anything: what was only typed outlives a reload too."""
    return replace(after, edits=before.edits + 1) if after != before else after


@dataclass(frozen=True)
class Edited(Generic[D]):
    """A draft after a gesture.

    Attributes:
        focus: "<list>:<place>" of the entry that gets the keyboard's focus, or "". said: what screen readers hear.
    """

    draft: D
    focus: str = ""
    said: str = ""


def applied_gestures(draft: D, data: Any, edited: Callable[[D, Action], Edited[D]]) -> Edited[D]:
    """The draft after every gesture that it does not know yet; one that is refused is said and left out.

    Args:
        data: what the store of gestures holds. edited: what one gesture makes of a draft; raises CommandError.
    """
    after = Edited(draft)
    for seq, action in unapplied(data, draft.seq):
        try:
            after = Edited(after.draft.undone(), said="Undone") if action.name == "undo" else edited(after.draft, action)
        except CommandError as error:
            notify_error(error.message, error.hint)
        after = replace(after, draft=replace(after.draft, seq=seq))
    return after
