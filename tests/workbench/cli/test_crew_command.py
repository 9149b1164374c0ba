"""`trellis crew` refuses in words what cannot be meant, and keeps its process running."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import crew
from workbench.settings import Settings

JOINED = ("--coordinator", "127.0.0.1:7000", "--size", "2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--coordinator", "node1", "--size", "2", "--rank", "0"), "--coordinator node1 is no HOST:PORT, such as node1:7000"),
        (("--coordinator", "node1:70000", "--size", "2", "--rank", "0"), "is no HOST:PORT"),
        ((*JOINED, "--rank", "2"), "--rank 2: the ranks of a crew of 2 are 0 to 1"),
        ((*JOINED, "--rank", "0", "--framework", "tensorflow"), "--framework tensorflow: its runs do not train over several processes"),
    ],
)
def test_what_cannot_be_meant_is_refused(trellis: Any, arguments: tuple[str, ...], words: str) -> None:
    said = trellis("crew", *arguments)
    assert said.code == 1
    assert words in " ".join(said.err.split())


def test_one_process_is_no_crew(trellis: Any) -> None:
    assert trellis("crew", "--coordinator", "node1:1", "--size", "1", "--rank", "0").code == 2


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "FIRST_PAUSE_SECONDS", 0.01)


def test_a_process_that_fails_is_started_again_until_it_ends_by_itself(home: Path, tmp_path: Path, short: None) -> None:
    count = tmp_path / "count"
    program = f"import pathlib, sys; p = pathlib.Path({str(count)!r}); n = int(p.read_text()) if p.exists() else 0; p.write_text(str(n + 1)); sys.exit(5 * (n < 2))"
    settings = Settings.load()
    settings.prepare()
    assert crew._keep_running(settings, [sys.executable, "-c", program], threading.Event()) == 0
    assert count.read_text() == "3"


def test_one_that_is_told_to_end_ends_its_process(home: Path, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    program = f"import pathlib, signal, sys, time; signal.signal(15, lambda *_: (pathlib.Path({str(ended)!r}).touch(), sys.exit(0))); pathlib.Path({str(tmp_path / 'up')!r}).touch(); time.sleep(600)"
    settings, ending = Settings.load(), threading.Event()
    settings.prepare()
    waiting = threading.Thread(target=crew._keep_running, args=(settings, [sys.executable, "-c", program], ending))
    waiting.start()
    while not (tmp_path / "up").exists():
        waiting.join(0.02)
        assert waiting.is_alive()
    ending.set()
    waiting.join(60)
    assert ended.exists()
