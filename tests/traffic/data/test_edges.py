"""Lists of edges: what they say, where they lie, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.traffic.making import made
from traffic.data import hdf5, reading
from traffic.data.about import content_sha256, manifest_of
from traffic.data.describing import describe
from traffic.data.edges import Edges, edges_of, read_edges
from traffic.data.loaded import arrays_of, opened
from traffic.data.selection import selected
from traffic.errors import TrafficError
from workbench.state import DatasetRecord

IDS = ("a", "b", "c", "d")
ROWS = "timestamp,a,b,c\n" + "".join(f"2024-01-01T00:{5 * step:02d},60,61,62\n" for step in range(12))
EDGES = "from,to,cost\na,b,300\nb,c,100\n"


def written(folder: Path, text: str, name: str = "edges.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def said(edges: Edges | None) -> list[tuple[str, str, float]]:
    assert edges is not None
    return list(zip(edges.start.tolist(), edges.end.tolist(), edges.cost.tolist(), strict=True))


def test_a_list_says_which_detectors_lie_next_to_each_other(tmp_path: Path) -> None:
    path = written(tmp_path, "road,from,to,cost\nI5, a,b ,300\nI5,b,a,200.5\n\nI5,c,b,100\nI5,a,other,1\nI5,a,a,5\n")
    assert said(read_edges(path, IDS)) == [("a", "b", 300.0), ("b", "a", 200.5), ("c", "b", 100.0)]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("from,to,length\na,b,1\n", "DATA_CSV", 1, 1),
        ("from,to,cost\na,b,1\na,b\n", "DATA_CSV", 3, 2),
        ("from,to,cost\na,b,far\n", "DATA_CSV", 2, 3),
        ("cost,from,to\n-1,a,b\n", "DATA_CSV", 2, 1),
        ("from,to,cost\na,b,\n", "DATA_CSV", 2, 3),
        ("from,to,cost\na,b,inf\n", "DATA_CSV", 2, 3),
        ("from,to,cost\na,elsewhere,1\n", "DATA_IDS", None, None),
        ("from,to,cost\na,a,1\n", "DATA_IDS", None, None),
        ("from,to,cost\n", "DATA_IDS", None, None),
    ],
)
def test_a_list_that_says_nothing_is_refused_with_the_place(
    tmp_path: Path, text: str, code: str, line: int | None, column: int | None
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TrafficError) as caught:
        read_edges(path, IDS)
    assert (caught.value.code, caught.value.file, caught.value.line, caught.value.column) == (code, str(path), line, column)


def test_a_list_that_is_not_there_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(TrafficError) as caught:
        read_edges(tmp_path / "edges.csv", IDS)
    assert caught.value.code == "DATA_NOT_FOUND"


def test_a_list_beside_a_table_comes_with_it_and_a_faulty_one_is_said(tmp_path: Path) -> None:
    table = written(tmp_path, ROWS, "speeds.csv")
    assert reading.read("csv_wide", table).edges is None
    written(tmp_path, EDGES)
    assert said(reading.read("csv_wide", table).edges) == [("a", "b", 300.0), ("b", "c", 100.0)]
    written(tmp_path, EDGES.replace("100", "near"))
    with pytest.raises(TrafficError, match=r"edges.csv, line 3"):
        reading.read("csv_wide", table)


def test_lists_beside_a_file_without_names_of_its_own_say_places_and_edges(tmp_path: Path) -> None:
    path = tmp_path / "PEMS99.npz"
    np.savez(path, data=np.full((12, 3, 1), 60.0, np.float32))
    ids = reading.read("npz", path, start="2024-01-01T00:00").sensor_ids
    written(tmp_path, ROWS, "PEMS99.csv")
    assert reading.read("npz", path, start="2024-01-01T00:00").edges is None, "the same data as another kind of file is no list"
    written(tmp_path, f"from,to,cost\n{ids[0]},{ids[2]},12.5\n", "PEMS99.csv")
    written(tmp_path, f"sensor_id,latitude,longitude\n{ids[1]},34,-118\n", "sensors.csv")
    data = reading.read("npz", path, start="2024-01-01T00:00")
    assert said(data.edges) == [(ids[0], ids[2], 12.5)]
    assert data.coordinates is not None
    np.testing.assert_array_equal(data.coordinates[1], [34, -118])


def test_edges_are_kept_with_the_data_and_change_what_it_is(tmp_path: Path) -> None:
    edges = Edges(np.array(["a", "c"]), np.array(["b", "d"]), np.array([1.5, 2.0]))
    data = made(sensors=4, sensor_ids=IDS, edges=edges)
    manifest = manifest_of(data, source="csv_wide", loader_version=1)
    assert manifest.about["edges"] is True
    assert manifest.content_sha256 == content_sha256(data) != content_sha256(made(sensors=4, sensor_ids=IDS))
    np.savez(tmp_path / "kept.npz", **arrays_of(data))  # pyright: ignore[reportArgumentType]
    with np.load(tmp_path / "kept.npz") as kept:
        again = opened(dict(kept), manifest).data
    assert said(again.edges) == said(edges)
    hdf5.write(data, tmp_path / "data.hdf5", name="kept")
    assert said(hdf5.read(tmp_path / "data.hdf5").edges) == said(edges)


def test_chosen_detectors_keep_the_edges_between_them() -> None:
    edges = Edges(np.array(["a", "c"]), np.array(["b", "d"]), np.array([1.5, 2.0]))
    found = selected(made(sensors=4, sensor_ids=IDS, edges=edges), sensor_ids=("d", "c", "a"))
    assert said(found.edges) == [("c", "d", 2.0)]


def test_a_part_of_edges_and_costs_that_are_no_lengths_are_refused() -> None:
    arrays = Edges(np.array(["a"]), np.array(["b"]), np.array([1.0])).arrays()
    assert edges_of({}) is None
    with pytest.raises(ValueError, match="missing"):
        edges_of({name: array for name, array in arrays.items() if name != "edge_cost"})
    for cost in (np.array([-1.0]), np.array([np.nan]), np.array([1]), np.array([1.0, 2.0])):
        with pytest.raises(ValueError, match=r"edges are|no length"):
            edges_of({**arrays, "edge_cost": cost})


@pytest.mark.parametrize(
    ("located", "edges", "neighbours"),
    [(4, False, "coords"), (4, True, "coords"), (2, True, "edges"), (0, True, "edges"), (0, False, "none")],
)
def test_a_model_on_imported_data_begins_with_what_says_who_is_near(located: int, edges: bool, neighbours: str) -> None:
    places = np.where(np.arange(4)[:, None] < located, 34.0, np.nan) * np.ones(2)
    joined = Edges(np.array(["a"]), np.array(["b"]), np.array([1.0])) if edges else None
    manifest = manifest_of(made(sensors=4, sensor_ids=IDS, coordinates=places, edges=joined), source="csv_wide", loader_version=1)
    record = DatasetRecord.model_construct(id="data", name="Data", family="traffic", manifest=manifest)
    assert describe(record, None).default_sample["neighbours"] == neighbours
