"""Runs over several devices give what runs on one give, but for rounding."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.parallel.runs import PARTS, RCMVAE, TRAFFIC
from tests.parallel.telling import told_by

ROUNDING = 1e-4
"""How far rounding may lead in a few epochs, as a share of an array's largest entry. Other random numbers lead a hundred times as far."""


@pytest.fixture
def told(tmp_path: Path):
    """What a process with eight devices says of cases, by name."""
    return partial(told_by, "tests.parallel.runs", tmp_path)


def require_equal(found: dict[str, dict[str, Any]]) -> None:
    """Runs agree within rounding; that something differs in a bit shows that sums were indeed made elsewhere."""
    far = {name: (one["distance"], one["where"]) for name, one in found.items() if not one["distance"] < ROUNDING}
    assert far == {}
    assert [name for name, one in found.items() if not one["differ"]] == []


def lines(logs: list[list[str]], about: str) -> list[list[str]]:
    return [line for line in logs if about in line[1]]


def test_an_rcm_vae_learns_over_devices_what_it_learns_on_one(told) -> None:
    found = told(*RCMVAE, "rcmvae run")
    require_equal(found)
    run = found["rcmvae run"]
    assert run["alike"] == 0, "a resume on as many devices is one bit for bit"
    assert lines(run["logs"], "a step")[:2] == [
        ["warning", "12 images of a step divide evenly over 6 of 8 devices alone. A number that 8 divides uses all"],
        ["info", "Trains on 6 devices (cpu), each with 2 of a step's 12 images"],
    ]
    assert lines(run["logs"], "labelled_batch_size=5 does not divide evenly over 6 devices")
    assert lines(run["resumed"], "device") == [
        ["warning", "This run began on 6 devices and goes on with 1: its results agree within rounding, not bit for bit"]
    ]


def test_a_forecasting_network_learns_over_devices_what_it_learns_on_one(told) -> None:
    found = told(*TRAFFIC, "traffic resumed")
    require_equal(found)
    assert found["traffic resumed"]["alike"] == 0, "a resume on as many devices is one bit for bit"
    what, held = lines(found["lstm"]["logs"], "evice")
    assert what == ["info", "Trains on 4 devices (cpu), each with 4 of a step's 16 windows"]
    assert held[1].startswith("Each device holds ")
    assert lines(found["traffic resumed"]["logs"], "device") == []
    assert lines(found["traffic resumed"]["resumed"], "began on") == [[
        "warning", "This run began on 1 device and goes on with 8: its results agree within rounding, not bit for bit"
    ]]  # fmt: skip


def test_a_forecasting_network_whose_steps_come_in_parts_learns_the_same(told) -> None:
    found = told(*PARTS)
    require_equal(found)
    what, _ = lines(found["lstm in parts"]["logs"], "evice")
    assert what == ["info", "Trains on 4 devices (cpu), each with up to 2 of a step's 6 parts of 3 windows"]


def test_devices_tell_each_other_sums_and_no_rows(told) -> None:
    found = told("split")["split"]
    # one sum of all gradients, none in a loop over the steps of a window
    assert found.pop("traffic in parts") == {"all-reduce": 1, "all-gather": 0, "all-to-all": 0, "collective-permute": 0}
    assert {name: found[name].pop("all-reduce") > 0 for name in ("traffic", "plain", "augmented")} == {
        "traffic": True, "plain": True, "augmented": True,
    }  # fmt: skip
    assert {name: sum(found[name].values()) for name in ("traffic", "plain", "augmented")} == {"traffic": 0, "plain": 0, "augmented": 0}
