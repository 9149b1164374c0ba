from __future__ import annotations

import logging

import pytest

from dashboard.failures import in_words
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import ConfigError, FieldProblem


def test_a_refused_command_is_told_with_its_hint() -> None:
    assert in_words(CommandError("The name X is taken.", hint="Choose another.")) == ("The name X is taken.", "Choose another.")


def test_a_bad_config_names_its_first_field() -> None:
    error = ConfigError([FieldProblem("latent_dim", "must be 1 to 512 (got 0)", 0, "Give 2.")])
    assert in_words(error) == ("latent_dim: must be 1 to 512 (got 0)", "Give 2.")


def test_a_bad_dataset_file_is_told_as_it_is() -> None:
    assert in_words(DatasetError("train.gz is damaged; delete it.")) == ("train.gz is damaged; delete it.", None)


def test_an_unforeseen_error_tells_no_detail_but_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        message, hint = in_words(ZeroDivisionError("/home/someone/secret"))
    assert "secret" not in f"{message}{hint}"
    assert "ZeroDivisionError" in message
    assert "secret" in caplog.text
