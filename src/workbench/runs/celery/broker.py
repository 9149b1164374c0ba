"""The broker as Trellis uses it: publishing a task, counting those that wait, asking who listens.

Each call makes a connection of its own, so that a broker that was restarted, a fork or a thread never meets an old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from celery import Celery
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError

from workbench.runs.starting import ExecutorAway
from workbench.settings import Settings, without_password

TASK = "trellis.run"
"""The one task: carry out the oldest queued run of a framework. Its arguments are the framework and a worker's id."""

UNACKNOWLEDGED_SECONDS = 30 * 24 * 3600
"""How long a run may take before a broker gives its task to somebody else, who would find nothing to do."""

CONNECT_SECONDS = 3.0
"""How long a broker may take to answer."""

REDIS_OPTIONS = {
    "visibility_timeout": UNACKNOWLEDGED_SECONDS,
    "socket_connect_timeout": CONNECT_SECONDS,
    "socket_timeout": 10.0,
    "socket_keepalive": True,
}
"""So that nobody waits for ever for a host that fell silent. RabbitMQ has heartbeats, and knows none of these."""

ASK_SECONDS = 1.0
"""How long workers may take to say that they listen."""

_EXCHANGE = Exchange("trellis", type="direct", durable=True)


class Broker:
    """The broker of the settings. Every method raises ExecutorAway if it does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.broker_url

    @cached_property
    def app(self) -> Celery:
        """Celery's application. Nothing comes back over the broker: results are in the store."""
        app = Celery("trellis", broker=self._url, set_as_current=False)
        app.conf.update(
            accept_content=["json"],
            task_ignore_result=True,
            task_acks_late=True,
            task_reject_on_worker_lost=True,
            worker_prefetch_multiplier=1,
            worker_hijack_root_logger=False,
            worker_cancel_long_running_tasks_on_connection_loss=False,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            broker_connection_timeout=CONNECT_SECONDS,
            broker_transport_options=REDIS_OPTIONS if self._url.startswith("redis") else {},
        )
        return app

    def queue(self, name: str) -> Queue:
        """A queue that outlives the broker's process; whoever asks for it declares it."""
        # RabbitMQ takes a task away from a worker that has not acknowledged it for half an hour, unless its queue says otherwise.
        arguments = {"x-consumer-timeout": UNACKNOWLEDGED_SECONDS * 1000}
        return Queue(name, _EXCHANGE, routing_key=name, durable=True, queue_arguments=arguments)

    def publish(self, queue: str, framework: str, worker_id: str) -> None:
        """Say that a run of the framework waits in a queue."""
        with self._connected() as connection:
            self.app.send_task(TASK, args=(framework, worker_id), queue=self.queue(queue), connection=connection, retry=False)

    def waiting(self, *queues: str) -> Mapping[str, int]:
        """How many tasks wait in each queue: those that no worker has taken yet."""
        with self._connected() as connection:
            return {queue: _waiting(connection, queue) for queue in queues}

    def listening(self) -> Mapping[str, tuple[str, ...]]:
        """Who listens: each worker that answers at once, and the queues that it takes tasks from."""
        with self._connected() as connection:
            told: Any = self.app.control.inspect(timeout=ASK_SECONDS, connection=connection).active_queues()
        return {node: tuple(queue["name"] for queue in queues) for node, queues in sorted((told or {}).items())}

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection = self.app.connection_for_write()
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
            yield connection
        except (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError, ValueError) as error:
            raise ExecutorAway(f"The broker at {without_password(self._url)} does not answer: {error}") from error
        finally:
            connection.release()


def _waiting(connection: Connection, queue: str) -> int:
    with connection.channel() as channel:
        try:
            return channel.queue_declare(queue=queue, passive=True).message_count
        except connection.channel_errors as error:
            if getattr(error, "code", None) == 404 or "NOT_FOUND" in str(error):
                return 0
            raise
