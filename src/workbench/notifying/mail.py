"""Sending a message by e-mail."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

from workbench.notifying.message import Message
from workbench.notifying.webhook import SECONDS, NotDelivered
from workbench.settings import Settings


def send(settings: Settings, message: Message) -> None:
    """Send a message to everybody in TRELLIS_NOTIFY_EMAIL. Raises NotDelivered."""
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        mail = composed(settings, message)
        with _connected(settings) as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                password = settings.smtp_password.get_secret_value() if settings.smtp_password is not None else ""
                server.login(settings.smtp_user, password)
            server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        final = 500 <= error.smtp_code < 600
        raise NotDelivered(f"The mail server {where} refused it ({error.smtp_code}).", final=final) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotDelivered(f"The mail server {where} refused every recipient.", final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(
            f"The mail server {where} did not take it: {getattr(error, 'strerror', None) or type(error).__name__}."
        ) from error
    except ValueError as error:
        raise NotDelivered(f"TRELLIS_NOTIFY_EMAIL or TRELLIS_SMTP_FROM is no address of e-mail: {error}.", final=True) from error


def composed(settings: Settings, message: Message) -> EmailMessage:
    """The e-mail. Raises ValueError for addresses that are none."""
    recipients = [address.strip() for address in settings.notify_email.split(",") if address.strip()]
    mail = EmailMessage()
    # a header is one line, whatever a model is called
    mail["Subject"] = " ".join(message.title.split())
    mail["From"] = settings.smtp_from or recipients[0]
    mail["To"] = ", ".join(recipients)
    mail["Message-ID"] = f"<{message.id}@trellis>"
    mail.set_content(f"{message.text}\n")
    return mail


def _connected(settings: Settings) -> smtplib.SMTP:
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
