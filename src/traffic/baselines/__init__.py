"""Simple forecasts that every model is set beside."""
