"""Files made of a model: what is in them, names that no system refuses, and labels that changed since."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from PIL import Image

from rcmvae.data.own.options import ImportOptions
from rcmvae.data.own.read import read_import
from rcmvae.exporting import EXPORTS, PARTS
from rcmvae.exporting.folders import folder_names
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError
from workbench.families import family
from workbench.layered.resolve import resolve
from workbench.services import exports
from workbench.services.layered import create_model

HOSTILE = ("a/b", "..", ".hidden", "con", "C:\\x", "café", "cafe\u0301", "🐈", "  ", "A/B", "x" * 300, "end.", "tab\there", "...")
"""Names of classes that file systems would refuse, hide or confuse."""


def read(bench: Any, model: Any, name: str, part: str = "") -> bytes:
    """An export's bytes."""
    return exports.make(bench, model.id, name, part).read_bytes()


def test_folders_of_hostile_names_are_safe_and_all_different() -> None:
    found = folder_names(HOSTILE)
    assert len({name.casefold() for name in found}) == len(HOSTILE)
    for name in found:
        assert name not in ("", ".", "..")
        assert not name.startswith(".")
        assert not name.endswith((" ", "."))
        assert not set(name) & set('/\\:*?"<>|\t\n')
        assert len(name.encode()) <= 110
        assert name.casefold() != "con"
    assert found[7] == "🐈"
    assert folder_names(("0", "1", "T-shirt, top")) == ("0", "1", "T-shirt, top")
    assert folder_names(("a", "A", "a 2", "a")) == ("a", "A 2", "a 2 2", "a 3")


def test_every_export_that_is_offered_is_made_and_its_size_is_told_before(bench: Any, ready: Any) -> None:
    skipped = {"report"}  # a real run writes it
    for offer in exports.offers(bench, ready.id):
        if offer.export.name in skipped:
            continue
        assert not offer.reason, offer
        assert offer.size is not None
        made = exports.make(bench, ready.id, offer.export.name).stat().st_size
        if offer.size.exact:
            assert offer.size.bytes == made, offer.export.name
        else:
            assert made / 4 < offer.size.bytes < made * 4, (offer.export.name, made, offer.size.bytes)
        after = exports.offer(bench, ready.id, offer.export.name)
        assert after.size is not None
        assert (after.size.bytes, after.size.exact) == (made, True)


def test_a_model_without_weights_says_what_it_cannot_give_and_gives_the_rest(bench: Any, model: Any) -> None:
    found = {offer.export.name: offer.reason for offer in exports.offers(bench, model.id)}
    able = {name for name, reason in found.items() if not reason}
    assert able == {"config", "labels.csv", "labelled.zip", "labelled.npz"}
    assert "never trained" in found["weights"]
    assert "Train it first." in found["predictions.csv"]
    with pytest.raises(CommandError, match="never trained") as caught:
        exports.make(bench, model.id, "snippet")
    assert caught.value.code == "conflict"


def test_unknown_exports_and_parts_are_refused_with_the_nearest(bench: Any, ready: Any) -> None:
    with pytest.raises(CommandError, match="no export") as caught:
        exports.make(bench, ready.id, "weight")
    assert caught.value.code == "not_found"
    assert caught.value.hint == "Did you mean weights?"
    with pytest.raises(CommandError, match="no part 'tset'; it has all, train"):
        exports.make(bench, ready.id, "latents.csv", "tset")
    with pytest.raises(CommandError, match="it has no parts"):
        exports.make(bench, ready.id, "weights", "test")


@pytest.mark.parametrize("table", ["predictions", "latents"])
def test_tables_hold_the_images_of_their_part_in_both_formats(bench: Any, ready: Any, table: str) -> None:
    rows = bench.models.read(ready)
    expected = {"train": rows.train, "validation": rows.validation, "test": rows.test}
    expected["all"] = np.concatenate(list(expected.values()))
    for part in PARTS:
        comma = polars.read_csv(io.BytesIO(read(bench, ready, f"{table}.csv", part)))
        parquet = polars.read_parquet(io.BytesIO(read(bench, ready, f"{table}.parquet", part)))
        assert comma["index"].to_list() == parquet["index"].to_list() == sorted(expected[part].tolist())
        assert comma.columns == parquet.columns
    if table == "latents":
        kept = Path(bench.runs.where(ready.weights.run_id)) / "diagnostics.npz"
        parquet = polars.read_parquet(io.BytesIO(read(bench, ready, "latents.parquet")))
        with np.load(kept) as arrays:
            order = np.argsort(arrays["rows"])
            assert np.array_equal(parquet.select("z0", "z1").to_numpy(), arrays["mu"][order, :2])


def test_labels_changed_since_are_in_what_is_made_next(bench: Any, ready: Any) -> None:
    before = exports.make(bench, ready.id, "labels.csv")
    assert exports.make(bench, ready.id, "labels.csv") == before
    free = next(int(row) for row in bench.models.read(ready).train if int(row) not in bench.models.labels(ready.id))
    LabelService(bench).set(actor="me", model_id=ready.id, labels={free: 4})
    after = exports.make(bench, ready.id, "labels.csv")
    assert after != before
    assert f"\n{free},4\n" in after.read_text()
    assert f"\n{free},4\n" not in before.read_text()
    with zipfile.ZipFile(exports.make(bench, ready.id, "labelled.zip")) as archive:
        assert f"labelled/4/{free}.png" in archive.namelist()


