"""Forecasts as measurements come in, one step at a time."""
