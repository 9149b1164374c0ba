"""Which horizons are shown. The module imports no array package: a family's declaration reads it."""

from __future__ import annotations

REPORTED = (3, 6, 12)
"""Horizons that are shown, as far as a model reaches."""
