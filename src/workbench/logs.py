"""What processes log: as Python writes it, or one JSON object a line (`TRELLIS_LOG=json`) that says which run or request it is about."""

from __future__ import annotations

import json
import logging
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from workbench.clock import monotonic, to_text

LogForm = Literal["text", "json"]

OWN = ("workbench", "dashboard", "trellis", "rcmvae", "recsys", "traffic")
"""Loggers of Trellis: what they say of ordinary work is written, too; of others only what is wrong."""

_run: ContextVar[str | None] = ContextVar("trellis_run", default=None)
_request: ContextVar[str | None] = ContextVar("trellis_request", default=None)


@contextmanager
def about(*, run: str | None = None, request: str | None = None) -> Iterator[None]:
    """Have what is logged within the block name this run or request."""
    tokens = [(variable, variable.set(value)) for variable, value in ((_run, run), (_request, request)) if value is not None]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


SAY_AGAIN_SECONDS = 60.0


class Seldom:
    """A logger's warnings; one that says what the one before said, at most once a minute: an hour without a database fills no log."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._said, self._at = "", -math.inf

    def warning(self, text: str) -> None:
        """Log it, unless that was just done."""
        now = monotonic()
        if text != self._said or now - self._at >= SAY_AGAIN_SECONDS:
            self._said, self._at = text, now
            self._logger.warning("%s", text)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, and where there are such, run, request, error and `facts`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": to_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "run": _run.get(),
            "request": _request.get(),
        }
        said |= getattr(record, "facts", {})
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in said.items() if value is not None}, ensure_ascii=False, default=str)


def set_up(form: LogForm) -> None:
    """Have this process log in that form, on standard error. `text` leaves Python's own: sentences from warnings on."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each.formatter, JsonLines)]:
        root.removeHandler(handler)
    for name in OWN:
        logging.getLogger(name).setLevel(logging.INFO if form == "json" else logging.NOTSET)
    if form == "json":
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.addHandler(handler)
