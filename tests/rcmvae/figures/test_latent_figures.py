import dataclasses

import numpy as np
import plotly.graph_objects as go
import pytest

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures import cloud, latent
from rcmvae.figures.words import class_words
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.figures.reading import layout, traces


def points(figure: go.Figure) -> int:
    return sum(len(trace["x"]) for trace in traces(figure))


def test_every_image_is_drawn_once_in_its_own_class() -> None:
    bundle = toy.make()
    figure = latent.latent_by_class(bundle)
    assert points(figure) == 600
    assert {trace["name"]: len(trace["x"]) for trace in traces(figure)} == {str(y): int((bundle.true_labels == y).sum()) for y in range(10)}


def test_points_lie_where_the_posterior_means_are() -> None:
    bundle = toy.make()
    three = next(trace for trace in traces(latent.latent_by_class(bundle)) if trace["name"] == "3")
    rows = three["customdata"][:, 0].astype(int)
    expected = {int(row): tuple(mu) for row, mu in zip(bundle.rows, bundle.mu, strict=True)}
    for row, x, y in zip(rows, three["x"], three["y"], strict=True):
        assert expected[row] == (x, y)


def test_components_group_by_the_largest_responsibility() -> None:
    bundle = toy.make()
    counts = np.bincount(bundle.responsibilities.argmax(axis=1), minlength=12)
    found = {trace["name"]: len(trace["x"]) for trace in traces(latent.latent_by_component(bundle))}
    assert found == {str(k): int(n) for k, n in enumerate(counts) if n}


def test_more_dimensions_are_shown_by_their_principal_components() -> None:
    bundle = toy.make(dims=5)
    points = cloud.cloud(bundle)
    centred = bundle.mu.astype(float) - bundle.mu.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    for i, values in enumerate((points.x, points.y)):
        expected = (u[:, i] * s[i])[points.positions]
        assert min(np.abs(values - expected).max(), np.abs(values + expected).max()) < 1e-4
    share = s[0] ** 2 / (s**2).sum()
    assert points.x_title == f"principal component 1 ({share:.0%} of the variance)"


def test_one_dimension_is_spread_over_a_second_axis_without_numbers() -> None:
    figure = latent.latent_by_class(toy.make(dims=1))
    assert layout(figure)["yaxis"]["showticklabels"] is False


def test_uncertain_and_strange_points_lie_on_top() -> None:
    bundle = toy.make()
    certainty = traces(latent.latent_by_certainty(bundle))[0]["marker"]["color"]
    ood = traces(latent.latent_by_ood(bundle))[0]["marker"]["color"]
    assert (np.diff(certainty) <= 0).all()
    assert (np.diff(ood) >= 0).all()
    assert certainty[-1] == bundle.certainty.min()


@pytest.mark.parametrize(("n", "kind"), [(600, go.Scatter), (6_000, go.Scattergl)])
def test_large_clouds_are_webgl_with_typed_arrays(n: int, kind: type) -> None:
    bundle = repeated(toy.make(), n)
    figure = latent.latent_by_class(bundle)
    assert {type(trace) for trace in traces(figure)} == {kind}
    assert traces(figure)[0]["x"].dtype == np.float32
    assert '"bdata"' in str(figure.to_json())


def test_beyond_twenty_thousand_images_a_part_is_shown_and_the_figure_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "MOST_POINTS", 250)
    figure = latent.latent_by_class(toy.make())
    assert points(figure) == 250
    assert layout(figure)["annotations"][0]["text"] == "250 of 600 images"


def test_latents_of_a_components_own_are_drawn_in_its_cell() -> None:
    bundle = toy.make(decentralized=True)
    placed = cloud.cloud(bundle)
    assert [cell.name for cell in placed.cells] == [str(k) for k in range(12)]
    assert sorted(placed.positions.tolist()) == list(range(600))
    for position, x, y in zip(placed.positions, placed.x, placed.y, strict=True):
        k = bundle.responsibilities[position].argmax()
        cell, own = placed.cells[k], np.clip(bundle.component_mu[position, k], -placed.cells[k].half * 0.95, placed.cells[k].half * 0.95)
        assert (x - cell.x, y - cell.y) == pytest.approx(tuple(own), abs=1e-4)
    drawn = layout(latent.latent_by_class(bundle))
    assert [note["text"] for note in drawn["annotations"]] == [cell.name for cell in placed.cells]
    assert len(drawn["shapes"]) == 12


def test_cells_never_overlap() -> None:
    cells = cloud.cloud(toy.make(decentralized=True, dims=5)).cells
    for i, one in enumerate(cells):
        for other in cells[:i]:
            assert max(abs(one.x - other.x), abs(one.y - other.y)) >= one.half + other.half


def test_with_very_many_components_the_most_used_have_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "MOST_CELLS", 4)
    bundle = toy.make(decentralized=True)
    counts = np.bincount(bundle.selected, minlength=12)
    placed = cloud.cloud(bundle)
    assert {int(cell.name) for cell in placed.cells} == set(np.argsort(-counts, kind="stable")[:4].tolist())
    assert len(placed.positions) == np.sort(counts)[-4:].sum()
    assert placed.note == f"{len(placed.positions)} of 600 images"


def test_images_of_unknown_class_are_a_group_of_their_own() -> None:
    bundle = toy.make()
    labels = bundle.true_labels.copy()
    labels[:50] = -1
    used = bundle.used_labels.copy()
    used[:40] = -1
    used[40:50] = 3
    bundle = dataclasses.replace(bundle, true_labels=labels, used_labels=used)
    figure = latent.latent_by_class(bundle)
    unknown = traces(figure)[0]
    assert unknown["name"] == "unknown"
    assert len(unknown["x"]) == 40
    assert class_words(bundle, 0) == "true class unknown"
    assert class_words(bundle, 45) == "labelled 3"
    assert class_words(bundle, 60) == f"true class {bundle.true_labels[60]}"


def repeated(bundle: DiagnosticsBundle, n: int) -> DiagnosticsBundle:
    """The bundle with its images repeated up to `n`."""
    import dataclasses

    from workbench.arrays import array_specs

    times = n // len(bundle.rows)
    names = [name for name, spec in array_specs(DiagnosticsBundle).items() if spec.shape[:1] == ("N",)]
    return dataclasses.replace(bundle, **{name: np.concatenate([getattr(bundle, name)] * times) for name in names})
