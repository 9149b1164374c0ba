"""What the benchmark of very many runs writes past the store's commands is what Trellis reads, and goes on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.many_seeding import fill
from workbench.frozen import FrozenDict
from workbench.settings import Settings
from workbench.state import Kind
from workbench.workbench import Workbench


@pytest.mark.parametrize("own_settings", [False, True])
def test_a_store_that_is_filled_at_once_is_one_that_trellis_reads(tmp_path: Path, own_settings: bool) -> None:
    fill(tmp_path, 60, 3, models=2, own_settings=own_settings)
    bench = Workbench.open(Settings.load(home=tmp_path, check_state=True))
    state = bench.state()
    assert sorted(run.number for run in state.runs.values()) == list(range(1, 61))
    assert {run.subject.id for run in state.runs.values()} == set(state.models)
    assert all(isinstance(run.config, FrozenDict) and not run.state.active for run in state.runs.values())
    configs = {id(run.config) for run in state.runs.values()}
    assert len(configs) == (60 if own_settings else 30)
    last = state.listed_runs[0]
    assert [event.payload["epoch"] for event in bench.runs.follow(last.id)] == [1, 2, 3]
    (entry,) = bench.store.history(Kind.RUN, last.id)
    assert state.versions[last.id] == entry.seq == state.version
    bench.runs.note(actor="user:bench", run_id=last.id, note="seen")
    assert bench.state().runs[last.id].note == "seen"
    bench.close()
