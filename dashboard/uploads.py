"""Uploads: the fields and the one file of a multipart body or of a page's upload control, kept apart from the rest of the disk."""

from __future__ import annotations

import base64
import binascii
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from werkzeug.exceptions import HTTPException as WerkzeugError
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from workbench.commands.base import CommandError

_MAX_PARTS = 10
_MAX_FIELD_BYTES = 64 * 1024
FIELD = "file"
_MAX_NAME, _MAX_ENDING = 200, 20
"""Characters of a file's name and of its ending that are kept."""
_NAMELESS = "upload"
"""What a file is called that comes without a name."""


@dataclass(frozen=True)
class Upload:
    """An uploaded file: what the sender calls it, its content, and the form's other fields."""

    name: str
    content: bytes
    fields: dict[str, str]


def read_upload(body: bytes, content_type: str) -> Upload:
    """The upload that a multipart body holds. Raises CommandError for a body that is none."""
    media, options = parse_options_header(content_type)
    # The parser's own limit of fields counts what it has buffered of the file, too; the body is in memory as a whole anyway.
    parser = FormDataParser(silent=False, max_form_memory_size=None, max_form_parts=_MAX_PARTS)
    try:
        _, form, files = parser.parse(io.BytesIO(body), media, len(body), options)
    except (ValueError, WerkzeugError) as error:
        raise CommandError("The upload is not a readable multipart body.", FIELD, "Send a form with a file and a name.") from error
    for name, value in form.items(multi=True):
        if len(value) > _MAX_FIELD_BYTES:
            raise CommandError(f"The field {name[:40]!r} has {len(value):,} characters; at most {_MAX_FIELD_BYTES:,} are read.", name[:40])
    found = files.getlist(FIELD)
    if len(found) != 1 or len(files) != 1:
        raise CommandError(f"The upload needs exactly one file, in the field {FIELD!r}.", FIELD)
    return Upload(own_name(found[0].filename or ""), found[0].read(), dict(form.items()))


def read_contents(contents: str, name: str) -> Upload:
    """The upload that a page's control holds as a `data:` address. Raises CommandError for anything else."""
    head, comma, encoded = contents.partition(",")
    try:
        if not comma or not head.endswith(";base64"):
            raise ValueError(head[:40])
        return Upload(own_name(name), base64.b64decode(encoded, validate=True), {})
    except (ValueError, binascii.Error) as error:
        raise CommandError("The upload did not arrive whole.", FIELD, "Choose the file again.") from error


def own_name(name: str) -> str:
    """A file's own name, whatever folders stand before it; a long one keeps its ending, which says what the file is."""
    own = PurePosixPath(re.split(r"[/\\]", name)[-1])
    if len(own.name) <= _MAX_NAME:
        return own.name or _NAMELESS
    ending = own.suffix[:_MAX_ENDING]
    return own.stem[: _MAX_NAME - len(ending)] + ending


@contextmanager
def on_disk(name: str, content: bytes) -> Iterator[Path]:
    """The content as a file of (nearly) that name in a folder of its own, which goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="trellis-upload-") as folder:
        path = Path(folder) / (re.sub(r"[^A-Za-z0-9._-]", "_", name)[-80:].lstrip(".") or _NAMELESS)
        path.write_bytes(content)
        yield path
