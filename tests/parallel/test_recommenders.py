"""Recommenders learn over several devices what they learn on one, but for rounding."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.parallel.recommenders import CASES
from tests.parallel.telling import told_by

ROUNDING = 1e-5
"""How far rounding may lead in two epochs. A device that counts a row twice, or leaves one out, leads a thousand times as far."""


@pytest.fixture
def told(tmp_path: Path):
    """What a process with eight devices says of cases, by name."""
    return partial(told_by, "tests.parallel.recommenders", tmp_path)


def test_every_type_learns_over_devices_what_it_learns_on_one(told) -> None:
    found = told(*CASES)
    far = {name: (one["distance"], one["where"]) for name, one in found.items() if not one["distance"] < ROUNDING}
    assert far == {}
    assert [name for name, one in found.items() if not one["differ"]] == [], "sums were made in the same order: one device trained"
    # every device holds every variable, and all the same
    assert {name: one["copies"] for name, one in found.items()} == {name: [case.get("devices", 3), 0] for name, case in CASES.items()}
    # tables learn from the rows that a batch reads, never from a gradient as large as they are
    wanted = [["other", "whole"], ["table", "rows"]]
    assert {name: one["gradients"] for name, one in found.items() if one["gradients"] != wanted} == {}


def test_a_run_goes_on_with_as_many_devices_bit_for_bit_and_with_others_within_rounding(told) -> None:
    found = told("stopped", "trial")
    within, trial = found["stopped"], found["trial"]
    assert within["place"] == [1, 2], "it was not stopped within its second epoch"
    assert within["alike"] == 0
    assert within["distance"] < ROUNDING
    assert within["differ"]
    assert trial["distance"] < ROUNDING
    assert trial["differ"]
    assert trial["alone"] == []
    what, changed, held = trial["resumed"]
    assert what == "Trains on 3 devices (cpu), each with up to 45 of a step's 133 rows"
    assert changed == "This run began on 1 device and goes on with 3: its results agree within rounding, not bit for bit"
    assert held.startswith("Each device holds ")
    assert held.endswith(" kB from step to step: weights and optimiser")
