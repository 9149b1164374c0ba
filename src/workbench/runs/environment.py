"""environment.json: under what a run was trained, and the command that does it again."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workbench.runs.frameworks import runtime_of
from workbench.state import Kind, RunRecord


def describe_environment(run: RunRecord, host: str) -> dict[str, Any]:
    """Versions, code version, seed, host and command of a run, as JSON values."""
    return {
        "run": run.id,
        "attempt": run.attempt,
        "trellis": _version("trellis"),
        "code_version": run.code_version,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "device": _device(run.framework),
        "packages": {name: _version(name) for name in runtime_of(run.framework).packages},
        "seed": run.seed,
        "host": host,
        "command": f"trellis train --model {run.subject.id}" if run.subject.kind == Kind.MODEL else None,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device(framework: str) -> str | None:
    """The device's name, if the framework is loaded in this process; asking must not load it."""
    jax = sys.modules.get("jax") if framework == "jax" else None
    return str(jax.devices()[0]) if jax is not None else None
