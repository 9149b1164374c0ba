"""MovieLens from a folder or a download. No data of MovieLens is in these tests: files are made up or found."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from recsys.data import movielens, movielens_files
from recsys.data.movielens_files import ML_1M, ML_100K, Download
from tests.support.mirror import Mirror, serving
from workbench.datasets import DatasetError

RATINGS = "1::20::5::978300760\n2::10::3::978302109\n1::30::1::978301968\n"
MOVIES = "10::Café (1994)::Drama|Action\n20::Two: More (1977)::Sci-Fi\n30::No Year::Comedy\n40::Unseen (1990)::War\n"
USERS = "1::F::1::10::48067\n2::M::56::0::00123\n"
FILES_1M = {"ratings.dat": RATINGS, "movies.dat": MOVIES, "users.dat": USERS}
FILES_100K = {
    "u.data": "7\t2\t4\t874724710\n8\t1\t2\t893286638\n",
    "u.item": "1|Two Ones (1990)|01-Jan-1995||http://x|" + "|".join("0010000000000000001") + "\n"
    "2|Untold (1988)|||http://y|" + "|".join("1000000000000000000") + "\n",
    "u.user": "7|24|M|technician|85711\n8|53|F|other|T8H1N\n",
}


@dataclass
class Places:
    """Where to look, and where downloads go."""

    data: Path | None
    downloads: Path


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "data").mkdir()
    return Places(tmp_path / "data", tmp_path / "downloads")


def put(places: Places, folder: str, files: dict[str, str]) -> Path:
    assert places.data is not None
    target = places.data / folder
    target.mkdir(exist_ok=True)
    for name, text in files.items():
        (target / name).write_bytes(text.encode("latin-1"))
    return target


def archive(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, text in files.items():
            made.writestr(f"ml-1m/{name}", text.encode("latin-1"))
    return packed.getvalue()


def pinned(monkeypatch: pytest.MonkeyPatch, content: dict[str, bytes]) -> None:
    """Have the loaders take these bytes for the published ones."""
    for name, release in (("ML_1M", ML_1M), ("ML_100K", ML_100K)):
        downloads = tuple(
            Download(d.name, hashlib.sha256(content.get(d.name, b"?")).hexdigest(), d.max_bytes)
            for d in release.downloads
        )
        own = {d.name: d.sha256 for d in downloads} if release.sha256 else {}
        changed = dataclasses.replace(release, downloads=downloads, sha256=own)
        monkeypatch.setattr(movielens, name, changed)
        monkeypatch.setattr(movielens_files, name, changed)


def test_movielens_100k_is_what_is_known_of_it(movielens_folder: Path, tmp_path: Path) -> None:
    settings = Places(movielens_folder, tmp_path)
    table = movielens.load_100k(settings)
    frame, facts = table.frame, table.facts
    assert (facts.rows, facts.users, facts.items, facts.dropped) == (100_000, 943, 1682, 0)
    assert frame["movie_title"].n_unique() == 1664
    assert frame["rating"].mean() == pytest.approx(3.52986)
    assert (frame["rating"].min(), frame["rating"].max()) == (1, 5)
    assert (facts.first_second, facts.last_second) == (874_724_710, 893_286_638)
    assert frame.group_by("user_id").len()["len"].min() >= 20  # type: ignore[operator]
    assert facts.notices == ()
    assert frame.columns == list(movielens.ROLES)
    assert frame.null_count().sum_horizontal()[0] == frame["release_year"].null_count() == 9
    one = frame.filter(pl.col("movie_id") == "1").row(0, named=True)
    assert (one["movie_title"], one["release_year"]) == ("Toy Story (1995)", 1995)
    assert one["genres"] == "Animation|Children's|Comedy"
    assert [file.path for file in table.manifest.files] == [
        "ml-100k/u.data",
        "ml-100k/u.item",
        "ml-100k/u.user",
    ]
    assert movielens.load_100k(settings) is table
    assert "Miserables" in "".join(frame["movie_title"].unique()).replace("é", "e")


def test_files_of_ones_own_are_read_and_said_to_be_unknown(places: Places) -> None:
    put(places, "ml-100k", FILES_100K)
    table = movielens.load_100k(places)
    assert table.frame.rows()[0][:4] == ("7", "2", "Untold (1988)", 4.0)
    assert table.frame["release_year"].to_list() == [1988, 1995]
    assert table.frame["genres"].to_list() == ["unknown", "Adventure|Western"]
    assert table.frame["zip_code"].to_list() == ["85711", "T8H1N"]
    (notice,) = table.facts.notices
    assert notice.code == "DS_HASH_UNKNOWN"
    assert "u.data, u.item, u.user" in notice.message


def test_movielens_1m_is_read_as_its_readme_says(places: Places) -> None:
    put(places, "ml-1m", FILES_1M)
    table = movielens.load_1m(places)
    assert table.frame.drop("timestamp").rows() == [
        ("1", "20", "Two: More (1977)", 5.0, 1, "F", "K-12 student", "48067", 1977, "Sci-Fi"),
        ("2", "10", "Café (1994)", 3.0, 56, "M", "other", "00123", 1994, "Action|Drama"),
        ("1", "30", "No Year", 1.0, 1, "F", "K-12 student", "48067", None, "Comedy"),
    ]
    assert table.frame["timestamp"].dt.epoch("s").to_list() == [978300760, 978302109, 978301968]
    assert table.interactions.item_ids == ["10", "20", "30"]
    assert table.facts.notices[0].code == "DS_HASH_UNKNOWN"


def test_a_changed_file_is_read_again(places: Places) -> None:
    folder = put(places, "ml-1m", FILES_1M)
    before = movielens.load_1m(places)
    (folder / "ratings.dat").write_text(RATINGS + "2::40::2::978302110\n")
    after = movielens.load_1m(places)
    assert (before.facts.rows, after.facts.rows) == (3, 4)
    assert before.manifest.content_sha256 != after.manifest.content_sha256


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("ratings.dat", "1::20::5\n", "Line 1 of ratings.dat has 3 fields, expected 4"),
        ("ratings.dat", "1::20::5::1\n1::20::x::1\n", "Line 2 of ratings.dat has the rating 'x'"),
        ("ratings.dat", "1::99::5::1\n", "rates the movie_id 99, which movies.dat does not have"),
        ("ratings.dat", "9::20::5::1\n", "rates the user_id 9, which users.dat does not have"),
        ("users.dat", "1::F::young::10::4\n", "has the age 'young'"),
        ("movies.dat", MOVIES + "\n", "Line 5 of movies.dat has 1 fields, expected 3"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(places: Places, name: str, text: str, said: str) -> None:
    put(places, "ml-1m", FILES_1M | {name: text})
    with pytest.raises(DatasetError, match=said) as caught:
        movielens.load_1m(places)
    assert caught.value.code == "DS_PARSE"
    assert name in caught.value.where


def test_a_folder_that_lacks_a_file_is_named_and_nothing_is_downloaded(places: Places) -> None:
    folder = put(places, "ml-1m", {"ratings.dat": RATINGS})
    with pytest.raises(DatasetError, match=f"movies.dat, users.dat are missing in {folder}"):
        movielens.load_1m(places, address="http://127.0.0.1:1")
    with pytest.raises(DatasetError, match="are missing"):
        movielens.files_1m(places)
    assert not places.downloads.exists()


def test_downloads_are_kept_and_read_without_a_warning(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {name: text.encode("latin-1") for name, text in FILES_100K.items()} | {
        "ml-1m.zip": archive(FILES_1M)
    }
    pinned(monkeypatch, content)
    assert movielens.files_100k(places) is None
    with serving(Mirror({f"/{name}": data for name, data in content.items()})) as mirror:
        assert movielens.load_100k(places, address=mirror.address).facts.notices == ()
        table = movielens.load_1m(places, address=mirror.address)
    assert (table.facts.rows, table.facts.notices) == (3, ())
    assert [file.path for file in table.manifest.files] == [
        "ml-1m/ratings.dat",
        "ml-1m/movies.dat",
        "ml-1m/users.dat",
    ]
    assert movielens.files_1m(places) == (places.downloads / "ml-1m" / "ml-1m.zip",)
    assert movielens.load_1m(places) is table


@pytest.mark.parametrize("load", [movielens.load_100k, movielens.load_1m])
def test_a_download_with_another_checksum_is_deleted_and_refused(places: Places, load) -> None:
    wrong = {f"/{name}": b"something else" for name in ("u.data", "u.item", "u.user", "ml-1m.zip")}
    with (
        serving(Mirror(wrong)) as mirror,
        pytest.raises(DatasetError, match="is not the published file") as caught,
    ):
        load(places, address=mirror.address)
    assert caught.value.code == "DS_HASH_MISMATCH"
    assert [
        path.name
        for path in places.downloads.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    ] == []


def test_a_kept_archive_that_changed_is_refused(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    target = places.downloads / "ml-1m" / "ml-1m.zip"
    target.parent.mkdir(parents=True)
    target.write_bytes(archive(FILES_1M))
    with pytest.raises(DatasetError) as caught:
        movielens.load_1m(places)
    assert caught.value.code == "DS_HASH_MISMATCH"
    pinned(monkeypatch, {"ml-1m.zip": archive({"ratings.dat": RATINGS})})
    target.write_bytes(archive({"ratings.dat": RATINGS}))
    with pytest.raises(DatasetError, match="cannot be unpacked"):
        movielens.load_1m(places)


def test_a_server_that_is_not_there_is_no_wrong_checksum(places: Places) -> None:
    with pytest.raises(DatasetError, match="could not be downloaded") as caught:
        movielens.load_100k(places, address="http://127.0.0.1:1")
    assert caught.value.code == "invalid"
