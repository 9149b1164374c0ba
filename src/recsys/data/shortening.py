"""Long texts of a table as people see them; what is computed with stays whole."""

from __future__ import annotations

SHOWN_CHARACTERS = 200
"""Of a value, where it is shown."""


def shortened(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """The text, of which no more than `most` characters are shown."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
