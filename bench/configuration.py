"""How long the largest legal configuration file takes to read, and every shipped combination to resolve.

`python -m bench.configuration`
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.harness import Bound, Row, section
from workbench.layered.matrix import check_matrix
from workbench.layered.yaml12 import MAX_BYTES, parse

ROUNDS = 3
ABOUT = "The fastest of {rounds} rounds, in processor time of one core. The file is one of 1 MiB of short values in lists."


def largest_file() -> bytes:
    """A file just within the limit, of 118 lists of 400 short lists."""
    line = b"[1, 2.5, word, true], "
    return b"".join(b"k%d: [%s]\n" % (number, line * 400) for number in range(118))


def fastest(work: Callable[[], object]) -> float:
    """Processor seconds of the quickest round."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def main() -> None:
    """Measure."""
    data = largest_file()
    with section("configuration", "Layered configuration", ABOUT.format(rounds=ROUNDS)) as page:
        page.add(
            Row(
                f"File of {len(data) / MAX_BYTES:.2f} MiB read",
                fastest(lambda: parse(data, "f.yaml")),
                "s",
                must=Bound(2, "most"),
                better="less",
            ),
            Row("All shipped combinations resolved", fastest(check_matrix), "s", must=Bound(5, "most"), better="less"),
        )


if __name__ == "__main__":
    main()
