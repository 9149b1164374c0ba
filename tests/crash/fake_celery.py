"""`trellis worker` with the fake family alone. `python -m tests.crash.fake_celery --framework jax`, settings from the environment."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.crash.processes import FAKE_WORKER
    from tests.support import fake_family
    from workbench.runs import starting

    fake_family.register()
    starting.WORKER_PROGRAM = FAKE_WORKER
    from workbench.cli.app import run

    sys.exit(run(["worker", *sys.argv[1:]]))
