"""docs/forecasting.md runs from top to bottom, and what it says of the results holds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).parent.parent.parent / "docs" / "forecasting.md"


def test_every_block_of_the_page_runs_and_the_model_beats_the_simple_forecasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 8
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    for horizon in ("h3", "h6", "h12"):
        errors = {method: each[f"masked_mae@null=nan/{horizon}"] for method, each in names["model"].scores.items()}
        assert errors.pop("model") < 0.95 * min(errors.values())
    assert names["forecast"].values.shape == (3, 12, 8, 1)
    assert (names["low"] <= names["high"]).all()
    assert 0.85 < names["found"].after.over_horizons().coverage[0, 0, 0] < 0.95
    assert names["social"].trained.shape.neighbours.size == (8, 4)
    assert names["same"].steps == names["stream"].steps == 100
    assert np.isfinite(names["step"].quantiles).all()
    assert "ridge" in capsys.readouterr().out
