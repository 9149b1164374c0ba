import json
from typing import Any

import plotly.graph_objects as go
import pytest

from rcmvae.figures import curves, live
from rcmvae.figures.curves import draw_accuracy, draw_loss, draw_optimiser, draw_terms, term_names
from rcmvae.figures.registry import LIVE_FIGURES
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, notes, traces
from tests.support.records import knowing
from workbench.plotting import checked, in_theme

TABLE: dict[str, list[float | None]] = {
    "train/loss": [5.0, 3.0, 2.0],
    "validation/loss": [5.5, None, 2.5],
    "train/kl_z": [1.0, 2.0, 3.0],
    "train/kl_c": [None, None, None],
    "train/learning_rate": [1e-3, 1e-3, 1e-3],
    "train/grad_norm": [1.0, float("nan"), 2.0],
    "validation/elbo": [-1.0, -2.0, -3.0],
    "epoch_seconds": [0.1, 0.1, 0.1],
}
VALUES: dict[str, Any] = {
    "pi": [0.5, 0.3, 0.2],
    "usage": [0.6, 0.4, 0.0],
    "k_eff": 1.96,
    "tau": [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]],
    "claims": [0, 1, -1],
    "free_channels": [2],
    "responsibility_histogram": [0] * 19 + [10],
    "component_kl": [1.0, 2.0, 0.0],
    "temperature": None,
    "class_names": ["cat", "dog"],
    "verdict": {
        "accuracy": 0.9, "n": 50, "split": "held-out", "labels": 30, "lead": 0.1, "words": "it leads",
        "methods": [
            {"name": "perceptron", "title": "Small MLP", "accuracy": 0.8, "note": "20 of 30 labels"},
            {"name": "label_spreading", "title": "Label spreading", "accuracy": None, "note": "not computed: the others took 30 s"},
        ],
    },
}  # fmt: skip


def test_gaps_in_a_curve_stay_gaps_in_plain_lists() -> None:
    train, validation = traces(draw_loss([1, 2, 3], TABLE))
    assert train["y"] == (5.0, 3.0, 2.0)
    assert validation["y"] == (5.5, None, 2.5)
    assert '"bdata"' not in str(draw_loss([1, 2, 3], TABLE).to_json())


def test_terms_leave_out_what_is_no_term_or_was_never_computed() -> None:
    assert term_names(TABLE) == ["kl_z", "elbo"]
    assert notes(draw_terms([1, 2, 3], TABLE)) == "KL of z ELBO"
    assert "epoch" in notes(draw_terms([1], {"train/loss": [1.0]}))


def test_the_kept_epoch_is_marked_on_the_life_axis() -> None:
    assert "kept: epoch 27" in notes(curves.loss_curves(toy.make()))
    assert layout(draw_loss([11, 12, 13], TABLE, kept=12))["shapes"][0]["x0"] == 12


def test_without_epochs_or_labels_curves_say_so() -> None:
    assert "No epoch is done yet" in notes(draw_loss([], {}))
    assert "No epoch is done yet" in notes(draw_terms([], {}))
    assert "No epoch is done yet" in notes(draw_optimiser([], {}))
    assert "No labelled validation images" in notes(draw_accuracy([1], TABLE))


def test_the_optimiser_shows_rate_and_norm_on_one_time_axis() -> None:
    rate, norm = traces(draw_optimiser([1, 2, 3], TABLE))
    assert (rate["name"], norm["name"]) == ("learning rate", "gradient norm")
    assert norm["y"] == (1.0, None, 2.0)


@pytest.mark.parametrize("figure", LIVE_FIGURES, ids=lambda figure: figure.name)
def test_live_figures_draw_what_was_reported_and_wait_for_what_was_not(figure: Any) -> None:
    def draw(values: Any, dark: bool = False) -> go.Figure:
        return go.Figure(in_theme(lambda: figure.draw.load()(values, dark=dark), dark=dark))

    before = json.dumps(VALUES)
    assert traces(draw(VALUES))
    assert draw(VALUES, dark=True).to_json() != draw(VALUES).to_json()
    assert json.dumps(VALUES) == before
    assert not traces(draw({}))
    assert notes(draw({}))


def test_what_changes_with_every_epoch_is_sketched_without_a_figure_of_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(go.Figure, "__init__", lambda self, *given, **named: made.append(given))
    for figure in LIVE_FIGURES:
        if figure.diagnostics == "mixture":
            assert in_theme(lambda figure=figure: figure.draw.load()(VALUES))["data"], figure.name
    assert made == []


def test_live_bars_name_claims_and_free_channels() -> None:
    assert layout(checked(live.pi_and_usage(VALUES)))["xaxis"]["ticktext"] == ["0<br>cat", "1<br>dog", "2<br>free"]


def test_live_bars_name_components_that_a_curriculum_has_not_opened() -> None:
    values = {**VALUES, "active": [1, 1, 0], "free_channels": []}
    bars = checked(live.pi_and_usage(values))
    assert layout(bars)["xaxis"]["ticktext"] == ["0<br>cat", "1<br>dog", "2<br>closed"]
    assert layout(bars)["shapes"][0]["y0"] == pytest.approx(1 / 2)
    assert layout(checked(live.tau_heatmap(values)))["xaxis"]["ticktext"][2] == "2<br>closed"
    assert layout(checked(live.responsibility_histogram(values)))["shapes"][0]["x0"] == pytest.approx(1 / 2)


def test_live_tau_waits_for_labels() -> None:
    assert "No labels yet" in notes(checked(live.tau_heatmap({**VALUES, "tau": []})))


def test_one_posterior_for_all_components_has_no_bars_of_kl() -> None:
    assert "share one posterior" in notes(checked(live.component_kl({**VALUES, "component_kl": [1.2]})))


def test_live_figures_apply_only_where_they_mean_something() -> None:
    applies = {figure.name: figure.applies for figure in LIVE_FIGURES}
    standard = {"prior_type": "standard"}
    assert all(check(standard, knowing(10)) for name, check in applies.items() if name != "simple_methods")
    assert applies["simple_methods"](standard, knowing(10)) is None
    assert applies["simple_methods"](standard, knowing(0)) == "the model knows no class yet"
    shared = {"prior_type": "mixture", "num_classes": 0, "use_tau_classifier": True, "latent_layout": "shared"}
    assert applies["component_kl"](shared, knowing(10)) == "all components share one posterior and one prior of the latent"
    assert applies["component_kl"]({**shared, "prior_type": "geometric_mog"}, knowing(10)) is None
    assert applies["pi_and_usage"](shared, knowing(10)) is None
    assert applies["tau_heatmap"](shared, knowing(10)) is None, "classes may be added to data that came without any"
    assert applies["tau_heatmap"](shared, knowing(0)) == "the model knows no class yet"
    assert applies["tau_heatmap"]({**shared, "use_tau_classifier": False}, knowing(10)) == "the head classifies, not tau"
