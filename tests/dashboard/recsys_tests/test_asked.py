"""What a start form asks for."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.families.recsys.pages.tests.asked import asked, setting_raw, settings_of, shown_settings

UNTOUCHED = setting_raw({})


def test_an_untouched_form_says_nothing_but_the_configurations() -> None:
    wanted = asked(features="f", model="m", raw=UNTOUCHED, overrides={"epochs": "", "batch_size": None, "learning_rate": " "})
    assert wanted.arguments() == {"feature_config": "f", "model_config": "m", "name": "", "settings": {}, "overrides": {}}


def test_an_empty_override_is_the_models_own_and_0_is_0() -> None:
    wanted = asked(features="f", model="m", raw=UNTOUCHED, overrides={"epochs": "0", "batch_size": "", "learning_rate": "0"})
    assert wanted.overrides == {"epochs": 0, "learning_rate": 0}


@pytest.mark.parametrize(("text", "value"), [("4,096", 4096), ("1e-3", 0.001), ("many", "many"), ("0.5", 0.5)])
def test_an_override_is_the_number_that_was_typed_or_the_text(text: str, value: Any) -> None:
    assert asked(features="f", model="m", raw=UNTOUCHED, overrides={"batch_size": text}).overrides == {"batch_size": value}


def test_a_setting_that_does_not_count_with_the_split_is_left_out() -> None:
    raw = UNTOUCHED | {"split": "random", "val": "0.2", "holdout_days": "7"}
    assert settings_of(raw) == {"split": "random", "val": 0.2}
    shown = shown_settings(raw)
    assert (shown["val"], shown["holdout_days"]) == (True, False)


def test_what_cannot_be_read_stays_as_it_was_typed_so_that_the_service_names_it() -> None:
    assert settings_of(UNTOUCHED | {"seed": "lucky"}) == {"seed": "lucky"}


def test_the_rating_column_is_said_only_where_there_is_one() -> None:
    assert asked(features="f", model="m", raw=UNTOUCHED, overrides={}, rating="stars").settings == {"rating_column": "stars"}
    assert asked(features="f", model="m", raw=UNTOUCHED, overrides={}, rating=None).settings == {}


def test_a_form_is_complete_once_both_are_chosen() -> None:
    assert not asked(features="f", model="", raw={}, overrides={}).complete
    assert asked(features="f", model="m", raw={}, overrides={}).complete
