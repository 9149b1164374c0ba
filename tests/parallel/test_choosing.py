"""How many devices a run takes, and what it says of it."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import pytest

from parallel.choosing import changed_words, chosen
from parallel.machine import machine as seen


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    """A machine with so many devices of a kind."""

    def make(count: int, platform: str = "gpu") -> None:
        monkeypatch.setattr(jax, "devices", lambda: [SimpleNamespace(platform=platform, device_kind="H200")] * count)

    return make


@pytest.mark.parametrize(
    ("platform", "count", "asked", "rows", "devices"),
    [
        ("gpu", 8, "auto", 64, 8), ("gpu", 1, "auto", 64, 1), ("cpu", 8, "auto", 64, 1), ("cpu", 8, 4, 64, 4), ("gpu", 8, 3, 64, 2),
        ("gpu", 8, "auto", 50, 5), ("gpu", 8, "auto", 61, 1), ("gpu", 8, "auto", 4, 4), ("gpu", 2, 16, 64, 2), ("gpu", 8, "auto", 1, 1),
    ],
)  # fmt: skip
def test_every_accelerator_trains_that_the_rows_of_a_step_divide_over(machine, platform, count, asked, rows, devices) -> None:
    machine(count, platform)
    assert chosen(asked, rows, seen()).devices == devices


def test_a_run_on_the_one_device_that_it_asks_for_says_nothing(machine) -> None:
    machine(8, "cpu")
    assert chosen("auto", 64, seen()).words("images") == []
    machine(8)
    assert chosen(1, 64, seen()).words("images") == []


def test_a_run_says_what_it_trains_on_and_why_on_fewer(machine) -> None:
    machine(8)
    assert chosen("auto", 64, seen()).words("images") == [("Trains on 8 devices (H200), each with 8 of a step's 64 images", "info")]
    (why, level), (what, _) = chosen("auto", 50, seen()).words("images")
    assert (why, level) == ("50 images of a step divide evenly over 5 of 8 devices alone. A number that 8 divides uses all", "warning")
    assert what.startswith("Trains on 5 devices")
    machine(1)
    assert chosen(4, 64, seen()).words("windows") == [("devices=4, but this machine has 1 device (H200)", "warning")]


def test_parts_of_a_step_need_not_divide_evenly(machine) -> None:
    machine(2, "cpu")
    found = chosen(2, 11, seen(), uneven=True)
    assert found.devices == 2
    assert found.words("parts of 6 windows") == [
        ("Trains on 2 devices (H200), each with up to 6 of a step's 11 parts of 6 windows", "info")
    ]
    machine(8, "cpu")
    found = chosen(8, 3, seen(), uneven=True)
    assert found.devices == 3
    assert found.words("parts of 6 windows")[0] == ("A step has no more than 3 parts of 6 windows: 3 of 8 devices train", "warning")


def test_a_resumed_run_says_only_that_its_devices_are_others() -> None:
    assert changed_words(4, 4) is None
    assert "began on 1 device and goes on with 4" in str(changed_words(1, 4))


@pytest.mark.parametrize(
    ("platform", "count", "asked", "rows", "uneven", "devices"),
    [
        ("gpu", 8, "auto", 64, False, 8), ("cpu", 4, "auto", 64, False, 4), ("gpu", 8, 3, 64, False, 2), ("gpu", 8, "auto", 36, False, 6),
        ("gpu", 8, "auto", 7, True, 6), ("gpu", 8, "auto", 7, False, 1), ("gpu", 8, 1, 64, False, 1),
    ],
)  # fmt: skip
def test_processes_that_train_as_one_give_as_many_devices_each(machine, monkeypatch, platform, count, asked, rows, uneven, devices) -> None:
    machine(count, platform)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    found = chosen(asked, rows, seen(), uneven=uneven)
    assert (found.devices, found.processes) == (devices, 2)


def test_a_crew_says_how_many_processes_train_and_that_one_device_needs_none(machine, monkeypatch) -> None:
    machine(4)
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    assert chosen("auto", 64, seen()).words("images") == [
        ("Trains on 4 devices (H200) of 2 processes, each with 16 of a step's 64 images", "info")
    ]
    asked_more, _ = chosen(8, 64, seen()).words("images")
    assert asked_more == ("devices=8, but the 2 processes of the crew have 4 devices (H200)", "warning")
    assert chosen(1, 64, seen()).words("images") == [
        ("One device trains; the other processes of the crew do the same again, and save no time", "warning")
    ]
