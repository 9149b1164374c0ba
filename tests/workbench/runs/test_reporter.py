"""The reporter turns what a trainer tells into events, and its checkpoints count in the store."""

import threading

import pytest

from tests.workbench.runs import inline
from workbench.runs import reporter as reporter_module
from workbench.runs.reporter import StoreReporter
from workbench.state import RunState


class Clock:
    """Monotonic seconds that pass when the test says so."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(reporter_module, "monotonic", clock)
    return clock


@pytest.fixture
def held(bench, make_model):
    inline.start(bench, make_model(max_epochs=10))
    inline.register(bench)
    return inline.claim_one(bench)


@pytest.fixture
def reporter(bench, held, clock):
    reporter = StoreReporter(held, bench.artefacts.working(f"runs/{held.lease.run_id}"), threading.Event(), batch_seconds=0.001)
    yield reporter
    reporter.close()


def told(bench, held, reporter, kind):
    reporter.flush()
    return inline.told_now(bench, held.lease.run_id, kind)


def test_the_first_sign_of_training_makes_a_starting_run_running(held, reporter):
    reporter.log("loading")
    assert held.record.state is RunState.STARTING
    reporter.progress(1, 10, 0.1)
    assert held.record.state is RunState.RUNNING


def test_the_time_left_follows_the_mean_of_the_epochs_after_the_first_which_held_the_compilation(bench, held, reporter, clock):
    for epoch, seconds in enumerate([5.0, 1.0, 3.0], 1):
        clock.now += seconds
        reporter.epoch(epoch, 10, {"train/loss": 1.0}, epoch)
    epochs = told(bench, held, reporter, "epoch")
    assert [e["elapsed_seconds"] for e in epochs] == [5.0, 6.0, 9.0]
    assert [e["eta_seconds"] for e in epochs] == [None, 8.0, 14.0]


def test_compiling_is_no_epoch_the_first_estimate_follows_what_came_after_the_first_progress(bench, held, reporter, clock):
    clock.now += 100.0
    reporter.progress(1, 8, 0.2)
    clock.now += 4.0
    reporter.epoch(1, 8, {}, 1)
    assert told(bench, held, reporter, "epoch")[0]["eta_seconds"] == 35.0


def test_progress_is_told_at_most_twice_a_second(bench, held, reporter, clock):
    for _ in range(40):
        clock.now += 0.125
        reporter.progress(1, 10, 0.5)
    assert len(told(bench, held, reporter, "progress")) == 10


def test_diagnostics_belong_to_the_epoch_told_last(bench, held, reporter):
    reporter.epoch(4, 10, {}, 9)
    reporter.diagnostics("mixture", {"pi": [1.0]})
    assert told(bench, held, reporter, "diagnostics") == [{"name": "mixture", "epoch": 4, "values": {"pi": [1.0]}}]


def test_a_checkpoint_counts_once_the_store_points_to_it(bench, held, reporter):
    reporter.epoch(1, 10, {}, 1)
    path = bench.artefacts.path(f"runs/{held.lease.run_id}/attempt-1/checkpoints/last-1.json")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}")
    reporter.checkpoint(path, "last", 1)
    recorded = held.record.last_checkpoint
    assert bench.artefacts.path(recorded.path) == path
    assert recorded.sha256 == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    kinds = [event.kind for event in bench.runs.events(held.lease.run_id).items]
    assert kinds == ["epoch", "checkpoint"]


def test_a_checkpoint_outside_the_artefact_folder_is_refused(held, reporter, tmp_path):
    stray = tmp_path / "stray.json"
    stray.write_text("{}")
    with pytest.raises(ValueError, match="not below the artefact folder"):
        reporter.checkpoint(stray, "last", 1)
    assert held.record.last_checkpoint is None


def test_a_stop_is_what_the_watchdog_has_seen(bench, held):
    stop = threading.Event()
    reporter = StoreReporter(held, bench.artefacts.working(f"runs/{held.lease.run_id}"), stop)
    assert not reporter.should_stop()
    stop.set()
    assert reporter.should_stop()
    reporter.close()


def test_an_epoch_that_waited_for_the_database_makes_no_other_longer() -> None:
    assert reporter_module.usual([2.0, 2.2, 900.0, 1.8]) == pytest.approx(2.0)
    assert reporter_module.usual([2.0, 3.0]) == 2.5
    assert reporter_module.usual([1.0, 1.0, 1.0, 6.0]) == 2.25, "every fourth evaluates"
