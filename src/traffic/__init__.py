"""Traffic forecasting from vehicle detectors: data, a simulated corridor, windows, baselines and metrics."""
