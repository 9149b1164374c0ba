"""What a file is by its first bytes, where it is neither a table's text nor Parquet."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 4096
"""Bytes that are looked at."""
_UNPACK = "Unpack it and import the CSV or Parquet file that is in it."
_EXPORT = "Open it in the program that wrote it and save the table as CSV in UTF-8."
_OTHER = "Choose a CSV or a Parquet file."
_SHEETS = (b"xl/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")


@dataclass(frozen=True)
class FileKind:
    """What a file is, as after "it is", and what to do about it."""

    words: str
    hint: str


_KINDS: tuple[tuple[bytes, FileKind], ...] = (
    (b"\x1f\x8b", FileKind("a file packed with gzip", _UNPACK)),
    (b"BZh", FileKind("a file packed with bzip2", _UNPACK)),
    (b"\xfd7zXZ\0", FileKind("a file packed with xz", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", FileKind("a file packed with Zstandard", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", FileKind("a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", FileKind("a RAR archive", _UNPACK)),
    (b"PK\x03\x04", FileKind("a ZIP archive", _UNPACK)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        FileKind("a file of an older Office program, such as Excel", _EXPORT),
    ),
    (b"SQLite format 3\0", FileKind("an SQLite database", _EXPORT)),
    (b"ARROW1", FileKind("an Arrow (Feather) file", "Write the table as Parquet and import that.")),
    (b"ORC", FileKind("an ORC file", "Write the table as Parquet and import that.")),
    (b"Obj\x01", FileKind("an Avro file", "Write the table as Parquet and import that.")),
    (b"\x89HDF\r\n\x1a\n", FileKind("an HDF5 file", "Write the table as Parquet and import that.")),
    (b"\x93NUMPY", FileKind("a NumPy file", "Write the table as CSV or Parquet and import that.")),
    (b"\x80\x04\x95", FileKind("a Python pickle", "Write the table as CSV or Parquet and import that.")),
    (b"\x80\x05\x95", FileKind("a Python pickle", "Write the table as CSV or Parquet and import that.")),
    (b"%PDF-", FileKind("a PDF document", _OTHER)),
    (b"\x89PNG\r\n\x1a\n", FileKind("a PNG image", _OTHER)),
    (b"\xff\xd8\xff", FileKind("a JPEG image", _OTHER)),
    (b"GIF87a", FileKind("a GIF image", _OTHER)),
    (b"GIF89a", FileKind("a GIF image", _OTHER)),
    (b"II*\0", FileKind("a TIFF image", _OTHER)),
    (b"MM\0*", FileKind("a TIFF image", _OTHER)),
    (b"BM", FileKind("a BMP image", _OTHER)),
    (b"\x7fELF", FileKind("a program", _OTHER)),
)
_WRITE = "Write its table as CSV or Parquet and import that."
_TEXTS: tuple[tuple[re.Pattern[bytes], FileKind], ...] = (
    (re.compile(rb"<(!doctype html|html|head|body)\b", re.IGNORECASE), FileKind("an HTML page", _WRITE)),
    (re.compile(rb"<(\?xml|svg)\b", re.IGNORECASE), FileKind("an XML document", _WRITE)),
    (re.compile(rb'\{\s*("[^"]*"\s*:|\})|\[\s*([\[{]|\]\s*$|"[^"]*"\s*[,\]])'), FileKind("JSON", _WRITE)),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), FileKind("a WebP image", _OTHER)),
)
"""What has no mark of its own, by how it begins after a mark of UTF-8 and space."""
_BEFORE = re.compile(rb"(\xef\xbb\xbf)?\s*")
_SPREADSHEET = FileKind("a spreadsheet (Excel or OpenDocument)", _EXPORT)
_WORDS = frozenset({b"BZh", b"ORC", b"ARROW1", b"GIF87a", b"GIF89a", b"BM"})
"""Marks that may be the first word of a table as well, unless a zero byte follows."""


def kind_of(head: bytes) -> FileKind | None:
    """What a file is that begins with some bytes, of which `HEAD` are enough; None for a table's text and all else."""
    for mark, kind in _KINDS:
        if head.startswith(mark) and (mark not in _WORDS or 0 in head):
            sheet = kind.words == "a ZIP archive" and any(sign in head for sign in _SHEETS)
            return _SPREADSHEET if sheet else kind
    begin = _BEFORE.match(head)
    return next((kind for form, kind in _TEXTS if form.match(head, begin.end() if begin else 0)), None)
