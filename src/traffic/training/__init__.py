"""Training of forecasting networks: compiled epochs over a series on the device, checkpoints, and what a run leaves behind."""
