"""A workbench of the real families."""

from __future__ import annotations

from tests.dashboard.conftest import bench

__all__ = ["bench"]
