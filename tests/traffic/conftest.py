"""The real data of traffic's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import absent


@pytest.fixture(scope="session")
def metr_la_60(data_folder: Path) -> Path:
    """The table of METR-LA's sixty detectors; absent, as for `data_folder`."""
    path = data_folder / "metr-la-60" / "speed.csv.gz"
    if not path.is_file():
        absent("METR-LA's sixty detectors are absent: they belong into metr-la-60 below TRELLIS_DATA")
    return path
