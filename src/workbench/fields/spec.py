"""One field as the registry knows it."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from workbench.fields.definition import FieldKind, FieldMeta
from workbench.fields.words import AUTO, brief_value, show_value


@dataclass(frozen=True)
class Composite:
    """The type of a value that holds fields of its own: a list of entries, one of several configs, or a config that may be absent.

    Attributes:
        entries: the config types that an entry may have. many: whether it is a list of them.
        tag: the field by whose value an entry says which type it has; None with one type.
    """

    entries: tuple[type[BaseModel], ...]
    many: bool
    tag: str | None

    def entry(self, tag: Any) -> type[BaseModel] | None:
        """The type that a tag names, if any does."""
        return next((t for t in self.entries if self.tag is not None and tag_value(t, self.tag) == tag), None)

    def kinds(self) -> dict[str, type[BaseModel]]:
        """The types of entries by tag; one without a tag by its name in lower case."""
        if self.tag is None:
            return {t.__name__.lower(): t for t in self.entries}
        return {str(tag_value(t, self.tag)): t for t in self.entries}

    def tags(self) -> tuple[str, ...]:
        """The tags there are."""
        return tuple(tag_value(t, self.tag) for t in self.entries) if self.tag is not None else ()


@dataclass(frozen=True)
class FieldSpec:
    """One field as the registry knows it.

    Attributes:
        name: its path in its config type, as in `width` or `encoder.width`. within: labels of the sub-configs around it.
        group: the form group of the sub-config it stands in; empty at the top.
    """

    name: str
    kind: FieldKind
    annotation: Any
    default: Any
    meta: FieldMeta
    within: tuple[str, ...] = ()
    group: str = ""

    @cached_property
    def required(self) -> bool:
        return self.default is PydanticUndefined

    @cached_property
    def label(self) -> str:
        """Its name for people, unmistakable among all fields: "Encoder: width". One that is called as its sub-config says that once."""
        within = self.within[:-1] if self.within and self.within[-1].lower() == self.meta.label.lower() else self.within
        if not within:
            return self.meta.label
        return f"{', '.join(within)}: {self.meta.label[:1].lower()}{self.meta.label[1:]}"

    @cached_property
    def section(self) -> str:
        return self.meta.section or self.group

    @cached_property
    def accepts_auto(self) -> bool:
        return AUTO in self._literals

    @cached_property
    def optional(self) -> bool:
        return type(None) in typing.get_args(self.annotation)

    @cached_property
    def composite(self) -> Composite | None:
        """The type of its entries, if its value holds fields of its own."""
        return _composite(self.annotation)

    @cached_property
    def merges(self) -> bool:
        """Whether it is a config that may be absent: what is set of it changes single keys, and the others stay."""
        return self.composite is not None and not self.composite.many and self.composite.tag is None

    @cached_property
    def value_type(self) -> type:
        """The plain type behind auto and none: bool, int, float, str or tuple; dict for a config that may be absent."""
        if self.composite is not None:
            return tuple if self.composite.many else dict
        kinds: list[type] = []
        for arm in _arms(self.annotation):
            if typing.get_origin(arm) is Literal:
                kinds.extend(type(v) for v in typing.get_args(arm) if v != AUTO)
            elif arm is not type(None):
                kinds.append(typing.get_origin(arm) or arm)
        return kinds[0] if kinds else str

    @cached_property
    def item_type(self) -> type:
        """The plain type of a list's entries: int, float or str."""
        listed = next(arm for arm in _arms(self.annotation) if typing.get_origin(arm) is tuple)
        item = typing.get_args(listed)[0]
        return type(typing.get_args(item)[0]) if typing.get_origin(item) is Literal else item

    @cached_property
    def item_options(self) -> tuple[Any, ...]:
        """The closed set of values that a list's entries may have; empty if it is not closed."""
        listed = [arm for arm in _arms(self.annotation) if typing.get_origin(arm) is tuple]
        return tuple(option for arm in listed for option in _single(typing.get_args(arm)[0]))

    @cached_property
    def may_be_empty(self) -> bool:
        """Whether a list may be empty, which then is what no text means."""
        open_ended = any(typing.get_origin(arm) is tuple and Ellipsis in typing.get_args(arm) for arm in _arms(self.annotation))
        return open_ended and not self.meta.min_items

    @cached_property
    def words_beside(self) -> tuple[Any, ...]:
        """Words that a list may be given as instead, besides auto: `all`."""
        return tuple(value for value in self._literals if value != AUTO) if self.value_type is tuple else ()

    @cached_property
    def choices(self) -> tuple[tuple[Any, str, str], ...]:
        """(value, label, description) of a field with a closed set of values, auto included; empty otherwise."""
        if not self._literals or (self.value_type is not str and self.value_type is not bool):
            return ()
        known = {value: (value, label, text) for value, label, text in self.meta.choices}
        return tuple(known.get(value, (value, show_value(value), "")) for value in self._literals)

    @cached_property
    def off_values(self) -> tuple[Any, ...]:
        """Values a field may hold while it does not apply."""
        return (self.default, AUTO, None, "none", False, 0, ())

    @cached_property
    def _literals(self) -> tuple[Any, ...]:
        return tuple(value for arm in _arms(self.annotation) if typing.get_origin(arm) is Literal for value in typing.get_args(arm))

    def range_text(self) -> str:
        """The range in words: "1 to 512", "greater than 0, at most 1"; empty if there is none."""
        m = self.meta
        if m.ge is not None and m.le is not None:
            return f"{show_value(m.ge)} to {show_value(m.le)}"
        words = ((m.ge, "at least"), (m.gt, "greater than"), (m.le, "at most"), (m.lt, "less than"))
        return ", ".join(f"{word} {show_value(bound)}" for bound, word in words if bound is not None)


