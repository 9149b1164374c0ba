"""The ways on which messages go, as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workbench.ids import new_id
from workbench.notifying import mail, webhook
from workbench.notifying.message import Message, test_message
from workbench.notifying.webhook import NotDelivered
from workbench.settings import Settings
from workbench.state import Kind

Way = Callable[[Message], None]
"""Sends a message. Raises NotDelivered."""


def ways_of(settings: Settings) -> Mapping[str, Way]:
    """The ways that are set up, by name."""
    found: dict[str, Way] = {}
    if settings.notify_webhook is not None:
        address = settings.notify_webhook.get_secret_value()
        secret = settings.notify_secret.get_secret_value() if settings.notify_secret is not None else None
        found["webhook"] = lambda message: webhook.post(address, message, secret, private=settings.notify_private)
    if settings.notify_email:
        found["e-mail"] = lambda message: mail.send(settings, message)
    return found


def send_test(settings: Settings) -> Mapping[str, str]:
    """Send a test on every way, once: way -> why it did not arrive, "" if it did."""
    message = test_message(f"test-{new_id(Kind.RUN)}", settings.public_url)
    said: dict[str, str] = {}
    for name, send in ways_of(settings).items():
        try:
            send(message)
            said[name] = ""
        except NotDelivered as error:
            said[name] = str(error)
    return said
