"""What a page says is to be noticed in a run."""

from __future__ import annotations

from dashboard.live.feed import Feed, fold
from dashboard.live.warnings import STANDS_FOR, notices
from rcmvae.family import FAMILY
from tests.dashboard.live.feeding import Script


def _texts(script: Script) -> list[str]:
    return [notice.text for notice in notices(None, fold(Feed(), script.events))]


def test_what_the_trainer_warns_of_is_repeated_once() -> None:
    script = Script()
    for _ in range(2):
        script.add("log", level="warning", message="batch_size was clipped")
    script.add("log", level="info", message="epoch 1")
    assert _texts(script) == ["batch_size was clipped"]


def test_a_warning_says_its_epoch_and_goes_when_it_is_old() -> None:
    script = Script().epoch(12).add("log", level="warning", message="3 of 10 components unused for 5 epochs")
    assert _texts(script) == ["Noticed after epoch 12: 3 of 10 components unused for 5 epochs"]
    script.epoch(12 + STANDS_FOR)
    assert len(_texts(script)) == 1
    script.epoch(13 + STANDS_FOR)
    assert _texts(script) == []


def test_a_warning_that_names_its_epoch_names_it_once() -> None:
    script = Script().epoch(12).add("log", level="warning", message="Epoch 12: 3 of 10 components unused for 5 epochs")
    assert _texts(script) == ["Epoch 12: 3 of 10 components unused for 5 epochs"]


def test_of_a_warning_that_comes_again_with_other_numbers_the_newest_stands() -> None:
    script = Script().epoch(3).add("log", level="warning", message="K_eff 1.2 of 10")
    script.epoch(4).add("log", level="warning", message="K_eff 1.1 of 10")
    assert _texts(script) == ["Noticed after epoch 4: K_eff 1.1 of 10"]


def test_errors_and_what_was_said_before_the_first_epoch_stand() -> None:
    script = Script().add("log", level="warning", message="class bee has no label").epoch(2)
    script.add("log", level="error", message="no room for a checkpoint").epoch(60)
    assert _texts(script) == ["class bee has no label", "Noticed after epoch 2: no room for a checkpoint"]


def test_a_familys_own_notices_come_first() -> None:
    script = Script()
    for epoch in range(1, 12):
        script.epoch(epoch, train__kl_z=0.01)
    script.add("log", level="warning", message="a hint")
    found = notices(FAMILY, fold(Feed(), script.events))
    assert [notice.text for notice in found] == [
        "KL z is 0.01 nats: the latent space carries almost nothing",
        "Noticed after epoch 11: a hint",
    ]
