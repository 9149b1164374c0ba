"""Metrics of a trained model, computed from its diagnostics bundle alone."""

from rcmvae.diagnostics.metrics.registry import METRICS, Metric, compute

__all__ = ["METRICS", "Metric", "compute"]
