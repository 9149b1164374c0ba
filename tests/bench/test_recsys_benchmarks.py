"""Benchmarks of recommenders are chosen by name, and a setting changes one thing at a time."""

from __future__ import annotations

import pytest

from bench import recsys_quality, recsys_speed


@pytest.mark.parametrize("script", [recsys_quality, recsys_speed])
def test_an_unknown_name_is_refused_with_the_known_ones(script, capsys):
    known = getattr(script, "SETTINGS", None) or script.PARTS
    assert script.main(["nothing"]) == 2
    message = capsys.readouterr().err
    assert all(name in message for name in ("nothing", *known))


def test_stages_are_those_that_were_told_last():
    told = [
        {"name": "stages", "values": {"stages": [{"stage": "split", "seconds": 0.0}]}},
        {"name": "stages", "values": {"stages": [{"stage": "split", "seconds": 0.5}, {"stage": "train", "seconds": 2.0}]}},
        {"name": "other", "values": {}},
    ]
    assert recsys_speed._stages(told) == {"split": 0.5, "train": 2.0}
    assert recsys_speed._stages([]) == {}
