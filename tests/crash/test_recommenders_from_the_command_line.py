"""The README's way to a tested recommender, in real processes: a worker trains what the command line made of the simulated shop."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.crash.processes import end_processes
from tests.recsys.cli.pages import blocks, lines_of

pytestmark = pytest.mark.crash


@pytest.fixture
def own_home(home: Path) -> Iterator[Path]:
    """A fresh home whose worker is ended after the test."""
    yield home
    end_processes(home)


def test_the_commands_of_the_readme_end_with_a_trained_model_and_its_code(own_home: Path, tmp_path: Path) -> None:
    trellis = partial(command_line, own_home, tmp_path)
    section = next(block for block in blocks("README.md", "") if "quick-tests start" in block)
    said = {}
    for line in lines_of(section):
        done = said[line.arguments[:2]] = trellis(*line.arguments)
        if line.into:
            (tmp_path / line.into).write_text(done.stdout)
    started, shown = said["quick-tests", "start"], said["quick-tests", "show"]
    for stage in ("split", "fit_transforms", "train", "evaluate", "baselines", "export"):
        assert f"\n{stage}: " in started.stderr
    assert "  epoch 1 of 1: Recall@10, all items, validation" in started.stderr
    table = started.stdout.split("\n", 1)[1]
    assert [line.split()[0] for line in table.splitlines()[1:6]] == ["Model", "Popularity", "ItemKNN", "EASE", "Oracle"]
    assert shown.stdout.endswith(table)

    found = json.loads(trellis("quick-tests", "show", "1", "--json").stdout)
    folder = Path(found["folder"])
    figures = {who: {f["name"]: f["value"] for f in each} for who, each in found["results"]["metrics"].items()}
    assert found["headline"]["recall_at_10"] == figures["model"]["recall_at_10"]
    assert 0 <= figures["model"]["recall_at_10"] < figures["oracle"]["recall_at_10"]
    assert (tmp_path / "trainer.py").read_bytes() == (folder / "trainer.py").read_bytes()
    assert body((tmp_path / "trainer.py").read_text()) == body(trellis("recommenders", "code", "1", "1").stdout)

    trellis("quick-tests", "export", "1", "--to", "left.zip")
    unpacked = tmp_path / "left"
    with zipfile.ZipFile(tmp_path / "left.zip") as archive:
        archive.extractall(unpacked)
    assert (unpacked / "trainer.py").read_bytes() == (folder / "trainer.py").read_bytes()
    assert "def preprocessing_fn(" in (unpacked / "preprocessing.py").read_text()
    vocabulary = json.loads((unpacked / "vocab" / "product_product_id.json").read_text())
    with np.load(unpacked / "embeddings.npz", allow_pickle=False) as kept:
        assert set(vocabulary["terms"]) <= set(kept["item_ids"].tolist())
        assert kept["vectors"].shape[0] == len(kept["item_ids"]) == 500
    full = json.loads(trellis("quick-tests", "promote", "1", "--epochs", "2", "--json").stdout)
    assert (full["status"], full["epochs_done"], full["promoted_from"]["number"]) == ("completed", 2, 1)

    (serving,) = re.findall(r"^```python\n(.*?)^```$", (unpacked / "README.md").read_text(), re.M | re.S)
    assert "customer_id=tf.constant(['C0" in serving
    answers = answer_of(serving, unpacked).splitlines()
    assert len(answers) == 10
    assert all(line.startswith("P0") for line in answers), "products of the shop"


def test_the_request_of_the_page_is_answered_by_the_model_that_its_commands_made(own_home: Path, tmp_path: Path) -> None:
    rows, request = blocks("docs/recommenders.md", "python")
    subprocess.run([sys.executable, "-c", rows], cwd=tmp_path, check=True)
    wanted = [("data", "import"), ("features", "create"), ("recommenders", "create"), ("quick-tests", "export")]
    commands = [line for block in blocks("docs/recommenders.md", "sh") for line in lines_of(block)]
    started = next(line for line in commands if line.arguments[:2] == ("quick-tests", "start"))
    for line in commands:
        if line.arguments[:2] in wanted and "--file" not in line.arguments:
            if line.arguments[1] == "export":
                command_line(own_home, tmp_path, *started.arguments)
            command_line(own_home, tmp_path, *line.with_values({"SECOND": "1"}).arguments)
    with zipfile.ZipFile(tmp_path / "wide.zip") as archive:
        archive.extractall(tmp_path / "left")
    (first, second) = answer_of(request, tmp_path / "left").splitlines()
    for line in (first, second):
        products = ast.literal_eval(line)
        assert [product[0] for product, _ in products] == ["a"] * 3
        assert sorted((score for _, score in products), reverse=True) == [score for _, score in products]
    own = re.findall(r"^```python\n(.*?)^```$", (tmp_path / "left" / "README.md").read_text(), re.M | re.S)
    assert answer_of(own[0], tmp_path / "left").startswith("a")
    assert "W-" in (tmp_path / "left" / "REPORT.md").read_text()
    assert "Beside baselines" in (tmp_path / "left" / "REPORT.md").read_text()


def command_line(home: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Carry out one command in a process of its own."""
    program = [sys.executable, "-c", "from workbench.cli import main; main()", *arguments]
    environment = {**os.environ, "TRELLIS_HOME": str(home), "COLUMNS": "200"}
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, (arguments, done.stderr)
    return done


def answer_of(code: str, folder: Path) -> str:
    """What code prints that asks an exported model, without anything of Trellis."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def body(text: str) -> list[str]:
    """A trainer without when it was made and how many epochs it trains."""
    return [line for line in text.splitlines() if not line.startswith(("# Created", "EPOCHS = "))]
