"""What a supervisor watches, in Prometheus' text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from sqlalchemy import Connection, func, select, text

from workbench.clock import from_text, to_text
from workbench.measuring import BOUNDS, Counted, Tally
from workbench.runs import leases
from workbench.runs.celery.executor import CeleryExecutor
from workbench.runs.celery.queues import QUEUES, queue_of
from workbench.runs.frameworks import frameworks_in_use
from workbench.runs.leases import WorkerRow
from workbench.runs.starting import ExecutorAway
from workbench.state import RunState
from workbench.store.engine import is_sqlite
from workbench.store.schema import run_events
from workbench.workbench import Workbench


def exposition(bench: Workbench, requests: Tally) -> str:
    """Counts, sizes and times in Prometheus' text format. `requests`: those to this process."""
    found = [
        *_records(bench),
        *_store(bench),
        *_runs(bench, datetime.now(UTC)),
        *_broker(bench),
        *_commands(bench),
        *_requests(requests),
        *_process(),
    ]
    return generate_latest(_Collected(found)).decode()  # pyright: ignore[reportArgumentType]


class _Collected:
    """Metrics as the exposition asks a registry for them."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        """All of them."""
        return self._found


def _records(bench: Workbench) -> Iterator[Metric]:
    state = bench.state()
    yield GaugeMetricFamily("trellis_models", "Models that are not deleted.", sum(m.deleted_at is None for m in state.models.values()))
    by_state = Counter(run.state for run in state.runs.values() if run.deleted_at is None)
    yield _gauge("trellis_runs", "Runs that are not deleted, by state.", ["state"], {(s.value,): by_state[s] for s in RunState})
    yield CounterMetricFamily("trellis_journal_rows", "Number of the journal's last row.", state.version)


def _store(bench: Workbench) -> Iterator[Metric]:
    with bench.store.reading() as connection:
        size = _size(connection)
    yield GaugeMetricFamily("trellis_store_bytes", "What the store takes on its disk.", size)
    free = psutil.disk_usage(str(bench.settings.written)).free
    yield GaugeMetricFamily("trellis_disk_free_bytes", "Free space where artefacts are written.", free)


def _size(connection: Connection) -> int:
    if not is_sqlite(connection):
        return connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0
    file = connection.engine.url.database
    sizes = (path.stat().st_size for end in ("", "-wal", "-shm") if (path := Path(f"{file}{end}")).exists())
    return sum(sizes)


def _runs(bench: Workbench, now: datetime) -> Iterator[Metric]:
    active = bench.state().active_runs
    queued = [run for run in active if run.state is RunState.QUEUED]
    by_framework = Counter((str(run.framework),) for run in queued)
    yield _gauge("trellis_queued_runs", "Runs that wait for a worker, by framework.", ["framework"], by_framework)
    oldest = max((_since(run.created_at, now) for run in queued), default=0.0)
    yield GaugeMetricFamily("trellis_queue_oldest_seconds", "How long the oldest queued run has been waiting.", oldest)
    with bench.store.reading() as connection:
        rows = leases.rows(connection)
        going = [run.id for run in active if run.state is RunState.RUNNING]
        told = select(run_events.c.run_id, func.max(run_events.c.at)).where(run_events.c.run_id.in_(going)).group_by(run_events.c.run_id)
        newest = [_since(at, now) for _, at in connection.execute(told)] if going else []
    rows = tuple(row for row in rows if row.host not in QUEUES)  # tasks that were just published
    states = Counter((str(row.framework), "gone" if _gone(row, bench.settings.host_name, now) else row.state) for row in rows)
    yield _gauge("trellis_workers", "Worker processes, by framework and state.", ["framework", "state"], states)
    silent = max((_since(row.heartbeat_at, now) for row in rows), default=0.0)
    yield GaugeMetricFamily(
        "trellis_worker_silence_seconds", "Seconds since the last heartbeat of the worker that is silent longest.", silent
    )
    lag = max(newest, default=0.0)
    yield GaugeMetricFamily(
        "trellis_event_lag_seconds", "Seconds since the newest event of the run under way that told nothing longest.", lag
    )


def _gone(row: WorkerRow, host: str, now: datetime) -> bool:
    """Whether nobody is behind a worker's row: on this host its process tells, on another one its lease."""
    return row.gone(host) or (row.host != host and row.seconds_past_lease(to_text(now)) > 0)


def _broker(bench: Workbench) -> Iterator[Metric]:
    """What waits at the broker of Celery workers, if runs are carried out by such."""
    executor = bench.runs.executor
    if not isinstance(executor, CeleryExecutor):
        return
    waiting: Mapping[str, int] | None = None
    with suppress(ExecutorAway):
        waiting = executor.broker.waiting(*(queue_of(bench.settings, framework) for framework in frameworks_in_use()))
    yield GaugeMetricFamily("trellis_broker_up", "Whether the broker answers.", int(waiting is not None))
    found = {(queue,): number for queue, number in (waiting or {}).items()}
    yield _gauge("trellis_broker_tasks", "Tasks that no worker has taken yet, by queue.", ["queue"], found)


def _commands(bench: Workbench) -> Iterator[Metric]:
    yield _histogram(
        "trellis_command_seconds", "Commands that this process carried out, by name and outcome.", ["command", "outcome"],
        bench.store.commands.counted(),
    )  # fmt: skip


def _requests(requests: Tally) -> Iterator[Metric]:
    yield _histogram(
        "trellis_request_seconds", "Requests to this process, by method, route and status.", ["method", "route", "status"],
        requests.counted(),
    )  # fmt: skip


def _process() -> Iterator[Metric]:
    process = psutil.Process()
    with process.oneshot():
        times = process.cpu_times()
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory of this process.", process.memory_info().rss)
        yield CounterMetricFamily("process_cpu_seconds", "Processor time of this process.", times.user + times.system)
        yield GaugeMetricFamily("process_start_time_seconds", "Start of this process, seconds since 1970.", process.create_time())
        yield GaugeMetricFamily("process_open_fds", "Open files and connections of this process.", process.num_fds())
        yield GaugeMetricFamily("process_threads", "Threads of this process.", process.num_threads())


def _gauge(name: str, words: str, labels: list[str], found: Mapping[tuple[str, ...], int]) -> Metric:
    metric = GaugeMetricFamily(name, words, labels=labels)
    for values, number in sorted(found.items()):
        metric.add_metric(list(values), number)
    return metric


def _histogram(name: str, words: str, labels: list[str], found: Mapping[tuple[str, ...], Counted]) -> Metric:
    metric = HistogramMetricFamily(name, words, labels=labels)
    for values, counted in sorted(found.items()):
        so_far, buckets = 0, []
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), counted.buckets, strict=True):
            so_far += number
            buckets.append((bound, so_far))
        metric.add_metric(list(values), buckets, counted.seconds)
    return metric


def _since(at: Any, now: datetime) -> float:
    return max(0.0, (now - from_text(at)).total_seconds())
