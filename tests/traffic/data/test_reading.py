"""The one door to files, published files, and METR-LA's sixty detectors."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from traffic.data.contract import clock_text
from traffic.data.public import PUBLISHED, Published, blob_sha1
from traffic.data.reading import read
from traffic.errors import TrafficError
from workbench.artefacts import sha256_of


def refused(*arguments: object, **settings: object) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        read(*arguments, **settings)  # type: ignore[arg-type]
    return caught.value


def test_an_unknown_kind_is_refused_with_the_closest() -> None:
    error = refused("cvs_wide", Path("a"))
    assert (error.code, error.key) == ("DATA_UNKNOWN_KIND", "data.kind")
    assert "csv_wide" in error.hint


@pytest.mark.parametrize("kind", ["pandas_h5", "npz", "csv_wide", "hdf5"])
def test_an_absent_file_is_named_with_what_belongs_there(tmp_path: Path, kind: str) -> None:
    error = refused(kind, tmp_path / "a", start="2018-01-01T00:00")
    assert (error.code, error.file) == ("DATA_NOT_FOUND", str(tmp_path / "a"))
    assert str(error.expected) in error.hint


def saved(path: Path) -> Path:
    np.savez(path, data=np.random.default_rng(0).random((30, 2, 1)))
    return path


def test_an_npz_needs_a_start(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz")
    assert (refused("npz", path).code, refused("npz", path).key) == ("DATA_TIME", "data.start")
    assert refused("npz", path, start="yesterday").code == "DATA_TIME"
    assert clock_text(read("npz", path, start="2018-09-01T00:00").timestamps[0]) == "2018-09-01 00:00:00"


def test_a_file_that_is_not_the_published_one_is_refused_by_size_checksum_and_shape(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.npz")
    right = Published("npz", "a.npz", (30, 2, 1), bytes=path.stat().st_size, sha256=sha256_of(path), blob_sha1=blob_sha1(path))
    assert read("npz", path, start="2018-01-01T00:00", verify=right).shape == (30, 2, 1)
    for name, wrong in (("bytes", 7), ("sha256", "0" * 64), ("blob_sha1", "0" * 40), ("shape", (30, 2, 3))):
        error = refused("npz", path, start="2018-01-01T00:00", verify=dataclasses.replace(right, **{name: wrong}))  # type: ignore[arg-type]
        assert (error.code, error.key, error.expected, error.found) == ("DATA_CHECKSUM", "data.verify", wrong, getattr(right, name))


def test_the_checksum_of_a_blob_is_gits(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"what is up, doc?")  # the example of the Pro Git book
    assert blob_sha1(tmp_path / "a") == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"


@pytest.mark.parametrize(("name", "days"), [("pems03", 91), ("pems04", 59), ("pems07", 98), ("pems08", 62)])
def test_published_starts_are_days(name: str, days: int) -> None:
    published = PUBLISHED[name]
    assert published.start is not None
    assert published.start.endswith("T00:00")
    assert published.shape is None or published.shape[0] == 288 * days


def test_metr_la_60_is_read_whole_with_its_clock_zeros_and_places(metr_la_60: Path) -> None:
    data = read("csv_wide", metr_la_60)
    assert data.shape == (10282, 60, 1)
    assert (clock_text(data.timestamps[0]), clock_text(data.timestamps[-1])) == ("2012-05-23 07:10:00", "2012-06-27 23:55:00")
    assert not len(data.breaks)
    assert not np.isnan(data.values).any()
    assert round(100 * float((data.values == 0).mean()), 2) == 9.05
    assert data.coordinates is not None
    assert np.isfinite(data.coordinates).all()
    missing = read("csv_wide", metr_la_60, zeros_as_missing="both")
    first = missing.values[:7197].astype(np.float64)
    assert (round(float(np.nanmean(first)), 3), round(float(np.nanstd(first)), 3)) == (57.446, 14.963)


SCRIPT = """
import pkgutil, importlib, sys
import traffic
arrays = ("traffic.corridor", "traffic.model", "traffic.training", "traffic.online", "traffic.building", "traffic.rate", "traffic.trained",
          "traffic.api", "traffic.forecasting")
names = ["traffic.corridor.scenario", *(m.name for m in pkgutil.iter_modules(traffic.__path__, "traffic.") if not m.name.startswith(arrays))]
for name in list(names):
    package = importlib.import_module(name)
    names += [m.name for m in pkgutil.walk_packages(getattr(package, "__path__", ()), name + ".")]
for name in names:
    importlib.import_module(name)
assert len(names) > 15, names
print(sorted({"jax", "flax", "tensorflow", "pandas", "sklearn", "scipy", "polars"} & set(sys.modules)))
"""


def test_everything_but_simulation_and_networks_does_without_an_array_framework() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stderr
