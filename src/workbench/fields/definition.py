"""How a config field is defined: its mark, its words, its range, its condition."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import Field
from pydantic_core import PydanticUndefined

from workbench.fields.conditions import Condition

T = TypeVar("T")


class FieldKind(StrEnum):
    """Whether a field belongs to the locked architecture or stays tunable."""

    STRUCTURAL = "structural"
    MODIFIABLE = "modifiable"


Structural = Annotated[T, FieldKind.STRUCTURAL]


Modifiable = Annotated[T, FieldKind.MODIFIABLE]


@dataclass(frozen=True)
class FieldMeta:
    """What a definition says beyond type and default; also shapes the field's JSON schema."""

    label: str
    section: str = ""
    help: str = ""
    unit: str = ""
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    choices: tuple[tuple[Any, str, str], ...] = ()
    log_scale: bool = False
    advanced: bool = False
    in_form: bool = True
    applies_when: Condition | None = None
    because: str = ""
    unavailable: str | None = None
    unavailable_values: tuple[tuple[Any, str], ...] = ()
    summary: Callable[[Mapping[str, Any]], tuple[str, str] | None] | None = None
    introduced_default: Any = PydanticUndefined
    shown_when: Condition | None = None
    control: str | None = None
    later: bool = False
    empty: str = ""
    aside: bool = False

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add the range to the JSON schema (pydantic calls this)."""
        target = schema
        for option in schema.get("anyOf", []):
            if option.get("type") in ("integer", "number"):
                target = option
        if target.get("type") == "array":
            sizes = {"minItems": self.min_items, "maxItems": self.max_items}
            target.update({key: size for key, size in sizes.items() if size is not None})
            target = target.setdefault("items", {})
        names = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
        target.update({key: getattr(self, name) for name, key in names.items() if getattr(self, name) is not None})
        schema["x-section"] = self.section


def field(
    default: Any = PydanticUndefined,
    *,
    label: str,
    section: str = "",
    help: str = "",
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    min_items: int | None = None,
    max_items: int | None = None,
    choices: Iterable[tuple[Any, str, str]] = (),
    log_scale: bool = False,
    advanced: bool = False,
    in_form: bool = True,
    applies_when: Condition | None = None,
    because: str = "",
    unavailable: str | None = None,
    unavailable_values: Mapping[Any, str] | None = None,
    summary: Callable[[Mapping[str, Any]], tuple[str, str] | None] | None = None,
    introduced_default: Any = PydanticUndefined,
    shown_when: Condition | None = None,
    control: str | None = None,
    later: bool = False,
    empty: str = "",
    aside: bool = False,
) -> Any:
    """Define a config field.

    Args:
        default: its default; leave out for a required field.
        label: its name for people. section: the form group it stands in; in a sub-config the sub-config's, unless given. help: one sentence. unit: "px", "epochs", ...
        ge, gt, le, lt: its range; for tuples, the range of each entry. min_items, max_items: a tuple's length.
        choices: (value, label, one-sentence description) for a literal field.
        log_scale: steps multiply rather than add. advanced: folded away in forms. in_form: false keeps it out of forms.
        applies_when: the condition under which it means anything; always, if not given. because: why, for the message.
        unavailable: a sentence, if the whole field's effect is not built yet: any value but the default is refused.
        unavailable_values: the same for single values of the field.
        summary: words for the read-only architecture, from all values; None drops the line. Default: label and value.
        introduced_default: the default the field had when it was introduced, if that has changed since.
        shown_when: the condition under which forms show it, disabled and with `because`, although it does not apply.
        control: import string of the family's own control for it: `make(form, spec, raw) -> component` (see dashboard.forms).
        later: it came after configs of its type were stored; hashes of content leave it out where it has its introduced default.
        empty: what an empty control stands for; "none", if not given.
        aside: it says how a run is carried out, kept or watched, not what is learnt: nobody searches for its best value.
    """
    meta = FieldMeta(
        label, section, help, unit, ge, gt, le, lt, min_items, max_items, tuple(choices), log_scale, advanced, in_form,
        applies_when, because, unavailable, tuple((unavailable_values or {}).items()), summary, introduced_default, shown_when, control, later,
        empty, aside,
    )  # fmt: skip
    return Field(default, title=label, description=help or None, json_schema_extra=typing.cast(Any, meta))


@dataclass(frozen=True)
class PartMeta:
    """What the definition of a sub-config says."""

    label: str
    section: str = ""
    help: str = ""

    def __call__(self, schema: dict[str, Any]) -> None:
        """Add the group to the JSON schema (pydantic calls this)."""
        schema["x-section"] = self.section or self.label


def part(default: Any = PydanticUndefined, *, label: str, section: str = "", help: str = "") -> Any:
    """Define a sub-config: a field of a config type whose type is another config type. It carries no mark; its fields do.

    Args:
        default: an instance of the type, whose values are its fields' defaults; left out: they have their own.
        label: its name for people. section: the form group of its fields; default: its label. help: one sentence.
    """
    return Field(default, title=label, description=help or None, json_schema_extra=typing.cast(Any, PartMeta(label, section, help)))
