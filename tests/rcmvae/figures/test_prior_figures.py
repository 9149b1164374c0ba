import dataclasses

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import TEST
from rcmvae.figures import prior
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, notes, traces


def test_pseudo_inputs_go_from_the_largest_weight_to_the_least_with_their_majority_class() -> None:
    bundle = toy.make(extras=True)
    pi = np.linspace(1, 2, 12, dtype=np.float32)
    bundle = dataclasses.replace(bundle, pi=pi / pi.sum())
    _, hover, captions = traces(prior.pseudo_inputs(bundle))
    assert [text.split("<br>")[0].split("</b>")[0] for text in hover["text"]] == [f"<b>component {k}" for k in range(11, -1, -1)]
    held = bundle.split == TEST
    mass = np.stack([bundle.responsibilities[held & (bundle.true_labels == y)].sum(axis=0) for y in range(10)])
    weights = bundle.pi[::-1]
    expected = [f"{y} · {w:.1%}" if w < 0.0995 else f"{y} · {w:.0%}" for y, w in zip(mass.argmax(axis=0)[::-1], weights, strict=True)]
    assert list(captions["text"]) == expected


def test_pseudo_inputs_without_true_classes_show_their_weights() -> None:
    bundle = toy.make(extras=True)
    blind = dataclasses.replace(bundle, true_labels=np.full(600, -1, np.int32))
    assert list(traces(prior.pseudo_inputs(blind))[2]["text"]) == ["8.3%"] * 12
    assert "Only a VampPrior" in notes(prior.pseudo_inputs(toy.make()))


@pytest.mark.parametrize("decentralized", [False, True])
def test_centres_stand_over_the_latents_of_the_images_that_choose_them(decentralized: bool) -> None:
    bundle = toy.make(extras=True, dims=5, decentralized=decentralized)
    figure = prior.geometric_centres(bundle)
    *clouds, centres = traces(figure)
    np.testing.assert_allclose(np.stack([centres["x"], centres["y"]], axis=1), bundle.centres[:, :2], rtol=1e-6)
    assert len(layout(figure)["shapes"]) == 12
    assert sum(len(trace["x"]) for trace in clouds) == 600
    place = {int(row): i for i, row in enumerate(bundle.rows)}
    for trace in clouds:
        k = int(trace["name"])
        for row, x, y in zip(trace["customdata"], trace["x"], trace["y"], strict=True):
            i = place[int(row)]
            assert bundle.selected[i] == k
            mu = bundle.component_mu[i, k if decentralized else 0]
            assert (x, y) == (mu[0], mu[1])
    assert "Only a geometric prior" in notes(prior.geometric_centres(toy.make()))
