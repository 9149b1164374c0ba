"""Reporters of plain scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.runs.job import Reporter
from workbench.runs.scripted import PrintingReporter, QuietReporter


def tell(reporter: Reporter) -> None:
    reporter.log("begins")
    reporter.log("odd", "warning")
    for epoch in (1, 2, 3):
        reporter.progress(epoch, 3, 0.5)
        reporter.epoch(epoch, 3, {"train/loss": 1 / epoch, "validation/loss": None, "epoch_seconds": 2.0}, epoch)
        reporter.diagnostics("parts", {"count": epoch})
    reporter.checkpoint(Path("a"), "best", 3)
    reporter.finishing()


def test_a_quiet_reporter_keeps_everything_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = QuietReporter()
    tell(reporter)
    assert capsys.readouterr().out == ""
    assert reporter.logs == [("info", "begins"), ("warning", "odd")]
    assert [epoch["train/loss"] for epoch in reporter.epochs] == [1.0, 0.5, 1 / 3]
    assert (reporter.told, reporter.telling["parts"]) == ({"parts": {"count": 3}}, [{"count": 1}, {"count": 2}, {"count": 3}])
    assert (reporter.checkpoints, reporter.progressed) == ([(Path("a"), "best", 3)], [(1, 0.5), (2, 0.5), (3, 0.5)])
    assert not reporter.should_stop()


def test_a_printing_reporter_prints_lines_and_now_and_then_an_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    tell(PrintingReporter(("validation/loss", "train/loss"), every=2))
    assert capsys.readouterr().out.splitlines() == ["begins", "warning: odd", "epoch 2/3  train/loss 0.5", "epoch 3/3  train/loss 0.3333"]
    tell(PrintingReporter())
    assert "epoch 1/3  train/loss 1  epoch_seconds 2" in capsys.readouterr().out


def test_a_stop_is_asked_for_after_so_many_epochs() -> None:
    reporter = PrintingReporter(stop_after=2)
    reporter.epoch(1, 9, {}, 1)
    assert not reporter.should_stop()
    reporter.epoch(2, 9, {}, 2)
    assert reporter.should_stop()
