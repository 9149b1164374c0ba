"""Where MovieLens lies: a folder of one's own, or a download whose checksum is published, and never anything else.

MovieLens-100K is fetched as its three files. MovieLens-1M is published as one archive only, which is kept
packed and read from there. Files of one's own are read whatever their checksum, and it is said if it is not
the published one.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from recsys.data.facts import Notice
from workbench.artefacts import sha256_of
from workbench.datasets import DatasetError
from workbench.download import Progress, fetch
from workbench.state import DatasetFile


@dataclass(frozen=True)
class Download:
    """A file that is published under an address with a checksum: SHA-256, and the size that it may have at most."""

    name: str
    sha256: str
    max_bytes: int


@dataclass(frozen=True)
class Release:
    """A release of MovieLens.

    Attributes:
        folder: its name below TRELLIS_DATA and among downloads. files: what is read.
        sha256: published checksum by file; a file without one cannot be told from another.
        address: below which the downloads lie. downloads: the files themselves, or one archive with all of them.
    """

    folder: str
    title: str
    files: tuple[str, ...]
    address: str
    downloads: tuple[Download, ...]
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def packed(self) -> bool:
        """Whether it is published as one archive."""
        return self.files != tuple(download.name for download in self.downloads)


ADDRESS = "https://files.grouplens.org/datasets/movielens/"
_100K = {
    "u.data": "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
    "u.item": "553841ebc7de3a0fd0d6b62a204ea30c1e651aacfb2814c7a6584ac52f2c5701",
    "u.user": "f120e114da2e8cf314fd28f99417c94ae9ddf1cb6db8ce0e4b5995d40e90e62c",
}
ML_100K = Release(
    folder="ml-100k",
    title="MovieLens-100K",
    files=tuple(_100K),
    address=f"{ADDRESS}ml-100k/",
    downloads=tuple(Download(name, sha256, 4 * 1024**2) for name, sha256 in _100K.items()),
    sha256=_100K,
)
ML_1M = Release(
    folder="ml-1m",
    title="MovieLens-1M",
    files=("ratings.dat", "movies.dat", "users.dat"),
    address=ADDRESS,
    # the checksum that TensorFlow Datasets publishes for this archive
    downloads=(
        Download(
            "ml-1m.zip", "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20", 16 * 1024**2
        ),
    ),
)


class Places(Protocol):
    """What is read of the settings: a read-only folder searched first, and where downloads go."""

    @property
    def data(self) -> Path | None: ...

    @property
    def downloads(self) -> Path: ...


@dataclass(frozen=True)
class Found:
    """The content of a release's files by name, as manifests name them, and what should be known of them."""

    content: Mapping[str, bytes] = field(repr=False)
    files: tuple[DatasetFile, ...]
    notices: tuple[Notice, ...] = ()


def places(release: Release, settings: Places) -> tuple[Path, ...] | None:
    """Where what is read lies; None if it would have to be downloaded. Raises DatasetError as `locate` does."""
    paths = _own(release, settings) or _cached(release, settings)
    return paths if all(path.is_file() for path in paths) else None


def locate(
    release: Release, settings: Places, *, progress: Progress | None = None, address: str | None = None
) -> tuple[Path, ...]:
    """The same, downloaded if need be.

    Args:
        address: in place of the published one.

    Raises:
        DatasetError: DS_HASH_MISMATCH for a download that is not the published one; without a code for a folder
            of one's own that lacks a file, or a download that fails.
    """
    own = _own(release, settings)
    if own is not None:
        return own
    for download, target in zip(release.downloads, _cached(release, settings), strict=True):

        def verify(path: Path, download: Download = download) -> None:
            _require_published(path, download)

        url = f"{(address or release.address).rstrip('/')}/{download.name}"
        fetch([url], target, verify, max_bytes=download.max_bytes, progress=progress)
    return _cached(release, settings)


def read(release: Release, paths: tuple[Path, ...]) -> Found:
    """The content of what `locate` found. Raises DatasetError for what cannot be read, or is damaged."""
    if release.packed and len(paths) == 1:
        _require_published(paths[0], release.downloads[0])
        content = _unpacked(release, paths[0])
    else:
        content = {name: _bytes(path) for name, path in zip(release.files, paths, strict=True)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    files = tuple(
        DatasetFile(path=f"{release.folder}/{name}", size=len(data), sha256=digests[name])
        for name, data in content.items()
    )
    from_archive = release.packed and len(paths) == 1
    unknown = [] if from_archive else [n for n in release.files if release.sha256.get(n) != digests[n]]
    notices = (
        Notice(
            "DS_HASH_UNKNOWN",
            f"{', '.join(unknown)} in {paths[0].parent} {'is' if len(unknown) == 1 else 'are'} not known by "
            f"checksum, so the data may not be that of {release.title}.",
        ),
    )
    return Found(content, files, notices if unknown else ())


def _own(release: Release, settings: Places) -> tuple[Path, ...] | None:
    if settings.data is None or not (settings.data / release.folder).is_dir():
        return None
    paths = tuple(settings.data / release.folder / name for name in release.files)
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise DatasetError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing in {paths[0].parent}.",
            where=str(paths[0].parent),
            hint=f"Put {', '.join(release.files)} there, or remove that folder to download {release.title}.",
        )
    return paths


def _cached(release: Release, settings: Places) -> tuple[Path, ...]:
    return tuple(settings.downloads / release.folder / download.name for download in release.downloads)


def _require_published(path: Path, download: Download) -> None:
    digest = sha256_of(path)
    if digest != download.sha256:
        raise DatasetError(
            f"{download.name} is not the published file: its checksum is {digest[:12]}, "
            f"expected {download.sha256[:12]}.",
            code="DS_HASH_MISMATCH",
            where=download.name,
            hint="Remove it and try again, or put files of your own into a folder below TRELLIS_DATA.",
        )


def _unpacked(release: Release, path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(f"{release.folder}/{name}") for name in release.files}
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise DatasetError(f"{path} cannot be unpacked: {error}.", hint="Remove it and try again.") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from error
