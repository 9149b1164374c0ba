"""How a person's own table is to be read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import field_validator

from recsys.data.schema import Role, TypeWord
from workbench.fields import ConfigModel, Structural, closest, field

Delimiter = Literal["auto", "comma", "semicolon", "tab", "pipe"]
DELIMITERS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
Encoding = Literal["auto", "utf-8", "latin-1"]
_SECTION = "Import"
_KNOWN: Mapping[str, tuple[str, ...]] = {"types": get_args(TypeWord), "roles": get_args(Role)}


class TableOptions(ConfigModel):
    """Options of an import."""

    delimiter: Structural[Delimiter] = field(
        "auto", label="Delimiter", section=_SECTION, help="What stands between the fields of a CSV file.",
        choices=(
            ("auto", "Detect", "By the first lines."),
            ("comma", "Comma", ","), ("semicolon", "Semicolon", ";"), ("tab", "Tab", "A tab."), ("pipe", "Pipe", "|"),
        ),
    )  # fmt: skip
    encoding: Structural[Encoding] = field(
        "auto", label="Encoding", section=_SECTION, help="Of a CSV file's text.",
        choices=(
            ("auto", "Automatic", "UTF-8; anything else is refused, with the place."),
            ("utf-8", "UTF-8", "The same, said openly."),
            ("latin-1", "Latin-1", "Older files of western languages; any file can be read so."),
        ),
    )  # fmt: skip
    types: Structural[dict[str, str] | str | None] = field(
        None, label="Types", section=_SECTION,
        help="Type by column where it is not to be inferred, such as zip=text, when=temporal_day_first, or a JSON object: "
        "text, numeric, temporal, boolean or list_text. How numbers and dates are written is said by numeric_decimal_comma, "
        "numeric_decimal_point, temporal_day_first and temporal_month_first.",
    )  # fmt: skip
    roles: Structural[dict[str, str] | str | None] = field(
        None, label="Roles", section=_SECTION,
        help="Role by column where the suggestion does not fit, such as who=user_id, what=item_id, or a JSON object: "
        "user_id, item_id, user_attribute, item_attribute, context, outcome, timestamp or ignore.",
    )  # fmt: skip

    @field_validator("types", "roles", mode="after")
    @classmethod
    def _by_column(cls, given: Any, info: Any) -> Any:
        if given is None:
            return None
        return _words_by_column(given, info.field_name)

    def by_column(self, which: Literal["types", "roles"]) -> Mapping[str, str]:
        """What is given by column."""
        given = getattr(self, which)
        return given if isinstance(given, Mapping) else {}


class TableAmendments(ConfigModel):
    """What may be said otherwise of a table that is there."""

    roles: Structural[dict[str, str] | str] = field(
        {}, label="Roles", section="Columns",
        help="Role by column, such as who=user_id, what=item_id, or a JSON object; other columns keep theirs, but that "
        "a column which had an id's or the time's role before is ignored.",
    )  # fmt: skip

    @field_validator("roles", mode="after")
    @classmethod
    def _by_column(cls, given: Any, info: Any) -> Any:
        return _words_by_column(given, info.field_name)


def _words_by_column(given: Mapping[str, str] | str, which: str) -> dict[str, str]:
    """Words by column as they were given, each one of those that are known. Raises ValueError."""
    pairs = given if isinstance(given, Mapping) else _pairs(given)
    known = _KNOWN[which]
    for column, word in pairs.items():
        if word not in known:
            guess = closest(str(word), known)
            hint = f"; did you mean {guess}?" if guess else ""
            raise ValueError(f'"{column}" cannot be {word!r}; choose one of {", ".join(known)}{hint}')
    return dict(pairs)


def _pairs(text: str) -> dict[str, str]:
    """`a=b, c=d`, or a JSON object of text, as a mapping."""
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise ValueError(f"this is no JSON object: {error}") from error
        if not all(isinstance(value, str) for value in found.values()):
            raise ValueError("the values of the JSON object must be text")
        return found
    pairs = {}
    for part in filter(str.strip, text.split(",")):
        column, equals, word = part.rpartition("=")
        if not equals or not column.strip():
            raise ValueError(f"{part.strip()!r} is not of the form column=word; separate pairs by commas")
        pairs[column.strip()] = word.strip()
    return pairs
