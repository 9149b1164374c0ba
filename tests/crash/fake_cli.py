"""The command line on the fake family. `python -m tests.crash.fake_cli ARGUMENTS`."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.crash.processes import FAKE_WORKER
    from tests.support import fake_family
    from workbench.runs import executor

    fake_family.register()
    executor.WORKER_PROGRAM = FAKE_WORKER
    from workbench.cli.app import run

    sys.exit(run(sys.argv[1:]))
