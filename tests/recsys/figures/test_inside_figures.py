"""Figures of weights and gradients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from recsys.figures.inside import MOST_EPOCHS, layer_norms, shown, weights
from recsys.histograms import Binned, Epoch, Layer
from tests.recsys.figures import toy


def epochs(count: int) -> tuple[Epoch, ...]:
    """So many epochs of two layers, the second without gradients."""
    one = [Binned(-float(n), float(n), (1, n, 3), float(n)) for n in range(1, count + 1)]
    return tuple(
        Epoch(n, (Layer("buyer_dense_1/kernel", bins, bins), Layer("product_dense_1/bias", bins, None)))
        for n, bins in enumerate(one, start=1)
    )


def test_the_slider_holds_every_layer_of_every_epoch_and_stands_at_the_last() -> None:
    figure: Any = weights(replace(toy.make(), histograms=epochs(3)))
    (slider,) = figure.layout.sliders
    assert [step.label for step in slider.steps] == ["1", "2", "3"]
    assert slider.active == 2
    assert len(figure.data) == 4
    for place, trace in enumerate(figure.data):
        assert list(trace.x) == list(slider.steps[2].args[0]["x"][place])
        assert list(trace.y) == list(slider.steps[2].args[0]["y"][place])
    assert list(figure.data[0].x) == [-3, -1, 1, 3]
    assert list(slider.steps[0].args[0]["y"][0]) == [1, 1, 3, 3]
    assert list(figure.data[3].x) == []


def test_of_many_epochs_some_are_chosen_with_the_first_and_the_last() -> None:
    chosen = [epoch.epoch for epoch in shown(epochs(101))]
    assert len(chosen) == MOST_EPOCHS
    assert (chosen[0], chosen[-1]) == (1, 101)
    assert chosen == sorted(set(chosen))


def test_lengths_are_drawn_by_layer_with_gaps_where_there_is_no_gradient() -> None:
    figure: Any = layer_norms(replace(toy.make(), histograms=epochs(4)))
    assert [list(trace.y) for trace in figure.data] == [[1, 2, 3, 4]] * 3 + [[None] * 4]
