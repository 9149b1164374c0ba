"""What is wrong with an expression, and where."""

from __future__ import annotations

from workbench.commands.base import CommandError

_AROUND = 60
"""Characters of an expression that are shown on either side of its place."""


class ExpressionError(CommandError):
    """An expression that cannot be read. Its message names the place.

    Attributes:
        text: the expression. start, end: the place, in characters from 0; an empty one at the end of the text, all of it where it is the whole.
        expected: what would fit there, or what to do.
    """

    def __init__(self, text: str, start: int, end: int, problem: str, expected: str) -> None:
        if (start, end) == (0, len(text)) and text:
            where = ""
        elif start >= len(text.rstrip()):
            where = " at the end of the filter"
        else:
            where = f" at character {start + 1} of the filter"
        super().__init__(f"{problem}{where}.", "where", expected)
        self.text, self.start, self.end = text, start, end
        self.problem, self.expected = problem, expected

    @property
    def marked(self) -> str:
        """The expression with its place marked on a line below, for a terminal."""
        text = " ".join(self.text[: self.end].splitlines()) + self.text[self.end :].partition("\n")[0]
        first = max(0, self.start - _AROUND)
        return f"{text[first : self.end + _AROUND]}\n{' ' * (self.start - first)}{'^' * max(1, min(self.end, self.start + _AROUND) - self.start)}"
