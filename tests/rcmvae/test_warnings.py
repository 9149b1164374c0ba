"""What RCM-VAE warns of, in words."""

from __future__ import annotations

import pytest

from dashboard.live.feed import Feed, fold
from rcmvae.warnings import notices, unused_components
from tests.dashboard.live.feeding import Script


def _texts(script: Script) -> list[str]:
    return [notice.text for notice in notices(fold(Feed(), script.events))]


def _mixture(epochs: int, usage: list[float], k_eff: float) -> Script:
    script = Script()
    for epoch in range(1, epochs + 1):
        script.epoch(epoch, train__loss=1.0 / epoch).mixture(epoch, usage=usage, k_eff=k_eff)
    return script


USAGE = [0.14] * 7 + [0.0] * 3


def test_components_unused_for_five_epochs_are_counted() -> None:
    assert _texts(_mixture(5, USAGE, 7.0)) == ["3 of 10 components unused for 5 epochs"]


@pytest.mark.parametrize(("classes", "told"), [(0, True), (6, False), (7, False), (8, True), (10, True), (12, True)])
def test_spare_components_beside_one_a_class_may_be_unused(classes: int, told: bool) -> None:
    script = Script()
    for epoch in range(1, 6):
        script.epoch(epoch, train__loss=1.0 / epoch)
        script.mixture(epoch, usage=USAGE, k_eff=7.0, **({"tau": [[0.0] * classes for _ in USAGE]} if classes else {}))
    assert (unused_components(fold(Feed(), script.events)) is not None) == told


def test_components_unused_for_four_epochs_are_not_worth_a_word() -> None:
    assert _texts(_mixture(4, USAGE, 7.0)) == []


def test_a_component_that_came_back_into_use_is_not_counted() -> None:
    script = _mixture(6, USAGE, 7.0).mixture(7, usage=[0.1] * 10, k_eff=10.0)
    assert _texts(script) == []


def test_a_router_that_fell_into_one_channel_is_named_first() -> None:
    assert _texts(_mixture(6, [1.0] + [0.0] * 9, 1.0))[0] == "Nearly all data goes through one component (1.0 effective components of 10)"


def test_components_that_a_curriculum_has_not_opened_are_no_false_alarm() -> None:
    script = Script()
    for epoch in range(1, 9):
        script.epoch(epoch, train__loss=1.0 / epoch).mixture(epoch, usage=[0.6, 0.4] + [0.0] * 18, k_eff=1.9, active=[1, 1] + [0] * 18)
    assert _texts(script) == []


def test_under_a_curriculum_alarms_are_about_open_components() -> None:
    script = Script()
    for epoch in range(1, 7):
        # the third opened at the end of the first epoch, and is idle since
        active, unlocked = [1, 1, 1] + [0] * 7, 2 if epoch == 1 else None
        script.epoch(epoch, train__loss=1.0 / epoch).mixture(
            epoch, usage=[0.98, 0.02] + [0.0] * 8, k_eff=1.1, active=active, unlocked=unlocked
        )
    assert _texts(script) == [
        "Nearly all data goes through one component (1.1 effective components of 3)",
        "1 of 3 open components unused for 5 epochs",
    ]


def test_a_latent_space_that_carries_nothing_is_named() -> None:
    script = Script()
    for epoch in range(1, 12):
        script.epoch(epoch, train__kl_z=0.01)
    assert _texts(script) == ["KL z is 0.01 nats: the latent space carries almost nothing"]


def test_a_loss_that_climbs_above_its_start_is_named() -> None:
    script = Script()
    for epoch, loss in enumerate([10, 5, 4, 5, 9, 20, 40, 90, 100], start=1):
        script.epoch(epoch, train__loss=float(loss))
    assert _texts(script) == ["The training loss has climbed above where it began"]


def test_a_falling_loss_needs_no_words() -> None:
    script = Script()
    for epoch in range(1, 60):
        script.epoch(epoch, train__loss=10.0 / epoch, validation__loss=11.0 / epoch, train__grad_norm=1.0)
    assert _texts(script) == []


def test_a_validation_loss_that_rises_while_training_falls_is_named() -> None:
    script = Script()
    for epoch in range(1, 41):
        script.epoch(epoch, train__loss=10.0 / epoch, validation__loss=1.0 + abs(epoch - 15) * 0.1)
    assert _texts(script) == ["The validation loss has not improved for 25 epochs while the training loss still falls"]


def test_gradients_far_above_their_usual_size_are_named() -> None:
    script = Script()
    for epoch in range(1, 12):
        script.epoch(epoch, train__grad_norm=1.0 if epoch < 11 else 50.0)
    assert _texts(script) == ["The gradient norm is 50 times its usual size"]


def _labelled(recall: list[float], epochs: int = 10) -> Script:
    script = Script()
    tau = [[0.98, 0.01, 0.01], [0.01, 0.98, 0.01], [0.01, 0.01, 0.98]]
    for epoch in range(1, epochs + 1):
        told = {"tau": tau, "labels": [10, 10, 10], "recall": recall, "class_names": ["cat", "dog", "owl"]}
        script.epoch(epoch, train__loss=1.0 / epoch).mixture(epoch, usage=[0.3, 0.3, 0.4], k_eff=2.9, **told)
    return script


def test_a_class_whose_labelled_images_are_not_learnt_is_named_with_what_to_do() -> None:
    (told,) = notices(fold(Feed(), _labelled([0.95, 0.2, 0.95]).events))
    assert told.text == "Labelled images of dog (20 %) are given little of their own class, where 70 % is the mean over classes"
    assert "raise the label weight" in told.hint


def test_classes_that_are_learnt_or_were_low_for_a_few_epochs_alone_are_not_named() -> None:
    assert _texts(_labelled([0.95, 0.9, 0.95])) == []
    assert _texts(_labelled([0.95, 0.2, 0.95], epochs=9)) == []
