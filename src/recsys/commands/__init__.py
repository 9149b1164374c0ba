"""What people do to feature configurations, model configurations and quick tests, as commands."""
