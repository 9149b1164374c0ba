"""Traffic data on the command line and over REST: the corridor's settings, files of every kind, and what is wrong with them."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.context import AppContext
from dashboard.layered import setup
from dashboard.layered import view as layered
from dashboard.layered.choice import Choice
from dashboard.pages.create import view as create
from dashboard.pages.create.layout import dataset_options
from dashboard.pages.datasets import layout, rows, view
from tests.support.trees import found, text_of
from tests.traffic.making import made
from tests.workbench.cli.conftest import Said
from traffic.data import hdf5
from traffic.data.options import TrafficOptions
from traffic.sources import loading
from traffic.sources.corridor_params import SIMULATOR, CorridorParams
from workbench.cli.app import run
from workbench.datasets import DatasetError
from workbench.families import all_families, family
from workbench.fields import field_specs
from workbench.settings import Settings
from workbench.workbench import Workbench

STEPS = 60


@pytest.fixture
def trellis(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "200")

    def carry_out(*arguments: object) -> Said:
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return carry_out


@pytest.fixture
def client(home: Path) -> Any:
    from dashboard.server import create_server

    bench = Workbench.open(Settings.load(home=home, data=home / "files", check_state=True))
    (home / "files").mkdir(exist_ok=True)
    yield TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050")
    bench.close()


def write_csv(path: Path, rows: list[str] | None = None) -> Path:
    lines = [
        f"2024-01-0{1 + step // 288}T{step % 288 // 12:02d}:{step % 12 * 5:02d},{50 + step % 7},{60 - step % 5}" for step in range(STEPS)
    ]
    text = "timestamp,north,south\n" + "\n".join(lines if rows is None else rows) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def write_npz(path: Path) -> Path:
    np.savez(path, data=np.random.default_rng(0).random((STEPS, 4, 3)))
    return path


def write_hdf5(path: Path) -> Path:
    hdf5.write(made(STEPS, 3, ("speed", "flow"), units=("km/h", "veh/h"), coordinates=np.array([[34.0, -118.0]] * 3)), path, name="test")
    return path


def write_frame(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        frame = file.create_group("df")
        frame.attrs["pandas_type"] = b"frame"
        ids = np.array([b"a", b"b"])
        times = (1_704_067_200 + 300 * np.arange(STEPS, dtype=np.int64)) * 1_000_000_000
        for name, value in (("axis0", ids), ("block0_items", ids), ("axis1", times), ("block0_values", np.full((STEPS, 2), 60.0))):
            frame.create_dataset(name, data=value)
    return path


KINDS = {
    "table.csv": (write_csv, [], "csv_wide", 2, ["speed"]), "table.csv.gz": (write_csv, [], "csv_wide", 2, ["speed"]),
    "flows.npz": (write_npz, ["--start", "2018-01-01T00:00"], "npz", 4, ["flow", "occupancy", "speed"]),
    "all.hdf5": (write_hdf5, [], "hdf5", 3, ["speed", "flow"]), "frame.h5": (write_frame, [], "pandas_h5", 2, ["speed"]),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_each_kind_is_imported_shown_and_offered_for_models(name: str, trellis: Any, tmp_path: Path) -> None:
    write, more, kind, sensors, features = KINDS[name]
    said = trellis("data", "import", write(tmp_path / name), "--name", "Mine", "--family", "traffic", *more)
    assert said.code == 0, said.err
    shown = json.loads(trellis("data", "show", "mine", "--json").out)
    assert (shown["source"], shown["detectors"], shown["features"], shown["steps"]) == (kind, sensors, features, STEPS)
    looked = trellis("data", "show", "mine")
    assert looked.code == 0


def test_a_corridor_of_ones_own_is_made_by_its_settings_and_kept(trellis: Any, home: Path) -> None:
    said = trellis("data", "create", SIMULATOR, "--name", "Short", "--set", "days=1", "--set", "simulator.road.detectors=[1,3,5]", "--json")
    assert said.code == 0, said.err
    shown = json.loads(trellis("data", "show", "short", "--json").out)
    assert (shown["detectors"], shown["steps"]) == (3, 288)
    kept = list((home / "cache").rglob("corridors/*.npz")) + list(home.rglob("corridors/*.npz"))
    assert kept


def test_a_corridor_that_cannot_be_is_refused_and_leaves_nothing(trellis: Any) -> None:
    said = trellis("data", "create", SIMULATOR, "--name", "Bent", "--set", "simulator.diagram.curvature=0.6")
    assert said.code != 0
    assert "curvature" in said.err
    assert "Bent" not in trellis("data", "list").out


def test_a_corridor_whose_simulation_fails_is_not_kept(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_params: object) -> None:
        raise OverflowError("too large")

    loading._corridor.cache_clear()
    monkeypatch.setattr(loading, "_simulate", fails)
    assert trellis("data", "create", SIMULATOR, "--name", "Broken", "--set", "days=1", "--set", "seed=99").code != 0
    assert "Broken" not in trellis("data", "list").out


def test_every_seed_has_an_upper_bound_so_that_no_run_fails_on_it(trellis: Any) -> None:
    said = trellis("data", "create", SIMULATOR, "--name", "Far", "--set", "seed=99999999999999999999")
    assert said.code != 0
    assert "0 to 4294967295" in said.err
    for known in all_families():
        owners = {owner for model in known.models for owner in (*model.sections.values(), model.sample) if owner is not None}
        owners |= {source.params for source in known.data.sources if source.params is not None}
        unbound = [spec.name for owner in owners for spec in field_specs(owner) if spec.name.endswith("seed") and spec.meta.le is None]
        assert unbound == []


def test_rest_says_codes_and_places(client: Any, home: Path) -> None:
    answer = client.post(
        "/api/datasets",
        json={"source": SIMULATOR, "family": "traffic", "name": "Bent", "params": {"simulator": {"diagram": {"curvature": 0.6}}}},
    )
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "SIM_PARAM"
    assert error["hint"]
    assert not [d for d in client.get("/api/datasets").json() if isinstance(d, dict) and d.get("name") == "Bent"]


def test_files_with_their_detectors_and_options_are_uploaded_over_rest_and_on_the_page(client: Any, home: Path, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "table.csv")
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.write(table, "table.csv")
        archive.writestr("sensors.csv", "sensor_id,latitude,longitude\nnorth,34.1,-118.2\nsouth,34.2,-118.3\n")
    files = {"file": ("both.zip", (tmp_path / "both.zip").read_bytes(), "application/zip")}
    answer = client.post("/api/datasets", files=files, data={"name": "Both", "family": "traffic", "unit": "km/h"})
    assert answer.status_code == 201, answer.text
    statistics = client.get("/api/datasets/both/statistics")
    assert statistics.status_code == 200, statistics.text
    assert "km/h" in statistics.text
    facts = dict(statistics.json()["facts"])
    assert facts["Detectors with coordinates"] == "2"
    assert client.get("/api/datasets/both/preview").status_code == 200
    npz = write_npz(tmp_path / "flows.npz").read_bytes()
    sent = {"file": ("flows.npz", npz, "application/zip")}
    refused = client.post("/api/datasets", files=sent, data={"name": "Flows", "family": "traffic"}).json()["error"]
    assert (refused["code"], "start" in refused["message"].lower() + (refused["hint"] or "").lower()) == ("DATA_TIME", True)
    told = client.post("/api/datasets", files=sent, data={"name": "Flows", "family": "traffic", "start": "2018-01-01T00:00"})
    assert told.status_code == 201, told.text
    bad = table.read_text().replace("2024-01-01T00:10,52", "2024-01-01T00:10,x")
    error = client.post(
        "/api/datasets", files={"file": ("bad.csv", bad.encode(), "text/csv")}, data={"name": "Bad", "family": "traffic"}
    ).json()["error"]
    assert error["code"] == "DATA_CSV"
    assert error["fields"][0]["path"] == "bad.csv:4:2", "where the server keeps what is sent is not said"
    assert error["hint"]


def test_an_upload_on_the_page_is_read_as_its_form_says(home: Path, tmp_path: Path) -> None:
    bench = Workbench.open(Settings.load(home=home, check_state=True))
    try:
        context = AppContext(lambda: bench, bench.settings)
        content = "data:application/zip;base64," + base64.b64encode(write_npz(tmp_path / "flows.npz").read_bytes()).decode()
        with pytest.raises(DatasetError, match="start"):
            view.take_upload(context, "me", "traffic", content, "flows.npz", {"start": "", "unit": None})
        made_one = view.take_upload(context, "me", "traffic", content, "flows.npz", {"start": "2018-01-01T00:00", "kind": "npz"})
        assert made_one.record.manifest is not None
        assert made_one.record.manifest.about["start"].startswith("2018-01-01")
        fields = {spec.name for spec in field_specs(TrafficOptions)}
        assert fields == {"kind", "feature", "unit", "start", "interval_s", "zeros"}
        shown = layout.importing(family("traffic"), None)
        ids = [part.id["field"] for part in found(shown, lambda part: isinstance(getattr(part, "id", None), dict) and "field" in part.id)]
        assert fields <= set(ids), "options are there without a folder on the server, too"
    finally:
        bench.close()


def test_the_same_settings_and_seed_give_the_same_data_from_the_cache_and_anew(tmp_path: Path) -> None:
    class Places:
        data = None
        cache = tmp_path

    params = CorridorParams(days=1)
    first = loading.simulated(Places, params)  # type: ignore[arg-type]
    loading._corridor.cache_clear()
    again = loading.simulated(Places, params)  # type: ignore[arg-type]
    assert again.manifest == first.manifest
    assert first.data.road is not None
    assert again.data.road is not None
    for name, array in first.data.road.arrays().items():
        np.testing.assert_array_equal(again.data.road.arrays()[name], array)
    assert again.data.values.tobytes() == first.data.values.tobytes()
    (file,) = (tmp_path / "corridors").glob("*.npz")
    file.write_bytes(b"torn")
    loading._corridor.cache_clear()
    assert loading.simulated(Places, params).manifest == first.manifest  # type: ignore[arg-type]
    assert loading.simulated(Places, CorridorParams(days=1, seed=1)).manifest.content_sha256 != first.manifest.content_sha256  # type: ignore[arg-type]


def test_public_data_that_is_not_there_is_named_with_where_it_belongs(tmp_path: Path) -> None:
    class Places:
        data = tmp_path
        cache = tmp_path

    with pytest.raises(DatasetError) as caught:
        loading.metr_la(Places)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.key) == ("DATA_NOT_FOUND", "data.dataset")
    assert "metr-la.h5" in str(caught.value)
    assert "docs/traffic.md" in caught.value.hint
    (tmp_path / "metr-la.h5").write_bytes(b"other")
    with pytest.raises(DatasetError) as caught:
        loading.metr_la(Places)  # type: ignore[arg-type]
    assert caught.value.code == "DATA_CHECKSUM"


def test_the_sixty_detectors_are_read_from_the_folder_of_datasets(metr_la_60: Path, tmp_path: Path) -> None:
    class Places:
        data = metr_la_60.parents[1]
        cache = tmp_path

    found = loading.metr_la_60(Places)  # type: ignore[arg-type]
    assert found.data.shape == (10_282, 60, 1)
    assert found.manifest.about["located"] == 60
    assert [file.path for file in found.manifest.files] == ["metr-la-60/speed.csv.gz", "metr-la-60/sensors.csv"]


@pytest.mark.parametrize(
    ("name", "content", "options", "code", "words"),
    [
        ("t.csv", b"timestamp,a\n2024-01-01T00:00,1\n2024-01-01T00:05,1,2\n", [], "DATA_CSV", "t.csv:3"),
        ("t.csv", b"timestamp,a\n2024-01-01T00:00,fast\n", [], "DATA_CSV", "t.csv:2"),
        ("t.csv", b"timestamp,a\nnoon,1\n", [], "DATA_CSV", "t.csv:2"),
        ("t.csv", b"timestamp,a,a\n2024-01-01T00:00,1,2\n2024-01-01T00:05,1,2\n", [], "DATA_IDS", "twice"),
        ("t.csv", b"timestamp,a\n2024-01-01T00:05,1\n2024-01-01T00:00,1\n", [], "DATA_TIME", "Row 1"),
        ("t.csv", b"timestamp,a\n2024-01-01T00:00,inf\n2024-01-01T00:05,1\n", [], "DATA_NONFINITE", "infinite"),
        ("t.npz", b"no archive", ["--start", "2018-01-01T00:00"], "DATA_FORMAT", "archive"),
        ("t.npz", b"no archive", [], "DATA_TIME", "start"),
        ("t.h5", b"no container", [], "DATA_FORMAT", "HDF5"),
        ("t.csv.gz", b"no stream", [], "DATA_FORMAT", "gzip"),
        ("t.csv", b"timestamp,a\n2024-01-01T00:00,1\n", ["--kind", "parket"], "DATA_UNKNOWN_KIND", "parket"),
        ("t.csv", b"timestamp,a\n2024-01-01T00:00,1\n", ["--unit", "knots"], None, "unit"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_and_nothing_is_left(
    name: str, content: bytes, options: list[str], code: str | None, words: str, trellis: Any, tmp_path: Path, home: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    said = trellis("data", "import", tmp_path / name, "--name", "Broken", "--family", "traffic", *options, "--json")
    assert said.code != 0
    assert words.lower() in (said.err + said.out).lower()
    if code is not None:
        assert code in said.err + said.out
    assert "Broken" not in trellis("data", "list").out


def test_a_gap_is_told_at_import_and_refused_by_a_model_that_does_not_say_what_it_means(trellis: Any, tmp_path: Path) -> None:
    rows = [f"2024-01-01T{step // 12:02d}:{step % 12 * 5:02d},1,2" for step in range(280) if step != 100]
    said = trellis("data", "import", write_csv(tmp_path / "g.csv", rows), "--name", "Gaps", "--family", "traffic")
    assert said.code == 0, said.err
    assert "gap" in said.err + said.out
    sample = ["--sample", "gaps=error"]
    made_one = trellis("train", "--preset", "lstm_small", "--data", "gaps", *sample, "--json")
    assert made_one.code != 0
    assert "gaps" in made_one.err + made_one.out


def test_what_was_told_at_import_is_shown_again_and_zeros_may_be_missing(trellis: Any, tmp_path: Path) -> None:
    rows = [f"2024-01-0{1 + step // 288}T{step % 288 // 12:02d}:{step % 12 * 5:02d},{60 * (step % 2)},60" for step in range(400)]
    file = write_csv(tmp_path / "z.csv", rows)
    assert trellis("data", "import", file, "--name", "Zeros", "--family", "traffic").code == 0
    shown = trellis("data", "show", "zeros").out
    assert "25.0% of its speeds are zero" in " ".join(shown.split())
    assert trellis("data", "import", file, "--name", "None", "--family", "traffic", "--zeros", "missing").code == 0
    assert json.loads(trellis("data", "show", "none", "--json").out)["zero_speeds"] == 0


def test_a_dataset_without_its_file_is_said_to_miss_it_everywhere_with_where_it_goes(home: Path, client: TestClient, trellis: Any) -> None:
    put = f"put it at {home / 'files' / 'metr-la' / 'metr-la.h5'}"
    answer = client.get("/api/datasets/metr_la").json()
    assert answer["status"] == "missing"
    assert put in answer["description"]
    assert client.get("/api/datasets/corridor").json()["status"] == "available"
    bench = Workbench.open(Settings.load(home=home, data=home / "files", check_state=True))
    try:
        row = rows.row_of(bench, bench.state().datasets["metr_la"])
        assert row.state == "file missing"
        assert put in (row.problem or "")
        page = layout.one(row, ())
        assert " ".join(text_of(page).split()).count(layout.ABSENT) == 2
        context = AppContext(lambda: bench, bench.settings)
        start = create.start_of(context, {"family": "traffic", "dataset": "metr_la"})
        assert start.source.id == "metr_la"
        assert "METR-LA (file missing)" in [option["label"] for option in dataset_options(start)]
        missing = create.judged(context, {"family": "traffic", "dataset": "metr_la"}, {}, {}, "").missing
        assert missing is not None
        assert missing.target == "create-dataset"
        assert put in missing.message
        with pytest.raises(DatasetError, match="is not there"):
            bench.datasets.prepare("metr_la")
        (home / "files" / "metr-la").mkdir(parents=True)
        (home / "files" / "metr-la" / "metr-la.h5").touch()
        assert rows.row_of(bench, bench.state().datasets["metr_la"]).state == "not read yet"
        assert create.judged(context, {"family": "traffic", "dataset": "metr_la"}, {}, {}, "").missing is None
    finally:
        bench.close()
    listed = {found["id"]: found for found in json.loads(trellis("data", "list", "--json").out)}
    assert (listed["pems_bay"]["status"], listed["corridor"]["status"]) == ("missing", "available")
    assert "pems-bay/pems-bay.h5" in listed["pems_bay"]["problem"]
    assert "file missing" in trellis("data", "show", "pems_bay").out


def test_files_that_choose_data_whose_file_is_missing_are_told_where_it_goes(home: Path) -> None:
    bench = Workbench.open(Settings.load(home=home, data=home / "files", check_state=True))
    try:
        context = AppContext(lambda: bench, bench.settings)
        for data, fits in (("pems04", False), ("corridor", True)):
            parts = {"model": "lstm_small", "data": data, "training": "fast_dev"}
            judged = layered.judged(context, Choice("traffic", parts))[0]
            assert judged.problems == ()
            said = " ".join(text for part in setup.summary(judged) for text in text_of(part).split())
            assert ("Everything fits together." in said) is fits
            assert (f"PEMS04: Its file is missing: put it at {home / 'files' / 'pems04' / 'PEMS04.npz'}." in said) is not fits
    finally:
        bench.close()
