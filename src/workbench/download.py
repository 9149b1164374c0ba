"""Verified downloads: resumed where they broke off, checked, and moved into place whole."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.datasets import DatasetError

CHUNK = 1 << 16
TIMEOUT_SECONDS = 60.0
ATTEMPTS = 3
"""Tries per mirror; each goes on where the one before broke off."""
AGENT = "trellis"

Progress = Callable[[str, int, int | None], None]
"""Told (file name, bytes so far, bytes altogether or None) as a download goes on."""
Verify = Callable[[Path], None]
"""Raises DatasetError if a finished file is not what it should be."""


def fetch(urls: Sequence[str], target: Path, verify: Verify, *, max_bytes: int, progress: Progress | None = None) -> Path:
    """Download one file to `target` unless it is there already.

    Mirrors are tried in order. A broken transfer is resumed with a Range request, also by a later call; a finished
    file is verified before it gets its name; two processes that want the same file wait for each other.

    Args:
        urls: http(s) addresses of the same file. target: where it goes; folders are created.
        verify: checks the file. max_bytes: size beyond which a transfer is given up. progress: told how far it is.

    Raises:
        DatasetError: if no mirror gave the file, naming each one's reason, with the code of `verify`'s refusal if that was one; or if it
            cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.with_name(f".{target.name}.lock")):
            if not target.exists():
                _from_mirrors(urls, target, verify, max_bytes, progress)
    except OSError as error:
        raise DatasetError(
            f"The download could not be written to {target.parent}: {error.strerror or error}. Free some space or check its permissions."
        ) from error
    return target


def _from_mirrors(urls: Sequence[str], target: Path, verify: Verify, max_bytes: int, progress: Progress | None) -> None:
    reasons, code = [], "invalid"
    for url in urls:
        part = target.with_name(f".{target.name}.{hashlib.sha256(url.encode()).hexdigest()[:8]}.part")
        for _ in range(ATTEMPTS):
            leftover = part.exists()
            try:
                _transfer(url, part, target.name, max_bytes, progress)
                verify(part)
            except _Broken as error:
                reason = str(error)
                continue
            except (_Refused, DatasetError) as error:
                part.unlink(missing_ok=True)
                reason = str(error)
                if isinstance(error, DatasetError):
                    code = error.code
                if leftover:
                    continue  # what an earlier transfer left may be to blame: once more from the start
                break
            with part.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(part, target)
            return
        reasons.append(f"{url}: {reason}")
    raise DatasetError(
        f"{target.name} could not be downloaded. {'; '.join(reasons)}. "
        f"Check the connection, or put the file into a folder and point TRELLIS_DATA at that.",
        code=code,
    )


class _Broken(Exception):
    """A transfer that broke off and may be resumed."""


class _Refused(Exception):
    """A mirror that does not have the file, or sends too much."""


def _transfer(url: str, part: Path, name: str, max_bytes: int, progress: Progress | None) -> None:
    """Bring `part` up to the whole file at `url`."""
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if not url.startswith(("http://", "https://")):
        raise _Refused("only http and https addresses are fetched")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as response:
            resumed = response.status == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            length = response.headers.get("Content-Length")
            total = int(length) + (have if resumed else 0) if length and length.isdigit() else None
            _write(response, part, have if resumed else 0, total, name, max_bytes, progress)
    except urllib.error.HTTPError as error:
        if error.code == 416:
            return  # nothing is left to send: the part is whole, or verification will say that it is not
        if error.code in (408, 429) or error.code >= 500:
            raise _Broken(f"the server answered {error.code} {error.reason}") from error
        raise _Refused(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _Broken(f"no connection ({error.reason})") from error
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise _Broken(f"the connection broke off ({error or type(error).__name__})") from error


def _write(
    response: http.client.HTTPResponse, part: Path, have: int, total: int | None, name: str, max_bytes: int, progress: Progress | None
) -> None:
    with part.open("ab" if have else "wb") as file:
        while chunk := response.read(CHUNK):
            file.write(chunk)
            have += len(chunk)
            if have > max_bytes:
                raise _Refused(f"it sends more than {max_bytes:,} bytes")
            if progress is not None:
                progress(name, have, total)
    if total is not None and have < total:
        raise _Broken(f"the connection broke off after {have:,} of {total:,} bytes")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file beside the target; released when the process ends, however it ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
