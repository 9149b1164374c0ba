"""The tour in docs/ runs from top to bottom and the model that it trains has learned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

TOUR = Path(__file__).parent.parent.parent / "docs" / "tour.md"


def test_every_block_of_the_tour_runs_and_what_it_trains_has_learned(capsys: Any) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", TOUR.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 7
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, str(TOUR), "exec"), names)
    assert names["accuracy"] > 0.8
    assert names["better"] > 0.85
    assert names["purity"] > 0.65
    assert "held-out digits are right" in capsys.readouterr().out
