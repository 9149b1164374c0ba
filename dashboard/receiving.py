"""A file of a multipart body, written to disk as it arrives: no more of it than a piece is ever in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import IO

from starlette.concurrency import run_in_threadpool
from werkzeug.exceptions import HTTPException as WerkzeugError
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from dashboard.uploads import FIELD, own_name
from workbench.commands.base import CommandError

PIECE = 256 * 1024
"""Bytes that are looked at together."""

_HELD = 1024**2
"""Bytes that headers and fields may have before the body is no form any more."""
_MAX_PARTS = 10


async def receive_file(chunks: AsyncIterator[bytes], content_type: str, file: IO[bytes]) -> str:
    """Write the one file of a form and return what its sender calls it; the form's other fields are passed over.

    Args:
        chunks: of the body. file: takes the content.

    Raises CommandError for a body that is no form with one file, and what `chunks` raises.
    """
    media, options = parse_options_header(content_type)
    if media != "multipart/form-data" or not options.get("boundary"):
        raise _unreadable()
    decoder = MultipartDecoder(options["boundary"].encode("latin-1", "replace"), _HELD, max_parts=_MAX_PARTS)
    form = _Form(decoder)
    async for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            content = form.take(chunk[start : start + PIECE])
            if content:
                await run_in_threadpool(file.write, content)
    form.take(None)
    if form.name is None:
        raise CommandError(f"The upload needs exactly one file, in the field {FIELD!r}.", FIELD)
    return own_name(form.name)


class _Form:
    """What has been read of a form: the file's name, and whether its content is what comes now."""

    def __init__(self, decoder: MultipartDecoder) -> None:
        self._decoder = decoder
        self._within = False
        self.name: str | None = None

    def take(self, data: bytes | None) -> bytes:
        """The file's content in the next bytes; None is the end. Raises CommandError."""
        found: list[bytes] = []
        try:
            self._decoder.receive_data(data)
            while not isinstance(event := self._decoder.next_event(), NeedData | Epilogue):
                if isinstance(event, File):
                    self._begin(event)
                elif isinstance(event, Field):
                    self._within = False
                elif isinstance(event, Data) and self._within:
                    found.append(event.data)
        except (ValueError, WerkzeugError) as error:
            raise _unreadable() from error
        return b"".join(found)

    def _begin(self, event: File) -> None:
        if self.name is not None or event.name != FIELD:
            raise CommandError(f"The upload needs exactly one file, in the field {FIELD!r}.", FIELD)
        self.name, self._within = event.filename, True


def _unreadable() -> CommandError:
    return CommandError("The upload is not a readable multipart body.", FIELD, "Send a form with a file and a name.")
