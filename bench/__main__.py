"""`python -m bench [NAME ...]`: run all benchmarks but those that take long, or those named, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HARNESS = {"__init__", "__main__", "harness", "machine", "page"}
LONG = {
    "against",
    "clustering",
    "density",
    "label_curve",
    "many_runs",
    "mnist_quality",
    "panel",
    "recsys_memory",
    "recsys_quality",
    "recsys_scaling",
    "recsys_shuffled",
    "soak",
    "team",
    "traffic_quality",
}
"""Benchmarks that take long; they run only when they are named."""


def scripts() -> list[str]:
    """Names of all benchmarks: modules here that have a `main`."""
    here = Path(__file__).parent
    return sorted(p.stem for p in here.glob("*.py") if p.stem not in HARNESS and "\ndef main(" in p.read_text(encoding="utf-8"))


def main(arguments: list[str]) -> int:
    """Run them, each in a fresh process so that none warms another. Returns 0 if all ended well, 1 else, 2 for an unknown name."""
    known = scripts()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = arguments or [name for name in known if name not in LONG]
    failed = [name for name in chosen if subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode]
    if failed:
        print(f"these benchmarks ended with an error: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
