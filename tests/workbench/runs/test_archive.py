"""Events of old runs give way to files without a reader noticing more than the small diagnostics that are gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.workbench.runs import inline
from workbench.runs import archive, events
from workbench.state import RunState

LATER = datetime.now(UTC) + timedelta(days=archive.KEEP_DAYS + 1)


@pytest.fixture
def ended(bench, make_model):
    """A run with several attempts' worth of events, that has ended."""
    run = inline.start(bench, make_model(max_epochs=4))
    inline.work(bench)
    return run


def put_away(bench, now=LATER):
    return archive.archive_old(bench.store, bench.artefacts, now)


def rows(bench, run):
    return events.read(bench.store, run.id).items


def told(bench, run, page=500):
    found, cursor = [], 0
    while items := bench.runs.events(run.id, cursor, page).items:
        found += items
        cursor = items[-1].seq
    return found


def test_a_run_of_last_week_keeps_one_row_and_reads_as_before(bench, ended):
    before = [event for event in told(bench, ended) if event.kind != "diagnostics"]
    assert put_away(bench) == 1
    assert [event.kind for event in rows(bench, ended)] == ["ended"]
    for page in (500, 3, 1):
        assert told(bench, ended, page) == before
    assert list(bench.runs.follow(ended.id, after=before[-2].seq)) == [before[-1]]
    assert put_away(bench) == 0


def test_a_message_of_several_lines_survives(bench, make_model, monkeypatch):
    from tests.support import fake_family

    real = fake_family.train
    monkeypatch.setattr(
        fake_family, "train", lambda job, reporter: (reporter.log("one\ntwo: #3 attempt 1\n\nfour", "warning"), real(job, reporter))[1]
    )
    run = inline.start(bench, make_model())
    inline.work(bench)
    put_away(bench)
    messages = [event.payload for event in told(bench, run) if event.kind == "log"]
    assert {"level": "warning", "message": "one\ntwo: #3 attempt 1\n\nfour"} in messages


def test_a_younger_run_keeps_its_rows(bench, ended):
    assert put_away(bench, datetime.now(UTC) + timedelta(days=archive.KEEP_DAYS - 1)) == 0
    assert len(rows(bench, ended)) > 5


def test_a_run_whose_files_are_not_there_keeps_its_rows(bench, ended):
    (Path(bench.runs.where(ended.id)) / "manifest.json").unlink()
    assert put_away(bench) == 0
    assert len(rows(bench, ended)) > 5


def test_an_active_run_is_left_alone(bench, make_model):
    inline.start(bench, make_model())
    assert put_away(bench) == 0


def test_a_resume_of_an_archived_run_goes_on_counting(bench, make_model):
    run = inline.start(bench, make_model(max_epochs=5, fail_at_epoch=3))
    inline.work(bench)
    before = told(bench, run)
    assert put_away(bench) == 1
    bench.runs.resume(actor="user:test", run_id=run.id)
    assert inline.work(bench).state is RunState.FAILED
    after = told(bench, run)
    assert [event.seq for event in after] == sorted({event.seq for event in after})
    resumed = next(event for event in after if event.kind == "resumed")
    assert resumed.seq == before[-1].seq + 1
    log = (Path(bench.runs.where(run.id)) / "log.txt").read_text()
    assert "attempt 1 started" in log
    assert "attempt 2 ended" in log
