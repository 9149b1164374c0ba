"""Quantile forecasts: their loss, their calibration and how well their intervals cover."""
