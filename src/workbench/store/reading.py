"""Reading stored records so that what many of them say alike is read once and held once.

Thousands of runs were started with the same configs on the same data, and each record's text says all of it. A reader cuts such parts
out of the text and knows them again by their hash; what is left is a few hundred bytes. Parts are read-only (`workbench.frozen`).
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Required

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, with_config
from pydantic_core import to_json
from typing_extensions import TypedDict

from workbench.frozen import FrozenDict, FrozenList, FrozenSet, frozen
from workbench.state import Kind, RunRecord
from workbench.store.upgrades import newest_version, read_record, record_type

PARTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    Kind.RUN: (
        {"subject": {"kind": "", "id": ""}, "key": "", "family": "", "model_type": "", "framework": ""},
        {"config": {}},
        {"fingerprint": "", "payload": {}, "uses": [], "dataset": None},
    ),
    Kind.MODEL: ({"config": {}}, {"fingerprint": "", "payload": {}, "uses": []}),
}
"""Kind -> parts of a record that others often have alike: fields that are written one after the other, and what stands there while the
rest is read."""

SPARSE: Mapping[str, tuple[str, ...]] = {Kind.RUN: ("headline", "units")}
"""Kind -> mappings outside those parts that are empty in most records."""

_NOTHING = FrozenDict()


class Reader:
    """Reads the stored records of one kind. What it has read once it gives again, so one reader is for one state, by one thread."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._newest = f'"schema_version":{newest_version(kind)},'
        record = record_type(kind)
        self._parse = record.model_validate_json
        self._parts = _parts(record, PARTS.get(kind, ()))
        self._nothing = {name: value for part in self._parts for name, value in part.nothing.items()}
        self._sparse = SPARSE.get(kind, ())
        self._given = FrozenSet(record.model_fields)

    def __call__(self, text: str) -> Any:
        """The record that a text says, of any earlier schema. Raises ValidationError, StoreError for a newer one."""
        if self._newest not in text[:200]:
            return read_record(self._kind, _any.validate_json(text))
        record = self._in_parts(text) if self._parts else None
        if record is None:
            record = self._parse(text)
        if len(record.__pydantic_fields_set__) == len(self._given):
            # of a run, this set takes more memory than all of its numbers and times
            object.__setattr__(record, "__pydantic_fields_set__", self._given)
        return record

    def _in_parts(self, text: str) -> Any:
        """The record with its parts shared; None for a text that is not written as Trellis writes it."""
        at, pieces, values = 1, ["{"], {}
        for part in self._parts:
            begin = text.find(part.begins, at)
            # between parts stand plain values alone, so that the name is the record's own and not one within another field
            if begin < 0 or text.find("{", at, begin) >= 0 or text.find("[", at, begin) >= 0:
                return None
            end, found = part.read(text, begin + 1)
            if found is None:
                return None
            values.update(found)
            pieces += (text[at:begin], part.placeholder)
            at = end
        pieces.append(text[at:])
        try:
            record = self._parse("".join(pieces))
        except ValidationError:
            return None
        own = vars(record)
        if any(own[name] != value for name, value in self._nothing.items()):  # the text says a part twice
            return None
        own.update(values)
        for name in self._sparse:
            if not own[name]:
                own[name] = _NOTHING
        return record


def held_once(record: RunRecord, like: RunRecord | None) -> RunRecord:
    """A new run that holds the parts of an earlier one where it says the same, and its own read-only where it does not.

    Args:
        like: a run that may say much the same, such as the last one of its model; None if there is none.
    """
    parts = {name: _held(getattr(record, name), getattr(like, name, None)) for part in PARTS[Kind.RUN] for name in part}
    shared = record.model_copy(update=parts)
    if len(shared.__pydantic_fields_set__) == len(RunRecord.model_fields):
        object.__setattr__(shared, "__pydantic_fields_set__", _GIVEN)
    return shared


