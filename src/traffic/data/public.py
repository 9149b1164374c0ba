"""Published files that are known: where their clocks start, what shape they have, and how they are told from others."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from traffic.errors import Place, TrafficError
from workbench.artefacts import sha256_of

if TYPE_CHECKING:
    from traffic.data.contract import TrafficData


@dataclass(frozen=True)
class Published:
    """A published dataset.

    Attributes:
        kind: of the reader. file: its usual name. shape: steps, detectors, features.
        start: first time, for a kind whose files hold none. bytes: size. sha256: checksum.
        blob_sha1: checksum by which git knows the file; either this or `sha256`, or none is published.
    """

    kind: str
    file: str
    shape: tuple[int, int, int] | None = None
    start: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    blob_sha1: str | None = None


PUBLISHED = {
    "metr_la": Published(
        "pandas_h5", "metr-la.h5", (34272, 207, 1), bytes=57_038_056,
        sha256="64784b76d6fb8ec9bff4b6decafb354da2bb37840468fdccee5044e511277c05",
    ),
    "pems_bay": Published(
        "pandas_h5", "pems-bay.h5", (52116, 325, 1), bytes=135_930_936,
        sha256="65d69fb0a2323dba9867179eb7af47c8b814186bc459ff0a4937d21614153c8f",
    ),
    "pems03": Published("npz", "PEMS03.npz", start="2018-09-01T00:00"),
    "pems04": Published(
        "npz", "PEMS04.npz", (16992, 307, 3), start="2018-01-01T00:00", blob_sha1="a1a39eac4b86963b1ac22874fd1cc693eb642cd2"
    ),
    "pems07": Published("npz", "PEMS07.npz", start="2017-05-01T00:00"),
    "pems08": Published(
        "npz", "PEMS08.npz", (17856, 170, 3), start="2016-07-01T00:00", blob_sha1="f5f3e84a00417573aa8487fe1e9e8cd13c6026c8"
    ),
}  # fmt: skip


def verify_file(path: Path, published: Published) -> None:
    """Raise TrafficError (DATA_CHECKSUM), with what is expected and found, unless `path` is the published file."""
    if published.bytes is not None:
        _same(path, "bytes", published.bytes, path.stat().st_size)
    if published.sha256 is not None:
        _same(path, "SHA-256", published.sha256, sha256_of(path))
    if published.blob_sha1 is not None:
        _same(path, "SHA-1 of the git blob", published.blob_sha1, blob_sha1(path))


def verify_shape(data: TrafficData, published: Published) -> None:
    """The same for the shape of what was read."""
    if published.shape is not None:
        _same(Path(data.source.path or ""), "shape", published.shape, data.shape)


def blob_sha1(path: Path) -> str:
    """SHA-1 of a file in git's blob form: its length in a header, then its bytes."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _same(path: Path, what: str, expected: object, found: object) -> None:
    if expected != found:
        raise TrafficError(
            "DATA_CHECKSUM", f"{path.name} is not the published file: {what} is {found}, expected {expected}.",
            hint="Fetch it again, or set data.verify to false for a file of your own.",
            at=Place(key="data.verify", file=str(path)), expected=expected, found=found,
        )  # fmt: skip
