"""Measurements of Trellis beside their references. `python -m bench` runs all, `python -m bench throughput` one.

Each script here measures one thing and can run alone (`python -m bench.throughput`). It writes its numbers, with the
machine they were taken on, to `results/<name>.json`, and `RESULTS.md` is written anew from all of those. A figure that
could not be measured says why; none is ever filled in by hand.
"""
