"""Tables of people that no dataset can be made of, one for each rule, with what is to be said of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ROWS = 120


def table(rows: int = ROWS, **columns: Callable[[int], str]) -> str:
    """A CSV of users and items with further columns."""
    made = {"user_id": lambda r: f"u{r % 7}", "item_id": lambda r: f"i{r % 11}", **columns}
    lines = [",".join(made), *(",".join(make(r) for make in made.values()) for r in range(rows))]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class OddTable:
    """What is given, and what comes out.

    Attributes:
        says, hint: parts of the message and of what to do. where: "" where no place is meant.
        options: of reading. limits: names in `recsys.data.limits` -> lower ones.
    """

    code: str
    content: str
    says: str
    where: str
    hint: str
    options: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


ODD = (
    OddTable(
        "DS_PARSE", table().replace("u4,i4\n", "u4,i4,9\n", 1), "3 fields, but the first line has 2", "line 6, column 3", "quotes",
    ),
    OddTable("DS_PARSE", "Dear all,\nthis is a letter\n" * 99, "mine.csv is no table", "mine.csv", "a comma between values"),
    OddTable("DS_PARSE", '{"user_id": 1, "item_id": 2}\n' * 99, "mine.csv is JSON", "mine.csv", "as CSV or Parquet"),
    OddTable("DS_COLUMNS", table().replace("item_id", "user_id", 1), '"user_id" is the name of 2 columns', "user_id", "a name of its own"),
    OddTable(
        "DS_CAST", table(price=lambda r: "dear" if r % 50 == 3 else str(r)), "3 of", "price", "",
        options={"types": "price=numeric"},
    ),
    OddTable("DS_ROLES", table(), "", "item_id", "", options={"roles": "item_id=timestamp"}),
    OddTable("DS_TOO_SMALL", table(99), "99 rows; at least 100 are needed", "", "Import more data."),
    OddTable("DS_TOO_SMALL", table(0), "the names of its columns and no rows", "", "Import more data."),
    OddTable("DS_TOO_LARGE", table(), "120 rows; at most 110 are possible", "", "Import a part", limits={"MAX_ROWS": 110}),
)  # fmt: skip
