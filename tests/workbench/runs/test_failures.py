"""A failure is one sentence, with the traceback only where it helps."""

import errno

import pytest

from workbench.runs.failures import LONGEST_SENTENCE, RunFailure, describe, sentence


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_says_what_was_kept_and_what_to_do(number):
    text = sentence(OSError(number, "no", "/home/someone/checkpoints/last-3.msgpack"))
    assert text == "The disk is full while writing last-3.msgpack; the previous checkpoint was kept. Free some space, then resume the run."


def test_running_out_of_memory_names_what_to_lower():
    assert "smaller batch size" in sentence(MemoryError())
    assert "smaller batch size" in sentence(RuntimeError("RESOURCE_EXHAUSTED: out of memory allocating 10 bytes"))


def test_the_first_line_of_a_message_is_the_sentence():
    assert sentence(ValueError("\n the loss is not finite at epoch 3\nmore")) == "the loss is not finite at epoch 3"
    assert sentence(KeyError("x")) == "KeyError: 'x'"
    assert sentence(RuntimeError()) == "Training ended with RuntimeError."
    assert len(sentence(ValueError("x" * 5000))) == LONGEST_SENTENCE


def test_an_expected_failure_carries_no_traceback_and_an_unexpected_one_does():
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as error:
        unexpected = describe(error)
    assert "Traceback" in unexpected.traceback
    assert unexpected.message == "division by zero"
    assert describe(RunFailure("the file is gone")).traceback == ""
