"""Rows know their ratio and targets, sections survive their file, timing takes turns."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench import harness, page
from bench.harness import Bound, Row, load_section, missing, paired_ratio, percentile, section, side_by_side


@pytest.fixture(autouse=True)
def results_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test touches the real results, nor waits to see how busy the machine is."""
    monkeypatch.setattr(harness, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(page, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(page, "PAGE", tmp_path / "RESULTS.md")
    monkeypatch.setattr(harness, "share_in_use", lambda: 0.0)
    return tmp_path


@pytest.mark.parametrize(("better", "expected"), [("more", 2.0), ("less", 0.5)])
def test_a_ratio_above_one_is_better_than_the_reference(better, expected):
    assert Row("speed", 10.0, "x", 5.0, "other", better=better).ratio == expected


@pytest.mark.parametrize(
    ("value", "bound", "reached"),
    [
        (10.0, Bound(10, "least"), True),
        (9.9, Bound(10, "least"), False),
        (10.0, Bound(10, "most"), True),
        (10.1, Bound(10, "most"), False),
        (10.0, Bound(2, "least", "ratio"), True),
        (9.0, Bound(2, "least", "ratio"), False),
    ],
)
def test_a_target_is_reached_at_its_limit_and_not_beyond(value, bound, reached):
    row = Row("figure", value, "s", 5.0, "other", must=bound, goal=bound)
    assert (row.passed, row.goal_reached) == (reached, reached)


def test_what_was_not_measured_neither_passes_nor_fails_and_says_why():
    row = missing("figure", "s", "no browser", must=Bound(1, "most"))
    assert row.passed is None
    assert row.note == "not measured: no browser"


def test_a_ratio_target_without_a_reference_is_neither_reached_nor_missed():
    assert Row("figure", 3.0, "s", must=Bound(2, "least", "ratio")).passed is None


def test_a_section_survives_its_file_and_appears_on_the_page(results_elsewhere):
    with section("sample", "A sample", "About it.", packages=("numpy", "no-such-package")) as result:
        result.add(
            Row("figure", 1234.5, "images/s", 617.25, "a loop", Bound(1.3, "least", "ratio"), Bound(3, "least", "ratio"), spread="1 to 2")
        )
        result.add(missing("other", "s", "nothing to measure it with"))
    assert load_section(results_elsewhere / "results" / "sample.json") == result
    assert result.machine["no-such-package"] == "not installed"
    text = (results_elsewhere / "RESULTS.md").read_text()
    assert "| figure | 1,234 images/s (1 to 2) | 617 images/s (a loop) | 2.00x | ≥ 1.3x ✓ | ≥ 3x ✗ |" in text
    assert "| other | not measured |" in text
    assert "- other: not measured: nothing to measure it with." in text


def test_a_benchmark_that_fails_writes_nothing(results_elsewhere):
    with pytest.raises(ValueError, match="no values"), section("sample", "A sample", "About it."):
        percentile([], 0.5)
    assert not (results_elsewhere / "results").exists()


def test_running_one_script_refreshes_its_section_alone(results_elsewhere):
    for name, value in (("one", 1.0), ("two", 2.0), ("one", 3.0)):
        with section(name, f"Title {name}", "About it.") as result:
            result.add(Row("figure", value, "s"))
    text = (results_elsewhere / "RESULTS.md").read_text()
    assert text.count("## Title one") == 1
    assert "| figure | 3 s |" in text
    assert "| figure | 2 s |" in text
    assert "| figure | 1 s |" not in text


def test_a_busy_machine_is_told_on_the_page(results_elsewhere, monkeypatch):
    monkeypatch.setattr(harness, "share_in_use", lambda: 0.6)
    with section("sample", "A sample", "About it.") as result:
        pass
    assert result.busy
    assert "busy with other work" in (results_elsewhere / "RESULTS.md").read_text()


def test_candidates_take_turns_after_their_warm_up():
    calls: list[str] = []
    seconds = side_by_side({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3, warm_up=1)
    assert calls == ["a", "b"] * 4
    assert [len(taken) for taken in seconds.values()] == [3, 3]


def test_a_paired_ratio_ignores_a_round_in_which_everything_was_slow():
    assert paired_ratio([2.0, 20.0, 2.0], [1.0, 10.0, 1.0]) == 2.0


def test_percentiles_are_values_that_occurred():
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.95, 0.99, 1.0)] == [1, 50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7.0
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_rows_and_bounds_cannot_be_changed_after_the_fact():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Row("figure", 1.0, "s").value = 2.0  # pyright: ignore[reportAttributeAccessIssue]
