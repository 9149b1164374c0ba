"""The broker of Celery workers: whether it answers, and whether somebody takes what waits there."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.doctor.finding import Finding, fault, ok, warning
from workbench.runs.celery.queues import queue_of, worker_command
from workbench.runs.frameworks import frameworks_in_use
from workbench.runs.starting import ExecutorAway
from workbench.settings import Settings


def examine(settings: Settings) -> Iterator[Finding]:
    """Nothing where runs are trained on this host alone and no broker is named."""
    if settings.executor != "celery":
        if settings.broker_url:
            todo = "Set TRELLIS_EXECUTOR=celery, or unset it."
            yield warning("broker", "TRELLIS_BROKER_URL is set, but runs are trained by workers of this host.", todo)
        return
    from workbench.runs.celery.broker import Broker

    broker, queues = Broker(settings), [queue_of(settings, name) for name in frameworks_in_use()]
    try:
        waiting, listening = broker.waiting(*queues), broker.listening()
    except ExecutorAway as error:
        yield fault("broker", str(error), "Start it, or correct TRELLIS_BROKER_URL; queued runs wait until it answers.")
        return
    facts = {"waiting": dict(waiting), "workers": {node: list(taken) for node, taken in listening.items()}}
    alone = [queue for queue in queues if not any(queue in taken for taken in listening.values())]
    if alone:
        commands = " and ".join(f"`{worker_command(queue)}`" for queue in alone)
        said = f"The broker answers, but no Celery worker takes runs from {' and '.join(alone)}."
        yield warning("broker", said, f"Start {commands} on a host that may train.", **facts)
        return
    said = f"The broker answers; Celery workers: {len(listening)}, tasks that wait: {sum(waiting.values())}."
    yield ok("broker", said, **facts)
