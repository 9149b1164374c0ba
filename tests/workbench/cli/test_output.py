"""What the command line prints."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from tests.support.records import run_record
from workbench.cli import app, output
from workbench.cli.words import IN_LISTS, headline

COLUMNS = ("Id", "What")


def test_control_characters_of_data_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(COLUMNS, [("a\x1b]0;title\x07", "b\u202ec")], "none")
    output.print_pairs([("name\x1b[31m", "value\x9b31m")])
    output.say("said \x1b[2J\tand\nmore")
    printed = "".join(capsys.readouterr())
    assert "\x1b" not in printed
    assert "\x9b" not in printed
    assert "\u202e" not in printed
    assert "\\x1b]0;title\\x07" in printed


def test_what_goes_into_a_program_is_not_folded(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    output.print_table(COLUMNS, [("run_0000000000001", "many words " * 40)], "none")
    assert len(capsys.readouterr().out.strip().splitlines()) == 2


def test_an_id_is_not_cut_where_there_is_room_for_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    output.print_table(COLUMNS, [("run_0000000000001", "many words " * 40)], "none")
    assert "run_0000000000001" in capsys.readouterr().out


def test_a_long_title_does_not_take_the_room_of_what_stands_below(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    output.print_table(("Key", "/a" * 60, "/b" * 60), [("training.max_epochs", "4", "9")], "none")
    assert "training.max_epochs" in capsys.readouterr().out


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "no space left for the output"), (errno.EIO, "a fault of Trellis")])
def test_a_full_output_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def failing(*_: Any) -> Any:
        raise OSError(number, "it does not go")

    monkeypatch.setattr(app, "build", failing)
    assert app.run(["data", "list"]) == output.FAILED
    assert words in " ".join(capsys.readouterr().err.split())


def test_lines_end_with_what_they_say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    output.print_table(COLUMNS, [("a", "word " * 40), ("b", "c")], "none")
    output.print_pairs([("Name", "Oak"), ("Result", "Loss 1, " * 40)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines if line.startswith("Name")] == [["Name", "Oak"]]
    assert all(line == line.rstrip() for line in lines)


def test_a_list_shows_a_few_metrics_of_a_run_and_the_run_itself_all() -> None:
    run = run_record(headline={f"metric_{number}": float(number) for number in range(7)})
    assert headline(run, IN_LISTS) == "Metric 0 0, Metric 1 1"
    assert headline(run).count(",") == 6
