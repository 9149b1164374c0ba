"""A workbench on the fake family, as the core's tests have it."""

from __future__ import annotations

from tests.workbench.conftest import bench, fake, make_model, settings

__all__ = ["bench", "fake", "make_model", "settings"]
