"""The ways on which people are told of ended runs, as the Settings page names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from workbench.settings import Settings


@dataclass(frozen=True)
class Told:
    """Of which runs the server tells, and on which ways: (name, where to)."""

    runs: str
    ways: tuple[tuple[str, str], ...] = ()


def told_by(settings: Settings) -> Told:
    """What the server tells people; of a webhook only its host is shown, since its address is often a secret."""
    found = []
    if settings.notify_webhook is not None:
        host = urlsplit(settings.notify_webhook.get_secret_value()).hostname or "?"
        signed = "signed" if settings.notify_secret is not None else "not signed"
        found.append(("Webhook", f"{host}, {signed}"))
    if settings.notify_email:
        found.append(("E-mail", f"{settings.notify_email}, through {settings.smtp_host}"))
    what = "runs, trials and sweeps" if settings.notify_trials else "sweeps, and of runs outside sweeps,"
    return Told(f"{what} that ended" if settings.notify_on == "ended" else f"{what} that failed or were interrupted", tuple(found))


def test_said(said: Mapping[str, str]) -> str:
    """What became of a test, in a sentence for each way. `said`: way -> why it did not arrive, "" if it did."""
    return " ".join(problem or f"Sent by {way}." for way, problem in said.items())
