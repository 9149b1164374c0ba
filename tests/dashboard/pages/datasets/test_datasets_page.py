"""The Datasets pages: what they list and show, and what they take in."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.context import AppContext
from dashboard.pages.datasets import layout, view
from dashboard.pages.datasets.rows import row_of, rows
from tests.support.trees import found, having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.settings import Settings
from workbench.workbench import Workbench

IMAGES = np.random.default_rng(4).integers(0, 256, (40, 8, 8), dtype=np.uint8)


@pytest.fixture
def context(tmp_path: Path) -> Any:
    (tmp_path / "data").mkdir()
    np.savez_compressed(tmp_path / "data" / "mine.npz", images=IMAGES, labels=np.arange(40) % 4)
    bench = Workbench.open(Settings.load(home=tmp_path / "home", data=tmp_path / "data"))
    yield AppContext(lambda: bench, bench.settings)
    bench.close()


def uploaded(content: bytes) -> str:
    return "data:application/octet-stream;base64," + base64.b64encode(content).decode()


def test_the_list_has_the_families_own_columns_and_built_in_datasets_first(context: AppContext) -> None:
    view.take_folder(context, "me", None, "mine.npz", "A first name", {})
    listed = [row.record.id for row in rows(context.workbench)]
    assert listed[-1] == "a_first_name"
    assert {"fashion_mnist", "digits", "mnist"} < set(listed)
    words = text_of(view.render(context))
    for word in ("Images", "Shape", "Classes", "1,797", "28x28x1", "A first name", "not read yet"):
        assert word in words


def test_one_dataset_shows_its_facts_and_the_models_on_it(context: AppContext) -> None:
    view.take_folder(context, "me", None, "mine.npz", "", {})
    sample = {"num_samples": "auto", "num_labeled": 4}
    make = {"family": "rcmvae", "model_type": "rcmvae", "dataset_id": "mine", "values": {}, "sample": sample}
    context.workbench.models.create(actor="me", name="On mine", **make)
    page = view.render_one(context, "mine")
    words = text_of(page)
    assert "40 images of 4 classes, 8x8 pixels, imported from mine.npz" in words
    assert "On mine" in words
    assert with_id(page, "dataset-delete").disabled
    with pytest.raises(CommandError, match="There is no dataset"):
        view.render_one(context, "nobody")


def test_data_that_was_altered_since_its_import_is_told(context: AppContext) -> None:
    record = view.take_folder(context, "me", None, "mine.npz", "", {}).record
    assert record.manifest is not None
    file = context.workbench.artefacts.path(record.manifest.files[0].path)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    row = row_of(context.workbench, record)
    assert row.state == "damaged"
    assert "is not what was written" in text_of(of_class(view.render_one(context, "mine"), "notice-danger"))
    assert "damaged" in text_of(view.render(context))


def test_a_link_in_place_of_the_data_is_told_not_followed(context: AppContext, tmp_path: Path) -> None:
    record = view.take_folder(context, "me", None, "mine.npz", "", {}).record
    assert record.manifest is not None
    file = context.workbench.artefacts.path(record.manifest.files[0].path)
    file.rename(tmp_path / "elsewhere.npz")
    file.symlink_to(tmp_path / "elsewhere.npz")
    assert "links are not followed" in str(row_of(context.workbench, record).problem)
    with pytest.raises(DatasetError, match="links are not followed"):
        context.workbench.datasets.load("mine")


def test_a_file_that_is_no_data_set_is_refused_in_words(context: AppContext) -> None:
    with pytest.raises(DatasetError, match=r"notes\.txt is not an \.npz file"):
        view.take_upload(context, "me", "rcmvae", uploaded(b"hello"), "notes.txt", {})
    with pytest.raises(CommandError, match="Which file or folder"):
        view.take_folder(context, "me", None, " ", "", {})
    with pytest.raises(CommandError, match="Size must be"):
        view.take_folder(context, "me", None, "mine.npz", "", {"size": "12"})


def test_an_upload_is_named_after_its_file(context: AppContext, tmp_path: Path) -> None:
    content = (tmp_path / "data" / "mine.npz").read_bytes()
    names = [view.take_upload(context, "me", None, uploaded(content), "C:\\bugs\\Small bugs.npz", {}).record.name for _ in range(2)]
    assert names == ["Small bugs", "Small bugs (2)"]


def test_no_control_turns_a_file_away_without_a_word(context: AppContext) -> None:
    page = view.render(context)
    control = with_id(page, layout.UPLOAD)
    assert getattr(control, "accept", None) is None
    assert getattr(control, "max_size", None) is None


def test_all_datasets_tell_what_they_are_in_one_cell_and_those_of_one_family_have_its_columns(context: AppContext) -> None:
    def heads(page: Any) -> list[str]:
        return [
            text_of(head).strip() for head in found(of_class(page, "datasets-table")[0], lambda part: getattr(part, "scope", None) == "col")
        ]

    every = view.render(context)
    assert heads(every) == ["Name", "Family", "What it is", "State", "Models"]
    digits = next(cell for cell in of_class(every, "datasets-details") if "1,797" in text_of(cell))
    assert "Images" in text_of(digits)
    assert "Detectors" not in text_of(digits)
    roads = view.render(context, {"shown": "traffic"})
    assert heads(roads) == ["Name", "Detectors", "Days", "Features", "State", "Models"]
    assert "1,797" not in text_of(of_class(roads, "datasets-table"))
    assert having(roads, href="/datasets"), "the way back to all"
    kept = view.render(context, {"shown": "traffic", "family": "recsys"})
    assert having(kept, href="/datasets?shown=rcmvae&family=recsys"), "the choice of what is added stays"


@pytest.mark.parametrize("shown", ["nobody", ""])
def test_an_address_of_a_family_without_datasets_lists_all(context: AppContext, shown: str) -> None:
    assert "1,797" in text_of(view.render(context, {"shown": shown}))
