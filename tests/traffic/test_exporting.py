"""Forecasts as tables: what they are said to come to."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.traffic.bundles import bundle
from traffic.exporting import forecasts


@pytest.mark.parametrize("quantiles", [False, True], ids=["points", "quantiles"])
def test_a_table_comes_to_what_it_is_said_to(quantiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bundle(quantiles=quantiles)
    monkeypatch.setattr(forecasts, "_bundle", lambda workbench, model: made)
    nobody: Any = None
    out = io.BytesIO()
    forecasts.write_csv(nobody, nobody, out, "", lambda done, total: None)
    assert forecasts.csv_size(nobody, nobody, "").bytes == pytest.approx(len(out.getvalue()), rel=0.1)
