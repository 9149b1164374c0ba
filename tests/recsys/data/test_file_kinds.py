"""Files that are no text although they are called .csv."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from recsys.data.file_kinds import kind_of
from recsys.data.options import TableOptions
from recsys.data.upload import read_import
from workbench.datasets import DatasetError

TABLE = ("user_id,item_id\n" + "u1,i1\nu2,i2\n" * 80).encode()


def picture(form: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, form)
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, TABLE)
    return buffer.getvalue()


def written(what: str, tmp_path: Path) -> bytes:
    frame = pl.DataFrame({"a": [1, 2]})
    if what == "sqlite":
        with sqlite3.connect(tmp_path / "x") as connection:
            connection.execute("create table t (a)")
        connection.close()
    elif what == "arrow":
        frame.write_ipc(tmp_path / "x")
    else:
        np.save(tmp_path / "x.npy", np.arange(3))
        return (tmp_path / "x.npy").read_bytes()
    return (tmp_path / "x").read_bytes()


@pytest.mark.parametrize(
    ("content", "says", "hint"),
    [
        (gzip.compress(TABLE, mtime=0), "a file packed with gzip", "Unpack it"),
        (bz2.compress(TABLE), "a file packed with bzip2", "Unpack it"),
        (lzma.compress(TABLE), "a file packed with xz", "Unpack it"),
        (zipped("table.csv"), "a ZIP archive", "Unpack it"),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), "a spreadsheet", "save the table as CSV"),
        (picture("PNG"), "a PNG image", "Choose a CSV or a Parquet file"),
        (picture("JPEG"), "a JPEG image", "Choose a CSV or a Parquet file"),
        (picture("GIF"), "a GIF image", "Choose a CSV or a Parquet file"),
        (pickle.dumps({"a": list(range(500))}), "a Python pickle", "Write the table as CSV"),
        ("sqlite", "an SQLite database", "save the table as CSV"),
        ("arrow", "an Arrow (Feather) file", "as Parquet"),
        ("numpy", "a NumPy file", "as CSV or Parquet"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",
)
@pytest.mark.parametrize("encoding", ["auto", "latin-1"])
def test_a_file_of_another_kind_is_named_by_its_first_bytes(
    tmp_path: Path, content: bytes | str, says: str, hint: str, encoding: str
) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else written(content, tmp_path))
    with pytest.raises(DatasetError) as caught:
        read_import(path, TableOptions(encoding=encoding))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.where) == ("DS_PARSE", "mine.csv")
    assert f"mine.csv is {says}" in caught.value.message
    assert hint in caught.value.hint
    assert "encoding" not in str(caught.value)


@pytest.mark.parametrize("head", [b"ORC,b\n1,2\n", b"BZh,b\n", b"GIF89a,b\n", b"PK,b\n", b"a,b\n", b""])
def test_text_that_begins_like_another_kind_is_text(head: bytes) -> None:
    assert kind_of(head) is None