def rename(bench: Any, model: Any, names: tuple[str, ...]) -> Any:
    """The model as if its classes were called so."""
    record = bench.models.get(model.id)
    return record.model_copy(update={"payload": {**record.payload, "class_names": list(names)}})


def test_labelled_images_can_be_imported_again_whatever_their_classes_are_called(bench: Any, model: Any, tmp_path: Path) -> None:
    names = HOSTILE[:10]
    record = rename(bench, model, names)
    declared = {export.name: export for export in EXPORTS}
    marks = dict(sorted(bench.models.labels(model.id).items()))
    images = bench.datasets.load("digits").images
    told: list[int] = []
    for name in ("labelled.zip", "labelled.npz"):
        with (tmp_path / name).open("wb") as file:
            declared[name].write.load()(bench, record, file, "", lambda done, total: told.append(total - done))
    assert told
    assert min(told) == 0
    with zipfile.ZipFile(tmp_path / "labelled.zip") as archive:
        assert all(not Path(name).is_absolute() and ".." not in Path(name).parts for name in archive.namelist())
        archive.extractall(tmp_path / "there")
        mapping = polars.read_csv(archive.read("classes.csv"))
    assert mapping["class"].to_list() == list(names)
    first = next(iter(marks))
    shown = np.asarray(Image.open(tmp_path / "there" / "labelled" / mapping["folder"][marks[first].label] / f"{first}.png"))
    assert np.array_equal(shown, np.rint(images[first][..., 0] * 255))
    folder: Any = read_import(tmp_path / "there" / "labelled", ImportOptions())
    called = folder.manifest.about["class_names"]
    expected = sorted(mapping["folder"][mark.label] for mark in marks.values())
    assert sorted(called[label] for label in folder.content["labels"]) == expected
    arrays = np.load(tmp_path / "labelled.npz")
    assert np.array_equal(arrays["images"], images[list(marks)])
    assert arrays["images"].dtype == images.dtype
    assert arrays["labels"].tolist() == [mark.label for mark in marks.values()]
    assert tuple(arrays["names"]) == names


def test_npz_of_plain_classes_is_read_by_the_importer(bench: Any, model: Any) -> None:
    path = exports.make(bench, model.id, "labelled.npz")
    found: Any = read_import(path, ImportOptions())
    assert len(found.content["images"]) == 20


def test_a_model_without_labels_gives_none_and_says_so(bench: Any) -> None:
    bare = bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample={"num_samples": 200, "num_labeled": 0}
    )
    assert "no labels yet" in exports.offer(bench, bare.id, "labelled.zip").reason


def test_the_configuration_makes_the_same_model_again(bench: Any, model: Any, tmp_path: Path) -> None:
    path = tmp_path / "again.yaml"
    path.write_bytes(read(bench, model, "config"))
    again = create_model(bench, resolve([path]), actor="me", name="Again")
    assert again.config == model.config
    assert again.fingerprint == model.fingerprint
    assert again.payload["sample"]["sha256"] == model.payload["sample"]["sha256"]
    assert again.payload["sample"]["settings"] == model.payload["sample"]["settings"]


def test_damaged_weights_are_not_given(bench: Any, ready: Any) -> None:
    bench.artefacts.path(ready.weights.path).write_bytes(b"torn")
    with pytest.raises(CommandError, match="damaged"):
        exports.make(bench, ready.id, "weights")
    assert list((bench.settings.cache / "exports").glob("*/*")) == []


def test_figures_are_pages_of_their_own_and_what_does_not_apply_is_told(bench: Any, ready: Any) -> None:
    with zipfile.ZipFile(exports.make(bench, ready.id, "figures")) as archive:
        told = archive.read("figures.txt").decode()
        names = archive.namelist()
        for figure in family("rcmvae").figures:
            assert f"{figure.title}: " in told
            assert (f"{figure.name}.html" in names) == (f"{figure.title}: {figure.name}.html" in told)
        assert sum(name.endswith(".html") for name in names) > 5
        assert b"plotly.min.js" in archive.read(next(name for name in names if name.endswith(".html")))


def test_names_of_files_are_plain_and_never_empty(bench: Any, model: Any) -> None:
    weights = exports.OWN[0]
    assert exports.file_name(model, weights) == "angstrom-5-6-weights.msgpack"
    assert exports.file_name(model, EXPORTS[1], "test") == "angstrom-5-6-predictions-test.csv"
    odd = model.model_copy(update={"name": "🐈 ../.."})
    assert exports.file_name(odd, weights) == f"model-{model.number}-weights.msgpack"


def test_old_files_go_when_there_are_too_many_and_the_newest_stays(bench: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = exports.make(bench, model.id, "labels.csv")
    monkeypatch.setattr(exports, "MOST_BYTES", 100)
    second = exports.make(bench, model.id, "labelled.npz")
    assert second.is_file()
    assert not first.exists()


def test_what_breaks_or_is_cancelled_leaves_no_half_a_file(bench: Any, model: Any) -> None:
    def broken(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(Exception):  # noqa: B017 (whatever the way out, no file may stay)
        exports.make(bench, model.id, "labelled.npz", progress=broken)
    assert list((bench.settings.cache / "exports").glob("*/*")) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [(exports.Size(999, True), "999 bytes"), (exports.Size(1234, True), "1.2 kB"), (exports.Size(4_600_000), "about 5 MB"), (None, "")],
)
def test_sizes_are_told_in_words(size: exports.Size | None, words: str) -> None:
    assert exports.size_words(size) == words
