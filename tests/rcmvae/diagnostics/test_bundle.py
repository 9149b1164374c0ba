import dataclasses
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rcmvae.diagnostics.bundle import BundleError, DiagnosticsBundle, load
from tests.rcmvae.diagnostics import toy
from workbench.arrays import array_specs


@pytest.mark.parametrize("options", [{}, {"decentralized": True}, {"prior": "standard"}, {"labelled": 0}, {"extras": True}], ids=str)
def test_a_saved_bundle_loads_as_it_was(tmp_path: Path, options: dict) -> None:
    bundle = toy.make(n=200, **options)
    bundle.save(tmp_path / "d.npz")
    again = load(tmp_path / "d.npz")
    assert again.facts == bundle.facts
    for name in array_specs(DiagnosticsBundle):
        np.testing.assert_array_equal(getattr(again, name), getattr(bundle, name), err_msg=name)
        assert getattr(again, name).dtype == getattr(bundle, name).dtype


def test_saving_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    bundle = toy.make(n=100)
    bundle.save(tmp_path / "a.npz")
    bundle.save(tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_nothing_in_the_file_is_pickled(tmp_path: Path) -> None:
    toy.make(n=100).save(tmp_path / "d.npz")
    with np.load(tmp_path / "d.npz", allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_arrays_cannot_be_written_to() -> None:
    bundle = toy.make(n=100)
    with pytest.raises(ValueError, match="read-only"):
        bundle.mu[0] = 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mu": np.zeros((100, 2))}, "mu must have dtype float32"),
        ({"mu": np.zeros((99, 2), np.float32)}, "mu has 99 entries along N, but rows says 100"),
        ({"mu": np.zeros(100, np.float32)}, r"mu must have shape \(N, D\)"),
        ({"mu": [1, 2]}, "mu must be a numpy array, not list"),
        ({"component_mu": np.zeros((100, 3, 2), np.float32)}, "component_log_var has 1 entries along C"),
    ],
    ids=["dtype", "length", "dimensions", "type", "components"],
)
def test_arrays_that_do_not_fit_are_refused_by_name(change: dict, message: str) -> None:
    bundle = toy.make(n=100)
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(bundle, **change)


def test_a_layout_that_contradicts_the_arrays_is_refused() -> None:
    bundle = toy.make(n=100)
    with pytest.raises(ValueError, match="a decentralized layout with 12 components has 12"):
        dataclasses.replace(bundle, facts=dataclasses.replace(bundle.facts, latent_layout="decentralized"))


def test_class_names_must_match_the_probabilities() -> None:
    bundle = toy.make(n=100)
    with pytest.raises(ValueError, match="probabilities have 10 classes, but class_names names 1"):
        dataclasses.replace(bundle, facts=dataclasses.replace(bundle.facts, class_names=("a",)))


def test_missing_diagnostics_say_when_they_come(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="written when a run ends"):
        load(tmp_path / "none.npz")


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_damaged_diagnostics_are_an_error_that_names_the_file(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "d.npz"
    toy.make(n=100).save(path)
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        with zipfile.ZipFile(path) as archive:
            start = archive.getinfo("responsibilities.npy").header_offset
        content[start + 500 : start + 900] = bytes(400)
    path.write_bytes({"cut": content[: len(content) // 2], "flipped": content, "text": b"hello", "empty": b""}[damage])
    with pytest.raises(BundleError, match=r"d\.npz are damaged"):
        load(path)


def _rewrite(path: Path, **changes: np.ndarray | None) -> None:
    with np.load(path) as file:
        content = {name: file[name] for name in file.files}
    content.update({name: value for name, value in changes.items() if value is not None})
    np.savez(path, **{name: value for name, value in content.items() if changes.get(name, value) is not None})


def test_another_schema_is_refused_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    toy.make(n=100).save(path)
    _rewrite(path, schema_version=np.array(99, np.int32))
    with pytest.raises(BundleError, match="schema 99, this version of Trellis reads schema 1"):
        load(path)


def test_a_bundle_from_before_a_field_was_added_loads_with_that_field_empty(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    bundle = toy.make(n=100)
    bundle.save(path)
    later = ("pseudo_images", "centres", "active_epochs", "active_history")
    _rewrite(path, **dict.fromkeys(later))
    again = load(path)
    assert again.pseudo_images.shape == (0, 8, 8, 1)
    assert again.centres.shape == (0, 2)
    assert again.active_history.shape == (0, 12)
    for name in array_specs(DiagnosticsBundle):
        np.testing.assert_array_equal(getattr(again, name), getattr(bundle, name), err_msg=name)


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("component_kl", np.zeros((100, 5), np.float32), "1 or 12"),
        ("pseudo_images", np.zeros((5, 8, 8, 1), np.uint8), "0 or 12"),
        ("centres", np.zeros((5, 2), np.float32), "0 or 12"),
    ],
    ids=["kl", "pseudo-images", "centres"],
)
def test_arrays_of_some_components_alone_are_refused(name: str, value: np.ndarray, allowed: str) -> None:
    with pytest.raises(ValueError, match=f"{name} has 5 components, but with 12 components it has {allowed}"):
        dataclasses.replace(toy.make(n=100), **{name: value})


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    toy.make(n=100).save(path)
    _rewrite(path, tau=None, facts=None)
    with pytest.raises(BundleError, match="lack facts, tau"):
        load(path)


def test_an_array_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    toy.make(n=100).save(path)
    _rewrite(path, tau=np.zeros((3, 10), np.float32))
    with pytest.raises(BundleError, match="do not fit together"):
        load(path)


def test_facts_with_a_missing_key_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    toy.make(n=100).save(path)
    _rewrite(path, facts=np.array(json.dumps({"class_names": ["a"]})))
    with pytest.raises(BundleError, match="do not fit together"):
        load(path)


def test_an_object_array_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, schema_version=np.array({"a": 1}, dtype=object))
    with pytest.raises(BundleError, match="damaged"):
        load(path)


def test_reading_a_bundle_imports_no_framework() -> None:
    code = (
        "import sys, rcmvae.diagnostics.bundle, rcmvae.diagnostics.collect\n"
        "heavy = {'jax', 'flax', 'tensorflow', 'scipy', 'sklearn', 'pandas', 'polars', 'dash', 'plotly'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
