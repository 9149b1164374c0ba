"""Telling people that a run has ended: by webhook and by e-mail, from the server."""
