"""Simple methods beside a model: on what they are judged, what is kept between runs, and what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.live.feed import Diagnostics, Feed
from rcmvae.diagnostics.bundle import TEST, TRAIN, VALIDATION, DiagnosticsBundle, load
from rcmvae.diagnostics.metrics import compute
from rcmvae.diagnostics.tables import tables
from rcmvae.simple import beside as module
from rcmvae.simple.beside import beside
from rcmvae.simple.methods import METHODS, Answer, Method
from rcmvae.simple.verdict import verdict
from rcmvae.simple.words import TITLES, notice
from rcmvae.warnings import notices
from tests.rcmvae.diagnostics import toy


def constant(name: str, share: float = 1.0, note: str = "") -> Method:
    """A method that gives the true class of the first part of the images, and another one of the rest."""

    def answer(known: Any, held: np.ndarray) -> Answer:
        del known
        truth = TRUTH[len(held)]
        wrong = (truth + 1) % 10
        return Answer(np.where(np.arange(len(held)) < share * len(held), truth, wrong), note)

    return Method(name, answer)


TRUTH: dict[int, np.ndarray] = {}


@pytest.fixture
def bundle() -> DiagnosticsBundle:
    """A toy model's diagnostics without simple methods."""
    made = toy.make()
    none = {name: getattr(made, name)[:0] for name in ("simple_names", "simple_held", "simple_notes")}
    found = replace(made, **none, simple_predictions=np.zeros((0, 0), np.int32))
    held = found.known_labels[found.split == TEST]
    TRUTH[len(held)] = held
    return found


def with_methods(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch, *methods: Method, **more: Any) -> DiagnosticsBundle:
    """The bundle beside these methods."""
    monkeypatch.setattr(module, "METHODS", methods)
    found = beside(bundle, toy.digits()[0], "digits", **more)
    assert found is not None
    return replace(bundle, **found.fields())


def test_they_are_judged_on_the_images_that_the_model_is_judged_on(bundle: DiagnosticsBundle) -> None:
    found = beside(bundle, toy.digits()[0], "digits")
    assert found is not None
    assert (bundle.split[found.held] == TEST).all()
    assert len(found.held) == (bundle.split == TEST).sum()
    assert found.names == tuple(TITLES)
    assert (found.predictions >= 0).all()
    own = verdict(replace(bundle, **found.fields()))
    assert own is not None
    assert own.accuracy == compute(bundle)["classification"]["accuracy"]["value"]


def test_true_classes_of_held_out_and_unlabelled_images_are_never_read(bundle: DiagnosticsBundle) -> None:
    found = beside(bundle, toy.digits()[0], "digits")
    unknown = np.where(bundle.split == TEST, np.roll(bundle.true_labels, 7), -1).astype(np.int32)
    again = beside(
        replace(bundle, true_labels=np.where(bundle.split == TEST, np.abs(unknown), -1).astype(np.int32)), toy.digits()[0], "digits"
    )
    assert found is not None
    assert again is not None
    np.testing.assert_array_equal(found.predictions, again.predictions)


def test_without_test_images_labelled_validation_images_judge_and_teach_nothing(bundle: DiagnosticsBundle) -> None:
    rows = bundle.split != TEST
    split = np.where(rows, bundle.split, VALIDATION).astype(np.uint8)
    found = beside(replace(bundle, split=split), toy.digits()[0], "digits")
    assert found is not None
    assert (split[found.held] == VALIDATION).all()


@pytest.mark.parametrize("labelled", ["none", "one class"])
def test_without_labels_of_two_classes_there_is_nothing(bundle: DiagnosticsBundle, labelled: str) -> None:
    used = np.full(len(bundle.rows), -1, np.int32)
    if labelled == "one class":
        used[np.flatnonzero(bundle.split == TRAIN)[:5]] = 3
    bare = replace(bundle, used_labels=used)
    assert beside(bare, toy.digits()[0], "digits") is None
    record = compute(bare)["simple"]["lead"]
    assert record["state"] == "skipped"
    assert tables(bare) == ()


def test_the_same_labels_are_computed_once(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    images = toy.digits()[0]
    first = beside(bundle, images, "digits", cache=tmp_path)
    monkeypatch.setattr(module, "answer_of", lambda *_: pytest.fail("computed again"))
    again = beside(bundle, images, "digits", cache=tmp_path)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.predictions, again.predictions)
    assert first.notes == again.notes
    computed = [Answer(np.zeros(len(first.held), int))] * 100
    monkeypatch.setattr(module, "answer_of", lambda *_: computed.pop())
    used = bundle.used_labels.copy()
    used[np.flatnonzero((bundle.split == TRAIN) & (used < 0))[0]] = 4
    beside(replace(bundle, used_labels=used), images, "digits", cache=tmp_path)
    beside(bundle, images, "other data", cache=tmp_path)
    assert len(computed) == 100 - 2 * len(METHODS)


