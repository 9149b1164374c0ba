"""Which characters may stand in names."""

from __future__ import annotations

import re

_JOINERS = "\u200c\u200d"
# what joins the parts of one emoji, or letters of scripts that need it; between other letters nobody would see it
_JOINED = re.compile(rf"(?<=[^\x00-\x7f{_JOINERS}])[{_JOINERS}](?=[^\x00-\x7f{_JOINERS}])")
# the flags of regions: a black flag, letters that are not shown, and their end
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{1,6}\U000e007f")


def printable(text: str) -> bool:
    """Whether all of a text can be seen: printable characters, and what joins those of one emoji or word.

    Example: `printable("👩‍🔬")` is true, `printable("a\\u200db")` is not.
    """
    return _JOINED.sub("", _FLAG.sub("", text)).isprintable()
