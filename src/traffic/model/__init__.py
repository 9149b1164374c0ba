"""The forecasting networks. Everything here imports the array framework."""
