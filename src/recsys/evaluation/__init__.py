"""Exact evaluation of recommenders: ranks, metrics and their protocol, baselines, intervals of lifts."""
