"""In a real worker: a disk that is full at a checkpoint, and a checkpoint that was damaged before the resume."""

import pytest

from tests.crash.processes import run_of, wait_for_state
from tests.support import fake_family
from workbench.artefacts import sha256_of
from workbench.commands.base import CommandError
from workbench.state import RunState

pytestmark = pytest.mark.crash


def start(bench, **values):
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    return bench.runs.start(actor="user:test", model_id=model.id)


@pytest.fixture
def full_disk(tmp_path, monkeypatch):
    """While this file exists, workers find the disk full when they write the file it names."""
    marker = tmp_path / "full"
    monkeypatch.setenv("FAKE_FULL_DISK", str(marker))
    return marker


def test_a_full_disk_ends_the_run_cleanly_and_space_lets_it_resume(full_disk, fake_bench):
    full_disk.write_text("last-3.json")
    run = start(fake_bench, max_epochs=6)
    failed = wait_for_state(fake_bench, run.id, RunState.FAILED)
    assert "disk is full" in failed.reason
    assert failed.last_checkpoint is not None
    assert failed.last_checkpoint.epoch == 2
    kept = fake_bench.artefacts.path(failed.last_checkpoint.path)
    assert sha256_of(kept) == failed.last_checkpoint.sha256
    assert [path.name for path in kept.parent.iterdir() if path.name.startswith(".")] == []
    full_disk.unlink()
    fake_bench.runs.resume(actor="user:test", run_id=run.id)
    resumed = wait_for_state(fake_bench, run.id, RunState.COMPLETED)
    assert resumed.last_checkpoint is not None
    assert fake_family.read_checkpoint(fake_bench.artefacts.path(resumed.last_checkpoint.path))["epoch"] == 6


def test_a_damaged_checkpoint_refuses_the_resume_in_words_before_a_worker_meets_it(fake_bench):
    run = start(fake_bench, max_epochs=6, fail_at_epoch=3)
    failed = wait_for_state(fake_bench, run.id, RunState.FAILED)
    assert failed.last_checkpoint is not None
    path = fake_bench.artefacts.path(failed.last_checkpoint.path)
    path.write_bytes(b"torn" + path.read_bytes()[4:])
    with pytest.raises(CommandError, match="is damaged") as refused:
        fake_bench.runs.resume(actor="user:test", run_id=run.id)
    assert refused.value.code == "conflict"
    assert run_of(fake_bench, run.id) == failed
    assert path.read_bytes()[:4] == b"torn"
    fresh = start(fake_bench, max_epochs=2)
    wait_for_state(fake_bench, fresh.id, RunState.COMPLETED)
