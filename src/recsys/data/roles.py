"""What columns probably stand for, by their names, their types and how much their values vary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from recsys.data.schema import DataType, Role

_ID_ENDINGS = ("id", "key", "code", "zip", "sku")
_ID_SHARE = 0.1
_BUYER = ("customer", "user", "buyer")
_PRODUCT = ("product", "item", "movie", "sku")
_OUTCOMES = ("rating", "score", "revenue", "amount", "quantity", "clicked", "purchased")
_JOINED = tuple(f"{word}id" for word in (*_BUYER, *_PRODUCT))
Side = Literal["buyer", "product"]


@dataclass(frozen=True)
class Candidate:
    """A column by which a role is suggested: `cardinality` of `rows` values differ (None: nobody counted).

    Attributes:
        short: whether no value is too long for an id.
    """

    column: str
    data_type: DataType
    whole: bool
    cardinality: int | None
    rows: int
    short: bool = True


def is_id_name(column: str) -> bool:
    """Whether a column is called like an id."""
    words = _words(column)
    return bool(words) and (words[-1] in _ID_ENDINGS or words[-1] in _JOINED)


def suggest_roles(candidates: Sequence[Candidate], given: Mapping[str, Role]) -> dict[str, Role]:
    """A role for every column.

    An identifier on the buyer's side is the user id, one on the product's side the item id; if several are, the
    one named most plainly, and the others are attributes. What belongs to neither side is a context.

    Args:
        given: roles that a person has chosen; they stay, and nobody else gets a role that only one may have.
    """
    roles: dict[str, Role] = dict(given)
    free = [c for c in candidates if c.column not in given]
    for role, side in (("user_id", "buyer"), ("item_id", "product")):
        ids = [c for c in free if c.column not in roles and _side(c.column) == side and _identifies(c)]
        if ids and role not in given.values():
            roles[min(ids, key=_plainness).column] = role  # type: ignore[assignment]
    times = [c for c in candidates if c.data_type == "temporal"]
    for candidate in free:
        if candidate.column in roles:
            continue
        if candidate.data_type == "temporal":
            alone = len(times) == 1 and "timestamp" not in given.values()
            roles[candidate.column] = "timestamp" if alone else "context"
        else:
            roles[candidate.column] = _other_role(candidate)
    return {c.column: roles[c.column] for c in candidates}


def _other_role(candidate: Candidate) -> Role:
    if candidate.data_type == "list_text":
        return "ignore"
    if any(word in _OUTCOMES for word in _words(candidate.column)):
        return "outcome"
    side = _side(candidate.column)
    if side is not None:
        return "user_attribute" if side == "buyer" else "item_attribute"
    return "ignore" if _identifies(candidate) else "context"


def _identifies(candidate: Candidate) -> bool:
    if not candidate.short or candidate.data_type in ("boolean", "temporal", "list_text"):
        return False
    if any(word in _OUTCOMES for word in _words(candidate.column)):
        return False
    if is_id_name(candidate.column):
        return True
    varied = candidate.cardinality is not None and candidate.cardinality > _ID_SHARE * candidate.rows
    return varied and (candidate.data_type == "text" or candidate.whole)


def _plainness(candidate: Candidate) -> tuple[bool, bool, int]:
    words = _words(candidate.column)
    return words[-1] not in ("id", *_JOINED), not is_id_name(candidate.column), len(words)


def _side(column: str) -> Side | None:
    words = _words(column)
    first = words[0] if words else ""
    if any(first.startswith(word) for word in _BUYER):
        return "buyer"
    return "product" if any(first.startswith(word) for word in _PRODUCT) else None


def _words(column: str) -> list[str]:
    """`customerID`, `customer_id` and `Customer Id` alike are customer, id."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return re.findall(r"[^\W_]+", apart.lower())
