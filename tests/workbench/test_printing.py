"""Characters of names."""

from __future__ import annotations

import pytest

from workbench.printing import printable


@pytest.mark.parametrize("text", ["cat", "Ångström 5", "猫", "🐈", "👩\u200d🔬", "👨\u200d👩\u200d👧 family", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
                                  "می\u200cخواهم", "❤️\u200d🔥", "🧑🏽\u200d🚀"])  # fmt: skip
def test_emoji_of_several_parts_and_joined_words_are_printable(text: str) -> None:
    assert printable(text)


@pytest.mark.parametrize(
    "text", ["a\u200db", "\u200d🐈", "🐈\u200d", "🐈\u200d\u200d🐈", "a\nb", "\u202ecat", "\u2066x", "\ufeffx", "\U000e0067", "a\x00"]
)
def test_what_nobody_sees_is_not(text: str) -> None:
    assert not printable(text)
