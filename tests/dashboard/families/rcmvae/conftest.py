"""The server of REST's tests."""

from __future__ import annotations

from tests.dashboard.api.conftest import app, bench, client, model

__all__ = ["app", "bench", "client", "model"]
