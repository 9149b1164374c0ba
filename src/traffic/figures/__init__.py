"""Figures of forecasts: pure functions from small records to Plotly figures, and from a run's bundle to those records."""
