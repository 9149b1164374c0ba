"""Suggestions from kept diagnostics."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.active.stored import Kept, pool_of, read, suggest
from rcmvae.active.strategies import STRATEGIES
from rcmvae.active.table import predict
from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION, DiagnosticsBundle
from rcmvae.diagnostics.relabelled import relabelled
from rcmvae.diagnostics.today import Today
from rcmvae.recount import labels_of, recount
from rcmvae.suggestions import Ask, SuggestionError
from tests.rcmvae.diagnostics import toy

TAU = {"tau_smoothing_alpha": 0.01, "tau_claim_strength": 1.0}


@pytest.fixture(scope="module")
def bundle() -> DiagnosticsBundle:
    return toy.make(n=300, labelled=40)


@pytest.fixture
def ask(bundle: DiagnosticsBundle, tmp_path: Path) -> Ask:
    bundle.save(tmp_path / "diagnostics.npz")
    return Ask(bundle=tmp_path / "diagnostics.npz", resolved={"dropout_rate": 0.2, **TAU}, labels=known(bundle))


def known(bundle: DiagnosticsBundle) -> dict[int, int]:
    seen = bundle.used_labels >= 0
    return dict(zip(bundle.rows[seen].tolist(), bundle.used_labels[seen].tolist(), strict=True))


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name != "bald"])
def test_only_unlabelled_training_samples_are_suggested(ask: Ask, bundle: DiagnosticsBundle, name: str) -> None:
    found = suggest(replace(ask, strategy=name, n=15))
    free = set(bundle.rows[(bundle.split == TRAIN) & (bundle.used_labels < 0)].tolist())
    assert {item.index for item in found.items} <= free
    assert found.left == len(free)
    assert len({item.index for item in found.items}) == 15


def test_a_label_given_since_takes_its_sample_out_and_one_taken_away_brings_it_back(ask: Ask) -> None:
    first = suggest(replace(ask, n=1))
    later = suggest(replace(ask, n=first.left - 1, diverse=False, labels={**ask.labels, first.items[0].index: 3}))
    assert first.items[0].index not in {item.index for item in later.items}
    assert later.left == first.left - 1
    cleared = dict(ask.labels)
    del cleared[next(iter(cleared))]
    assert suggest(replace(ask, n=1, labels=cleared)).left == suggest(replace(ask, n=1)).left + 1


def test_a_suggestion_says_what_the_model_would_answer(ask: Ask, bundle: DiagnosticsBundle) -> None:
    item = suggest(replace(ask, n=1)).items[0]
    at = int(np.flatnonzero(bundle.rows == item.index)[0])
    assert item.predicted == bundle.predictions[at]
    assert item.certainty == pytest.approx(float(bundle.certainty[at]))


def test_a_label_given_or_cleared_changes_what_tau_says_of_all_other_samples(ask: Ask, bundle: DiagnosticsBundle) -> None:
    turned = {row: (label + 1) % 10 for row, label in ask.labels.items()}
    now = recount(
        bundle.responsibilities, labels_of(bundle.rows, turned), bundle.split == TRAIN, bundle.claims, 10, alpha=0.01, claim=1.0
    )  # fmt: skip
    item = suggest(replace(ask, n=1, labels=turned)).items[0]
    best = np.sort(now.probabilities, axis=1)
    free = (bundle.split == TRAIN) & (bundle.used_labels < 0)
    at = int(np.flatnonzero(bundle.rows == item.index)[0])
    assert item.score == pytest.approx(float((best[:, -2] - best[:, -1])[free].max()), abs=1e-6)
    assert (item.predicted, item.certainty) == (now.predictions[at], pytest.approx(float(now.certainty[at])))
    table: Any = predict(ask.bundle, Today(labels=turned, resolved=ask.resolved), split="test").columns
    order = np.argsort(bundle.rows)
    order = order[bundle.split[order] == TEST]
    assert table["class"] == [bundle.facts.class_names[y] for y in now.predictions[order]]
    assert table["ood"] == pytest.approx(1 - now.certainty[order], abs=1e-6)
    nothing: Any = predict(ask.bundle, Today(labels={}, resolved=ask.resolved), split="test").columns
    assert set(nothing["class"]) == {None}
    assert {s.name for s in suggest(replace(ask, n=1, labels={}, strategy="random")).strategies if s.disabled is None} == {
        "random", "ood", "k_center"
    }  # fmt: skip


def test_a_class_added_since_the_run_is_predicted_as_soon_as_it_has_labels(ask: Ask, bundle: DiagnosticsBundle) -> None:
    names = (*bundle.facts.class_names, "new")
    now = dict.fromkeys(ask.labels, 10)
    item = suggest(replace(ask, n=1, labels=now, class_names=names, resolved={**ask.resolved, "tau_claim_strength": 0.0})).items[0]
    assert item.predicted == 10
    table: Any = predict(ask.bundle, Today(now, names, {**TAU, "tau_claim_strength": 0.0})).columns
    assert set(table["class"]) == {"new"}


def test_true_labels_have_no_influence(bundle: DiagnosticsBundle, tmp_path: Path) -> None:
    lied = replace(bundle, true_labels=np.random.default_rng(0).permutation(bundle.true_labels).astype(np.int32))
    chosen = []
    for number, of in enumerate((bundle, lied)):
        of.save(tmp_path / f"{number}.npz")
        asks = [Ask(tmp_path / f"{number}.npz", {}, known(of), strategy=name, n=20) for name in STRATEGIES if name != "bald"]
        chosen.append([[item.index for item in suggest(one).items] for one in asks])
    assert chosen[0] == chosen[1]
    assert "true_labels" not in Kept.__dataclass_fields__


def test_novelty_is_blended_with_the_percentile_among_validation_images(ask: Ask, bundle: DiagnosticsBundle) -> None:
    item = suggest(replace(ask, strategy="ood", n=1, blend=0.4)).items[0]
    losses = bundle.loss("reconstruction_loss")
    assert losses is not None
    at = int(np.flatnonzero(bundle.rows == item.index)[0])
    share = (losses[bundle.split == VALIDATION] <= losses[at]).mean()
    assert item.score == pytest.approx(0.6 * (1 - bundle.certainty[at]) + 0.4 * share, rel=1e-5)


@pytest.mark.parametrize("prior", ["mixture", "standard"])
def test_without_labels_three_strategies_are_left_and_work(prior: str, tmp_path: Path) -> None:
    of = toy.make(n=200, labelled=0, prior=prior)
    of.save(tmp_path / "d.npz")
    for name in ("random", "ood", "k_center"):
        found = suggest(Ask(tmp_path / "d.npz", {}, {}, strategy=name, n=10))
        assert len({item.index for item in found.items}) == 10
        assert all(item.predicted is None and item.certainty is None and np.isfinite(item.score) for item in found.items)
        assert {s.name for s in found.strategies if s.disabled is None} == {"random", "ood", "k_center"}
    expected = 1 - of.responsibilities.max(axis=1) / 10 if prior == "mixture" else None
    if expected is not None:
        item = suggest(Ask(tmp_path / "d.npz", {}, {}, strategy="ood", n=1)).items[0]
        assert item.score == pytest.approx(float(expected[of.split == TRAIN].max()), rel=1e-5)


def test_bald_is_refused_where_the_model_cannot_be_run(ask: Ask) -> None:
    with pytest.raises(SuggestionError, match="use `trellis suggest MODEL --strategy bald`"):
        suggest(replace(ask, strategy="bald"))


def test_components_with_latent_spaces_of_their_own_are_far_apart() -> None:
    of = toy.make(n=200, decentralized=True)
    pool = pool_of(Kept.of(of))
    assert pool.places.shape[1] == of.mu.shape[1] + of.components
    shared = pool_of(Kept.of(toy.make(n=200)))
    assert shared.places.shape[1] == 2


def test_changed_diagnostics_are_read_again_and_damaged_ones_refused(ask: Ask) -> None:
    before = read(ask.bundle)
    assert read(ask.bundle) is before
    toy.make(n=120).save(ask.bundle)
    assert len(read(ask.bundle).rows) == 120
    ask.bundle.write_bytes(b"torn")
    with pytest.raises(SuggestionError, match="damaged"):
        suggest(ask)
    ask.bundle.unlink()
    with pytest.raises(SuggestionError, match="cannot be read"):
        suggest(ask)


def test_a_blend_out_of_range_is_refused(ask: Ask) -> None:
    with pytest.raises(SuggestionError, match="blend") as raised:
        suggest(replace(ask, blend=2.0))
    assert raised.value.field == "blend"


def test_predictions_are_a_table_of_the_split(ask: Ask, bundle: DiagnosticsBundle) -> None:
    table = predict(ask.bundle, Today(), split="test").columns
    rows = np.sort(bundle.rows[bundle.split == 2])
    assert list(table["index"]) == rows.tolist()
    at = int(np.flatnonzero(bundle.rows == rows[3])[0])
    assert table["class"][3] == bundle.facts.class_names[bundle.predictions[at]]
    assert table["probability"][3] == pytest.approx(float(bundle.probabilities[at].max()))
    assert table["ood"][3] == pytest.approx(1 - table["certainty"][3], abs=1e-6)
    r = bundle.responsibilities[at].astype(float)
    assert table["responsibility_entropy"][3] == pytest.approx(-(r[r > 0] * np.log(r[r > 0])).sum(), rel=1e-5)
    assert len(predict(ask.bundle, Today()).columns["index"]) == 300
    with pytest.raises(SuggestionError, match="did you mean test"):
        predict(ask.bundle, Today(), split="tset")


def test_predictions_without_labels_name_no_class(tmp_path: Path) -> None:
    toy.make(n=120, labelled=0).save(tmp_path / "d.npz")
    table: Any = predict(tmp_path / "d.npz", Today(), split="test").columns
    assert set(table["class"]) == set(table["probability"]) == set(table["certainty"]) == {None}
    assert all(0 <= value <= 1 for value in table["ood"])


def test_suggesting_imports_neither_a_framework_nor_scipy(ask: Ask) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom rcmvae.active.stored import suggest\nfrom rcmvae.active.table import predict\n"
        "from rcmvae.diagnostics.today import Today\nfrom rcmvae.suggestions import Ask\n"
        f"path = Path({str(ask.bundle)!r})\n"
        f"for name in ('margin', 'k_center', 'ood', 'random'):\n    suggest(Ask(path, {TAU!r}, {known(toy.make(n=300, labelled=30))!r}, strategy=name, blend=0.5))\n"
        "predict(path, Today(), blend=0.5)\n"
        "assert not {'jax', 'flax', 'scipy', 'sklearn', 'pandas', 'polars', 'plotly'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_class_merged_since_is_predicted_no_more_and_its_claims_go_to_the_other(ask: Ask, bundle: DiagnosticsBundle) -> None:
    labels = {row: 0 if label == 1 else label for row, label in ask.labels.items()}
    found = suggest(replace(ask, n=30, labels=labels, merged={1: 0}))
    assert found.items
    assert 1 not in {item.predicted for item in found.items}
    kept = replace(Kept.of(bundle), claims=np.array([1, *[-1] * (len(bundle.claims) - 1)], np.int32))
    now = relabelled(kept, labels, None, TAU, {1: 0})
    assert now is not None
    assert now.claims.tolist() == [0, *[-1] * (len(bundle.claims) - 1)]
