"""The names under which a served model is asked for raw columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recsys.codegen.identifiers import identifiers
from recsys.features.config import TOWERS, Tower


def arguments_of(columns: Mapping[Tower, Sequence[str]]) -> dict[Tower, dict[str, str]]:
    """Argument -> column of each tower; one column has one name, and two columns have two.

    A request about a buyer and a product brings the columns of both towers, so that names differ across them:
    where `a b` is the buyer's and `a-b` the product's, they are `a_b` and `a_b_2`.

    Args:
        columns: each tower's, in their order; the buyer's are named first.
    """
    every = tuple(dict.fromkeys(name for tower in TOWERS for name in columns[tower]))
    names = dict(zip(every, identifiers(every), strict=True))
    return {tower: {names[name]: name for name in columns[tower]} for tower in TOWERS}
