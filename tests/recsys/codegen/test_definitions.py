from __future__ import annotations

from pathlib import Path

import pytest

from recsys.codegen.definitions import carried

FIRST = '''"""A module."""
import math

LIMIT = 3
OTHER = 4


def small(x):
    """Below the limit."""
    return x < LIMIT


def lonely():
    return OTHER
'''
SECOND = """from first import small


def all_small(values):

    def one(value):
        return small(value)

    return all(map(one, values))
"""


def test_functions_bring_what_they_use_and_nothing_else(tmp_path: Path) -> None:
    files = (tmp_path / "first.py", tmp_path / "second.py")
    for file, text in zip(files, (FIRST, SECOND), strict=True):
        file.write_text(text)
    constants, small, all_small = carried(files, ["all_small"])
    assert constants == "LIMIT = 3"
    assert small == 'def small(x):\n    """Below the limit."""\n    return x < LIMIT'
    assert all_small.startswith("def all_small(values):\n\n    def one(value):")
    assert carried(files, []) == ()
    with pytest.raises(KeyError, match="missing"):
        carried(files, ["missing"])
