"""A server process whose only family is the fake one. `python -m tests.crash.fake_server`, settings from the environment."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from tests.crash.processes import FAKE_WORKER
    from tests.support import fake_family
    from workbench.runs import executor

    fake_family.register()
    executor.WORKER_PROGRAM = FAKE_WORKER
    from dashboard.server import serve
    from workbench.settings import Settings

    serve(Settings.load())
    sys.exit(0)
