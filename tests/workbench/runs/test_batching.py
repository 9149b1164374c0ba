"""Batches keep order, lose nothing and hand errors on."""

import threading

import pytest

from workbench.runs.batching import Batcher


def test_items_come_out_once_and_in_order():
    written: list[list[int]] = []
    batcher = Batcher(written.append, interval=0.001)
    for number in range(500):
        batcher.add(number)
    batcher.close()
    assert [number for batch in written for number in batch] == list(range(500))


def test_what_arrives_within_the_interval_forms_one_batch():
    written: list[list[int]] = []
    first = threading.Event()

    def write(batch: list[int]) -> None:
        written.append(batch)
        first.set()

    batcher = Batcher(write, interval=3600)
    batcher.add(0)
    assert first.wait(30)
    for number in range(1, 50):
        batcher.add(number)
    batcher.close()
    assert written == [[0], list(range(1, 50))]


def test_flush_returns_after_everything_is_written():
    written: list[int] = []
    batcher = Batcher(written.extend, interval=3600)
    for number in range(20):
        batcher.add(number)
        batcher.flush()
        assert written[-1] == number
    batcher.close()


def test_an_error_in_the_background_reaches_the_next_call():
    def write(batch: list[int]) -> None:
        raise OSError("no space")

    batcher = Batcher(write, interval=0)
    batcher.add(1)
    batcher._thread.join(30)
    with pytest.raises(OSError, match="no space"):
        batcher.add(2)


def test_an_error_in_the_background_reaches_the_handler():
    seen: list[BaseException] = []

    def write(batch: list[int]) -> None:
        raise OSError("lost")

    batcher = Batcher(write, interval=0, on_error=seen.append)
    batcher.add(1)
    batcher._thread.join(30)
    assert [str(error) for error in seen] == ["lost"]
