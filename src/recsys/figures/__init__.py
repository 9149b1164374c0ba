"""Figures of a trial: pure functions of what it keeps."""
