"""Objects below an address, through fsspec: what Trellis needs of object storage, and errors of it in words.

An object appears under its key whole or not at all: small ones are one request, large ones a multi-part upload, which is
given up where it fails.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from workbench.artefacts.address import EXTRAS, require_plain_endpoint, split
from workbench.artefacts.errors import ArtefactError, ArtefactsAway, DiskFull

PIECE_BYTES = 8 * 2**20
PIECES_AT_ONCE = 4
"""Of a large file: what one request carries, and how many are under way. Both together bound what lies in memory."""

MOST_PIECES = 9000
"""Of an upload: S3 takes 10,000. What has more is carried in larger pieces."""

CONNECT_SECONDS, READ_SECONDS = 3.0, 20.0
TRIES = 2
"""Of one request. Whoever can wait tries again for longer."""

NOTED = "sha256"
"""The name under which an object carries the checksum of its content, where the storage takes notes."""

_CLIENTS = ("botocore", "aiobotocore", "aiohttp", "gcsfs", "google", "s3fs", "fsspec", "adlfs", "azure", "asyncio")
_LOGINS = (
    "NoCredentials",
    "PartialCredentials",
    "CredentialRetrieval",
    "ProfileNotFound",
    "TokenRetrieval",
    "UnauthorizedSSO",
    "DefaultCredentials",
)


@dataclass(frozen=True)
class Head:
    """What is known of an object without reading it; `sha256` is "" where it carries none, or was only listed."""

    size: int
    changed: float
    mark: str
    sha256: str = ""


class Objects:
    """Everything below one address. Keys are names below it. Raises ArtefactsAway, ArtefactError; FileNotFoundError for what is missing."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._scheme, self._base = split(address)
        self._opened: Any = None

    @property
    def _fs(self) -> Any:
        if self._opened is None:
            self._opened = _opened(self._scheme)
        return self._opened

    def head(self, key: str) -> Head | None:
        """What is known of an object; None if there is none."""
        with self._explained():
            try:
                if self._scheme == "s3":
                    bucket, path, _ = self._fs.split_path(self._full(key))
                    said = self._fs.call_s3("head_object", Bucket=bucket, Key=path)
                    noted = said.get("Metadata", {}).get(NOTED, "")
                    return Head(said["ContentLength"], said["LastModified"].timestamp(), said["ETag"].strip('"'), noted)
                found = self._fs.info(self._full(key))
            except FileNotFoundError:
                return None
            return None if found["type"] != "file" else self._head(found)

    def put(self, source: Path | bytes, key: str, sha256: str) -> None:
        """Store a file or bytes under a key."""
        more: dict[str, Any] = {}
        if self._scheme == "s3":
            size = len(source) if isinstance(source, bytes) else source.stat().st_size
            piece = max(PIECE_BYTES, -(-size // MOST_PIECES))
            more = {"Metadata": {NOTED: sha256}, "chunksize": piece, "max_concurrency": PIECES_AT_ONCE}
        elif self._scheme in ("gs", "gcs"):
            more = {"metadata": {NOTED: sha256}}
        with self._explained(key):
            if isinstance(source, bytes):
                self._fs.pipe_file(self._full(key), source, **more)
            else:
                self._fs.put_file(str(source), self._full(key), **more)

    def get(self, key: str, target: Path) -> None:
        """Write an object's content to a file of this machine, piece by piece."""
        more = {"chunksize": PIECE_BYTES, "max_concurrency": PIECES_AT_ONCE} if self._scheme == "s3" else {}
        with self._explained():
            self._fs.get_file(self._full(key), str(target), **more)

    def read(self, key: str) -> bytes:
        """A small object's content."""
        with self._explained():
            return self._fs.cat_file(self._full(key))

    def pieces(self, key: str) -> Iterator[bytes]:
        """An object's content, piece by piece."""
        with self._explained(), self._fs.open(self._full(key), "rb", block_size=PIECE_BYTES, cache_type="readahead") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the storage."""
        with self._explained():
            self._fs.cp_file(self._full(source), self._full(target))

    def delete(self, key: str) -> None:
        """Remove an object; nothing happens if there is none."""
        with self._explained():
            try:
                self._fs.rm_file(self._full(key))
            except FileNotFoundError:
                return

    def listed(self, folder: str = "") -> dict[str, Head]:
        """Every object below a folder of keys, by key."""
        base = f"{self._base}/"
        with self._explained():
            self._fs.invalidate_cache()
            try:
                found = self._fs.find(self._full(folder), withdirs=False, detail=True)
            except FileNotFoundError:
                return {}
        within = f"{base}{folder}/" if folder else base
        return {
            full.removeprefix(base): self._head(info)
            for full, info in ((path.lstrip("/"), info) for path, info in sorted(found.items()))
            if full.startswith(within) and not full.endswith("/")
        }

    def within(self, folder: str) -> tuple[str, ...]:
        """Names of what lies directly in a folder of keys, objects and folders."""
        with self._explained():
            self._fs.invalidate_cache()
            try:
                found = self._fs.ls(self._full(folder), detail=False)
            except FileNotFoundError:
                return ()
        base = f"{self._full(folder)}/"
        return tuple(
            sorted({path.lstrip("/").removeprefix(base).rstrip("/") for path in found if path.lstrip("/").startswith(base)} - {""})
        )

    def uploads(self) -> tuple[tuple[str, float, str], ...]:
        """(key, begun in seconds since 1970, id) of multi-part uploads below the address that have not ended."""
        if self._scheme != "s3":
            return ()
        bucket, base, _ = self._fs.split_path(self._base)
        prefix = f"{base}/" if base else ""
        with self._explained():
            try:
                said = self._fs.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=prefix)
            except FileNotFoundError:
                return ()
        return tuple(
            (each["Key"].removeprefix(prefix), each["Initiated"].timestamp(), each["UploadId"]) for each in said.get("Uploads", ())
        )

    def give_up(self, key: str, upload: str) -> None:
        """End a multi-part upload and remove its parts."""
        bucket, path, _ = self._fs.split_path(self._full(key))
        with self._explained():
            self._fs.call_s3("abort_multipart_upload", Bucket=bucket, Key=path, UploadId=upload)

    def clock(self) -> datetime | None:
        """What time the storage's server has; None where it does not say."""
        if self._scheme != "s3":
            return None
        bucket, _, _ = self._fs.split_path(f"{self._base}/-")
        with self._explained():
            said = self._fs.call_s3("head_bucket", Bucket=bucket)
        date = said.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return parsedate_to_datetime(date).astimezone(UTC) if date else None

    def _full(self, key: str) -> str:
        return f"{self._base}/{key}" if key else self._base

    def _head(self, info: dict[str, Any]) -> Head:
        at = next((info[name] for name in ("LastModified", "mtime", "updated", "last_modified", "created") if info.get(name)), None)
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        mark = next((str(info[name]) for name in ("ETag", "etag", "md5Hash", "generation") if info.get(name)), None)
        changed = moment.timestamp() if isinstance(moment, datetime) else float(moment or 0.0)
        noted = (info.get("metadata") or {}).get(NOTED, "")
        return Head(info["size"], changed, (mark or f"{at}-{info['size']}").strip('"'), noted)

    @contextmanager
    def _explained(self, writing: str = "") -> Iterator[None]:
        try:
            yield
        except Exception as error:
            said = self._in_words(error, writing)
            if said is None:
                raise
            raise said from error

    def _in_words(self, error: Exception, writing: str) -> Exception | None:
        """The error to raise instead; None for the same. Its words hold nothing of what a client library says, which may hold anything."""
        name = type(error).__name__
        if isinstance(error, ArtefactError | ArtefactsAway):
            return None
        if isinstance(error, FileNotFoundError):
            return ArtefactError(f"{self.address} is not there: nothing can be written. Make its bucket first.") if writing else None
        if isinstance(error, PermissionError):
            return ArtefactError(
                f"{self.address} refuses access. Look at the credentials of this process, at the rights that they have there, and at its clock."
            )
        if any(name.startswith(each) for each in _LOGINS):
            return ArtefactError(
                f"There are no credentials for {self.address}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
            )
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFull(f"The disk is full: what {self.address} holds cannot be copied to this machine. Free some space and try again.")
        if isinstance(error, OSError | TimeoutError) or type(error).__module__.partition(".")[0] in _CLIENTS:
            return ArtefactsAway(f"The artefacts at {self.address} cannot be reached now. Nothing is lost; try again in a moment.")
        return None


def _opened(scheme: str) -> Any:
    """The file system of a scheme, with times that a page can wait. Raises ArtefactError if it is not installed."""
    import fsspec

    options: dict[str, Any] = {"skip_instance_cache": True}
    if scheme == "s3":
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None
        try:
            require_plain_endpoint(endpoint or "")
        except ValueError as error:
            raise ArtefactError(f"{error}.") from None
        limits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS, "retries": {"total_max_attempts": 1}}
        options |= {"endpoint_url": endpoint, "config_kwargs": limits, "use_listings_cache": False}
    try:
        made = fsspec.filesystem(scheme, **options)
    except (ImportError, ValueError) as error:
        todo = f"Install {EXTRAS[scheme]}." if scheme in EXTRAS else "Write it as s3://bucket/prefix."
        raise ArtefactError(f"Trellis cannot reach {scheme}:// addresses here: their package is not installed. {todo}") from error
    if scheme == "s3":
        made.retries = TRIES
    return made