@pytest.mark.parametrize("damage", [b"", b"not an archive", None])
def test_a_damaged_cache_is_computed_anew(
    bundle: DiagnosticsBundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    images, asked = toy.digits()[0], []

    def answer(known: Any, held: np.ndarray) -> Answer:
        asked.append(len(held))
        return constant("perceptron", 0.5).answer(known, held)

    monkeypatch.setattr(module, "METHODS", (Method("perceptron", answer),))
    first = beside(bundle, images, "digits", cache=tmp_path)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(path.read_bytes()[:200] if damage is None else damage)
    again = beside(bundle, images, "digits", cache=tmp_path)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.predictions, again.predictions)
    assert len(asked) == 2
    kept = beside(bundle, images, "digits", cache=tmp_path)
    assert kept is not None
    np.testing.assert_array_equal(first.predictions, kept.predictions)
    assert len(asked) == 2, "what was computed anew is not kept"


def test_one_that_fails_or_comes_too_late_is_named_and_costs_no_other(
    bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(known: Any, held: np.ndarray) -> Answer:
        raise MemoryError("no room")

    times = iter([0.0, 1.0, 2.0, 31.0])
    found = with_methods(
        bundle, monkeypatch, Method("logistic_regression", broken), constant("nearest_neighbours"), constant("perceptron"),
        clock=lambda: next(times), cache=tmp_path,
    )  # fmt: skip
    group = compute(found)["simple"]
    assert group["logistic_regression"]["reason"] == "not computed: MemoryError: no room"
    assert group["perceptron"]["reason"] == "not computed: the others took 30 s"
    assert group["nearest_neighbours"]["value"] == 1.0
    assert not list(tmp_path.iterdir()), "what is not whole is not kept"


def test_a_model_below_the_best_is_told_with_both_shares(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_methods(bundle, monkeypatch, constant("nearest_neighbours", 1.0), constant("perceptron", 0.5))
    own = verdict(found)
    assert own is not None
    assert own.best == "nearest_neighbours"
    assert own.lead == pytest.approx(own.accuracy - 1.0)
    assert own.high < 0
    words = f"Nearest neighbours with the same {own.labels} labels recognises 100.0 % of 120 held-out images, this model {100 * own.accuracy:.1f} %"
    assert own.words == words
    feed = Feed(epoch=3, diagnostics={"simple": (Diagnostics(3, {"verdict": own.plain()}),)})
    assert notices(feed)[0].text == f"{words}."
    noticed, table = tables(found)
    assert noticed.rows[0][0] == f"{words}."
    assert table.note.startswith(words)
    assert [row[0] for row in table.rows] == ["This model", "Nearest neighbours", "Small MLP"]


def test_a_model_above_all_of_them_is_not_noticed(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    found = verdict(with_methods(bundle, monkeypatch, constant("perceptron", 0.5)))
    assert found is not None
    assert found.low > 0
    assert notice({"verdict": found.plain()}) is None


def test_a_small_difference_is_said_to_be_chance(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    own = float((bundle.predictions == bundle.known_labels)[bundle.split == TEST].mean())
    found = verdict(with_methods(bundle, monkeypatch, constant("perceptron", own + 0.02)))
    assert found is not None
    assert found.low < 0 < found.high
    assert found.words.endswith("on so many images the difference may be chance")
    assert found.lead < 0
    assert notice({"verdict": found.plain()}) is None, "what chance explains is no warning"


def test_the_interval_is_that_of_paired_resamples(bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch) -> None:
    found = with_methods(bundle, monkeypatch, constant("perceptron", 0.9))
    own = verdict(found)
    assert own is not None
    truth = found.known_labels[found.simple_held]
    apart = (found.predictions[found.simple_held] == truth).astype(float) - (found.simple_predictions[0] == truth)
    rng = np.random.default_rng(0)
    means = np.array([rng.choice(apart, len(apart)).mean() for _ in range(4_000)])
    np.testing.assert_allclose([own.low, own.high], np.quantile(means, [0.025, 0.975]), atol=0.012)


def test_they_are_saved_with_the_diagnostics_and_older_ones_lack_them(
    bundle: DiagnosticsBundle, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = with_methods(bundle, monkeypatch, constant("perceptron", 0.9, "5 of 9 labels"))
    found.save(tmp_path / "new.npz")
    assert verdict(load(tmp_path / "new.npz")) == verdict(found)
    with np.load(tmp_path / "new.npz") as file:
        older = {name: file[name] for name in file.files if not name.startswith("simple_")}
    np.savez(tmp_path / "old.npz", **older)
    assert verdict(load(tmp_path / "old.npz")) is None
