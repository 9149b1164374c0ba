"""What the panel tells of one image, against the diagnostics themselves and distances computed one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rcmvae.active.asking import kept_of
from rcmvae.active.stored import Kept
from rcmvae.diagnostics.bundle import TEST, VALIDATION, DiagnosticsBundle, load
from rcmvae.explore.neighbours import MOST, Space, neighbours
from rcmvae.explore.sample import NEIGHBOURS, sample_of
from rcmvae.labels.service import LabelService
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.explore.conftest import ME
from workbench.commands.base import CommandError
from workbench.state import ModelRecord
from workbench.workbench import Workbench


def bundle_of(bench: Workbench, model: ModelRecord) -> DiagnosticsBundle:
    return load(kept_of(bench, model.id)[2])


def distance(bundle: DiagnosticsBundle, a: int, b: int) -> float:
    """Between two positions, in float64: of latents, and apart by r where components have origins of their own."""
    squared = float(((bundle.mu[a].astype(np.float64) - bundle.mu[b]) ** 2).sum())
    if bundle.facts.latent_layout == "decentralized":
        r = bundle.responsibilities.astype(np.float64)
        squared += bundle.mu.shape[1] * float(((r[a] - r[b]) ** 2).sum())
    return squared**0.5


def test_shares_sum_to_one_and_scores_lie_where_they_are_counted_among_all_images(bench: Workbench, model: ModelRecord) -> None:
    bundle = bundle_of(bench, model)
    inside = np.flatnonzero(bundle.split != TEST)
    for at in inside[[0, 7, -1]]:
        told = sample_of(bench, model.id, int(bundle.rows[at]))
        known = told["known"]
        assert told["split"] == ("validation" if bundle.split[at] == VALIDATION else "training")
        assert told["true"] == bundle.true_labels[at]
        assert known["predicted"] == bundle.predictions[at]
        components = known["components"]
        assert components["others"] == 2
        assert sum(share for _, share in components["top"]) + components["rest"] == pytest.approx(1, abs=1e-5)
        assert [number for number, _ in components["top"]] == np.argsort(-bundle.responsibilities[at], kind="stable")[:10].tolist()
        assert dict(known["probabilities"]["top"]) == pytest.approx({c: float(p) for c, p in enumerate(bundle.probabilities[at])})
        losses = bundle.loss("reconstruction_loss")
        assert losses is not None
        for name, values in (("certainty", bundle.certainty), ("ood", 1 - bundle.certainty), ("reconstruction", losses)):
            among = values[inside]
            assert known["scores"][name]["value"] == pytest.approx(float(values[at]), rel=1e-6)
            assert known["scores"][name]["share"] == pytest.approx(sum(v < values[at] for v in among) / len(among))


def test_neighbours_are_the_nearest_of_all_and_of_the_labelled_ones_by_distances_computed_one_by_one(
    bench: Workbench, model: ModelRecord
) -> None:
    bundle = bundle_of(bench, model)
    inside = np.flatnonzero(bundle.split != TEST)
    at = int(inside[3])
    ordered = sorted((distance(bundle, at, int(other)), int(bundle.rows[other])) for other in inside if other != at)
    known = sample_of(bench, model.id, int(bundle.rows[at]))["known"]
    labels = LabelService(bench).of(model.id)
    for found, wanted in (
        (known["near"], ordered[:NEIGHBOURS]),
        (known["labelled"], [pair for pair in ordered if pair[1] in labels][:NEIGHBOURS]),
    ):
        assert [entry["row"] for entry in found] == [row for _, row in wanted]
        assert [entry["distance"] for entry in found] == pytest.approx([d for d, _ in wanted], rel=1e-4)
        assert [entry["label"] for entry in found] == [labels[row].label if row in labels else None for _, row in wanted]
    rows, distances = neighbours(bench, model.id, int(bundle.rows[at]), 50)
    assert rows.tolist() == [row for _, row in ordered[:50]]
    assert distances.tolist() == pytest.approx([d for d, _ in ordered[:50]], rel=1e-4)
    assert len(neighbours(bench, model.id, int(bundle.rows[at]), MOST)[0]) == len(inside) - 1


def test_a_label_given_now_is_told_at_once_with_where_it_came_from_and_makes_a_labelled_neighbour(
    bench: Workbench, model: ModelRecord
) -> None:
    labels = LabelService(bench)
    free = sorted(set(bench.models.facts(model).read.labelable) - set(labels.of(model.id)))
    row, other = free[0], int(neighbours(bench, model.id, free[0], 1)[0][0])
    assert sample_of(bench, model.id, row)["label"] is None
    labels.set(actor=ME, model_id=model.id, labels={row: 4, other: 2})
    told = sample_of(bench, model.id, row)
    assert told["label"] == {"class": 4, "source": "person"}
    assert told["known"]["labelled"][0]["row"] == other
    assert told["known"]["labelled"][0]["label"] == 2
    labels.clear(actor=ME, model_id=model.id, indices=[row, other])
    assert sample_of(bench, model.id, row)["label"] is None


def test_images_of_equal_distance_come_by_row() -> None:
    kept = Kept.of(toy.make(n=60, labelled=10))
    kept = replace(kept, mu=np.zeros_like(kept.mu), responsibilities=np.zeros_like(kept.responsibilities))
    space = Space(kept, np.arange(60))
    rows, distances = space.nearest(int(kept.rows[5]), 7)
    assert rows.tolist() == sorted(set(kept.rows.tolist()) - {int(kept.rows[5])})[:7]
    assert not distances.any()


def test_rows_that_are_none_are_refused_in_words(bench: Workbench, model: ModelRecord) -> None:
    test_row = int(bench.models.read(model).test[0])
    for row in (test_row, 10**8):
        with pytest.raises(CommandError, match="no training or validation image"):
            sample_of(bench, model.id, row)
    with pytest.raises(CommandError, match="none that the model's weights"):
        neighbours(bench, model.id, test_row, 5)
    for n in (0, MOST + 1):
        with pytest.raises(CommandError, match="neighbours can be asked for"):
            neighbours(bench, model.id, int(bench.models.read(model).train[0]), n)


def test_of_a_model_that_was_never_trained_the_data_is_told_alone(bench: Workbench) -> None:
    made = bench.models.create(actor=ME, family="rcmvae", model_type="rcmvae", dataset_id="digits", name="Untrained", values={})
    sample = bench.models.read(made)
    row = int(sample.initially_labelled[0])
    told = sample_of(bench, made.id, row)
    assert told["known"] is None
    assert told["label"] == {"class": told["true"], "source": "given"}
    with pytest.raises(CommandError, match="no weights yet"):
        neighbours(bench, made.id, row, 5)