def _held(value: Any, like: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    # unlike ==, the text tells 1 from 1.0 and true
    if _is_frozen(like) and (value is like or to_json(value) == to_json(like)):
        return like
    if _is_frozen(value):
        return value
    if isinstance(value, dict):
        known = like if isinstance(like, dict) else {}
        return FrozenDict({name: _held(one, known.get(name)) for name, one in value.items()})
    if isinstance(value, BaseModel):
        held = value.model_copy(update={name: _held(one, getattr(like, name, None)) for name, one in vars(value).items()})
        object.__setattr__(held, "__pydantic_fields_set__", FrozenSet(value.__pydantic_fields_set__))
        return held
    return frozen(value)


def _is_frozen(value: Any) -> bool:
    """Whether a part is held read-only; older records and odd ones are not."""
    if isinstance(value, BaseModel):
        return isinstance(value.__pydantic_fields_set__, FrozenSet)
    return isinstance(value, FrozenDict | FrozenList | tuple)


_GIVEN = FrozenSet(RunRecord.model_fields)


@dataclass(frozen=True)
class _Part:
    """Fields that follow each other and whose values many records share.

    Attributes:
        begins, ends: the texts at their begin and after them. placeholder: what stands there while the rest is read, and `nothing` its values. type: of the fields.
        known: what has been read of them, by hash of the text. within: mappings and lists in their values, by hash.
    """

    begins: str
    ends: str
    placeholder: str
    nothing: Mapping[str, Any]
    type: TypeAdapter[dict[str, Any]]
    known: dict[bytes, dict[str, Any]]
    within: dict[bytes, Any]

    def read(self, text: str, begin: int) -> tuple[int, dict[str, Any] | None]:
        """Where the part ends that begins there, and its fields; None for them where they cannot be read.

        Its end is looked for by the name of the next field, which may stand within a value, too: but what ends there is no whole value.
        """
        end = text.find(self.ends, begin)
        while end >= 0:
            piece = text[begin:end]
            key = sha256(piece.encode()).digest()
            found = self.known.get(key)
            if found is not None:
                return end, found
            try:
                read = self.type.validate_json(f"{{{piece}}}")
            except ValidationError:
                end = text.find(self.ends, end + 1)
                continue
            found = self.known[key] = {
                # the text of a mapping is new, and so is the mapping, but what is in it may be known
                name: self._frozen(value) if isinstance(value, dict | list) else self._shared(value)
                for name, value in read.items()
            }
            return end, found
        return -1, None

    def _shared(self, value: Any) -> Any:
        """The value read-only, with mappings and lists in it that have been read before."""
        if isinstance(value, dict | list):
            key = sha256(marshal.dumps(value, 2)).digest()  # unlike ==, it tells 1 from 1.0 and true
            found = self.within.get(key)
            if found is None:
                found = self.within[key] = self._frozen(value)
            return found
        if isinstance(value, tuple):
            return tuple(map(self._shared, value))
        if isinstance(value, BaseModel):
            for name, field in vars(value).items():
                vars(value)[name] = self._shared(field)
            object.__setattr__(value, "__pydantic_fields_set__", FrozenSet(value.__pydantic_fields_set__))
        return value

    def _frozen(self, value: dict[str, Any] | list[Any]) -> Any:
        if isinstance(value, list):
            return FrozenList([one if type(one) in _PLAIN else self._shared(one) for one in value])
        return FrozenDict({name: one if type(one) in _PLAIN else self._shared(one) for name, one in value.items()})


def _parts(record: Any, wanted: Iterable[Mapping[str, Any]]) -> tuple[_Part, ...]:
    names, within = list(record.model_fields), {}
    found = []
    for fields in wanted:
        types = {name: Required[record.model_fields[name].annotation] for name in fields}
        adapter: Any = TypeAdapter(with_config(ConfigDict(extra="forbid"))(TypedDict("Part", types)))  # pyright: ignore[reportArgumentType]
        first, following = next(iter(fields)), names[names.index(list(fields)[-1]) + 1]
        text = json.dumps(fields, separators=(",", ":"))
        nothing = adapter.validate_json(text)
        found.append(_Part(f',"{first}":', f',"{following}":', f",{text[1:-1]}", nothing, adapter, {}, within))
    return tuple(found)


_PLAIN = frozenset({str, int, float, bool, type(None)})

_any: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
