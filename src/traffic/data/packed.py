"""A file of traffic data and the lists beside it, `sensors.csv` and `edges.csv`, sent as one .zip."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from traffic.data.csv_wide import SENSORS
from traffic.data.edges import FILE as EDGES
from traffic.data.edges import names_beside
from traffic.data.files import malformed, reading, require_file
from traffic.data.limits import require_bytes
from traffic.errors import TrafficError

ENDING = ".zip"
FORM = f"a .zip of one file of data and, if there are such, its {SENSORS} and {EDGES}"


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The file of data in a .zip, with the lists beside it, in a folder that goes when the block ends; `path` itself if it is none.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT for a file that is no .zip, is damaged or holds other files; DATA_LIMIT for one that is too large.
    """
    if path.suffix.lower() != ENDING:
        yield path
        return
    require_file(path, FORM)
    with tempfile.TemporaryDirectory(prefix="trellis-unpacked-") as folder:
        with reading(path, "The archive"), zipfile.ZipFile(path) as archive:
            data = _extract(path, archive, Path(folder))
        try:
            yield data
        except TrafficError as error:
            error.where = error.where.replace(folder, str(path))
            error.file = error.file and error.file.replace(folder, str(path))
            raise


def _extract(path: Path, archive: zipfile.ZipFile, folder: Path) -> Path:
    # what programs put into an archive for themselves is hidden or in __MACOSX
    wanted = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(PurePosixPath(entry.filename))]
    named = [PurePosixPath(entry.filename).name for entry in wanted]
    data = [name for name in named if name not in (SENSORS, EDGES)]
    if len(data) > 1:
        # a list of edges may have the name of its data
        data = [name for name in data if not any(name in names_beside(other) for other in data if other != name)]
    if len(data) != 1 or len(set(named)) < len(named) or len(named) > 3:
        names = ", ".join(entry.filename[:60] for entry in wanted[:5]) or "nothing"
        raise malformed(path, "The archive", f"holds {names}, not one file of data with its {SENSORS} and {EDGES}", expected=FORM)
    size = sum(entry.file_size for entry in wanted)
    require_bytes(path, "The archive", size)
    for entry in wanted:
        with archive.open(entry) as packed, open(folder / PurePosixPath(entry.filename).name, "wb") as out:
            shutil.copyfileobj(packed, out)
    return folder / data[0]


def _hidden(name: PurePosixPath) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.parts)
