"""What the frameworks see of the machine: each asked in a process of its own, as a worker would start it, with a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

from workbench.doctor.finding import Finding, fault, ok
from workbench.runs.frameworks import environment_for, frameworks_in_use
from workbench.settings import Settings

SECONDS = 120.0
"""How long a framework may take to load and to look."""

_ASKED: Mapping[str, str] = {
    "jax": "import jax; found = [str(d) for d in jax.devices()]",
    "tensorflow": "import tensorflow as tf; found = [d.name for d in tf.config.list_logical_devices()]",
}
_TELL = "\nimport json, sys; sys.stdout.write('\\n' + json.dumps(found) + '\\n')"


def devices(settings: Settings, seconds: float = SECONDS, asked: Mapping[str, str] = _ASKED) -> Iterator[Finding]:
    """A finding for each framework that a family trains with."""
    for framework in frameworks_in_use():
        if framework in asked:
            yield _devices(framework, asked[framework], settings, seconds)


def _devices(framework: str, program: str, settings: Settings, seconds: float) -> Finding:
    try:
        done = subprocess.run(
            [sys.executable, "-c", program + _TELL],
            env={**os.environ, **environment_for(framework, settings.cache)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            text=True,
            errors="replace",
        )
        lines = done.stdout.strip().splitlines()
        found = json.loads(lines[-1]) if done.returncode == 0 and lines else None
    except subprocess.TimeoutExpired:
        todo = "A driver or a network file system may hang; see what the import waits for."
        return fault(framework, f"{framework} did not answer within {seconds:g} seconds.", todo)
    except ValueError:
        found = None
    if found is None:
        last = next((line.strip() for line in reversed(done.stderr.splitlines()) if line.strip()), f"exit code {done.returncode}")
        return fault(
            framework, f"{framework} cannot be used: {last[:300]}", "Install the packages anew: requirements/bootstrap.sh runtime."
        )
    return ok(framework, f"{framework} sees {', '.join(found) or 'no device'}.", devices=found)
