"""Object storage of artefacts: whether it can be reached, written, read and deleted, and what time its server has."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

from workbench.artefacts import ArtefactError, ArtefactsAway, root_of
from workbench.artefacts.stored import StoredRoot
from workbench.doctor.finding import CLOCK_SECONDS, Finding, fault, ok, warning
from workbench.settings import Settings

_CONTENT = b"trellis doctor was here, and takes this away again"


def examine(settings: Settings) -> Iterator[Finding]:
    """Try it with an object of its own, which is gone afterwards, and compare the clocks."""
    root = root_of(settings)
    assert isinstance(root, StoredRoot)
    name, todo = f".doctor-{secrets.token_hex(6)}.partial", "Look at TRELLIS_ARTEFACTS, AWS_ENDPOINT_URL, the network and the credentials."
    try:
        root.write_bytes(name, _CONTENT)
        try:
            if root.read_bytes(name) != _CONTENT:
                yield fault("artefacts", f"{root.where} gives back other bytes than were written.", "Use another storage.")
                return
        finally:
            root.remove(name)
        if root.exists(name):
            yield fault("artefacts", f"Nothing can be deleted at {root.where}.", "Give these credentials the right to delete objects.")
            return
        time = root.objects.clock()
    except (ArtefactError, ArtefactsAway) as error:
        yield fault("artefacts", str(error), todo, error=type(error.__cause__).__name__)
        return
    yield ok("artefacts", f"Objects at {root.where} can be written, read and deleted.")
    if time is not None:
        yield _clock(root.where, (time - datetime.now(UTC)).total_seconds())


def _clock(where: str, ahead: float) -> Finding:
    # the server tells whole seconds
    if abs(ahead) > CLOCK_SECONDS + 1:
        said = f"This machine's clock is {abs(ahead):,.0f} s {'behind' if ahead > 0 else 'ahead of'} that of {where}."
        return warning("clock", said, "Set the clock by NTP: storage refuses requests that are too far off.", difference=ahead)
    return ok("clock", f"This machine and {where} tell the same time.")
