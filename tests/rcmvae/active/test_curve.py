"""Label curves on small data: what is shared, what is blind, what survives a kill."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.active import curve
from rcmvae.active.stored import read
from rcmvae.diagnostics.bundle import TEST
from rcmvae.label_curve import Configuration, CurveError, CurveProgress, CurveResult, CurveRow, CurveSettings
from rcmvae.presets import PRESETS
from rcmvae.training.summary import BUNDLE_NAME
from tests.support.small_rcmvae import small_dataset
from workbench.families import Preset
from workbench.fields import ConfigError

TINY = Preset(
    "tiny", "Tiny", "For tests.",
    {"num_components": 4, "hidden_dims": (12, 8), "batch_size": 16, "labelled_batch_size": 6, "max_epochs": 2},
    sample={"num_samples": "auto", "val_split": 0.2},
)  # fmt: skip
SETTINGS = CurveSettings("blobs", "tiny", ("random", "margin"), start=3, step=2, budget=7, seeds=2)
STRATEGIES = ("random", "margin")


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    use_tiny(monkeypatch)


def use_tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    from rcmvae.training import script

    kind = replace(script.RCMVAE, presets=(*PRESETS, TINY))
    monkeypatch.setattr(script, "RCMVAE", kind)
    monkeypatch.setattr(curve, "RCMVAE", kind)


def essence(rows: Any) -> list[CurveRow]:
    """The rows without the time they took."""
    return [replace(row, seconds=0.0) for row in rows]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CurveResult, list[CurveProgress]]:
    folder = tmp_path_factory.mktemp("curves") / "curve"
    told: list[CurveProgress] = []
    with pytest.MonkeyPatch.context() as patch:
        use_tiny(patch)
        result = curve.run(SETTINGS, small_dataset(), folder, told.append)
    return folder, result, told


def test_every_round_adds_a_step_of_labels_and_no_sample_is_asked_twice(done: Any) -> None:
    _, result, told = done
    assert [(r.seed, r.strategy, r.labels) for r in result.rows] == [
        (seed, strategy, labels) for seed in (0, 1) for strategy in STRATEGIES for labels in (3, 5, 7)
    ]
    for seed in (0, 1):
        for strategy in STRATEGIES:
            asked = [row for r in result.rows if (r.seed, r.strategy) == (seed, strategy) for row in r.asked]
            assert len(asked) == len(set(asked)) == 4
            assert max(asked) < 45, "a test sample was asked for"
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 12, 12)
    assert all(0 <= row.accuracy <= 1 for row in result.rows)


def test_strategies_of_a_seed_share_their_first_round(done: Any) -> None:
    _, result, _ = done
    for seed in (0, 1):
        first = {r.strategy: r.accuracy for r in result.rows if r.seed == seed and r.round == 0}
        assert first["random"] == first["margin"]


def test_a_curve_leaves_table_figure_and_only_the_files_it_could_go_on_from(done: Any) -> None:
    folder, result, _ = done
    assert result.table.is_file()
    assert result.figure.is_file()
    assert [found.strategy for found in result.reached] == ["margin"]
    kept = sorted(p.relative_to(folder / "work").as_posix() for p in (folder / "work").glob("*/*"))
    assert kept == [f"seed-{s}/{name}" for s in (0, 1) for name in ("margin-002", "random-002", "start")]


def test_finished_rounds_are_not_computed_again(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, result, _ = done

    def never(*args: object) -> None:
        raise AssertionError("a finished round was trained again")

    monkeypatch.setattr(curve, "train", never)
    again = curve.run(SETTINGS, small_dataset(), folder)
    assert essence(again.rows) == essence(result.rows)
    fewer = curve.run(replace(SETTINGS, strategies=("margin",), seeds=1, budget=5), small_dataset(), folder)
    assert [(r.strategy, r.labels) for r in fewer.rows] == [("margin", 3), ("margin", 5)]


def test_a_bigger_budget_goes_on_from_where_the_curve_ended(tmp_path: Path) -> None:
    small = replace(SETTINGS, seeds=1, strategies=("margin",))
    curve.run(replace(small, budget=5), small_dataset(), tmp_path / "grown")
    grown = curve.run(small, small_dataset(), tmp_path / "grown")
    whole = curve.run(small, small_dataset(), tmp_path / "whole")
    assert essence(grown.rows) == essence(whole.rows)


def _killed_in_the_third_training(folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        use_tiny(patch)
        trained = 0
        real = curve.train

        def train(*args: Any) -> Any:
            nonlocal trained
            trained += 1
            if trained == 3:
                os.kill(os.getpid(), 9)
            return real(*args)

        patch.setattr(curve, "train", train)
        curve.run(replace(SETTINGS, seeds=1), small_dataset(), folder)


def test_a_killed_curve_goes_on_and_ends_as_one_that_was_not(done: Any, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_killed_in_the_third_training, args=(tmp_path / "curve",))
    process.start()
    process.join()
    assert process.exitcode == -9
    assert len(curve.files.read_rows(tmp_path / "curve")) == 2
    result = curve.run(replace(SETTINGS, seeds=1), small_dataset(), tmp_path / "curve")
    assert essence(result.rows) == [row for row in essence(done[1].rows) if row.seed == 0]


def test_missing_weights_are_named_with_the_way_out(tmp_path: Path) -> None:
    small = replace(SETTINGS, seeds=1, strategies=("random",), budget=5)
    curve.run(small, small_dataset(), tmp_path / "curve")
    weights = next((tmp_path / "curve" / "work").glob("*/random-001/kept.msgpack"))
    weights.unlink()
    with pytest.raises(CurveError, match="lacks the weights of round 1"):
        curve.run(replace(small, budget=7), small_dataset(), tmp_path / "curve")


class _LyingOracle(curve.Oracle):
    """Answers as always, but marks by permuted labels: what training and choosing do may not notice."""

    def accuracy(self, rows: np.ndarray, predictions: np.ndarray) -> float:
        return 0.0


def test_true_labels_reach_nothing_but_the_oracle(done: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = curve.train

    def train(job: Any, reporter: Any) -> Any:
        seen.append(job)
        return real(job, reporter)

    monkeypatch.setattr(curve, "train", train)
    monkeypatch.setattr(curve, "Oracle", _LyingOracle)
    result = curve.run(replace(SETTINGS, seeds=1, strategies=("margin",)), small_dataset(), tmp_path / "curve")
    assert all((job.dataset.true_labels == -1).all() for job in seen)
    assert [len(job.labels) for job in seen] == [3, 5, 7]
    truthful = [row for row in done[1].rows if row.seed == 0 and row.strategy == "margin"]
    assert [row.asked for row in result.rows] == [row.asked for row in truthful]


def test_rounds_go_on_from_the_weights_before_unless_they_are_to_be_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[Any] = []
    real = curve.train

    def train(job: Any, reporter: Any) -> Any:
        starts.append(job.start_from)
        return real(job, reporter)

    monkeypatch.setattr(curve, "train", train)
    small = replace(SETTINGS, seeds=1, strategies=("random",))
    curve.run(small, small_dataset(), tmp_path / "on")
    assert [None if path is None else path.parent.name for path in starts] == [None, "start", "random-001"]
    starts.clear()
    curve.run(replace(small, fresh=True, epochs=1), small_dataset(), tmp_path / "fresh")
    assert starts == [None, None, None]


def test_bald_runs_the_model_of_the_round_before(tmp_path: Path) -> None:
    result = curve.run(replace(SETTINGS, seeds=1, strategies=("bald",), budget=5), small_dataset(), tmp_path / "curve")
    assert len(result.rows[1].asked) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"strategies": ("random", "margni")}, "did you mean margin"),
        ({"strategies": ()}, "at least one strategy"),
        ({"strategies": ("random", "random")}, "each once"),
        ({"preset": "tinny"}, "did you mean tiny"),
        ({"start": 0}, "start must be at least 1"),
        ({"step": 0}, "step must be at least 1"),
        ({"seeds": 0}, "seeds must be at least 1"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"budget": 8}, "a whole number of steps"),
        ({"budget": 2}, "a whole number of steps"),
    ],
)
def test_settings_that_make_no_curve_are_refused_before_anything_is_written(change: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(CurveError, match=words):
        curve.run(replace(SETTINGS, **change), small_dataset(), tmp_path / "curve")
    assert not (tmp_path / "curve").exists()


def test_every_seed_draws_the_asked_number_of_samples(tmp_path: Path) -> None:
    settings = replace(SETTINGS, strategies=("random",), budget=5, seeds=1)
    curve.run(replace(settings, samples=30), small_dataset(), tmp_path / "few")
    curve.run(settings, small_dataset(), tmp_path / "all")
    few, every = (read(next((tmp_path / name).rglob(f"random-001/{BUNDLE_NAME}"))) for name in ("few", "all"))
    assert (few.split != TEST).sum() == 30
    assert (every.split != TEST).sum() > 30
    with pytest.raises(ConfigError, match="num_samples: 10000000 samples are more than there are"):
        curve.run(replace(settings, samples=10_000_000), small_dataset(), tmp_path / "more")


@pytest.mark.parametrize("strategies", [("random",), ("margin", "k_center")])
def test_where_images_run_out_the_curve_ends_and_says_so(tmp_path: Path, strategies: tuple[str, ...]) -> None:
    told: list[CurveProgress] = []
    settings = replace(SETTINGS, strategies=strategies, step=15, budget=63, epochs=1)
    result = curve.run(settings, small_dataset(), tmp_path / "curve", told.append)
    # 36 of the 45 images train
    assert [(row.seed, row.strategy, row.labels) for row in result.rows] == [
        (seed, strategy, labels) for seed in (0, 1) for strategy in strategies for labels in (3, 18, 33)
    ]
    assert result.ended == (
        "The curve ends at 33 labels, before the budget of 63: only 3 unlabelled training images whose class is known are left, "
        "fewer than a step of 15"
    )
    assert (told[-1].done, told[-1].total) == (len(result.rows), len(result.rows))
    assert curve.run(replace(settings, budget=33), small_dataset(), tmp_path / "curve").ended == ""


def test_a_step_larger_than_the_data_leaves_the_first_round(tmp_path: Path) -> None:
    result = curve.run(replace(SETTINGS, step=60, budget=63, epochs=1), small_dataset(), tmp_path / "curve")
    assert {row.labels for row in result.rows} == {3}
    assert result.ended.startswith("The curve ends at 3 labels, before the budget of 63: only 33 unlabelled")


def partly_labelled() -> tuple[Any, np.ndarray]:
    """The dataset with the class of every second image outside the test set known to nobody, and the rows whose class is known."""
    dataset = small_dataset()
    truth = np.array(dataset.true_labels)
    truth[1:45:2] = -1
    return replace(dataset, true_labels=truth), np.flatnonzero(truth != -1)


@pytest.mark.parametrize("strategy", ["bald", "margin", "k_center", "ood"])
def test_on_partly_labelled_data_a_strategy_asks_for_what_the_oracle_knows(tmp_path: Path, strategy: str) -> None:
    dataset, known = partly_labelled()
    settings = replace(SETTINGS, seeds=1, strategies=(strategy,), step=5, budget=28, epochs=1)
    result = curve.run(settings, dataset, tmp_path / "curve")
    assert len(result.rows) > 2
    assert all(np.isin(row.asked, known).all() for row in result.rows)
    assert "whose class is known" in result.ended


OWN = Configuration(
    config={"architecture": {"num_components": 5, "hidden_dims": [12, 8]}, "training": {"batch_size": 16, "labelled_batch_size": 6, "max_epochs": 3}},
    sample={"num_samples": 40, "num_labeled": 4, "sampling_seed": 11, "val_split": 0.2},
    class_names=(*small_dataset().class_names, "new"),
)  # fmt: skip
OF_A_MODEL = CurveSettings("blobs", None, ("random",), start=6, step=3, budget=9, seeds=2, fresh=True, configuration=OWN)


def test_a_models_own_configuration_is_trained_on_its_images_from_its_first_labels_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    real = curve.train
    monkeypatch.setattr(curve, "train", lambda job, reporter: (seen.append(job), real(job, reporter))[1])
    dataset = small_dataset()
    told: list[CurveProgress] = []
    rows = curve.rounds(OF_A_MODEL, dataset, tmp_path / "curve", told.append)
    assert [(row.seed, row.labels, row.epochs) for row in rows] == [(0, 6, 3), (0, 9, 3), (1, 6, 3), (1, 9, 3)]
    assert {job.resolved["num_components"] for job in seen} == {5}
    assert [job.resolved["init_seed"] for job in seen] == [0, 0, 1, 1]
    assert {job.class_names for job in seen} == {OWN.class_names}
    assert all(job.start_from is None for job in seen)
    own = curve.drawn(dataset, OWN.sample)
    given = set(own["initially_labelled"].tolist())
    assert len(given) == 4
    for job in seen:
        np.testing.assert_array_equal(job.sample["train"], own["train"])
        assert given <= set(job.labels) <= set(own["train"].tolist())
        assert all(label == dataset.true_labels[row] for row, label in job.labels.items())
    assert set(seen[0].labels) < set(seen[1].labels), "a round forgot labels of the one before"
    assert set(seen[0].labels) != set(seen[2].labels), "two draws are the same"
    shares = [now.fraction for now in told if now.done == 0]
    assert shares == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert not (tmp_path / "curve" / "work").exists(), "what no later round needs was kept"
    assert not list((tmp_path / "curve").glob("*.html"))


def test_more_draws_and_labels_go_on_from_a_models_curve_without_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = curve.rounds(OF_A_MODEL, small_dataset(), tmp_path / "curve")
    trained: list[Any] = []
    real = curve.train
    monkeypatch.setattr(curve, "train", lambda job, reporter: (trained.append(job), real(job, reporter))[1])
    more = curve.rounds(replace(OF_A_MODEL, budget=12, seeds=3), small_dataset(), tmp_path / "curve")
    assert len(trained) == 9 - 4
    assert essence(more[:2]) == essence(first[:2])
    longer = {**OWN.config, "training": {**OWN.config["training"], "max_epochs": 4}}
    with pytest.raises(CurveError, match=r"configuration.config.training.max_epochs was 3, now 4"):
        curve.rounds(replace(OF_A_MODEL, configuration=replace(OWN, config=longer)), small_dataset(), tmp_path / "curve")
    renamed = replace(OF_A_MODEL, configuration=replace(OWN, class_names=tuple(f"renamed {name}" for name in OWN.class_names)))
    assert essence(curve.rounds(renamed, small_dataset(), tmp_path / "curve")) == essence(first)


def test_merged_classes_count_as_one_for_labels_and_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real = curve.train
    monkeypatch.setattr(curve, "train", lambda job, reporter: (seen.append(job), real(job, reporter))[1])
    merged = replace(OF_A_MODEL, seeds=1, configuration=replace(OWN, merged=((1, 0),)))
    curve.rounds(merged, small_dataset(), tmp_path / "curve")
    assert all(1 not in job.labels.values() for job in seen)
    oracle = curve.Oracle(small_dataset(), {1: 0})
    test = np.asarray(small_dataset().test)
    truth = np.asarray(small_dataset().true_labels)[test]
    assert oracle.accuracy(test, np.where(truth == 1, 0, truth)) == 1


def test_random_labels_are_asked_only_of_whom_the_oracle_knows(tmp_path: Path) -> None:
    dataset = small_dataset()
    truth = np.array(dataset.true_labels)
    own = curve.drawn(dataset, OWN.sample)
    free = np.setdiff1d(own["train"], own["initially_labelled"])
    truth[free[: len(free) // 2]] = -1
    half = replace(dataset, true_labels=truth)
    known = np.flatnonzero(truth != -1)
    settings = replace(OF_A_MODEL, seeds=1, epochs=1)
    rows = curve.rounds(settings, half, tmp_path / "curve")
    assert all(np.isin(row.asked, known).all() for row in rows)
    more = curve.rounds(replace(settings, budget=6 + 3 * 20), half, tmp_path / "more")
    free = len(np.intersect1d(curve.drawn(half, OWN.sample)["train"], known)) - 6
    assert [row.labels for row in more] == list(range(6, 6 + 3 * (free // 3) + 1, 3))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"preset": "tiny"}, "either a preset or a model's configuration"),
        ({"configuration": None}, "either a preset or a model's configuration"),
        ({"samples": 30}, "a model has its own images"),
        ({"start": 3, "budget": 9}, "the model began with 4 labels"),
    ],
)
def test_what_a_model_cannot_be_asked_is_refused(change: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(CurveError, match=words):
        curve.run(replace(OF_A_MODEL, **change), small_dataset(), tmp_path / "curve")
    assert not (tmp_path / "curve").exists()
