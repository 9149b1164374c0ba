"""What every figure of a trial must hold to, whatever it shows."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from recsys.family import FAMILY, MODEL_TYPE
from recsys.figures.registry import FIGURES
from tests.rcmvae.figures.reading import notes, plotted, traces
from tests.recsys.figures import toy
from workbench.families import Figure

WANTED = {
    "loss", "ranking_metrics", "recall_curve", "lift", "rank_histogram", "popularity_bias", "product_map",
    "gradient_share", "rating_error", "vocabulary", "timeline", "weights", "layer_norms",
}  # fmt: skip
every_figure = pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)


def test_the_family_declares_every_figure_once() -> None:
    assert FAMILY.figures == FIGURES
    assert {figure.name for figure in FIGURES} == WANTED
    assert len(FIGURES) == len(WANTED)
    assert all(figure.title and figure.look_for.endswith(".") for figure in FIGURES)


@every_figure
@pytest.mark.parametrize("model_type", toy.TYPES)
def test_a_figure_is_drawn_in_both_themes_if_it_applies_and_says_why_if_not(
    figure: Figure, model_type: str
) -> None:
    bundle, draw = toy.make(model_type), figure.draw.load()
    before = {who: ranks.tobytes() for who, ranks in bundle.ranks.items()}, json.dumps(bundle.told)
    light, dark = draw(bundle), draw(bundle, dark=True)
    assert plotted(light) == plotted(draw(bundle)), "the same input must give the same figure"
    assert plotted(light) != plotted(dark)
    json.dumps(plotted(light), allow_nan=False)
    why = figure.applies({**MODEL_TYPE.fields.defaults, "model_type": model_type}, None)
    assert (why is None) == bool(traces(light)), notes(light)
    assert why is None or notes(light)
    assert before == ({who: ranks.tobytes() for who, ranks in bundle.ranks.items()}, json.dumps(bundle.told))


@pytest.mark.parametrize("name", ["loss", "ranking_metrics", "gradient_share"])
def test_an_untrained_model_has_no_curves_and_says_so(name: str) -> None:
    drawn = {figure.name: figure for figure in FIGURES}[name].draw.load()(toy.make(epochs=0))
    assert not traces(drawn)
    assert notes(drawn)


@pytest.mark.parametrize("name", ["recall_curve", "rank_histogram", "product_map"])
def test_a_catalogue_of_three_products_is_drawn(name: str) -> None:
    assert traces({figure.name: figure for figure in FIGURES}[name].draw.load()(toy.make(candidates=3)))


def test_names_that_look_like_markup_stay_text() -> None:
    bundle = toy.make()
    shown = bundle.products
    assert shown is not None
    hostile = np.array(["<script>1</script>"] * len(shown.items))
    told = {**bundle.told, "vocabulary": [toy.table("<script>", 0.1)]}
    marked = dataclasses.replace(shown, items=hostile, values=hostile, attribute="<script>")
    changed = dataclasses.replace(bundle, products=marked, told=told)
    for figure in FIGURES:
        assert "<script" not in str(figure.draw.load()(changed).to_json()), figure.name


def test_shares_of_tasks_that_are_not_balanced_by_gradient_do_not_apply() -> None:
    figure = next(figure for figure in FIGURES if figure.name == "gradient_share")
    values = {**MODEL_TYPE.fields.defaults, "model_type": "multitask", "loss_balance": "none"}
    assert figure.applies(values, None)
    bundle = toy.make()
    bundle.told["history"]["metrics"]["train/retrieval_share"] = [None] * 4
    drawn = figure.draw.load()(bundle)
    assert not traces(drawn)
    assert "gradients" in notes(drawn)


def test_drawing_every_figure_imports_no_framework() -> None:
    code = (
        "import sys\n"
        "from tests.recsys.figures import toy\n"
        "from recsys.figures.registry import FIGURES\n"
        "bundle = toy.make()\n"
        "[figure.draw.load()(bundle) for figure in FIGURES]\n"
        "heavy = {'jax', 'flax', 'tensorflow', 'scipy', 'sklearn', 'pandas', 'polars', 'dash'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
