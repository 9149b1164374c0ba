"""The Data tab: what it reads, and how it shows it."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from dashboard.families.rcmvae.data_tab import layout
from dashboard.families.rcmvae.data_tab.view import data_view, measure
from dashboard.pages.model import render
from rcmvae.data.problems import Problem
from rcmvae.explore.effort import Pace, Trained, estimate
from rcmvae.explore.effort_read import Effort, effort_of
from rcmvae.explore.random_curve import Point, RandomCurve
from rcmvae.figures.effort import accuracy_by_labels, labels_over_time
from rcmvae.labels.service import LabelService
from tests.rcmvae.figures.reading import traces
from tests.support.trees import having, of_class, text_of
from workbench.commands.base import CommandError


@pytest.fixture
def digits_model(bench: Any) -> Any:
    """A small model on the digits."""
    return bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample={"num_samples": 200, "num_labeled": 20}
    )


def test_classes_count_labels_by_where_they_came_from(bench: Any, digits_model: Any) -> None:
    before = data_view(bench, digits_model.id)
    assert [each.labels["given"] for each in before.classes] == [2] * 10
    assert before.images == 560
    assert sum(each.known or 0 for each in before.classes) == 560
    assert before.n_unlabelled == 160
    free = before.unlabelled[0]
    LabelService(bench).set(actor="me", model_id=digits_model.id, labels={free: 4})
    after = data_view(bench, digits_model.id)
    assert after.classes[4].labels == {"given": 2, "person": 1, "imported": 0}
    assert free in after.classes[4].rows
    assert after.n_unlabelled == 159


def test_problems_of_images_are_known_once_they_are_measured(bench: Any, digits_model: Any) -> None:
    before = data_view(bench, digits_model.id)
    assert not before.measured
    assert "not been looked at" in text_of(layout.problems(before))
    told: list[int] = []
    measure(bench, digits_model.id, lambda done, total: told.append(done), lambda: False)
    after = data_view(bench, digits_model.id)
    assert after.measured
    assert told
    assert "Nothing was found" in text_of(layout.problems(after))


def test_a_problem_shows_its_images_and_what_to_do(bench: Any, digits_model: Any) -> None:
    view = data_view(bench, digits_model.id)
    rows = tuple(range(60))
    problem = Problem("x", "60 images are odd.", "Mend them.", True, rows)
    shown = layout.problems(type(view)(**{**vars(view), "problems": (problem,), "measured": True}))
    assert "60 images are odd." in text_of(shown)
    assert "Mend them." in text_of(shown)
    assert "serious" in text_of(shown)
    assert len(having(shown, alt="Image 7")) == 1
    assert "40 more of 60" in text_of(of_class(shown, "data-more")[0])
    assert having(shown, alt="Image 48") == []


def test_the_tab_tells_the_sample_its_settings_and_its_files(bench: Any, digits_model: Any) -> None:
    from dashboard.context import AppContext

    bench.datasets.load("digits")
    page = render(AppContext(lambda: bench, bench.settings), digits_model.id, "data")
    words = text_of(page)
    for expected in ("Handwritten digits", "Sampling seed", "Held out for testing", "as it was", "digits.csv.gz"):
        assert expected in words, expected


def test_a_picture_is_a_small_png_and_another_row_is_none(client: Any, bench: Any, digits_model: Any) -> None:
    answer = client.get(f"/model-data/{digits_model.id}/0.png")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (8, 8)
    assert client.get(f"/model-data/{digits_model.id}/99999.png").status_code == 404
    assert client.get("/model-data/model_0000000000000/0.png").status_code == 404
    with pytest.raises(CommandError):
        data_view(bench, "model_0000000000000")


@pytest.mark.parametrize("dark", [False, True])
def test_the_labelling_is_told_in_numbers_words_and_figures(dark: bool) -> None:
    runs = tuple(Trained(k, n, 0.95 - 1.6 * n**-0.6) for k, n in enumerate((20, 40, 80), 1))
    found = Effort(90, ((0.0, 20), (60.0, 90)), Pace(70, 60, 4200), {"browser:1": 70}, runs, estimate(runs, 90, 360), (("7", 0),))
    figure = accuracy_by_labels(found, dark=dark)
    assert [trace.name for trace in traces(figure)] == ["fitted power law", "runs", "estimate, 80 % interval"]
    assert list(traces(figure)[1].x) == [20, 40, 80]
    shown = text_of(layout.effort(found, [("you", 70)], labels_over_time(found, dark=dark), figure))
    for words in ("4,200", "Set by you (70).", "50 more labels would bring", "Few labels: 7 (0)."):
        assert words in shown, words


@pytest.mark.parametrize("runs", [(), (Trained(1, 40, 0.8),)])
def test_what_random_labelling_reaches_stands_beside_the_runs(runs: tuple[Trained, ...]) -> None:
    reached = RandomCurve((Point(10, 0.4, 0.02, 3), Point(50, 0.7, 0.05, 3)), "As many at random: 62.5 %.", "Computed before.")
    found = Effort(50, (), Pace(0, 0, None), {}, runs, estimate(runs, 50, 360), (), reached)
    figure = accuracy_by_labels(found)
    random = traces(figure)[0]
    assert (list(random.x), list(random.y)) == ([10, 50], [40, 70])
    assert list(random.error_y.array) == [2, 5]
    shown = text_of(layout.effort(found, [], labels_over_time(found), figure))
    assert "As many at random: 62.5 %." in shown
    assert "Computed before." in shown


def test_a_model_without_runs_or_changes_says_so_in_its_figures(bench: Any, digits_model: Any) -> None:
    found = effort_of(bench, digits_model.id, "me")
    assert "No run with an accuracy" in str(accuracy_by_labels(found).to_plotly_json())
    assert "No label was given" in str(labels_over_time(found).to_plotly_json())


def test_a_look_at_the_page_fetches_nothing_when_the_files_are_gone(bench: Any, digits_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.datasets.load("digits")
    assert layout.trouble_of(bench, "digits") is None
    gone = replace(bench.datasets.source("digits"), needs_download=True)
    monkeypatch.setattr(type(bench.datasets), "source", lambda self, dataset_id: gone)
    monkeypatch.setattr(type(bench.datasets), "prepare", lambda self, dataset_id: pytest.fail("the data was fetched"))
    words = layout.trouble_of(bench, "digits")
    assert words is not None
    assert "trellis data stats digits" in words
