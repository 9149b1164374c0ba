"""Measurements of Trellis beside their references. `python -m bench` runs all, `python -m bench throughput` one.

Each script here measures one thing and can run alone (`python -m bench.throughput`). It writes its numbers, with the
machine they were taken on, to `results/<name>.json`, and `RESULTS.md` is written anew from all of those. A figure that
could not be measured says why; none is ever filled in by hand.
"""

import os
import sys

# A process of Trellis finds its modules compiled, as on any machine where it has been started before: a variable that keeps
# Python from writing them would have every start compile all of them again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
