"""Batches keep order, lose nothing and hand errors on."""

import threading
import time

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


def test_a_write_that_the_handler_forgives_is_tried_again_and_nothing_is_lost():
    written: list[int] = []
    failures = [OSError("busy"), OSError("still busy")]
    forgiven: list[BaseException] = []

    def write(batch: list[int]) -> None:
        if failures:
            raise failures.pop(0)
        written.extend(batch)

    batcher = Batcher(write, interval=0.001, on_error=forgiven.append)
    for number in range(10):
        batcher.add(number)
    while not written:
        time.sleep(0.005)
    batcher.close()
    assert written == list(range(10))
    assert [str(error) for error in forgiven] == ["busy", "still busy"]


def test_what_the_handler_raises_reaches_the_next_call():
    def write(batch: list[int]) -> None:
        raise OSError("lost")

    def handle(error: BaseException) -> None:
        raise LookupError("taken over") from error

    batcher = Batcher(write, interval=0, on_error=handle)
    batcher.add(1)
    batcher._thread.join(30)
    with pytest.raises(LookupError, match="taken over"):
        batcher.flush()
