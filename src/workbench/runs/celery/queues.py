"""Which queue a run waits in: one for each framework and kind of device."""

from __future__ import annotations

from typing import Literal, get_args

from workbench.families import FRAMEWORKS
from workbench.settings import Settings

Device = Literal["cpu", "gpu"]


def queue_name(framework: str, device: Device) -> str:
    """The queue of runs of a framework that want such a device."""
    return f"trellis.{framework}.{device}"


QUEUES = frozenset(queue_name(framework, device) for framework in FRAMEWORKS for device in get_args(Device))
"""All there can be."""


def worker_command(queue: str) -> str:
    """What starts a worker that takes runs from a queue, as people type it on a host that may train."""
    _, framework, device = queue.split(".")
    return f"trellis worker --framework {framework} --device {device}"


def queue_of(settings: Settings, framework: str) -> str:
    """Where runs of a framework are sent: to hosts with a GPU if the settings say so, else to those without."""
    return queue_name(framework, "gpu" if framework in settings.gpu_frameworks.split(",") else "cpu")
