"""Calls that another process carries out: what they give back, how they fail, and what is left of the process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.apart_calls import ERRORS
from workbench.apart import Apart, Cancelled
from workbench.apart.calling import AT_ONCE
from workbench.datasets import DatasetError
from workbench.settings import Settings

CALLS = "tests.support.apart_calls"
ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Apart]:
    """Processes of a fresh home that find the calls of the tests; those that wait are gone afterwards."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    opened = Apart(Settings.load(home=home).prepare())
    yield opened
    opened.close()


def test_a_call_is_carried_out_elsewhere_on_the_same_home_and_the_next_one_by_the_same_process(apart: Apart, home: Path) -> None:
    first, second = (apart.call(f"{CALLS}:process") for _ in range(2))
    assert first == second
    assert first[0] != os.getpid()
    assert first[1] == str(home)
    apart.close()
    assert not psutil.pid_exists(first[0])


def test_what_a_call_raises_arrives_whole_and_the_process_goes_on(apart: Apart) -> None:
    pid = apart.call(f"{CALLS}:process")[0]
    for which, meant in ERRORS.items():
        with pytest.raises(type(meant)) as caught:
            apart.call(f"{CALLS}:refuse", which)
        assert str(caught.value) == str(meant)
        told = {name: value for name, value in vars(caught.value).items() if name != "__notes__"}
        assert told == {name: value for name, value in vars(meant).items() if name != "__notes__"}
    assert apart.call(f"{CALLS}:process")[0] == pid


def test_a_process_that_dies_is_told_of_and_another_one_answers_next(apart: Apart) -> None:
    pid = apart.call(f"{CALLS}:process")[0]
    with pytest.raises(DatasetError, match="ended without an answer"):
        apart.call(f"{CALLS}:die")
    assert apart.call(f"{CALLS}:process")[0] != pid


def test_a_process_that_left_while_it_waited_is_replaced_without_a_word(apart: Apart) -> None:
    pid = apart.call(f"{CALLS}:process")[0]
    gone = psutil.Process(pid)
    gone.kill()
    apart.warm()
    assert apart.call(f"{CALLS}:process")[0] != pid


def test_progress_is_told_in_order(apart: Apart) -> None:
    seen: list[tuple[int, int]] = []
    assert apart.call(f"{CALLS}:count", 3, progress=lambda done, total: seen.append((done, total))) == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_cancelled_call_leaves_no_process(apart: Apart, tmp_path: Path) -> None:
    sign = tmp_path / "pid"
    with pytest.raises(Cancelled):
        apart.call(f"{CALLS}:wait", sign, cancelled=lambda: sign.exists() and bool(sign.read_text()))
    assert not psutil.pid_exists(int(sign.read_text()))


def test_calls_at_once_are_carried_out_beside_each_other(apart: Apart, tmp_path: Path) -> None:
    sign, found = tmp_path / "pid", []

    def waiting() -> None:
        with pytest.raises(Cancelled):
            apart.call(f"{CALLS}:wait", sign, cancelled=lambda: bool(found))

    beside = threading.Thread(target=waiting)
    beside.start()
    found.append(apart.call(f"{CALLS}:process"))
    beside.join()
    assert found


def test_a_long_call_has_a_process_of_its_own_that_ends_with_it_and_keeps_no_other_waiting(apart: Apart, tmp_path: Path) -> None:
    usual = apart.call(f"{CALLS}:process")[0]
    aside = apart.call(f"{CALLS}:process", aside=True)[0]
    assert aside != usual
    assert not psutil.pid_exists(aside)
    assert apart.call(f"{CALLS}:process")[0] == usual


def test_a_call_that_waits_for_its_turn_can_be_cancelled(apart: Apart, tmp_path: Path) -> None:
    signs, found = [tmp_path / f"pid {number}" for number in range(AT_ONCE)], []

    def waiting(sign: Path) -> None:
        with pytest.raises(Cancelled):
            apart.call(f"{CALLS}:wait", sign, cancelled=lambda: bool(found))

    threads = [threading.Thread(target=waiting, args=(sign,)) for sign in signs]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 60
    while not all(sign.exists() for sign in signs) and time.monotonic() < until:
        time.sleep(0.05)
    with pytest.raises(Cancelled):
        apart.call(f"{CALLS}:process", cancelled=lambda: True)
    found.append("enough")
    for thread in threads:
        thread.join()


def test_a_server_reads_tables_elsewhere_and_its_own_process_never_imports_polars(home: Path) -> None:
    program = """
import sys
from recsys.service import RecommenderService
from workbench.settings import Settings
from workbench.workbench import Workbench

bench = Workbench.open(Settings.load(home=sys.argv[1]), apart=True)
tables = RecommenderService(bench).tables
made = bench.datasets.create(actor="me", source="retail_simulator", params={"rows": 2000})
found = tables.divided(made.id, {"split": "random"}).preview
assert (found.train, found.validation, found.test) == (1600, 200, 200)
assert len(tables.columns(made.id)) == 15 and len(tables.sample(made.id, 5)) == 5
assert tables.ceiling(made.id).rows > 0
assert bench.datasets.statistics(made.id).facts[0] == ("Rows", "2,000")
assert not {"polars", "pandas", "sklearn", "scipy"} & set(sys.modules)
bench.close()
"""
    done = subprocess.run([sys.executable, "-c", program, str(home)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
