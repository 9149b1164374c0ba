"""`trellis worker` with the fake family alone. `python -m tests.crash.fake_celery --framework jax`, settings from the environment.

FAKE_DEVICE is what JAX sees of the machine.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    from tests.crash.processes import FAKE_WORKER
    from tests.support import fake_family
    from workbench.doctor.finding import ok
    from workbench.runs import starting

    fake_family.register()
    starting.WORKER_PROGRAM = FAKE_WORKER
    from workbench.cli import worker
    from workbench.cli.app import run

    if "FAKE_DEVICE" in os.environ:
        worker.devices = lambda settings: iter([ok("jax", "jax sees it.", devices=[os.environ["FAKE_DEVICE"]])])

    sys.exit(run(["worker", *sys.argv[1:]]))
