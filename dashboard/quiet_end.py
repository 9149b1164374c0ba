"""What servers say when they end: nothing of requests that were cut off on purpose."""

from __future__ import annotations

import asyncio
import logging

CANCELLING = "Cancel %s running task(s), timeout graceful shutdown exceeded"


class CutOff(logging.Filter):
    """Leaves out what uvicorn says of requests that it cancels because they outlast its end: pages ask again by themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is said."""
        kind = record.exc_info[0] if record.exc_info else None
        return record.msg != CANCELLING and not (kind is not None and issubclass(kind, asyncio.CancelledError))


def set_up() -> None:
    """Have this process's web server end so."""
    logger = logging.getLogger("uvicorn.error")
    if not any(isinstance(one, CutOff) for one in logger.filters):
        logger.addFilter(CutOff())
