"""The watched metric."""

from __future__ import annotations

import pytest

from rcmvae.config_training import Training
from rcmvae.training.errors import TrainingError
from rcmvae.training.monitor import chosen_by, improves, monitored


def chosen(metric: str, validation: int = 100, labelled: int = 0, classes: bool = True) -> str | None:
    return monitored(
        Training.model_validate({"monitor_metric": metric}), n_validation=validation, labelled_validation=labelled, has_classes=classes
    )


def test_auto_trusts_the_classification_loss_from_twenty_labelled_images_on_and_no_label_before() -> None:
    assert chosen("auto", labelled=0) == "loss"
    assert chosen("auto", labelled=1) == "loss_without_labels"
    assert chosen("auto", labelled=19) == "loss_without_labels"
    assert chosen("auto", labelled=20) == "classification_loss"
    assert chosen("auto", labelled=20, classes=False) == "loss"


def test_what_chose_the_best_epoch_is_said_in_words() -> None:
    assert chosen_by("elbo", labelled_validation=50) == "by the ELBO of validation images"
    words = chosen_by("loss_without_labels", labelled_validation=3)
    assert words.startswith("by the loss without labels of validation images, since only 3 of them are labelled")
    assert "one of them is labelled" in chosen_by("loss_without_labels", labelled_validation=1)


def test_without_validation_nothing_is_watched() -> None:
    assert chosen("loss", validation=0) is None


@pytest.mark.parametrize("metric", ["accuracy", "classification_loss"])
def test_metrics_of_labels_need_labelled_validation_images(metric: str) -> None:
    with pytest.raises(TrainingError, match="monitor_metric=loss"):
        chosen(metric)
    assert chosen(metric, labelled=1) == metric


def test_losses_improve_downwards_and_elbo_and_accuracy_upwards() -> None:
    assert improves("loss", 1.0, 2.0, 0.0)
    assert not improves("loss", 2.0, 2.0, 0.0)
    assert improves("elbo", -1.0, -2.0, 0.0)
    assert improves("accuracy", 0.9, 0.8, 0.0)
    assert not improves("accuracy", 0.7, 0.8, 0.0)


def test_an_improvement_counts_only_beyond_min_delta_and_the_first_value_always() -> None:
    assert not improves("loss", 1.95, 2.0, 0.1)
    assert improves("loss", 1.8, 2.0, 0.1)
    assert improves("loss", 5.0, None, 0.1)
