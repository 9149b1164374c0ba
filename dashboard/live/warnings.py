"""What to notice in a run while it trains: what its family says of its curves, then what the trainer has logged lately."""

from __future__ import annotations

import re

from dashboard.live.feed import Feed
from workbench.families import Family
from workbench.families.noticing import Notice

STANDS_FOR = 5
"""Epochs for which a logged warning stands; its reason may be gone later, and the log keeps it."""
SHOWN = 5
_DATED = re.compile(r"Epoch \d")
"""How a line begins that names its epoch itself."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def notices(family: Family | None, feed: Feed) -> tuple[Notice, ...]:
    """Everything to notice now, most serious first; then current warnings and all errors that the trainer has logged."""
    found = tuple(family.warnings.load()(feed)) if family is not None and family.warnings is not None else ()
    return (*found, *logged(feed))


def logged(feed: Feed) -> tuple[Notice, ...]:
    """Errors, warnings of the last epochs and those from before the first, each with its epoch once; of repeated ones the newest."""
    newest: dict[str, Notice] = {}
    for line in feed.log:
        lasting = line.level == "error" or line.epoch == 0
        if line.level not in ("warning", "error") or not (lasting or feed.epoch - line.epoch <= STANDS_FOR):
            continue
        same = _NUMBER.sub("#", line.message)
        newest.pop(same, None)
        dated = line.epoch and not _DATED.match(line.message)
        newest[same] = Notice(f"Noticed after epoch {line.epoch:,}: {line.message}" if dated else line.message)
    return tuple(newest.values())[-SHOWN:]
