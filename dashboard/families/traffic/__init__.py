"""What the dashboard shows of traffic forecasting alone."""
