"""Imported datasets in the workbench: artefacts, commands, undo, use by models, audit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rcmvae.holding import held
from workbench.audit import audit, audit_datasets
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.families import model_type
from workbench.ids import dataset_slug
from workbench.services.presets import sample_from
from workbench.settings import Settings
from workbench.state import DatasetRecord, Kind
from workbench.workbench import Workbench

IMAGES = np.random.default_rng(4).integers(0, 256, (60, 8, 8), dtype=np.uint8)
LABELS = np.arange(60) % 3


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    """A workbench on the real families."""
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    yield opened
    opened.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    np.savez_compressed(tmp_path / "mine.npz", images=IMAGES, labels=LABELS)
    return tmp_path / "mine.npz"


def imported(bench: Workbench, source: Path, name: str = "Mine") -> DatasetRecord:
    return bench.datasets.import_data(actor="me", path=source, name=name).record


def artefact(bench: Workbench, record: DatasetRecord) -> Path:
    assert record.manifest is not None
    return bench.artefacts.path(record.manifest.files[0].path)


def make(bench: Workbench, dataset_id: str, **sample: Any) -> Any:
    sample = {"num_samples": "auto", "num_labeled": 6} | sample
    return bench.models.create(actor="me", family="rcmvae", model_type="rcmvae", dataset_id=dataset_id, values={}, sample=sample)


def test_an_import_is_an_artefact_with_a_manifest_and_outlives_its_source(bench: Workbench, source: Path, home: Path) -> None:
    record = imported(bench, source)
    assert (record.id, record.status, record.source, record.family) == ("mine", "ready", "npz", "rcmvae")
    source.unlink()
    bench.close()
    again = Workbench.open(Settings.load(home=home))
    loaded = again.datasets.load("mine")
    assert np.array_equal(loaded.images[..., 0], IMAGES)
    assert np.array_equal(loaded.true_labels, LABELS)
    assert loaded.manifest == record.manifest
    assert loaded.manifest.files[0].sha256
    assert again.datasets.load("mine") is loaded
    assert not loaded.images.flags.writeable
    facts = again.datasets.facts("mine")
    assert (facts.n_train, facts.n_test, facts.has_labels) == (48, 12, True)
    again.close()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My digits", "my_digits"),
        ("Röntgen 2024", "rontgen_2024"),
        ("2024!", "data_2024"),
        ("花", "data"),
        ("../x", "x"),
        ("a" * 90, "a" * 36),
    ],
)
def test_ids_are_made_from_names(bench: Workbench, source: Path, name: str, slug: str) -> None:
    assert dataset_slug(name) == slug
    assert imported(bench, source, name).id == slug
    assert imported(bench, source, f"{name} ?").id in (f"{slug}_2", "a" * 36 + "_2")


@pytest.mark.parametrize("name", ["New", "Compare!"])
def test_no_id_is_a_word_that_stands_in_addresses(bench: Workbench, source: Path, name: str) -> None:
    assert imported(bench, source, name).id == f"{dataset_slug(name)}_2"
    assert imported(bench, source, f"{name} ?").id == f"{dataset_slug(name)}_3"


def test_an_id_is_never_that_of_another_dataset_not_even_of_a_deleted_one(bench: Workbench, source: Path) -> None:
    assert imported(bench, source, "Digits").id == "digits_2"
    bench.datasets.delete(actor="me", dataset_id=imported(bench, source).id)
    assert imported(bench, source).id == "mine_2"
    assert bench.datasets.restore(actor="me", dataset_id="mine").name == "Mine (2)"


def test_a_taken_name_is_refused_before_anything_is_read_or_written(bench: Workbench, source: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is a dataset named MNIST already") as caught:
        imported(bench, tmp_path / "gone.npz", "mnist")
    assert caught.value.code == "conflict"
    assert bench.artefacts.files("datasets") == ()


def test_what_cannot_be_read_leaves_nothing_behind(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(b"PK")
    with pytest.raises(DatasetError):
        imported(bench, tmp_path / "mine.npz")
    assert "mine" not in bench.state().datasets
    assert bench.artefacts.files("datasets") == ()


def test_a_family_that_takes_no_data_is_named(bench: Workbench, source: Path) -> None:
    with pytest.raises(CommandError, match="No family nobody takes in data"):
        bench.datasets.import_data(actor="me", path=source, name="Mine", family="nobody")


def test_a_model_is_made_on_it_like_on_a_built_in_one_and_keeps_it_from_being_deleted(bench: Workbench, source: Path) -> None:
    model = make(bench, imported(bench, source).id)
    assert (held(model).sample.n_train + held(model).sample.n_validation, held(model).sample.n_test, held(model).class_names) == (
        48,
        12,
        ("0", "1", "2"),
    )
    with pytest.raises(CommandError, match="Mine is used by") as caught:
        bench.datasets.delete(actor="me", dataset_id="mine")
    assert caught.value.code == "conflict"
    bench.models.delete(actor="me", model_id=model.id)
    bench.datasets.delete(actor="me", dataset_id="mine")
    with pytest.raises(CommandError, match="was deleted"):
        make(bench, "mine")


def test_the_sample_to_start_from_fits_whatever_was_imported(bench: Workbench, tmp_path: Path) -> None:
    cases = {
        "labelled": {"images": IMAGES, "labels": LABELS},
        "unlabelled": {"images": IMAGES},
        "hardly labelled": {"images": IMAGES, "labels": np.where(np.arange(60) < 6, LABELS, -1)},
        "large": {"images": np.zeros((9000, 4, 4), np.uint8), "labels": np.where(np.arange(9000) < 300, np.arange(9000) % 3, -1)},
    }
    for name, arrays in cases.items():
        np.savez_compressed(tmp_path / "mine.npz", **arrays)  # type: ignore[arg-type]
        source = bench.datasets.source(imported(bench, tmp_path / "mine.npz", name).id)
        model = make(bench, source.id, **source.default_sample)
        assert held(model).sample.n_labelled == source.default_sample["num_labeled"]
        assert held(model).sample.n_test == source.facts.n_test


def test_a_preset_wins_over_the_size_that_imported_data_starts_from(bench: Workbench, tmp_path: Path) -> None:
    kind = model_type("rcmvae", "rcmvae")
    presets = {preset.name: preset for preset in kind.presets}
    np.savez_compressed(
        tmp_path / "mine.npz", images=np.zeros((9000, 4, 4), np.uint8), labels=np.where(np.arange(9000) < 300, np.arange(9000) % 3, -1)
    )
    source = bench.datasets.source(imported(bench, tmp_path / "mine.npz", "large").id)
    assert source.default_sample["num_samples"] == 1024
    wanted = sample_from(kind, source, presets["semi_supervised_digits"])
    assert (wanted["num_samples"], wanted["num_labeled"]) == ("auto", source.default_sample["num_labeled"])
    assert sample_from(kind, source, presets["custom"]) == source.default_sample
    assert held(make(bench, source.id, **wanted)).sample.n_labelled == wanted["num_labeled"]


def test_a_part_of_the_data_is_said_in_words_and_all_of_it_is_not(bench: Workbench, source: Path) -> None:
    imported(bench, source)
    assert bench.models.part_words(make(bench, "mine", num_samples=40, num_labeled=5, val_split=0.25)) == "Trains on 30 of 48."
    assert bench.models.part_words(make(bench, "mine")) is None


def test_more_labelled_than_total_is_refused(bench: Workbench, source: Path) -> None:
    imported(bench, source)
    with pytest.raises(CommandError, match="50 labelled samples are more than the 40 samples in total"):
        make(bench, "mine", num_samples=40, num_labeled=50)


def test_an_import_is_undone_and_redone_unless_a_model_was_made_on_it(bench: Workbench, source: Path) -> None:
    imported(bench, source)
    assert bench.undo_words("me") == "Import the dataset Mine"
    bench.undo(actor="me")
    assert "mine" not in bench.state().datasets
    bench.redo(actor="me")
    assert np.array_equal(bench.datasets.load("mine").images[..., 0], IMAGES)
    model = bench.models.create(
        actor="other", family="rcmvae", model_type="rcmvae", dataset_id="mine", values={}, sample={"num_samples": "auto", "num_labeled": 6}
    )
    bench.models.delete(actor="other", model_id=model.id)
    with pytest.raises(CommandError, match="has models by now, so its import cannot be undone"):
        bench.undo(actor="me")
    assert [e.words for e in bench.history(Kind.DATASET, "mine")][-1] == "Import the dataset Mine"


def changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (Path.unlink, "The dataset Mine cannot be read. The file datasets/.* is missing .*Restore it from a backup"),
        (changed, "The dataset Mine cannot be read. The file .* is not what was written: its sha256 differs"),
        (lambda path: path.write_bytes(path.read_bytes()[:100]), "is not what was written: its sha256 differs"),
    ],
    ids=["missing", "changed", "truncated"],
)
def test_a_spoiled_artefact_is_an_error_in_words_wherever_it_matters(bench: Workbench, source: Path, spoil: Any, words: str) -> None:
    record = imported(bench, source)
    model = make(bench, "mine")
    assert [found.problem for found in audit_datasets(bench)] == [None]
    spoil(artefact(bench, record))
    with pytest.raises(DatasetError, match=words):
        bench.datasets.load("mine")
    with pytest.raises(CommandError, match=words):
        bench.runs.start(actor="me", model_id=model.id)
    with pytest.raises(CommandError, match=words):
        make(bench, "mine")
    (found,) = audit_datasets(bench)
    assert found.problem is not None
    (result,) = audit(bench)
    assert result.problems == (found.problem,)
    assert bench.datasets.problem("digits") is None


def test_imported_datasets_follow_the_built_in_ones_on_offer(bench: Workbench, source: Path) -> None:
    from workbench.families import family

    for name in ("Zebra", "ant"):
        imported(bench, source, name)
    bench.datasets.delete(actor="me", dataset_id=imported(bench, source, "Gone").id)
    assert [s.name for s in bench.datasets.sources(family("rcmvae"))][-3:] == ["Fashion-MNIST", "ant", "Zebra"]
