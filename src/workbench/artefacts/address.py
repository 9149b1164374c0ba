"""Where artefacts are kept, as `TRELLIS_ARTEFACTS` says it: a folder, or the address of object storage, `s3://bucket/prefix`."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HALF = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/?[^/]")
_PLAIN = re.compile(r"[A-Za-z0-9._~/=@+-]*")

EXTRAS = {"s3": "trellis[s3]", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
"""What has to be installed for an address of a scheme."""


def parsed(given: str | Path) -> str | Path:
    """A folder as an absolute path, anything else as an address `scheme://place` without a slash at its end; `file://` is a folder.

    Raises ValueError for an address that cannot be used, or has a secret in it.
    """
    text = str(given)
    if isinstance(given, Path):
        return given
    if not _ADDRESS.match(text):
        if _HALF.match(text):
            raise ValueError("is neither a folder nor an address; write it as s3://bucket/prefix")
        return Path(text)
    try:
        found = urlsplit(text)
    except ValueError:
        raise ValueError("is no address; write it as s3://bucket/prefix") from None
    if found.password is not None or (found.username is not None and found.scheme == "s3") or found.query or found.fragment:
        raise ValueError(
            "has a login or options in it; give credentials in the variables or the profile that the storage's own programs read"
        )
    if found.scheme == "file":
        if found.netloc not in ("", "localhost") or not found.path.startswith("/"):
            raise ValueError("is no folder of this machine; write it as file:///folder")
        return Path(unquote(found.path))
    if found.scheme not in EXTRAS:
        raise ValueError(f"is on no object storage that Trellis knows ({', '.join(EXTRAS)}); write it as s3://bucket/prefix")
    place = f"{found.netloc}{found.path}".rstrip("/")
    if not found.netloc or not _PLAIN.fullmatch(place) or any(part in ("", ".", "..") for part in place.split("/")):
        raise ValueError("is no address of object storage; write it as s3://bucket/prefix, with letters, digits, dots and hyphens")
    return f"{found.scheme}://{place}"


def shown(given: object) -> str:
    """Whatever was given as an address, with what may be a secret left out."""
    text = str(given)
    if not _ADDRESS.match(text):
        return text
    scheme, _, rest = text.partition("://")
    login, at, place = rest.rpartition("@")
    place = re.sub(r"[?#].*", "?***", place, flags=re.DOTALL)
    return f"{scheme}://{'***@' if at and login else ''}{place}"


def split(address: str) -> tuple[str, str]:
    """(scheme, place) of a parsed address."""
    scheme, _, place = address.partition("://")
    return scheme, place


def require_plain_endpoint(endpoint: str) -> None:
    """Raise ValueError for what is no address of a storage server, and for one that holds a login, without saying it."""
    if endpoint and not endpoint.startswith(("http://", "https://")):
        raise ValueError("AWS_ENDPOINT_URL is no address of a server; write it as https://host:port")
    if "@" in endpoint:
        raise ValueError("AWS_ENDPOINT_URL has a login in it; give credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
