"""Samples of any dataset: disjoint, of the right sizes, stratified, repeatable; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rcmvae.checks import check_sample, validation_size
from rcmvae.config import SampleSettings
from rcmvae.data import digits
from rcmvae.data.about import manifest_of
from rcmvae.data.catalogue import DIGITS_FACTS
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.sampling import draw_sample, facts_of
from workbench.fields import ConfigError


def dataset(labels: Any, test: Any = (), classes: int | None = None) -> LoadedDataset:
    """Blank images with these labels."""
    true_labels = np.asarray(labels, np.int32)
    names = tuple(str(k) for k in range(int(true_labels.max(initial=-1)) + 1 if classes is None else classes))
    images = np.zeros((len(true_labels), 4, 4, 1), np.uint8)
    kept = np.asarray(test, np.int32)
    manifest = manifest_of(images, true_labels, kept, names, source="blank", loader_version=1)
    return LoadedDataset(images, true_labels, kept, manifest)


@st.composite
def datasets(draw: st.DrawFn) -> LoadedDataset:
    """A few classes of any sizes, some images of unknown class, some in the test set; every class outside it at least once."""
    sizes = draw(st.lists(st.integers(1, 40), min_size=1, max_size=6))
    unknown = draw(st.integers(0, 30))
    labels = np.repeat([*range(len(sizes)), -1], [*sizes, unknown])
    labels = np.random.default_rng(draw(st.integers(0, 99))).permutation(labels)
    first = [np.flatnonzero(labels == k)[0] for k in range(len(sizes))]
    others = np.setdiff1d(np.arange(len(labels)), first)
    test = others[: draw(st.integers(0, len(others)))]
    return dataset(labels, test)


def drawn(data: LoadedDataset, **values: Any) -> dict[str, np.ndarray]:
    return draw_sample(data, SampleSettings(**values))


@settings(deadline=None)
@given(datasets(), st.data())
def test_any_sample_that_passes_the_checks_keeps_every_promise(data: LoadedDataset, choose: st.DataObject) -> None:
    n_pool, classes = len(data.images) - len(data.test), len(data.class_names)
    total = choose.draw(st.integers(classes, n_pool))
    share = choose.draw(st.sampled_from([0.0, 0.1, 0.25, 0.5]))
    labelled = choose.draw(st.integers(0, total))
    seed = choose.draw(st.integers(0, 2**32 - 1))
    wanted = SampleSettings(num_samples=total, num_labeled=labelled, sampling_seed=seed, val_split=share)
    assume(not check_sample(wanted, facts_of(data)))
    known = data.true_labels[draw_sample(data, wanted.model_copy(update={"num_labeled": 0}))["train"]] >= 0
    if labelled > known.sum():
        with pytest.raises(ConfigError, match="whose class is known"):
            draw_sample(data, wanted)
        return
    sets = draw_sample(data, wanted)
    train, validation, test, given_labels = (sets[n] for n in ("train", "validation", "test", "initially_labelled"))
    assert all(rows.dtype == np.int32 for rows in sets.values())
    assert all((np.diff(rows) > 0).all() for rows in sets.values())
    everything = np.concatenate([train, validation, test])
    assert len(np.unique(everything)) == len(everything)
    assert np.array_equal(test, np.sort(data.test))
    assert len(train) + len(validation) == total
    assert len(validation) <= validation_size(total, share)
    assert np.isin(given_labels, train).all()
    assert len(given_labels) == labelled
    assert (data.true_labels[given_labels] >= 0).all()
    assert set(range(classes)) <= set(data.true_labels[train].tolist())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None)
def test_the_same_settings_draw_the_same_sample(seed: int) -> None:
    first, second = (drawn(digits.load(), num_samples=500, sampling_seed=seed) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_another_seed_draws_another_sample_and_keeps_the_test_set() -> None:
    first, second = (drawn(digits.load(), num_samples=500, sampling_seed=seed) for seed in (0, 1))
    assert np.array_equal(first["test"], second["test"])
    assert not np.array_equal(first["train"], second["train"])


def test_digits_give_all_images_outside_the_test_set_by_class() -> None:
    data = digits.load()
    sets = drawn(data, num_samples="auto")
    assert {name: len(rows) for name, rows in sets.items()} == {"train": 1293, "validation": 144, "test": 360, "initially_labelled": 128}
    assert set(np.bincount(data.true_labels[sets["initially_labelled"]]).tolist()) == {12, 13}
    share = np.bincount(data.true_labels[sets["validation"]]) / np.bincount(np.delete(data.true_labels, data.test))
    assert np.abs(share - 0.1).max() < 0.01


def test_more_labels_contain_fewer_and_leave_training_and_validation_alone() -> None:
    few, many = (drawn(digits.load(), num_samples="auto", num_labeled=n) for n in (50, 300))
    assert np.isin(few["initially_labelled"], many["initially_labelled"]).all()
    assert np.array_equal(few["train"], many["train"])
    assert np.array_equal(few["validation"], many["validation"])


def test_labels_fall_back_on_other_classes_when_one_runs_out() -> None:
    data = dataset([0] * 3 + [1] * 50 + [2] * 50)
    sets = drawn(data, num_samples="auto", num_labeled=33, val_split=0.0)
    assert np.bincount(data.true_labels[sets["initially_labelled"]]).tolist() == [3, 15, 15]


def test_fewer_labels_than_classes_go_to_distinct_classes() -> None:
    sets = drawn(digits.load(), num_samples="auto", num_labeled=4)
    assert len(set(digits.load().true_labels[sets["initially_labelled"]].tolist())) == 4


def test_a_single_image_of_a_class_stays_in_training() -> None:
    data = dataset([0] + [1] * 99)
    assert 0 in drawn(data, num_samples="auto", num_labeled=2, val_split=0.5)["train"]


def test_no_validation_share_means_no_validation_images() -> None:
    assert drawn(digits.load(), num_samples=200, val_split=0.0)["validation"].size == 0


def test_unlabelled_data_is_sampled_without_labels() -> None:
    sets = drawn(dataset([-1] * 30), num_samples=20, num_labeled=0)
    assert (len(sets["train"]), len(sets["validation"]), len(sets["initially_labelled"])) == (18, 2, 0)


@pytest.mark.parametrize(
    ("data", "values", "name", "words"),
    [
        (dataset([0, 1] * 20), {"num_samples": 10, "num_labeled": 11}, "num_labeled", "11 labelled samples are more than the 10 samples in total"),
        (dataset([0, 1] * 20), {"num_samples": 41, "num_labeled": 1}, "num_samples", "more than there are: the dataset has 40 images"),
        (dataset([0, 1, 2] * 20), {"num_samples": 2, "num_labeled": 0}, "num_samples", "2 samples are fewer than the 3 classes"),
        (dataset([0, 2] * 20), {"num_samples": 10, "num_labeled": 0}, "dataset", "no image outside the test set has the class 1"),
        (dataset([0, 1, 1, 1], test=[0]), {"num_samples": 3, "num_labeled": 0}, "dataset", "no image outside the test set has the class 0"),
        (dataset([0, 1] * 5 + [-1] * 90), {"num_samples": 100, "num_labeled": 50}, "num_labeled", "training images whose class is known"),
        (dataset([-1] * 40), {"num_samples": 10, "num_labeled": 5}, "num_labeled", "dataset without labels"),
    ],
    ids=["more labelled than total", "more than there are", "fewer than classes", "an empty class", "a class only in the test set", "unknown", "unlabelled"],
)  # fmt: skip
def test_what_a_dataset_cannot_give_is_refused_at_its_setting(data: LoadedDataset, values: dict[str, Any], name: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        drawn(data, **values)
    assert [p.path for p in caught.value.problems] == [name]
    assert caught.value.problems[0].hint


def test_facts_of_loaded_data_are_those_of_the_catalogue() -> None:
    assert facts_of(digits.load()) == DIGITS_FACTS
