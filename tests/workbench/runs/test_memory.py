"""How much memory there is: the machine's, or a container's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.runs import memory


def test_the_smaller_of_machine_and_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    first, second = tmp_path / "max", tmp_path / "limit"
    monkeypatch.setattr(memory, "GROUP_LIMITS", (first, second))
    assert memory.memory_limit() == pytest.approx(machine, rel=0.01)
    first.write_text("max\n")
    second.write_text(f"{2**62}\n")
    assert memory.memory_limit() == pytest.approx(machine, rel=0.01)
    first.write_text("536870912\n")
    assert memory.memory_limit() == 2**29


def test_nothing_is_said_where_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "GROUP_LIMITS", (tmp_path / "none",))

    def unknown(_name: str) -> int:
        raise ValueError

    monkeypatch.setattr(os, "sysconf", unknown)
    assert memory.memory_limit() is None
