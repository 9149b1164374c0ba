import dataclasses
from typing import Any

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures import channels
from rcmvae.figures.channels import LEAST_RESPONSIBILITY, channel_points
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, notes, traces


def drawn(figure: Any) -> list[Any]:
    """Traces with points of images: not the legend's keys, not the faint ground."""
    return [trace for trace in traces(figure) if trace["customdata"] is not None]


@pytest.mark.parametrize("options", [{}, {"decentralized": True}, {"dims": 1}, {"dims": 5}], ids=str)
def test_every_image_stands_in_every_channel_that_is_responsible_for_it(options: dict[str, Any]) -> None:
    bundle = toy.make(n=300, **options)
    points = channel_points(bundle)
    found = set(zip(points.image.tolist(), points.shown[points.place].tolist(), strict=True))
    expected = set(zip(*(a.tolist() for a in np.nonzero(bundle.responsibilities >= LEAST_RESPONSIBILITY)), strict=True))
    assert found == expected


def test_points_lie_where_their_own_channel_puts_them() -> None:
    bundle = toy.make(n=300, decentralized=True)
    points = channel_points(bundle)
    np.testing.assert_array_equal(points.x, bundle.component_mu[points.image, points.shown[points.place], 0])
    shared = toy.make(n=300)
    points = channel_points(shared)
    np.testing.assert_array_equal(points.y, shared.mu[points.image, 1])


@pytest.mark.parametrize("draw", [channels.channel_latents, channels.channel_latent])
def test_colour_is_the_class_and_opacity_grows_with_responsibility(draw: Any) -> None:
    bundle = toy.make(n=300)
    pairs = 0
    for trace in drawn(draw(bundle)):
        r, opacity = trace["customdata"][:, 2], np.array(trace["marker"]["opacity"])
        assert (np.abs(opacity - (0.12 + 0.78 * r)) < 0.006).all()
        pairs += len(r)
    assert pairs == int((bundle.responsibilities >= LEAST_RESPONSIBILITY).sum())
    keys = {trace["name"]: trace["marker"]["color"] for trace in traces(draw(bundle)) if trace["x"] is not None and trace["x"][0] is None}
    assert list(keys) == [str(y) for y in range(10)]
    assert len(set(keys.values())) == 10


def test_cells_hold_their_own_points() -> None:
    figure = channels.channel_latents(toy.make(n=300, decentralized=True))
    frames = layout(figure)["shapes"]
    assert len(frames) == 12
    for trace in drawn(figure):
        for x, y, k in zip(trace["x"], trace["y"], trace["customdata"][:, 1].astype(int), strict=True):
            frame = frames[k]
            assert frame["x0"] < x < frame["x1"]
            assert min(frame["y0"], frame["y1"]) < y < max(frame["y0"], frame["y1"])


def test_the_menu_shows_one_channel_at_a_time_the_most_used_first() -> None:
    bundle = toy.make(n=300)
    figure = channels.channel_latent(bundle)
    (menu,) = layout(figure)["updatemenus"]
    usage = bundle.responsibilities.mean(axis=0)
    own = drawn(figure)
    assert [trace["visible"] for trace in own] == [True] + [False] * 11
    order = np.argsort(-usage, kind="stable")
    for nth, (button, k) in enumerate(zip(menu["buttons"], order, strict=True)):
        assert button["label"].startswith(f"channel {k}")
        change, which = button["args"]
        assert [traces(figure)[i] for i in which] == own
        assert change["visible"].index(True) == nth
        assert set(own[nth]["customdata"][:, 1]) <= {k}


def test_fifty_of_many_channels_have_a_cell_and_points_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = toy.make(n=200)
    rng = np.random.default_rng(0)
    k = 80
    many: DiagnosticsBundle = dataclasses.replace(
        bundle,
        responsibilities=rng.dirichlet(np.full(k, 0.05), size=200).astype(np.float32),
        pi=np.full(k, 1 / k, np.float32),
        tau=np.full((k, 10), 0.1, np.float32),
        tau_counts=np.zeros((k, 10), np.float32),
        claims=np.full(k, -1, np.int32),
        embeddings=np.zeros((k, 4), np.float32),
        pi_history=np.full((30, k), 1 / k, np.float32),
        usage_history=np.full((30, k), 1 / k, np.float32),
        active_history=np.zeros((0, k), np.uint8),
    )
    assert len(layout(channels.channel_latents(many))["shapes"]) == 50
    assert len(layout(channels.channel_latent(many))["updatemenus"][0]["buttons"]) == 50
    monkeypatch.setattr(channels, "MOST_POINTS", 40)
    assert sum(len(trace["x"]) for trace in drawn(channels.channel_latents(many))) == 40


def test_the_curriculum_is_a_stair_that_names_what_was_opened() -> None:
    bundle = toy.make(extras=True)
    stair, opened, used = traces(channels.active_channels(bundle))
    assert list(stair["y"]) == [min(12, 2 + epoch // 3) for epoch in range(30)]
    assert list(opened["text"]) == [str(k) for k in range(2, 2 + 29 // 3)]
    usage = bundle.usage_history[-1].astype(float)
    assert used["y"][-1] == pytest.approx(np.exp(-(usage * np.log(usage)).sum()))
    assert "11 of 12 active" in notes(channels.active_channels(bundle))
    assert "no curriculum" in notes(channels.active_channels(toy.make()))
