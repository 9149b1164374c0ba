"""What families bring to the dashboard: REST routers and pages, found by the import strings of their declarations."""