def range_problem(spec: FieldSpec, value: Any) -> str | None:
    """Why `value` is out of the field's range, or None."""
    m = spec.meta
    if isinstance(value, tuple):
        if m.min_items is not None and len(value) < m.min_items:
            return f"needs at least {m.min_items} entries (got {len(value)})"
        if m.max_items is not None and len(value) > m.max_items:
            return f"takes at most {m.max_items} entries (got {len(value)})"
        return next((p for p in (range_problem(spec, entry) for entry in value) if p), None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    outside = (
        (m.ge is not None and value < m.ge) or (m.gt is not None and value <= m.gt)
        or (m.le is not None and value > m.le) or (m.lt is not None and value >= m.lt)
    )  # fmt: skip
    return f"must be {spec.range_text()} (got {brief_value(value)})" if outside else None


def choice_label(spec: FieldSpec, value: Any) -> str:
    """The value in words, by its choice's label where it has one."""
    return next((label for option, label, _ in spec.choices if option == value), show_value(value))


@lru_cache
def tag_value(entry: type[BaseModel], tag: str) -> Any:
    """The value by which an entry type is known; kept, because every entry that is read asks for it."""
    return typing.get_args(entry.model_fields[tag].annotation)[0]


def is_config(annotation: Any) -> bool:
    """Whether an annotation is a config type."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _composite(annotation: Any) -> Composite | None:
    arms = [arm for arm in _arms(annotation) if arm is not type(None)]
    many = len(arms) == 1 and typing.get_origin(arms[0]) is tuple
    if many:
        arms = list(_arms(typing.get_args(arms[0])[0]))
    if not arms or not all(is_config(arm) for arm in arms):
        return None
    return Composite(tuple(arms), many, _tag_of(arms) if len(arms) > 1 else _own_tag(arms[0]))


def _own_tag(entry: type[BaseModel]) -> str | None:
    """The tag of an only entry type, so that a second type can join it without a change of stored values."""
    return next((n for n, info in entry.model_fields.items() if len(_single(info.annotation)) == 1), None)


def _tag_of(entries: list[Any]) -> str:
    for name in entries[0].model_fields:
        values = [_single(t.model_fields[name].annotation) if name in t.model_fields else () for t in entries]
        if all(len(v) == 1 for v in values) and len(set(values)) == len(entries):
            return name
    names = ", ".join(t.__name__ for t in entries)
    raise TypeError(f"{names} need one field in common, each with one literal of its own, that tells them apart")


def _single(annotation: Any) -> tuple[Any, ...]:
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else ()


def _arms(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return (annotation,)
