from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import fake_data, fake_family
from workbench.commands.base import CommandError
from workbench.commands.datasets import RegisterDatasetCommand
from workbench.datasets import DatasetError
from workbench.services import stamps
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tiny.json").write_text('{"offset": 1}')
    return tmp_path / "data"


@pytest.fixture
def with_data(fake: Any, home: Path, data: Path) -> Any:
    """A workbench whose tiny dataset comes from a file."""
    bench = Workbench.open(Settings.load(home=home, data=data, check_state=True))
    yield bench
    bench.close()


def test_loading_registers_a_dataset_as_ready_with_its_manifest(bench: Any) -> None:
    loaded = bench.datasets.load("tiny")
    record = bench.state().datasets["tiny"]
    assert (record.status, record.manifest) == ("ready", loaded.manifest)
    version = bench.state().version
    bench.datasets.load("tiny")
    assert bench.state().version == version


def test_facts_are_known_before_anything_is_loaded(bench: Any) -> None:
    assert bench.datasets.facts("tiny").n_train == 48
    assert bench.state().datasets["tiny"].status == "preparing"


def test_a_source_file_that_changed_is_named(with_data: Any, data: Path) -> None:
    with_data.datasets.load("tiny")
    (data / "tiny.json").write_text('{"offset": 2}')
    with pytest.raises(DatasetError, match=r"Tiny is not what it was: tiny.json has changed"):
        with_data.datasets.load("tiny")
    with pytest.raises(CommandError, match=r"tiny\.json has changed"):
        with_data.models.create(actor="me", family="fake", model_type="toy", dataset_id="tiny", values={})


def test_a_damaged_source_file_marks_the_dataset_failed_until_it_is_mended(with_data: Any, data: Path) -> None:
    (data / "tiny.json").write_text("{")
    with pytest.raises(DatasetError, match="not valid JSON"):
        with_data.datasets.load("tiny")
    record = with_data.state().datasets["tiny"]
    assert record.status == "failed"
    assert "tiny.json is not valid JSON" in record.error
    (data / "tiny.json").write_text('{"offset": 1}')
    with_data.datasets.load("tiny")
    assert with_data.state().datasets["tiny"].status == "ready"
    assert with_data.state().datasets["tiny"].error is None


def test_a_dataset_in_use_keeps_its_manifest(bench: Any, make_model: Any) -> None:
    make_model("First")
    manifest = bench.state().datasets["tiny"].manifest.model_copy(update={"content_sha256": "f" * 64})
    command = RegisterDatasetCommand(dataset_id="tiny", name="Tiny", family="fake", source="tiny", status="ready", manifest=manifest)
    with pytest.raises(CommandError, match="its content has changed") as caught:
        bench.store.execute(command, actor="me")
    assert caught.value.code == "conflict"


def test_a_dataset_in_use_cannot_be_deleted_and_its_users_are_named(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    with pytest.raises(CommandError, match="Tiny is used by First") as caught:
        bench.datasets.delete(actor="me", dataset_id="tiny")
    assert caught.value.code == "conflict"
    bench.models.delete(actor="me", model_id=model.id)
    assert bench.datasets.delete(actor="me", dataset_id="tiny").deleted_at is not None
    assert bench.datasets.restore(actor="me", dataset_id="tiny").deleted_at is None


def test_a_deleted_dataset_stays_deleted_when_the_workbench_is_opened_again(bench: Any, settings: Settings) -> None:
    bench.datasets.delete(actor="me", dataset_id="tiny")
    again = Workbench.open(settings)
    assert again.state().datasets["tiny"].deleted_at is not None
    again.close()


def test_name_and_notes_change_and_are_undone(bench: Any) -> None:
    bench.datasets.update(actor="me", dataset_id="tiny", name="Small", notes="sixty rows")
    bench.undo(actor="me")
    record = bench.state().datasets["tiny"]
    assert (record.name, record.notes) == ("Small", "")
    bench.undo(actor="me")
    assert bench.state().datasets["tiny"].name == "Tiny"


@pytest.mark.parametrize("id", ["../data", "Tiny", "nothing", "data_"])
def test_an_unknown_dataset_is_not_found(bench: Any, id: str) -> None:
    for act in (bench.datasets.load, bench.datasets.facts):
        with pytest.raises(CommandError) as caught:
            act(id)
        assert caught.value.code == "not_found"


def test_start_looks_at_files_without_loading_them_and_hashes_only_those_that_look_otherwise(with_data: Any, monkeypatch: Any) -> None:
    with_data.datasets.load("tiny")
    file = with_data.settings.data / "tiny.json"
    fake_data.loads.clear()
    with_data.datasets.require_unchanged("tiny")
    os.utime(file, (1, 1))
    with_data.datasets.require_unchanged("tiny")
    monkeypatch.setattr(stamps, "_hash", lambda path: pytest.fail("read although size and time are those that were kept"))
    with_data.datasets.require_unchanged("tiny")
    assert fake_data.loads == []


def test_start_refuses_files_of_other_content(with_data: Any) -> None:
    with_data.datasets.load("tiny")
    (with_data.settings.data / "tiny.json").write_text('{"offset": 9}')
    with pytest.raises(DatasetError, match=r"tiny.json has changed"):
        with_data.datasets.require_unchanged("tiny")


@pytest.mark.parametrize("damage", ["not json", '{"content_sha256": 1}', "[]", None])
def test_lost_or_damaged_notes_on_files_cost_a_load_and_no_more(with_data: Any, damage: str | None) -> None:
    with_data.datasets.load("tiny")
    kept = with_data.artefacts.path("datasets/seen/tiny.json")
    kept.unlink() if damage is None else kept.write_text(damage)
    fake_data.loads.clear()
    for _ in range(2):
        with_data.datasets.require_unchanged("tiny")
    assert fake_data.loads == ["tiny"]


def test_a_source_with_settings_makes_datasets_of_its_own(bench: Any) -> None:
    first = bench.datasets.create(actor="me", source="made", params={"rows": "12"})
    second = bench.datasets.create(actor="me", source="made", params={"rows": 13})
    assert [(d.id, d.name, d.params, d.status) for d in (first, second)] == [
        ("made", "Made", {"rows": 12}, "ready"), ("made_2", "Made (2)", {"rows": 13}, "ready"),
    ]  # fmt: skip
    assert [s.id for s in bench.datasets.sources(fake_family.FAMILY)] == ["tiny", "made", "made_2"]
    with pytest.raises(CommandError, match="Rows must be at least 1"):
        bench.datasets.create(actor="me", source="made", params={"rows": 0, "colour": 1})
    with pytest.raises(CommandError, match="No source of data") as caught:
        bench.datasets.create(actor="me", source="mode")
    assert caught.value.hint == "Did you mean made?"
