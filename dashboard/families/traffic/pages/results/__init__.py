"""Results: all runs beside their baselines, one run's forecasts, several runs beside one another."""
