"""A program that tells of a run it holds, from two threads and between heartbeats, as fast as the store takes it.

`python -m tests.support.telling URL WORKER RUN TIMES`: each thread appends batches of one to three events, `TIMES` of them.
"""

from __future__ import annotations

import sys
import threading

from workbench.runs import leases
from workbench.runs.events import NewEvent
from workbench.runs.held import HeldRun
from workbench.runs.leases import Lease
from workbench.store.store import Store

THREADS = 2
LEASE_SECONDS = 60.0


def told(thread: int, times: int) -> list[str]:
    """What a thread tells, in order."""
    return [f"{thread}/{number}/{place}" for number in range(times) for place in range(number % 3 + 1)]


def tell(held: HeldRun, thread: int, times: int) -> None:
    """Append what this thread tells, with a heartbeat now and then."""
    for number in range(times):
        held.append([NewEvent.now("log", message=f"{thread}/{number}/{place}") for place in range(number % 3 + 1)])
        if number % 5 == 0:
            with held.store.statement() as connection:
                leases.renew(connection, held.lease.worker_id, LEASE_SECONDS)


def main(url: str, worker_id: str, run_id: str, times: int) -> None:
    """Tell everything."""
    held = HeldRun(Store.open(url), Lease(worker_id, run_id, 1), LEASE_SECONDS)
    threads = [threading.Thread(target=tell, args=(held, number, times)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
