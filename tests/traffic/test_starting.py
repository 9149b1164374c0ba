"""Starting points on the Create page, and what lists say of a corridor's settings."""

from __future__ import annotations

from dashboard.pages.create.start import find_start, offers
from traffic.family import FAMILY
from traffic.sources.corridor_params import SIMULATOR, CorridorParams
from workbench.families import settings_of
from workbench.state import DatasetRecord


def test_every_preset_may_be_chosen_on_the_corridor_with_the_sample_that_it_comes_with() -> None:
    for model in FAMILY.models:
        start = find_start([FAMILY], {"family": "traffic", "model_type": model.name, "dataset": "corridor"})
        assert {offer.choice: offer.refused for offer in offers(start)} == {preset.name: None for preset in model.presets}


def test_of_a_corridors_settings_only_what_is_not_as_usual_is_said_within() -> None:
    params = CorridorParams(days=3).model_dump(mode="json")
    params["simulator"]["incidents"]["enabled"] = False
    now = "2026-01-01T00:00:00.000Z"
    record = DatasetRecord(
        id="three", name="Three", family="traffic", source=SIMULATOR, params=params, status="preparing", created_at=now, updated_at=now,
    )  # fmt: skip
    assert settings_of(record) == [
        ("days", "3"), ("seed", "0"), ("start", "2024-01-01T00:00"), ("interval_s", "300"), ("simulator.incidents.enabled", "False"),
    ]  # fmt: skip
