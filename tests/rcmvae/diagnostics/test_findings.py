"""Runs that are made to neglect or collapse are told so, while they train, when they end and in the report; good ones hear nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.data import digits
from rcmvae.diagnostics.bundle import TEST, DiagnosticsBundle, load
from rcmvae.diagnostics.findings import findings
from rcmvae.diagnostics.present import present
from rcmvae.diagnostics.tables import tables
from rcmvae.diagnostics.today import Today
from rcmvae.training.script import make_job
from rcmvae.training.trainer import train
from tests.rcmvae.diagnostics import toy
from tests.rcmvae.following import Followed


@dataclass(frozen=True)
class Ended:
    """A run of the digits: what was noticed after each epoch and at the end, its diagnostics, and what is known of the model."""

    during: list[list[str]]
    at_end: list[str]
    bundle: DiagnosticsBundle
    found: list[str]
    today: Today


def trained(folder: Path, preset: str, epochs: int, *, labels: Mapping[int, int] | None = None, **values: Any) -> Ended:
    job = make_job(digits.load(), folder=folder, preset=preset, values={**values, "max_epochs": epochs}, sample={"num_samples": "auto"})
    reporter = Followed()
    summary = train(job if labels is None else replace(job, labels=labels), reporter)
    assert summary.bundle is not None
    bundle = load(summary.bundle)
    return Ended(reporter.noticed, reporter.texts(), bundle, [notice.text for notice in findings(bundle)], Today(resolved=job.resolved))


@pytest.fixture(scope="module")
def collapsed(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A mixture that is paid for uneven use and learns nothing from labels."""
    return trained(tmp_path_factory.mktemp("collapsed"), "mixture_10", 14, component_diversity_weight=-5.0, label_weight=0.0)


@pytest.fixture(scope="module")
def neglecting(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A model with a classifier head that was taught one image each of 3 and 8, and a dozen of every other digit."""
    folder = tmp_path_factory.mktemp("neglecting")
    job = make_job(digits.load(), folder=folder, preset="standard_baseline", sample={"num_samples": "auto"})
    seen: dict[int, int] = {}
    labels = {}
    for row, label in sorted(job.labels.items()):
        seen[label] = seen.get(label, 0) + 1
        if label not in (3, 8) or seen[label] == 1:
            labels[row] = label
    return trained(folder, "standard_baseline", 25, labels=labels)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return trained(tmp_path_factory.mktemp("good"), "mixture_10", 60)


def test_a_good_run_hears_nothing_at_any_time(good: Ended) -> None:
    assert good.during == [[]] * 59
    assert good.at_end == good.found == []
    assert [table.title for table in tables(good.bundle)] == ["Beside simple methods"]
    assert len(present(good.bundle, good.today).notices) == 0


def test_one_component_that_takes_all_is_told_while_it_trains_and_afterwards(collapsed: Ended) -> None:
    words = "Nearly all data goes through one component"
    assert any(text.startswith(words) for text in collapsed.during[-1])
    assert any(text.startswith(words) for text in collapsed.found)


def test_classes_that_no_component_stands_for_are_named_while_it_trains(collapsed: Ended) -> None:
    assert any(text.startswith("No component stands for 9 labelled classes") for text in collapsed.during[-1])
    assert not any("No component stands" in text for text in collapsed.during[4]), "a few epochs prove nothing"


def test_labels_in_one_component_classes_never_said_and_better_simple_methods_are_told_at_the_end(collapsed: Ended) -> None:
    assert any(text.startswith("The 128 labels of 10 classes lie in 1.0 effective components of 10") for text in collapsed.found)
    never = next(text for text in collapsed.found if "hardly ever predicted" in text)
    assert never.startswith("9 classes are hardly ever predicted")
    assert never in collapsed.at_end
    assert "with the same 128 labels recognises" in collapsed.found[0]


def test_classes_with_one_label_are_told_by_name(neglecting: Ended) -> None:
    told = [text for text in neglecting.found if "hardly ever predicted" in text or text.startswith("Low recall")]
    assert told
    assert all(text in neglecting.at_end for text in told)
    bundle, words = neglecting.bundle, " ".join(told)
    test = bundle.split == TEST
    recalls = {y: float((bundle.predictions[test & (bundle.true_labels == y)] == y).mean()) for y in range(10)}
    worst = min(recalls, key=lambda y: recalls[y])
    assert worst in (3, 8)
    assert f"Class {worst} is" in words or f"Low recall of {worst} (" in words or f"({worst}, " in words
    well = [label for label, recall in recalls.items() if recall > 0.6]
    assert len(well) >= 6
    for label in well:
        assert f"{label} (" not in words
        assert f"Class {label} " not in words


def test_the_report_lists_what_to_notice_first_and_diagnose_shows_the_same(neglecting: Ended) -> None:
    first = tables(neglecting.bundle)[0]
    assert first.title == "What to notice"
    assert [row[0] for row in first.rows] == neglecting.found
    assert all(row[1] for row in first.rows), "each says what may help"
    assert [notice.text for notice in present(neglecting.bundle, neglecting.today).notices] == neglecting.found


def test_what_is_said_goes_with_its_reason(neglecting: Ended) -> None:
    bundle = neglecting.bundle
    cured = replace(bundle, predictions=np.where(bundle.true_labels >= 0, bundle.true_labels, bundle.predictions).astype(np.int32))
    assert findings(cured) == ()


def test_without_test_images_labelled_ones_are_judged_and_without_labels_nothing_is_said() -> None:
    made = toy.make()
    known = made.used_labels == 4
    wrong = replace(made, predictions=np.where(known, 5, made.predictions).astype(np.int32), split=np.zeros_like(made.split))
    wrong = replace(
        wrong,
        **{name: getattr(made, name)[:0] for name in ("simple_names", "simple_held", "simple_notes")},
        simple_predictions=np.zeros((0, 0), np.int32),
    )
    assert any("labelled images" in notice.text and "4" in notice.text for notice in findings(wrong))
    assert findings(toy.make(labelled=0)) == ()
