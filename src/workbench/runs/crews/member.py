"""The entry point of a process of a crew: `python -m workbench.runs.crews.member --framework jax --coordinator HOST:PORT --size N --rank R`.

`trellis crew` starts it, and starts it again when it ends because another one did.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys

from workbench.collecting import without_collecting

_log = logging.getLogger(__name__)


def parser() -> argparse.ArgumentParser:
    """What the command line of such a process may say."""
    parser = argparse.ArgumentParser(prog="python -m workbench.runs.crews.member", description="Train runs as one of several processes.")
    parser.add_argument("--framework", required=True)
    parser.add_argument("--coordinator", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--rank", type=int, required=True)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Join the others and work with them until told to end. Returns the exit code: 0 where there is nothing to be started again."""
    options = parser().parse_args(arguments)
    with without_collecting():
        from workbench.logs import set_up
        from workbench.runs.crews.contract import EXIT_CREW, join
        from workbench.runs.crews.following import Follower
        from workbench.runs.frameworks import environment_for, runtime_of
        from workbench.runs.starting import ExecutorError
        from workbench.runs.working import lead
        from workbench.settings import Settings
        from workbench.workbench import Workbench

    settings = Settings.load()
    set_up(settings.log)
    for name, value in environment_for(options.framework, settings.cache).items():
        os.environ.setdefault(name, value)
    workbench = Workbench.open(settings)
    try:
        crew = join(runtime_of(options.framework), options.framework, options.coordinator, options.size, options.rank)
        if crew.rank == 0:
            lead(workbench, options.framework, crew)
        else:
            follower = Follower(workbench, crew)
            signal.signal(signal.SIGTERM, lambda *_: follower.end())
            if not follower.work():
                return 0
        crew.part()
    except ExecutorError as error:
        _log.error("%s", error)
        return EXIT_CREW
    finally:
        workbench.close()
    return 0


if __name__ == "__main__":
    code = main()
    # a framework's own end waits for others that may never come
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
