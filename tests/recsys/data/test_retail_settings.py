"""What settings of the simulator are taken and what is said of the others."""

from __future__ import annotations

import pytest

from recsys.data.retail_settings import RetailSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", "tiny"),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("seed", True),
        ("rows", 999),
        ("rows", 20_000_001),
        ("rows", 5e4),
        ("rating_rate", 0.0),
        ("rating_rate", 1.01),
        ("rating_rate", "half"),
        ("taste_strength", -0.1),
        ("taste_strength", float("nan")),
        ("taste_concentration", 0.0),
        ("zipf_exponent", float("inf")),
        ("season_amplitude", 1.2),
    ],
)
def test_a_value_outside_its_range_is_refused_with_its_name_and_what_to_give(
    name: str, value: object
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .*(Give|Choose) "):
        RetailSettings(**{name: value})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("size", "rows"), [("small", 60_000), ("medium", 1_000_000), ("large", 10_000_000)])
def test_rows_are_the_sizes_own_unless_they_are_given(size, rows: int) -> None:
    assert RetailSettings(size=size).row_count == rows
    assert RetailSettings(size=size, rows=1_000).row_count == 1_000


def test_the_ends_of_every_range_are_taken() -> None:
    RetailSettings(rows=1_000, rating_rate=1, taste_strength=0, zipf_exponent=0, season_amplitude=0, seed=0)
    RetailSettings(
        rows=20_000_000, taste_strength=20, taste_concentration=10, zipf_exponent=3, season_amplitude=1
    )
