"""How often somebody may be wrong about a password: counted by client and by name, in the store, for all processes of all servers.

Whoever guesses locks nobody out. Past the limit a client's attempts are judged one at a time, a pause before each, so that guessing is
slow and the right password still gets in; those for a name that many clients guess at are slowed down, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from workbench.people.records import FAILURES, WINDOW_SECONDS

if TYPE_CHECKING:
    from workbench.people.people import People

T = TypeVar("T")

PAUSE_SECONDS = 1.0
WAITING = 4
"""Attempts of such a client that may wait for their turn; more are refused unjudged."""
_CLIENTS = 10_000


class TooMany(Exception):
    """An attempt that is not judged, or was one of too many. `seconds`: when to try again."""

    def __init__(self, seconds: int = round(WINDOW_SECONDS)) -> None:
        super().__init__()
        self.seconds = seconds


class Limits:
    """The turns of clients past the limit, of one event loop. `pause` waits so many seconds."""

    def __init__(self, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._pause = pause
        self._turns: OrderedDict[str, asyncio.Lock] = OrderedDict()
        self._waiting: Counter[str] = Counter()

    async def judge(self, people: People, client: str, name: str, right: Callable[[], T | None]) -> T | None:
        """What `right` returns, called in a thread; None for a wrong attempt. Raises TooMany, StoreError."""
        keys = (f"client {client}", f"name {name.strip().lower()}")
        if not await asyncio.to_thread(lambda: any(people.failures.count(key) >= FAILURES for key in keys)):
            return await self._tried(people, keys, right)
        if self._waiting[client] >= WAITING:
            raise TooMany
        self._waiting[client] += 1
        try:
            async with self._turn(client):
                await self._pause(PAUSE_SECONDS)
                found = await self._tried(people, keys, right)
        finally:
            self._waiting[client] -= 1
        if found is None:
            raise TooMany
        return found

    async def wrong(self, people: People, client: str) -> None:
        """Count a wrong token of a client. Raises TooMany past the limit."""
        key = f"client {client}"
        await asyncio.to_thread(people.failures.add, [key])
        if await asyncio.to_thread(people.failures.count, key) > FAILURES:
            await self._pause(PAUSE_SECONDS)
            raise TooMany

    async def _tried(self, people: People, keys: tuple[str, ...], right: Callable[[], T | None]) -> T | None:
        found = await asyncio.to_thread(right)
        if found is None:
            await asyncio.to_thread(people.failures.add, keys)
        return found

    def _turn(self, client: str) -> asyncio.Lock:
        turn = self._turns.setdefault(client, asyncio.Lock())
        self._turns.move_to_end(client)
        while len(self._turns) > _CLIENTS:
            oldest = next(iter(self._turns))
            if self._waiting[oldest]:
                break
            self._turns.popitem(last=False)
            del self._waiting[oldest]
        return turn
