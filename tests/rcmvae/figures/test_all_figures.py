"""What every figure must hold to, whatever it shows."""

import dataclasses
import subprocess
import sys
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.registry import FIGURES
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import notes, plotted, traces
from tests.support.records import knowing
from workbench.arrays import array_specs
from workbench.families import Figure

BUNDLES: dict[str, dict[str, Any]] = {
    "shared": {},
    "decentralized": {"decentralized": True, "temperature": 0.5},
    "standard": {"prior": "standard"},
    "no labels": {"labelled": 0},
    "five dimensions": {"dims": 5},
    "one dimension": {"dims": 1},
    "special priors": {"extras": True},
}
RESOLVED = {
    "prior_type": "mixture", "use_tau_classifier": True, "latent_dim": 2, "decoder_conditioning": "film",
    "latent_layout": "decentralized",
}  # fmt: skip


SPECIAL: dict[str, dict[str, Any]] = {
    "pseudo_inputs": {"prior_type": "vamp", "latent_layout": "shared", "decoder_conditioning": "none"},
    "geometric_centres": {"prior_type": "geometric_mog"},
    "active_channels": {"curriculum_enabled": True},
}
"""Figures that a plain mixture has no use for, and the values with which they apply."""


def by_name(figure: Figure) -> str:
    return figure.name


@pytest.mark.parametrize("figure", FIGURES, ids=by_name)
@pytest.mark.parametrize("kind", BUNDLES)
def test_every_figure_answers_for_every_kind_of_model_in_both_themes(figure: Figure, kind: str) -> None:
    bundle = toy.make(n=200, **BUNDLES[kind])
    draw = figure.draw.load()
    before = {name: getattr(bundle, name).tobytes() for name in array_specs(DiagnosticsBundle)}
    light, dark = draw(bundle), draw(bundle, dark=True)
    assert isinstance(light, go.Figure)
    assert plotted(light) == plotted(draw(bundle)), "the same input must give the same figure"
    assert plotted(light) != plotted(dark)
    assert traces(light) or notes(light), "neither drawn nor explained"
    assert {name: getattr(bundle, name).tobytes() for name in before} == before


@pytest.mark.parametrize("figure", FIGURES, ids=by_name)
def test_every_figure_has_a_title_a_sentence_and_applies_to_a_full_mixture(figure: Figure) -> None:
    assert figure.title
    assert figure.look_for.endswith(".")
    assert figure.applies(RESOLVED | SPECIAL.get(figure.name, {}), knowing(10)) is None
    assert figure.name not in SPECIAL or figure.applies(RESOLVED, knowing(10)), "must say why a plain mixture lacks it"
    drawn = figure.draw.load()(toy.make(decentralized=True, temperature=0.5, extras=True))
    assert traces(drawn), f"{figure.name} applies but draws nothing: {notes(drawn)}"


@pytest.mark.parametrize("figure", FIGURES, ids=by_name)
def test_a_figure_that_says_it_does_not_apply_to_the_standard_prior_draws_nothing_for_it(figure: Figure) -> None:
    standard = RESOLVED | {"prior_type": "standard", "use_tau_classifier": False, "decoder_conditioning": "none", "latent_layout": "shared"}
    drawn = figure.draw.load()(toy.make(n=200, prior="standard"))
    assert (figure.applies(standard, knowing(10)) is None) == bool(traces(drawn)), notes(drawn)


def test_names_are_unique_and_the_routing_figures_have_their_fixed_names() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names)
    assert {"recon_selected", "channel_ownership", "component_kl", "routing_hardness"} <= set(names)


def test_class_names_that_look_like_markup_stay_text() -> None:
    bundle = toy.make(n=200)
    names = tuple(f"<b>{y}</b>&<script>" for y in range(10))
    hostile = dataclasses.replace(bundle, facts=dataclasses.replace(bundle.facts, class_names=names))
    for figure in FIGURES:
        assert "<script>" not in str(figure.draw.load()(hostile).to_json()), figure.name


def test_figures_of_many_components_and_classes_still_draw() -> None:
    bundle = toy.make(n=200)
    k, y, rng = 60, 45, np.random.default_rng(0)
    r = rng.dirichlet(np.full(k, 0.1), size=200).astype(np.float32)
    tau = rng.dirichlet(np.full(y, 0.1), size=k).astype(np.float32)
    pixels = bundle.panel_by_component.shape[2:]
    many = dataclasses.replace(
        bundle,
        facts=dataclasses.replace(bundle.facts, class_names=tuple(f"class {i}" for i in range(y))),
        responsibilities=r,
        probabilities=(r @ tau).astype(np.float32),
        predictions=(r @ tau).argmax(axis=1).astype(np.int32),
        pi=np.full(k, 1 / k, np.float32),
        tau=tau,
        tau_counts=tau,
        claims=np.where(np.arange(k) < y, np.arange(k), -1).astype(np.int32),
        embeddings=rng.standard_normal((k, 4)).astype(np.float32),
        panel_components=np.arange(50, dtype=np.int32),
        panel_by_component=np.zeros((20, 50, *pixels), np.uint8),
        component_samples=np.zeros((50, 8, *pixels), np.uint8),
        pi_history=np.full((30, k), 1 / k, np.float32),
        usage_history=np.full((30, k), 1 / k, np.float32),
        pseudo_images=np.zeros((k, *pixels), np.uint8),
        centres=np.zeros((k, 2), np.float32),
        active_epochs=np.arange(1, 31, dtype=np.int32),
        active_history=np.ones((30, k), np.uint8),
    )
    for figure in FIGURES:
        assert traces(figure.draw.load()(many)), figure.name


def test_drawing_every_figure_imports_no_framework() -> None:
    code = (
        "import sys\n"
        "from tests.rcmvae.diagnostics import toy\n"
        "from rcmvae.figures.registry import FIGURES\n"
        "bundle = toy.make(n=100)\n"
        "[figure.draw.load()(bundle) for figure in FIGURES]\n"
        "heavy = {'jax', 'flax', 'tensorflow', 'scipy', 'sklearn', 'pandas', 'polars', 'dash'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
