"""Histograms of weights and gradients as REST shows them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field

from recsys.histograms import Binned, Epoch, Layer

NOT_ASKED = "The test's model asks for none: set its histogram_epochs."
NOT_YET = "No epoch has been looked at."


class BinnedView(BaseModel):
    """Numbers in bins of equal width."""

    edges: list[float] = Field(description="One more than there are bins.")
    counts: list[int]
    norm: float = Field(description="The root of the sum of the numbers' squares.")


class LayerView(BaseModel):
    """A variable of the network."""

    name: str
    weights: BinnedView = Field(description="At the epoch's end.")
    gradients: BinnedView | None = Field(
        description="Of the epoch's first batch, a table's of the rows that it read; null where it gave none."
    )


class EpochHistograms(BaseModel):
    """An epoch that was looked at."""

    epoch: int
    layers: list[LayerView]


class Histograms(BaseModel):
    """The epochs of a test that were looked at: the first and every so many."""

    every: int = Field(description="How many epochs lie between; 0 where none were asked for.")
    items: list[EpochHistograms]
    reason: str | None = Field(description="Why there are none.")


def histograms_view(epochs: Iterable[Epoch], every: int) -> Histograms:
    """What was kept, for a model that asks for every so many epochs."""
    items = [EpochHistograms(epoch=epoch.epoch, layers=[_layer(layer) for layer in epoch.layers]) for epoch in epochs]
    reason = None if items else NOT_YET if every else NOT_ASKED
    return Histograms(every=every, items=items, reason=reason)


def _layer(layer: Layer) -> LayerView:
    gradients = None if layer.gradients is None else _binned(layer.gradients)
    return LayerView(name=layer.name, weights=_binned(layer.weights), gradients=gradients)


def _binned(found: Binned) -> BinnedView:
    return BinnedView(edges=found.edges, counts=list(found.counts), norm=found.norm)
