"""A server that ends says nothing of requests that it cut off, and everything else."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any

import pytest
from uvicorn import server

from dashboard import quiet_end


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Any:
    logger = logging.getLogger("uvicorn.error")
    quiet_end.set_up()
    quiet_end.set_up()
    assert sum(isinstance(one, quiet_end.CutOff) for one in logger.filters) == 1
    yield caplog
    logger.filters = [one for one in logger.filters if not isinstance(one, quiet_end.CutOff)]


@pytest.mark.parametrize(("error", "heard"), [(asyncio.CancelledError(), False), (ValueError("x"), True)])
def test_a_request_that_is_cut_off_is_no_fault(said: Any, error: BaseException, heard: bool) -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.error("Exception in ASGI application\n", exc_info=error)
    logger.error(quiet_end.CANCELLING, 1)
    assert (len(said.records) == 1) is heard


def test_the_words_are_those_of_the_server_that_is_installed() -> None:
    assert quiet_end.CANCELLING in inspect.getsource(server)
