"""This tree against an earlier commit, in turns on one machine: what a change of design must not cost.

`TRELLIS_BENCH_AGAINST=<commit> python -m bench against`. Both trees run their own benchmarks of the same names, each in
processes of its own, so that rows with the same words mean the same.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.harness import RESULTS, Bound, Row, load_section, section

HERE = Path(__file__).parent.parent
SECTIONS = {"commands": 2, "server": 3, "live": 1}
"""The benchmarks that both trees run, and how often: what a person waits for takes minutes a round."""

ROUNDS = 3
"""How often the epochs are timed."""

EPOCHS = 40
"""Epochs of the digits that are timed in each round, after a tenth as many that are not."""

LEAST = 0.95
"""A figure may be worse than the earlier one's by a twentieth."""

_EPOCHS = """
import statistics, sys, tempfile
from pathlib import Path
from rcmvae.data import digits
from rcmvae.training.script import make_job
from workbench.runs.scripted import QuietReporter
from rcmvae.training.trainer import train

epochs = int(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    values = {"max_epochs": epochs + epochs // 10, "patience": 0}
    reporter = QuietReporter()
    train(make_job(digits.load(), preset="semi_supervised_digits", folder=Path(folder), values=values), reporter)
print(statistics.median(epoch["epoch_seconds"] for epoch in reporter.epochs[epochs // 10 :]))
"""


PACKAGES = "packages"
"""The folder in a tree that holds what it needs and this environment lacks."""


def pins(tree: Path) -> set[str]:
    """The packages that a tree runs with, as `name==version`."""
    return set(re.findall(r"^[\w.-]+==[^\s;]+", (tree / "requirements" / "runtime.txt").read_text("utf-8"), re.MULTILINE))


def supply(tree: Path) -> None:
    """Install what the tree pins and this environment does not have at all; what both have is taken from here."""
    here = {name.split("==")[0] for name in pins(HERE)}
    lacking = sorted(pin for pin in pins(tree) if pin.split("==")[0] not in here)
    if lacking:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tree / PACKAGES), *lacking]
        subprocess.run(command, check=True)


def in_tree(tree: Path, arguments: Sequence[str]) -> str:
    """What a Python process of that tree prints. Raises CalledProcessError."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tree / "src", tree, tree / PACKAGES)))}
    done = subprocess.run([sys.executable, *arguments], cwd=tree, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def rows_of(tree: Path, name: str) -> dict[str, Row]:
    """The rows of one benchmark, run now in that tree."""
    in_tree(tree, ["-m", f"bench.{name}"])
    return {row.name: row for row in load_section(tree / "bench" / "results" / f"{name}.json").rows}


def median(rows: Sequence[Row]) -> Row:
    """The row with the median of their values."""
    return replace(rows[0], value=statistics.median(row.value for row in rows if row.value is not None))


def compare(now: Sequence[dict[str, Row]], then: Sequence[dict[str, Row]], commit: str) -> list[Row]:
    """A row for every figure that both trees took, the earlier one as its reference."""
    found = []
    for name, row in now[0].items():
        both = [rows[name] for rounds in (now, then) for rows in rounds if name in rows and rows[name].value is not None]
        if len(both) != len(now) + len(then):
            continue
        mine, theirs = median(both[: len(now)]), median(both[len(now) :])
        found.append(
            Row(name, mine.value, row.unit, theirs.value, commit, must=Bound(LEAST, "least", "ratio"), better=row.better)
        )  # fmt: skip
    return found


def main() -> None:
    """Take turns. The earlier tree is checked out beside this one for as long as it takes."""
    commit = os.environ.get("TRELLIS_BENCH_AGAINST", "")
    if not commit:
        sys.exit("Name the commit to compare with: TRELLIS_BENCH_AGAINST=<commit> python -m bench against")
    about = (
        f"This tree and commit {commit} take turns, the reference is the commit's own: the median of {ROUNDS} rounds for epochs, "
        + "".join(f"{rounds} for {name}, " for name, rounds in SECTIONS.items())
        + "as their own sections describe them. Epochs are of the preset for the digits, with validation and all that an epoch reports."
    )
    with (
        section("against", "Against an earlier commit", about, packages=("jax", "dash")) as result,
        tempfile.TemporaryDirectory() as folder,
    ):
        trees = {"now": Path(folder) / "now", "then": Path(folder) / "then"}
        for tree, what in ((trees["now"], "HEAD"), (trees["then"], commit)):
            subprocess.run(["git", "-C", str(HERE), "worktree", "add", "--quiet", "--detach", str(tree), what], check=True)
        try:
            supply(trees["then"])
            seconds: dict[str, list[float]] = {name: [] for name in trees}
            for _ in range(ROUNDS):
                for name, tree in trees.items():
                    seconds[name].append(float(in_tree(tree, ["-c", _EPOCHS, str(EPOCHS)]).split()[-1]))
            now, then = (statistics.median(seconds[name]) * 1e3 for name in ("now", "then"))
            must = Bound(LEAST, "least", "ratio")
            result.add(Row("an epoch of the digits", now, "ms", then, commit, must=must, better="less"))
            for name, rounds in SECTIONS.items():
                taken: dict[str, list[dict[str, Row]]] = {tree: [] for tree in trees}
                for _ in range(rounds):
                    for which, tree in trees.items():
                        taken[which].append(rows_of(tree, name))
                result.add(*compare(taken["now"], taken["then"], commit))
        finally:
            for tree in trees.values():
                subprocess.run(["git", "-C", str(HERE), "worktree", "remove", "--force", str(tree)], check=False)
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
