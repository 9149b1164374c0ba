"""The exported script and the exported table say the same, whatever was labelled since the run."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest

from rcmvae.labels.service import LabelService
from tests.rcmvae.explore.conftest import ME
from workbench.services import exports
from workbench.services.exports import OWN, file_name


def answers(
    bench: Any, model: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[list[str], list[float]]:
    """Class and certainty of all images of the dataset, as the script prints them."""
    (weights,) = (export for export in OWN if export.name == "weights")
    (folder / file_name(model, weights)).write_bytes(exports.make(bench, model.id, "weights").read_bytes())
    script = folder / "predict.py"
    script.write_bytes(exports.make(bench, model.id, "snippet").read_bytes())
    images = folder / "images.npy"
    np.save(images, np.asarray(bench.datasets.load("digits").images))
    monkeypatch.setattr("sys.argv", [str(script), str(images)])
    capsys.readouterr()
    runpy.run_path(str(script))
    lines = capsys.readouterr().out.splitlines()
    told = [re.fullmatch(r"image \d+: (.*)  certainty (\S+)  OOD .*", line) for line in lines]
    return [found[1] for found in told if found], [float(found[2]) for found in told if found]


def test_the_script_and_the_table_agree_before_and_after_labels_classes_and_merges(
    bench: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    service = LabelService(bench)

    def agreed() -> list[str]:
        table = polars.read_csv(exports.make(bench, model.id, "predictions.csv"), schema_overrides={"class": polars.String})
        said, certain = answers(bench, bench.models.get(model.id), tmp_path, monkeypatch, capsys)
        rows = table["index"].to_list()
        assert [said[row] for row in rows] == table["class"].to_list()
        np.testing.assert_allclose([certain[row] for row in rows], table["certainty"].to_numpy(), atol=2e-3)
        return table["class"].to_list()

    before = agreed()
    read = bench.models.read(bench.models.get(model.id))
    true = np.asarray(bench.datasets.load("digits").true_labels)
    threes = {int(row): 5 for row in read.train if true[row] == 3}
    service.set(actor=ME, model_id=model.id, labels=threes)
    service.add_name(actor=ME, model_id=model.id, name="zehn")
    # two classes alone are left: what it took for its most common one, and all else
    most = max(set(before), key=before.count)
    rows = sorted([*read.train, *read.validation, *read.test])
    inside = {int(row) for row in read.train}
    service.clear(actor=ME, model_id=model.id, indices=list(service.of(model.id)))
    labels = {int(row): 10 if name == most else 5 for row, name in zip(rows, before, strict=True) if int(row) in inside}
    service.set(actor=ME, model_id=model.id, labels=labels)
    after = agreed()
    assert after != before
    assert "zehn" in after
    service.rename_class(actor=ME, model_id=model.id, number=5, name="fünf")
    service.merge_classes(actor=ME, model_id=model.id, number=10, into=7)
    merged = agreed()
    assert "zehn" not in merged
    assert "fünf" in merged


def test_what_holds_no_images_is_refused_in_a_sentence(bench: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "predict.py"
    script.write_bytes(exports.make(bench, model.id, "snippet").read_bytes())

    def told(*arguments: str) -> str:
        monkeypatch.setattr("sys.argv", [str(script), *arguments])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(script))
        return str(ended.value)

    assert "Export the weights of the model, too" in told()
    (weights,) = (export for export in OWN if export.name == "weights")
    (tmp_path / file_name(model, weights)).write_bytes(exports.make(bench, model.id, "weights").read_bytes())
    np.savez(tmp_path / "images.npz", images=np.zeros((1, 8, 8, 1), np.uint8))
    np.save(tmp_path / "wide.npy", np.zeros((1, 9, 8, 1), np.uint8))
    (tmp_path / "text.npy").write_text("no array")
    for name, says in {"nowhere.npy": "No such file", "images.npz": "", "wide.npy": "shape", "text.npy": ""}.items():
        said = told(str(tmp_path / name))
        assert name in said
        assert says in said
