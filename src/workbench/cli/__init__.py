"""The command line: `trellis ...`. `main` is the entry point; each subject has a file of its own."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run `trellis` with the process's arguments and exit with its code: 0 ok, 1 the work failed, 2 wrong usage, 130 interrupted."""
    from workbench.cli.app import run

    sys.exit(run(sys.argv[1:]))
