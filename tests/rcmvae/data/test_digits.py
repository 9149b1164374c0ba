"""The packaged digits against scikit-learn's own loader; missing and damaged files."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rcmvae.data import digits
from rcmvae.data.about import about_of
from workbench.datasets import DatasetError


def test_the_digits_are_those_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    pixels, classes = load_digits(return_X_y=True)
    data = digits.load()
    assert data.images.shape == (1797, 8, 8, 1)
    assert data.images.dtype == np.float32
    assert np.array_equal(data.images.reshape(1797, 64) * 16, pixels)
    assert np.array_equal(data.true_labels, classes)


def test_the_test_set_is_360_rows_stratified_and_always_the_same() -> None:
    data = digits.load()
    counts, in_test = np.bincount(data.true_labels), np.bincount(data.true_labels[data.test])
    assert in_test.sum() == 360
    assert np.abs(in_test - counts * 360 / 1797).max() < 1
    assert data.test[:8].tolist() == [10, 12, 18, 19, 30, 34, 35, 38]


def test_the_manifest_names_the_content() -> None:
    manifest = digits.load().manifest
    about = about_of(manifest)
    assert (manifest.source, about.n, about.shape, about.dtype) == ("digits", 1797, (8, 8, 1), "float32")
    assert (about.class_names, about.n_test, about.n_known) == (tuple("0123456789"), 360, 1437)
    assert manifest.content_sha256 == "f81eede0a2c60473ae1fe7f0cb37f98ebc1f3b3ab025047f32b590083d6b671d"
    assert manifest.files[0].sha256 == digits.SHA256


def test_a_second_load_costs_nothing_and_nobody_can_change_the_arrays() -> None:
    assert digits.load() is digits.load()
    with pytest.raises(ValueError, match="read-only"):
        digits.load().images[0] = 1.0


def test_loading_does_not_import_scikit_learn() -> None:
    program = "import sys; from rcmvae.data.digits import load; load(); print('sklearn' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "missing or unreadable"),
        (b"0,1,2\n", "cannot be unpacked"),
        (gzip.compress(b"0,1,2\n"), "not the published one: its checksum is"),
        (gzip.compress(b"0" * 5000)[:-9], "cannot be unpacked"),
        (gzip.compress(b"0" * 2_000_000), "not the published one"),
    ],
    ids=["missing", "not gzip", "other content", "torn", "huge"],
)
def test_a_damaged_file_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, words: str
) -> None:
    path = tmp_path / "digits.csv.gz"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(digits, "_packaged_file", lambda: path)
    with pytest.raises(DatasetError, match=words) as caught:
        digits.load()
    assert str(path) in str(caught.value)
    assert "Reinstall scikit-learn" in str(caught.value)
