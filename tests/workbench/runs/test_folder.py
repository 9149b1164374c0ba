"""What a run's documents say."""

import io

import polars
import pytest

from workbench.artefacts import FolderRoot
from workbench.runs import folder
from workbench.runs.events import StoredEvent


@pytest.fixture
def root(tmp_path):
    return FolderRoot(tmp_path)


def epoch(seq, number, attempt=1, **metrics):
    payload = {"epoch": number, "total": 9, "life_epoch": number, "elapsed_seconds": 1.0, "eta_seconds": 2.0, "metrics": metrics}
    return StoredEvent(seq, attempt, "2026-01-01T00:00:00.000Z", "epoch", payload)


def test_the_table_has_a_column_for_every_metric_and_null_where_it_was_not_measured():
    table = polars.read_parquet(io.BytesIO(folder.metrics_table([epoch(1, 1, a=1.0), epoch(2, 2, a=2.0, b=None), epoch(3, 3, b=5.0)])))
    assert table["a"].to_list() == [1.0, 2.0, None]
    assert table["b"].to_list() == [None, None, 5.0]
    assert table["life_epoch"].to_list() == [1, 2, 3]


def test_the_log_shows_messages_and_turning_points_in_order_but_no_numbers():
    events = [
        StoredEvent(1, 1, "T1", "started", {"total_epochs": 3}),
        StoredEvent(2, 1, "T2", "log", {"level": "warning", "message": "two lines\nin one"}),
        epoch(3, 1),
        StoredEvent(4, 2, "T4", "ended", {"state": "completed", "reason": ""}),
    ]
    assert folder.log_text(events).splitlines() == [
        'T1 #1 attempt 1 started {"total_epochs":3}',
        "T2 #2 attempt 1 warning: two lines",
        "    in one",
        'T4 #4 attempt 2 ended {"state":"completed","reason":""}',
    ]


def test_the_manifest_lists_everything_but_itself_and_unfinished_files(root):
    root.write_text("runs/run_1/log.txt", "x")
    root.write_bytes("runs/run_1/attempt-1/checkpoints/last-1.msgpack", b"123")
    (root.folder / "runs/run_1/.half.abc.partial").write_bytes(b"")
    for _ in range(2):
        entries = folder.write_manifest(root, "run_1")
    assert [(e.name, e.size, e.media_type) for e in entries] == [
        ("log.txt", 1, "text/plain"),
        ("attempt-1/checkpoints/last-1.msgpack", 3, "application/vnd.msgpack"),
    ]
    assert folder.read_manifest(root, "run_1") == entries
    folder.remove_manifest(root, "run_1")
    assert folder.read_manifest(root, "run_1") == ()


def test_values_become_plain_and_numbers_that_are_not_finite_become_null():
    import numpy as np

    value = {"a": np.float32(0.5), "b": (1, float("inf")), "c": {"d": np.array([1, 2])}, "e": None, "f": "text"}
    assert folder.plain(value) == {"a": 0.5, "b": [1, None], "c": {"d": [1, 2]}, "e": None, "f": "text"}
