"""`trellis data`: imports, lists, shows and deletes datasets, with errors in sentences and exit codes for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.workbench.cli.conftest import Said
from workbench.cli.app import run
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def trellis(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """trellis("data", "list"): carries out one command line on the real families."""
    monkeypatch.setenv("COLUMNS", "200")

    def carry_out(*arguments: str) -> Said:
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return carry_out


@pytest.fixture
def bugs(tmp_path: Path) -> Path:
    for label in ("ant", "bee"):
        (tmp_path / "bugs" / label).mkdir(parents=True)
        for i in range(6):
            Image.fromarray(np.full((10 + i, 9), 20 * i, np.uint8)).save(tmp_path / "bugs" / label / f"{i}.png")
    return tmp_path / "bugs"


def test_a_folder_is_imported_listed_shown_deleted_and_restored(trellis: Any, bugs: Path) -> None:
    said = trellis("data", "import", bugs, "--name", "My bugs", "--size", "12x10")
    assert said.code == 0, said.err
    assert "Imported My bugs as my_bugs: 12 images of 2 classes, 12x10 pixels, imported from bugs; 2 of them" in said.err
    assert "my_bugs" in trellis("data").out
    shown = trellis("data", "show", "My bugs").out
    assert "ant, bee" in shown
    assert "2 of them are kept for testing" in shown
    assert trellis("data", "delete", "my_bugs").code == 0
    assert "my_bugs" not in trellis("data", "list").out
    assert trellis("data", "show", "my_bugs").code == 1
    assert trellis("data", "restore", "my_bugs").code == 0
    assert json.loads(trellis("data", "show", "my_bugs", "--json").out)["shape"] == [12, 10, 1]


def test_broken_pictures_are_named_and_refused_or_skipped(trellis: Any, bugs: Path) -> None:
    (bugs / "ant" / "bad.png").write_text("no")
    arguments = ("data", "import", bugs, "--name", "Bugs", "--size", "8x8")
    refused = trellis(*arguments)
    assert refused.code == 1
    assert "1 of the 13 pictures in" in refused.err
    assert "ant/bad.png is not a picture of a known kind" in refused.err
    assert "--skip-broken" in refused.err
    done = trellis(*arguments, "--skip-broken", "--json")
    assert json.loads(done.out)["skipped"] == ["ant/bad.png: is not a picture of a known kind"]
    assert json.loads(done.out)["n"] == 12


def test_json_lists_every_dataset(trellis: Any) -> None:
    found = {d["id"]: d for d in json.loads(trellis("data", "list", "--json").out)}
    assert {"fashion_mnist", "digits", "mnist"} < set(found)
    assert (found["fashion_mnist"]["n"], found["fashion_mnist"]["status"]) == (70_000, "available")
    assert found["fashion_mnist"]["class_names"][9] == "Ankle boot"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("show", "digit"), 1, "Did you mean digits?"),
        (("show", "nobody"), 1, "There is no dataset 'nobody'"),
        (("delete", "../x"), 1, "There is no dataset"),
        (("import", "/nowhere/at/all", "--name", "x"), 1, "There is nothing at /nowhere/at/all"),
        (
            ("import", "/etc/passwd", "--name", "x"),
            1,
            "passwd has no ending; no family reads such files. These are read: Mixture VAEs: .npz",
        ),
        (("import", "/etc", "--name", "MNIST"), 1, "There is a dataset named MNIST already"),
        (("import", "/etc"), 2, "--name"),
        (("import", "/etc", "--name", "x", "--size", "12"), 1, "Size must be"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(trellis: Any, arguments: tuple[str, ...], code: int, text: str) -> None:
    said = trellis("data", *arguments)
    assert said.code == code
    assert text in " ".join(said.err.replace("│", " ").split())
    assert "Traceback" not in said.err


def test_a_dataset_in_use_is_not_deleted_and_its_models_are_named(trellis: Any, home: Path, bugs: Path) -> None:
    trellis("data", "import", bugs, "--name", "Bugs", "--size", "8x8")
    bench = Workbench.open(Settings.load(home=home))
    sample = {"num_samples": "auto", "num_labeled": 4}
    bench.models.create(actor="me", family="rcmvae", model_type="rcmvae", dataset_id="bugs", values={}, sample=sample, name="On bugs")
    bench.close()
    said = trellis("data", "delete", "bugs")
    assert said.code == 1
    assert "The dataset Bugs is used by On bugs" in said.err
    assert json.loads(trellis("data", "show", "bugs", "--json").out)["models"] == ["On bugs"]


def test_the_audit_names_imported_data_that_was_spoiled(trellis: Any, home: Path, bugs: Path) -> None:
    trellis("data", "import", bugs, "--name", "Bugs", "--size", "8x8")
    assert trellis("audit").code == 0
    (file,) = (home / "artefacts" / "datasets").rglob("data.npz")
    file.unlink()
    said = trellis("audit")
    assert said.code == 1
    assert "Bugs (bugs): The dataset Bugs cannot be read" in said.out
    assert "is missing" in trellis("data", "show", "bugs").out
