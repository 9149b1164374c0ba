from __future__ import annotations

import errno
import logging
from typing import Any

import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict
from sqlalchemy.exc import OperationalError

from dashboard import failures
from dashboard.failures import in_words, on_callback_error
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
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


def test_a_sentence_about_no_field_does_not_begin_with_an_internal_name() -> None:
    for path in ("version", "id", "ids"):
        problem = FieldProblem(path, "The model Small was deleted.", hint="Restore it first.")
        assert in_words(CommandError(problem.message, path, problem.hint, problems=(problem,))) == (problem.message, problem.hint)


@pytest.mark.parametrize(("value", "asks"), [({"action": "rerun", "id": "run_1", "value": "current:run_2", "at": 1}, True), (3, False)])
def test_an_action_that_only_wants_a_yes_asks_for_it_and_comes_again(monkeypatch: pytest.MonkeyPatch, value: Any, asks: bool) -> None:
    questions: list[tuple[Any, ...]] = []
    toasts: list[tuple[Any, ...]] = []
    monkeypatch.setattr(failures, "ask_again", lambda *question: questions.append(question))
    monkeypatch.setattr(failures, "notify_error", lambda *words: toasts.append(words))
    token = context_value.set(AttributeDict(triggered_inputs=[{"prop_id": "tests-action.data", "value": value}]))
    try:
        on_callback_error(NeedsConfirmation(FieldProblem("", "Training may need too much.", hint="Take less")))
    finally:
        context_value.reset(token)
    assert questions == ([("Training may need too much. Start it all the same?", "tests-action", value)] if asks else [])
    assert bool(toasts) is not asks
