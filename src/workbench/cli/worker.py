"""`trellis worker`: train runs that other hosts queue, as tasks of a broker."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli.output import say
from workbench.doctor.devices import devices
from workbench.families import Framework
from workbench.logs import set_up
from workbench.runs.celery.queues import Device, queue_name
from workbench.runs.frameworks import frameworks_in_use
from workbench.runs.starting import ExecutorError
from workbench.settings import Settings, SettingsError
from workbench.workbench import Workbench


def worker(
    framework: Annotated[Framework | None, typer.Option(help="Whose runs to train; default: all.")] = None,
    device: Annotated[Device, typer.Option(help="cpu, or gpu on a host with one (see TRELLIS_GPU_FRAMEWORKS).")] = "cpu",
) -> None:
    """Train the runs that wait at the broker, TRELLIS_MAX_CONCURRENT_RUNS at once, until told to end."""
    settings = Settings.load()
    if settings.executor != "celery":
        raise SettingsError(
            "`trellis worker` takes tasks from a broker: set TRELLIS_EXECUTOR=celery. Without it, servers start workers by themselves."
        )
    frameworks = frameworks_in_use() if framework is None else (framework,)
    if device == "gpu":
        _require_gpu(settings, frameworks)
    set_up(settings.log)
    from workbench.runs.celery.working import work

    workbench = Workbench.open(settings)
    try:
        queues = ", ".join(queue_name(name, device) for name in frameworks)
        code = work(workbench, frameworks, device, lambda: say(f"Waiting for runs in {queues} as {settings.host_name}"))
    finally:
        workbench.close()
    if code:
        raise typer.Exit(code)


def _require_gpu(settings: Settings, frameworks: tuple[str, ...]) -> None:
    """Refuse to take runs for a GPU where a framework sees none: they would train on the processor. Raises ExecutorError."""
    for finding in devices(settings):
        seen = finding.facts.get("devices", [])
        if finding.check in frameworks and not any("cpu" not in name.lower() for name in seen):
            raise ExecutorError(f"{finding.what} Runs for a GPU are not taken here; name the frameworks that see one with --framework.")
