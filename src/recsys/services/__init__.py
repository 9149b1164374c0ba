"""Configurations and quick tests as pages, REST and the command line see them."""
