"""Exact evaluation of recommenders: ranks, metrics with their protocol, baselines and the intervals of lifts."""
