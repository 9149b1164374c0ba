"""The ways on which people are told of ended runs, as the Settings page names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from workbench.settings import Settings


def told_ways(settings: Settings) -> list[tuple[str, str]]:
    """(name, where to) of each; of a webhook only its host, since its address is often a secret."""
    which = "every run that ended" if settings.notify_on == "ended" else "runs that failed or were interrupted"
    found = []
    if settings.notify_webhook is not None:
        host = urlsplit(settings.notify_webhook.get_secret_value()).hostname or "?"
        signed = "signed" if settings.notify_secret is not None else "not signed: TRELLIS_NOTIFY_SECRET is not set"
        found.append(("webhook", f"{which}, to {host}, {signed}"))
    if settings.notify_email:
        found.append(("e-mail", f"{which}, to {settings.notify_email} through {settings.smtp_host}"))
    return found


def test_said(said: Mapping[str, str]) -> str:
    """What became of a test, in a sentence for each way. `said`: way -> why it did not arrive, "" if it did."""
    return " ".join(problem or f"Sent by {way}." for way, problem in said.items())
