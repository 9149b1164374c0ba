"""A sweep that is said to run and that nobody goes on with is a warning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.workbench.runs import inline
from tests.workbench.sweeps.conftest import Sweeping
from workbench.clock import to_text
from workbench.doctor import store, sweeps


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr(sweeps, "utc_now", lambda: to_text(datetime.now(UTC) + timedelta(seconds=seconds)))


def levels(bench: Any) -> list[str]:
    return [found.level for found in sweeps.examine(bench.state())]


def test_a_sweep_without_a_trial_under_way_is_warned_of_after_a_while(bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sweeping = Sweeping(bench, make_model)
    assert levels(bench) == []
    sweep = sweeping.begin(trials=2)
    assert levels(bench) == ["ok"]
    later(monkeypatch, 3600)
    (found,) = sweeps.examine(bench.state())
    assert (found.level, found.facts["idle"]) == ("warning", [sweep.id])
    assert f"`trellis sweeps stop {sweep.number}`" in found.todo
    assert "sweeps" in [each.check for each in store.examine(bench.store, bench.settings.host_name)]
    bench.sweeps.driver.look()
    assert levels(bench) == ["ok"]
    inline.work(bench)
    assert levels(bench) == ["warning"]
    bench.sweeps.stop(actor="me", sweep_id=sweep.id)
    assert levels(bench) == []
