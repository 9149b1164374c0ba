"""The Forecasting page and the addresses below it."""
