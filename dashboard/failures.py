"""What a person sees when something fails: a sentence and what to do, never a traceback."""

from __future__ import annotations

import errno
import logging
from typing import Any

from dash import ctx
from dash.exceptions import BackgroundCallbackError

from dashboard.components.action import read_action
from dashboard.components.question import ask_again
from dashboard.components.toast import notify_error
from dashboard.forms.words import known_fields, labelled
from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.commands.base import CommandError
from workbench.commands.confirming import NeedsConfirmation
from workbench.datasets import DatasetError
from workbench.fields import ConfigError, FieldProblem, with_name
from workbench.outages import for_anyone
from workbench.runs.starting import ExecutorError
from workbench.store.errors import StoreError

_LOG = logging.getLogger("trellis.dashboard")


def in_words(error: Exception) -> tuple[str, str | None]:
    """(message, hint) for people. An error nobody foresaw is logged with its traceback and named by its type."""
    if isinstance(error, CommandError):
        if error.problems and error.message == error.problems[0].message:
            return _refused(error.problems[0])
        return error.message, error.hint
    if isinstance(error, ConfigError):
        return _refused(error.problems[0])
    if isinstance(error, DatasetError | StoreError | ArtefactError | ArtefactsAway | ExecutorError):
        return for_anyone(error), None
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Nothing was changed.", "Free some space and try again."
    if isinstance(error, BackgroundCallbackError):
        _LOG.error("a background job failed", exc_info=error)
        return "What was being done in the background broke off.", "Look whether it was done, and try again if not."
    if _is_of_the_database(error):
        from workbench.store.engine import explained

        return for_anyone(explained(error, "TRELLIS_DATABASE_URL")), None
    _LOG.error("unexpected error in a callback", exc_info=error)
    return (
        f"Something went wrong here ({type(error).__name__}). Nothing was changed.",
        "The server's log has the details; try again or reload the page.",
    )


def _is_of_the_database(error: Exception) -> bool:
    # imported here, because the first page is served before anything of SQL is loaded
    from sqlalchemy.exc import DatabaseError

    return isinstance(error, DatabaseError)


def _refused(problem: FieldProblem) -> tuple[str, str | None]:
    """A field's problem, with labels in it and the field's before it; a whole sentence that is about no field stands alone."""
    known = known_fields()
    hint = labelled(problem.hint, known) if problem.hint else None
    if problem.path not in known and problem.message[:1].isupper():
        return labelled(problem.message, known), hint
    name = known[problem.path].label if problem.path in known else None
    return labelled(with_name(problem.path, problem.message, name), known), hint


def on_callback_error(error: Exception) -> Any:
    """Dash's error handler: an error toast, and no output changes. An action that only wants a yes is asked for one instead."""
    if isinstance(error, NeedsConfirmation) and ctx.triggered and read_action(request := ctx.triggered[0]["value"]) is not None:
        ask_again(error.question, str(ctx.triggered_id), request)
    else:
        notify_error(*in_words(error))
