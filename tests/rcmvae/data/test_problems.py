"""What is wrong with data: each kind planted, and found with its rows; clean data has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rcmvae.data import measured
from rcmvae.data.measured import NEAR, measure
from rcmvae.data.problems import Part, problems_of

N, TEST = 60, tuple(range(50, 60))


def clean(shape: tuple[int, ...] = (8, 8, 1), dtype: str = "float32") -> np.ndarray:
    """Images that are far from each other and of like brightness."""
    images = np.random.default_rng(3).random((N, *shape))
    return (images * 255).astype(np.uint8) if dtype == "uint8" else images.astype(np.float32)


def part(**more: Any) -> Part:
    """A sample of 40 training, 10 validation and 10 test images, three classes, every sixth image labelled."""
    truth = np.arange(N, dtype=np.int32) % 3
    given = {row: int(truth[row]) for row in range(0, 40, 5)}
    return Part(**{
        "train": np.arange(40), "validation": np.arange(40, 50), "test": np.array(TEST), "labels": given, "truth": truth,
        "class_names": ("a", "b", "c"),
    } | more)  # fmt: skip


def found(images: np.ndarray, **more: Any) -> dict[str, Any]:
    """Problems by key."""
    return {problem.key: problem for problem in problems_of(measure(images, np.array(TEST)), part(**more))}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_clean_images_have_no_problem(dtype: str) -> None:
    assert found(clean(dtype=dtype)) == {}


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_a_test_image_that_is_trained_on_is_found(dtype: str) -> None:
    images = clean(dtype=dtype)
    images[52] = images[7]
    images[53] = images[45]
    problems = found(images, truth=np.zeros(N, np.int32), labels=dict.fromkeys(range(3), 0), class_names=("a",))
    assert problems.keys() == {"test_in_training"}
    assert problems["test_in_training"].rows == (52, 53)
    assert problems["test_in_training"].grave
    assert problems["test_in_training"].title.startswith("2 images held out")


def test_an_image_outside_the_models_sample_is_no_problem_of_it() -> None:
    images = clean()
    images[52] = images[7]
    assert "test_in_training" not in found(images, train=np.arange(8, 40))


def test_identical_images_of_other_classes_contradict_by_the_labels_of_now() -> None:
    images = clean()
    images[1] = images[0]
    truth = np.arange(N, dtype=np.int32) % 3
    truth[1] = 0
    assert "contradicting" not in found(images, truth=truth)
    assert found(images, truth=truth, labels={0: 0, 1: 2, 2: 1})["contradicting"].rows == (0, 1)
    assert "repeated" not in found(images, truth=truth, labels={0: 0, 1: 2, 2: 1})
    assert found(images, truth=truth)["repeated"].rows == (0, 1)


def test_broken_empty_and_odd_images_are_told_apart() -> None:
    images = clean()
    images[3, 2, 2] = np.nan
    images[4] = 0.25
    images[5] = 0.98 + 0.02 * images[5]
    problems = found(images)
    assert (problems["broken"].rows, problems["constant"].rows, problems["brightness"].rows) == ((3,), (4,), (5,))
    assert len(problems) == 3
    assert problems["broken"].grave


@pytest.mark.parametrize(("shape", "off"), [((8, 8, 1), 0.5), ((40, 33, 3), 0.5), ((8, 8, 1), 1.5), ((40, 33, 3), 1.5)])
def test_nearly_identical_test_images_are_found_up_to_the_limit_whatever_the_size(shape: tuple[int, ...], off: float) -> None:
    images = clean(shape) * 0.9
    noise = np.random.default_rng(5).choice([-1.0, 1.0], shape)
    images[55] = np.clip(images[9] + off * NEAR * noise, 0, 1)
    distance = np.sqrt(((images[55] - images[9]) ** 2).mean())
    assert ("near_test" in found(images)) == (distance <= NEAR)
    assert (distance <= NEAR) == (off < 1)


def test_what_is_averaged_is_never_further_apart_than_the_images() -> None:
    images = clean((37, 19, 3))
    small = measured._averaged(images)
    for one, other in ((0, 1), (2, 3), (4, 5)):
        apart = ((images[one].astype(np.float64) - images[other]) ** 2).mean()
        assert ((small[one] - small[other]) ** 2).sum() <= apart + 1e-6
    flat = np.full((2, 37, 19, 3), 0.25, np.float32)
    flat[1] = 0.75
    assert ((measured._averaged(flat)[0] - measured._averaged(flat)[1]) ** 2).sum() == pytest.approx(0.25, rel=1e-4)


def test_too_many_pairs_are_not_looked_through_and_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    images = clean()
    images[55] = images[9] + 0.001
    monkeypatch.setattr(measured, "MOST_PAIRS", 10)
    assert not measure(images, np.array(TEST)).near_known


def test_classes_without_labels_and_too_small_ones_are_named() -> None:
    truth = np.zeros(N, np.int32)
    truth[:2] = 1
    problems = found(clean(), truth=truth, labels={5: 0}, class_names=("zero", "../odd", "third"))
    assert problems["without_labels"].names == ("../odd", "third")
    assert problems["small_classes"].names == ("../odd",)
    assert problems["small_classes"].count == 1


def test_data_without_known_classes_has_no_small_ones() -> None:
    nothing = np.full(N, -1, np.int32)
    assert found(clean(), truth=nothing, labels={}, class_names=()) == {}
    assert "small_classes" not in found(clean(), truth=nothing, labels={0: 0, 1: 0, 45: 0}, class_names=("a",))


def test_there_may_be_no_test_set_and_no_image_outside_it() -> None:
    images = clean()
    none = np.array([], np.int64)
    assert not (measure(images, none).near >= 0).any()
    assert not (measure(images, np.arange(N)).near >= 0).any()


def test_progress_ends_at_its_end() -> None:
    told: list[tuple[int, int]] = []
    measure(clean(), np.array(TEST), lambda done, total: told.append((done, total)))
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_measurements_are_kept_by_content_and_damage_is_measured_again(bench: Any) -> None:
    content = measured.measure_dataset(bench, "digits")
    kept = measured.kept(bench.artefacts, content)
    assert kept is not None
    again = measure(bench.datasets.load("digits").images, bench.datasets.load("digits").test)
    for name, array in vars(again).items():
        assert np.array_equal(getattr(kept, name), array), name
    path = bench.artefacts.path(measured.kept_name(content))
    before = path.stat().st_mtime_ns
    measured.measure_dataset(bench, "digits")
    assert path.stat().st_mtime_ns == before
    path.write_bytes(b"torn")
    assert measured.kept(bench.artefacts, content) is None
    measured.measure_dataset(bench, "digits")
    assert measured.kept(bench.artefacts, content) is not None
