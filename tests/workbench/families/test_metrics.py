"""Metrics as families declare them."""

from __future__ import annotations

import pytest

from rcmvae.family import FAMILY
from workbench.families import Metric, Metrics
from workbench.families.metrics import number_text

METRICS = Metrics(
    (
        Metric("accuracy", "Accuracy", direction="higher", format="share"),
        Metric("rmse", "RMSE", "km/h", "lower"),
        Metric("kl_error_gain", "Gain"),
        Metric("density/nll", "Density"),
    )
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.34567, "12.35"),
        (1e-5, "1.00×10⁻⁵"),
        (-7.16e-4, "-0.000716"),
        (-2.5e12, "-2.50×10¹²"),
        (12_000, "12,000"),
        (float("inf"), "not finite"),
        (0.0, "0"),
    ],
)
def test_numbers_have_the_digits_that_help(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_value_has_its_unit_or_is_a_share() -> None:
    assert METRICS.text("validation/accuracy", 0.9567) == "95.7 %"
    assert METRICS.text("rmse", 4.25) == "4.25 km/h"
    assert METRICS.text("rmse", None) == "–"


def test_a_title_says_metric_and_split() -> None:
    assert METRICS.title("validation/rmse") == "RMSE, validation"
    assert METRICS.title("rmse") == "RMSE"
    assert METRICS.title("train/nobody_said") == "Nobody said, training"


def test_a_key_with_its_head_is_of_that_head_only() -> None:
    assert METRICS.label("density/nll") == "Density"
    assert METRICS.label("validation/nll") == "Nll"


def test_the_better_value_follows_the_declaration_and_never_the_name() -> None:
    assert METRICS.of("accuracy").better([0.5, 0.75]) == 0.75
    assert METRICS.of("rmse").better([3.0, 2.0]) == 2.0
    assert METRICS.of("kl_error_gain").better([3.0, 2.0]) is None
    assert METRICS.of("unknown_loss").better([3.0, 2.0]) is None


def test_a_metric_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice: rmse"):
        Metrics((Metric("rmse", "One"), Metric("rmse", "Two")))


def test_accuracy_and_error_are_shown_alike() -> None:
    assert FAMILY.measures.text("classification/error", 0.02778) == "2.8 %"
    assert FAMILY.measures.text("classification/accuracy", 0.97222) == "97.2 %"


def test_a_headlines_name_says_what_it_is_of_and_other_keys_say_their_split() -> None:
    metrics = Metrics([Metric("accuracy", "Accuracy", format="share", splits=("train",), of="held-out"), Metric("loss", "Loss")])
    assert metrics.title("accuracy") == "Accuracy, held-out"
    assert metrics.title("train/accuracy") == "Accuracy, training"
    assert metrics.title("classification/accuracy") == "Accuracy"
    assert metrics.title("loss") == "Loss"
