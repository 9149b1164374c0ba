"""Comparing two trees: which rows are compared, and which way a ratio is read."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.against import compare, in_tree
from bench.harness import Row


def test_a_figure_of_both_trees_is_compared_by_its_median_over_the_rounds() -> None:
    now = [{"wait": Row("wait", value, "s", better="less")} for value in (3.0, 1.0, 2.0)]
    then = [{"wait": Row("wait", value, "s", better="less")} for value in (4.0, 5.0, 4.5)]
    (row,) = compare(now, then, "abc")
    assert (row.value, row.reference, row.reference_name) == (2.0, 4.5, "abc")
    assert row.ratio == 2.25
    assert row.passed


def test_a_figure_that_got_worse_by_more_than_a_twentieth_is_marked() -> None:
    (row,) = compare([{"rate": Row("rate", 90.0, "1/s")}], [{"rate": Row("rate", 100.0, "1/s")}], "abc")
    assert row.passed is False


def test_a_figure_that_one_tree_lacks_is_left_out() -> None:
    assert compare([{"new": Row("new", 1.0, "s")}], [{}], "abc") == []
    assert compare([{"unmeasured": Row("unmeasured", None, "s")}], [{"unmeasured": Row("unmeasured", 1.0, "s")}], "abc") == []


def test_a_tree_runs_its_own_modules(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "told.py").write_text("WORDS = 'of this tree'\n")
    assert in_tree(tmp_path, ["-c", "import told; print(told.WORDS)"]) == "of this tree\n"
    assert "told" not in sys.modules
