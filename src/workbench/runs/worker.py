"""The entry point of a worker process: `python -m workbench.runs.worker --framework jax --worker-id ID --detach`.

A server starts one without a framework before it does anything else, so that a worker is ready about when its first page is.

What is imported before `detach` must stay light: the process forks once, and whoever started it waits for that. The
work itself is in `workbench.runs.working`.
"""

from __future__ import annotations

import argparse
import sys

from workbench.collecting import without_collecting
from workbench.runs.process import detach


def parser() -> argparse.ArgumentParser:
    """What the command line of a worker process may say."""
    parser = argparse.ArgumentParser(prog="python -m workbench.runs.worker", description="Train queued runs of one framework.")
    parser.add_argument(
        "--framework",
        choices=["jax", "tensorflow"],
        help="whose runs to train; without it those of the family that a first visit tries, and only if no other worker waits for them",
    )
    parser.add_argument("--worker-id", help="the id under which this worker was announced")
    parser.add_argument("--detach", action="store_true", help="leave the process that started this one")
    parser.add_argument("--once", action="store_true", help="end when no run is queued, instead of waiting for one")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Detach if asked to, then work until idle for too long. Returns the exit code."""
    options = parser().parse_args(arguments)
    if options.detach:
        detach()
    with without_collecting():
        from workbench.runs.working import serve

    return serve(options.framework, options.worker_id, once=options.once)


if __name__ == "__main__":
    sys.exit(main())
