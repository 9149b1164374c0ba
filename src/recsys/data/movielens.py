"""MovieLens-100K and MovieLens-1M as tables (Harper and Konstan, 2015), one row a rating, in the files' order.

Ids are text. An item is a `movie_id`; `movie_title` may take its place, under which a few movies fall together.
`release_year` is that of the release date, or of the title where there is none; `genres` are sorted names joined
by `|`. Of MovieLens-1M `age` is the lower end of an age group. Movies that nobody rated are in no row.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from recsys.data.movielens_files import ML_1M, ML_100K, Found, Places, locate, places, read
from recsys.data.schema import Role
from recsys.data.table import Table, table_of
from workbench.datasets import DatasetError
from workbench.download import Progress

if TYPE_CHECKING:
    import polars as pl

ID_100K, ID_1M = "movielens-100k", "movielens-1m"
ROLES: Mapping[str, Role] = {
    "user_id": "user_id",
    "movie_id": "item_id",
    "movie_title": "item_attribute",
    "rating": "outcome",
    "timestamp": "timestamp",
    "age": "user_attribute",
    "gender": "user_attribute",
    "occupation": "user_attribute",
    "zip_code": "user_attribute",
    "release_year": "item_attribute",
    "genres": "item_attribute",
}
GENRES = (
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama",
    "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
"""Of MovieLens-100K, in the order of its flags."""
OCCUPATIONS = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer",
    "programmer", "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer",
    "tradesman/craftsman", "unemployed", "writer",
)  # fmt: skip
"""Of MovieLens-1M, in the order of their numbers."""

_RATING = ("user_id", "movie_id", "rating", "timestamp")


def load_100k(settings: Places, *, progress: Progress | None = None, address: str | None = None) -> Table:
    """MovieLens-100K. Raises DatasetError as `movielens_files.locate`, or DS_PARSE naming file and line."""
    return _read(ID_100K, _stamped(locate(ML_100K, settings, progress=progress, address=address)))


def load_1m(settings: Places, *, progress: Progress | None = None, address: str | None = None) -> Table:
    """MovieLens-1M, likewise."""
    return _read(ID_1M, _stamped(locate(ML_1M, settings, progress=progress, address=address)))


def files_100k(settings: Places) -> tuple[Path, ...] | None:
    """Where the files are; None if they would have to be downloaded. Raises DatasetError."""
    return places(ML_100K, settings)


def files_1m(settings: Places) -> tuple[Path, ...] | None:
    """Likewise."""
    return places(ML_1M, settings)


Stamped = tuple[tuple[Path, int, int], ...]


def _stamped(paths: tuple[Path, ...]) -> Stamped:
    return tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths)


@lru_cache(maxsize=2)
def _read(source: str, files: Stamped) -> Table:
    """The files as a table; kept until one of them changes."""
    release, frame_of = (ML_100K, _frame_100k) if source == ID_100K else (ML_1M, _frame_1m)
    found = read(release, tuple(path for path, _, _ in files))
    frame = frame_of(found)
    table = table_of(frame, ROLES, source=source, notices=found.notices)
    manifest = table.manifest.model_copy(update={"files": found.files})
    return Table(table.frame, table.schema, manifest)


def _frame_100k(found: Found) -> pl.DataFrame:
    import polars as pl

    ratings = _lines(found, "u.data", "\t", _RATING, whole=("rating", "timestamp"))
    flags = [f"genre{number}" for number in range(len(GENRES))]
    movies = _lines(
        found, "u.item", "|", ("movie_id", "movie_title", "released", "video", "address", *flags)
    ).select(
        "movie_id",
        "movie_title",
        release_year=pl.coalesce(
            pl.col("released").str.extract(r"(\d{4})$"), pl.col("movie_title").str.extract(r"\((\d{4})\)\s*$")
        ).cast(pl.Int64),
        genres=pl.concat_list(
            pl.when(pl.col(flag) == "1").then(pl.lit(name))
            for name, flag in sorted(zip(GENRES, flags, strict=True))
        )
        .list.drop_nulls()
        .list.join("|"),
    )
    users = _lines(
        found, "u.user", "|", ("user_id", "age", "gender", "occupation", "zip_code"), whole=("age",)
    )
    return _joined(ratings, movies, users, found)


def _frame_1m(found: Found) -> pl.DataFrame:
    import polars as pl

    ratings = _lines(found, "ratings.dat", "::", _RATING, whole=("rating", "timestamp"))
    movies = _lines(found, "movies.dat", "::", ("movie_id", "movie_title", "genres")).with_columns(
        release_year=pl.col("movie_title").str.extract(r"\((\d{4})\)\s*$").cast(pl.Int64),
        genres=pl.col("genres").str.split("|").list.sort().list.join("|"),
    )
    users = _lines(
        found, "users.dat", "::", ("user_id", "gender", "age", "occupation", "zip_code"), whole=("age",)
    )
    named = pl.col("occupation").replace_strict(
        {str(number): name for number, name in enumerate(OCCUPATIONS)}, default=pl.col("occupation")
    )
    return _joined(ratings, movies, users.with_columns(named), found)


def _joined(ratings: Any, movies: Any, users: Any, found: Found) -> pl.DataFrame:
    """One row a rating, with what is known of its movie and its user."""
    import polars as pl

    rated, listed, people = found.content
    _require_known(ratings, movies, "movie_id", rated, listed)
    _require_known(ratings, users, "user_id", rated, people)
    joined = ratings.join(movies, on="movie_id", how="left", maintain_order="left").join(
        users, on="user_id", how="left", maintain_order="left"
    )
    return joined.select(
        "user_id",
        "movie_id",
        "movie_title",
        pl.col("rating").cast(pl.Float64),
        pl.from_epoch("timestamp", "s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "age",
        "gender",
        "occupation",
        "zip_code",
        "release_year",
        "genres",
    )


def _require_known(ratings: Any, known: Any, column: str, file: str, other: str) -> None:
    strangers = ratings.join(known, on=column, how="anti")
    if strangers.height:
        example = strangers[column][0]
        raise DatasetError(
            f"{file} rates the {column} {example}, which {other} does not have.",
            code="DS_PARSE",
            where=file,
            hint="Take all files from one release.",
        )


def _lines(
    found: Found, file: str, separator: str, columns: tuple[str, ...], *, whole: tuple[str, ...] = ()
) -> pl.DataFrame:
    """A file of lines, latin-1, as text and, in some columns, whole numbers.

    Raises:
        DatasetError: DS_PARSE naming the first line that is not like this.
    """
    import polars as pl

    text = io.BytesIO(found.content[file].decode("latin-1").encode())
    parts = pl.read_lines(text, name="line")["line"].str.strip_chars_end("\r").str.split(separator)
    wrong = (parts.list.len() != len(columns)).arg_true()
    if len(wrong):
        fields = len(parts[wrong[0]])
        _refuse(file, wrong[0], f"has {fields} fields, expected {len(columns)}: {', '.join(columns)}")
    frame = pl.DataFrame({name: parts.list.get(place) for place, name in enumerate(columns)})
    numbers = frame.select(pl.col(whole).cast(pl.Int64, strict=False))
    for column in whole:
        wrong = numbers[column].is_null().arg_true()
        if len(wrong):
            _refuse(file, wrong[0], f"has the {column} {frame[column][wrong[0]]!r}, which is no whole number")
    return frame.with_columns(numbers)


def _refuse(file: str, row: int, what: str) -> NoReturn:
    raise DatasetError(
        f"Line {row + 1:,} of {file} {what}.",
        code="DS_PARSE",
        where=f"{file}, line {row + 1}",
        hint="Copy the file again.",
    )
