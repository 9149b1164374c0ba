from __future__ import annotations

import errno
import logging

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.failures import in_words
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import ConfigError, FieldProblem
from workbench.runs.starting import ExecutorError
from workbench.store.errors import StoreFull


def test_a_refused_command_is_told_with_its_hint() -> None:
    assert in_words(CommandError("The name X is taken.", hint="Choose another.")) == ("The name X is taken.", "Choose another.")


def test_a_bad_config_names_its_first_field() -> None:
    error = ConfigError([FieldProblem("latent_dim", "must be 1 to 512 (got 0)", 0, "Give 2.")])
    assert in_words(error) == ("Latent dimension: must be 1 to 512 (got 0)", "Give 2.")


def test_a_bad_dataset_file_is_told_as_it_is() -> None:
    assert in_words(DatasetError("train.gz is damaged; delete it.")) == ("train.gz is damaged; delete it.", None)


def test_an_unforeseen_error_tells_no_detail_but_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        message, hint = in_words(ZeroDivisionError("/home/someone/secret"))
    assert "secret" not in f"{message}{hint}"
    assert "ZeroDivisionError" in message
    assert "secret" in caplog.text


@pytest.mark.parametrize("error", [StoreFull("The disk is full: x."), ArtefactError("The file x is damaged."), ExecutorError("No worker.")])
def test_what_is_wrong_with_store_files_or_workers_is_told_as_it_is(error: Exception) -> None:
    assert in_words(error) == (str(error), None)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("insert", {}, Exception("database or disk is full"))]
)
def test_a_full_disk_is_told_wherever_it_is_met(error: Exception) -> None:
    assert "disk is full" in in_words(error)[0]
