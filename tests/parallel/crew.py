"""One process of two that train as one: `python -m tests.parallel.crew RANK ADDRESS CASE ...` prints what `tests.parallel.runs` does."""

from __future__ import annotations

import json
import sys
import traceback
from os import _exit

from parallel.crew import agreed, join, least, most


def main() -> None:
    """Join the other, agree, and run the cases."""
    rank, address, *cases = int(sys.argv[1]), sys.argv[2], *sys.argv[3:]
    crew = join(address, 2, rank)
    # what a double has that devices have not: 2 + 2^-40
    found = {"agreed": agreed(2 + 2**-40 + rank), "least": least(0.5 - rank), "most": most(rank)}
    found |= {"told": crew.told(f"run_ä{rank} 1"), "unready": [crew.unready(True), crew.unready(rank == 0)]}
    print(json.dumps({"case": "agreeing", **found}), flush=True)
    from tests.parallel.runs import lines

    for line in lines(cases):
        print(line, flush=True)
    crew.part()


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        traceback.print_exc()
        _exit(1)
