"""What a person sees when something fails: a sentence and what to do, never a traceback."""

from __future__ import annotations

import logging
from typing import Any

from dash.exceptions import BackgroundCallbackError

from dashboard.components.toast import notify_error
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.fields import ConfigError

_LOG = logging.getLogger("trellis.dashboard")


def in_words(error: Exception) -> tuple[str, str | None]:
    """(message, hint) for people. An error nobody foresaw is logged with its traceback and named by its type."""
    if isinstance(error, CommandError):
        return error.message, error.hint
    if isinstance(error, ConfigError):
        first = error.problems[0]
        return f"{first.path}: {first.message}", first.hint
    if isinstance(error, DatasetError):
        return str(error), None
    if isinstance(error, BackgroundCallbackError):
        return "Following the run stopped; the run itself goes on.", "Reload the page to follow it again."
    _LOG.error("unexpected error in a callback", exc_info=error)
    return (
        f"Something went wrong here ({type(error).__name__}). Nothing was changed.",
        "The server's log has the details; try again or reload the page.",
    )


def on_callback_error(error: Exception) -> Any:
    """Dash's error handler: an error toast, and no output changes."""
    notify_error(*in_words(error))
