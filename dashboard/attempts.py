"""How often a client may be wrong about the token.

The limit is each client's own: whoever guesses locks out nobody else. A client past it is judged one attempt at a time,
a pause before each, so that guessing is slow and the right token still gets in.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.types import Scope

FAILURES, WINDOW_SECONDS = 10, 60.0
"""Wrong tokens of a client within a window before it has to wait."""

PAUSE_SECONDS = 1.0
"""Between two attempts of a client past the limit."""

WAITING = 4
"""Attempts of such a client that may wait for their turn; more are refused unjudged."""

CLIENTS = 10_000
"""Clients remembered, the latest to fail; a flood of addresses must not fill the memory."""

_IPV6_NETWORK = 64


@dataclass
class _Client:
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Attempts:
    """The wrong tokens of every client. Used by one event loop only, so it needs no lock of its own.

    Args:
        now: monotonic seconds. pause: waits so many seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._now = now
        self._pause = pause
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    async def judge(self, client: str, right: Callable[[], bool]) -> bool | None:
        """Whether an attempt of the client is right; None for a wrong or unjudged one of a client past the limit."""
        known = self._clients.get(client)
        if known is None or not self._limited(known):
            return right() or self._failed(client)
        if known.waiting >= WAITING:
            return None
        known.waiting += 1
        try:
            async with known.turn:
                await self._pause(PAUSE_SECONDS)
                return True if right() else self._failed(client) or None
        finally:
            known.waiting -= 1

    def seconds_left(self, client: str) -> int:
        """Whole seconds until the client is not limited any more, if it keeps still; at least 1."""
        known = self._clients.get(client)
        return max(1, round(known.failures[0] + WINDOW_SECONDS - self._now())) if known else 1

    def _limited(self, known: _Client) -> bool:
        return len(known.failures) == FAILURES and known.failures[0] > self._now() - WINDOW_SECONDS

    def _failed(self, client: str) -> bool:
        """Remember a wrong token. Returns False."""
        self._clients.setdefault(client, _Client()).failures.append(self._now())
        self._clients.move_to_end(client)
        while len(self._clients) > CLIENTS:
            self._clients.popitem(last=False)
        return False


def client_of(scope: Scope) -> str:
    """Who sent a request, as far as limits go: its address; of IPv6 the network, of which anybody has many addresses."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False)) if address.version == 6 else host
