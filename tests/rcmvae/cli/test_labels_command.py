"""`trellis labels`: labels set, cleared, imported and exported from a terminal, and the names of classes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model("First", parts=4)


@pytest.fixture
def rows(bench: Any, model: Any) -> list[int]:
    return [int(row) for row in bench.models.read(model).train]


def kept(bench: Any, model: Any) -> dict[int, int]:
    return {row: value.label for row, value in bench.models.labels(model.id).items()}


def test_samples_are_labelled_by_name_or_number_and_cleared(trellis: Any, bench: Any, model: Any, rows: list[int]) -> None:
    said = trellis("labels", "set", "First", f"{rows[0]}=bee", f"{rows[1]}=2")
    assert said.code == 0, said.err
    assert "2 samples of First labelled." in said.err
    assert kept(bench, model)[rows[0]] == 1
    assert kept(bench, model)[rows[1]] == 2
    assert "1 label of First cleared." in trellis("labels", "clear", "1", str(rows[0])).err
    assert rows[0] not in kept(bench, model)
    assert trellis("labels", "clear", "First", "--all").code == 0
    assert kept(bench, model) == {}


def test_one_wrong_assignment_refuses_all_and_every_one_is_named(trellis: Any, bench: Any, model: Any, rows: list[int]) -> None:
    before = kept(bench, model)
    said = trellis("labels", "set", "First", f"{rows[0]}=bee", f"{rows[1]}=dragon", "x=bee", f"{rows[0]}=ant")
    assert said.code == 1
    assert all(text in said.err for text in ("dragon", "x=bee", "another class"))
    assert kept(bench, model) == before


def test_clear_wants_samples_or_all_but_not_both(trellis: Any, model: Any) -> None:
    assert trellis("labels", "clear", "First").code == 1
    assert "give --all" in trellis("labels", "clear", "First", "1", "--all").err


def test_what_is_exported_is_imported_again(trellis: Any, bench: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(bench, model)
    file = tmp_path / "labels.csv"
    assert trellis("labels", "export", "First", "--out", str(file)).code == 0
    assert trellis("labels", "export", "First").out == file.read_text()
    trellis("labels", "clear", "First", "--all")
    assert json.loads(trellis("labels", "import", "First", str(file), "--json").out) == {"labelled": len(before)}
    assert kept(bench, model) == before
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"index;label\r\n1;dragon\r\n")))
    said = trellis("labels", "import", "First", "-")
    assert said.code == 1
    assert "line 2" in said.err
    assert "cannot be read" in trellis("labels", "import", "First", str(tmp_path / "none.csv")).err


def test_names_are_listed_with_their_labels_and_added_while_there_is_room(trellis: Any, bench: Any, model: Any) -> None:
    found = json.loads(trellis("labels", "names", "First", "--add", "dog", "--json").out)
    assert [each["name"] for each in found] == ["ant", "bee", "cat", "dog"]
    assert sum(each["labels"] for each in found) == len(kept(bench, model))
    assert "learn no further class" in trellis("labels", "names", "First", "--add", "emu").err


def test_classes_are_renamed_and_merged_by_name(trellis: Any, bench: Any, model: Any) -> None:
    assert trellis("labels", "names", "First", "--rename", "bee", "wasp").code == 0
    said = trellis("labels", "names", "First", "--merge", "wasp", "cat", "--json")
    assert [(each["name"], each["merged_into"]) for each in json.loads(said.out)] == [("ant", None), ("wasp", 2), ("cat", None)]
    assert 1 not in kept(bench, model).values()
    assert "merged into cat" in trellis("labels", "names", "First").out
    assert "is not a class" in trellis("labels", "names", "First", "--rename", "dragon", "x").err
