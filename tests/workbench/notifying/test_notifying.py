"""People are told once that a run has ended, by a signed post or by e-mail, and again later if it did not arrive."""

from __future__ import annotations

import hmac
import json
import re
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.workbench.notifying.receiving import Clock, Receiver, told
from tests.workbench.runs import inline
from workbench.notifying import webhook
from workbench.notifying.mail import composed, send
from workbench.notifying.message import Message
from workbench.notifying.notifier import PAUSES, Notifier, Standing
from workbench.notifying.ways import send_test, ways_of
from workbench.notifying.webhook import NotDelivered, post, signature
from workbench.settings import Settings, SettingsError

MESSAGE = Message(id="m1", kind="test", at="2026-01-01T00:00:00.000Z", title="A test", text="é🙂")


def ended(bench: Any, model: Any) -> Any:
    bench.runs.executor = inline.NoWorkers()
    inline.start(bench, model)
    return inline.work(bench)


def test_a_run_that_ends_is_told_once_whoever_looks(bench: Any, make_model: Any, receiver: Receiver) -> None:
    ended(bench, make_model("Before", max_epochs=1))
    notifier = told(bench, receiver, public_url="https://trellis.example/")
    assert receiver.got == []
    run = ended(bench, make_model("É <b>x</b>", max_epochs=1))
    for _ in range(3):
        notifier.look()
        told(bench, receiver)
    (message,) = receiver.messages()
    assert message["run"] == run.id
    assert message["state"] == "completed"
    assert message["subject"] == "É <b>x</b>"
    assert message["url"] == f"https://trellis.example/run/{run.id}"
    assert message["results"]


def test_only_runs_that_went_wrong_where_that_is_wanted(bench: Any, make_model: Any, receiver: Receiver) -> None:
    notifier = told(bench, receiver, notify_on="failed")
    ended(bench, make_model("Good", max_epochs=1))
    failed = ended(bench, make_model("Bad", max_epochs=2, fail_at_epoch=2))
    notifier.look()
    (message,) = receiver.messages()
    assert (message["run"], message["state"]) == (failed.id, "failed")
    assert "the loss is not finite" in message["reason"]
    assert "Traceback" not in json.dumps(message)


def test_what_ended_while_no_server_ran_is_told_when_one_does_unless_it_is_long_ago(
    bench: Any, make_model: Any, receiver: Receiver
) -> None:
    told(bench, receiver)
    ended(bench, make_model("First", max_epochs=1))
    clock = Clock()
    told(bench, receiver, clock)
    assert len(receiver.got) == 1
    ended(bench, make_model("Second", max_epochs=1))
    clock.at += 2 * 24 * 3600
    told(bench, receiver, clock)
    assert len(receiver.got) == 1


def test_a_receiver_that_is_away_is_tried_again_with_longer_pauses_and_then_given_up(
    bench: Any, make_model: Any, receiver: Receiver
) -> None:
    clock = Clock()
    notifier = told(bench, receiver, clock)
    receiver.status = 503
    ended(bench, make_model("First", max_epochs=1))
    for tries, pause in enumerate(PAUSES, 1):
        notifier.look()
        notifier.look()
        assert len(receiver.got) == tries
        clock.at += pause
    # a restart in between forgets nothing
    Notifier(bench.store, notifier._settings, clock).look()
    assert len(receiver.got) == len(PAUSES) + 1
    clock.at += 10**6
    notifier.look()
    assert len(receiver.got) == len(PAUSES) + 1
    assert {headers["X-Trellis-Delivery"] for headers, _, _ in receiver.got} == {receiver.messages()[0]["id"]}
    receiver.status = 204
    assert Standing.model_validate_json((bench.settings.home / "notifications.json").read_bytes()).waiting == ()


def test_a_receiver_that_refuses_is_not_asked_again(bench: Any, make_model: Any, receiver: Receiver) -> None:
    clock = Clock()
    notifier = told(bench, receiver, clock)
    receiver.status = 404
    ended(bench, make_model("First", max_epochs=1))
    notifier.look()
    clock.at += 10**6
    notifier.look()
    assert len(receiver.got) == 1


def test_a_damaged_file_and_a_store_that_was_put_back_begin_anew(bench: Any, make_model: Any, receiver: Receiver) -> None:
    notifier = told(bench, receiver)
    file: Path = bench.settings.home / "notifications.json"
    file.write_bytes(b"{torn")
    notifier.look()
    ended(bench, make_model("First", max_epochs=1))
    notifier.look()
    assert len(receiver.got) == 1
    file.write_text(Standing(seen=10**6).model_dump_json())
    notifier.look()
    ended(bench, make_model("Second", max_epochs=1))
    notifier.look()
    assert len(receiver.got) == 2


def test_a_post_is_signed_and_a_receiver_can_check_it(receiver: Receiver) -> None:
    post(receiver.address, MESSAGE, "a secret", private=True)
    headers, body, path = receiver.got[0]
    assert path == "/hook?channel=1"
    assert json.loads(body)["text"] == "é🙂"
    assert signature("another", headers[webhook.TIMESTAMP], body) != headers[webhook.SIGNATURE]
    expected = hmac.new(b"a secret", headers[webhook.TIMESTAMP].encode() + b"." + body, "sha256").hexdigest()
    assert headers[webhook.SIGNATURE] == f"sha256={expected}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "0.0.0.0"]
)
def test_nothing_is_posted_to_private_addresses_unless_that_is_allowed(host: str, receiver: Receiver) -> None:
    with pytest.raises(NotDelivered, match="private network") as caught:
        post(f"http://{host}:{receiver.server_port}/", MESSAGE, None, private=False)
    assert caught.value.final
    assert receiver.got == []


def test_a_name_is_looked_up_once_and_nobody_is_followed_elsewhere(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []
    look_up = webhook.socket.getaddrinfo

    def counted(host: Any, *rest: Any, **more: Any) -> Any:
        looked_up.append(host)
        return look_up("127.0.0.1" if host == "name.example" else host, *rest, **more)

    monkeypatch.setattr(webhook.socket, "getaddrinfo", counted)
    receiver.status = 302
    with pytest.raises(NotDelivered, match="answered 302"):
        post(f"http://name.example:{receiver.server_port}/", MESSAGE, None, private=True)
    assert looked_up.count("name.example") == 1
    assert len(receiver.got) == 1
    assert receiver.got[0][0]["Host"].startswith("name.example")


@pytest.mark.parametrize("address", ["ftp://host/", "http://", "https://user:pw@host/", "nonsense", "http://host:99999/"])
def test_what_is_no_address_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(NotDelivered, match="TRELLIS_NOTIFY_WEBHOOK") as caught:
        post(address, MESSAGE, None, private=True)
    assert caught.value.final
    assert "pw" not in str(caught.value)


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as one message needs."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 here")
        lines: list[str] | None = None
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            word = line.split()[0].upper()
            if word == "RCPT" and server.refuses:
                self._say("550 nobody of that name")
            elif word == "DATA":
                self._say("354 go on")
                lines = []
                while (part := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(part)
                server.got.append("\n".join(lines))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def mailbox() -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox)
    server.daemon_threads, server.got, server.refuses = True, [], False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def by_mail(home: Path, mailbox: Any, **given: Any) -> Settings:
    port = mailbox.server_address[1]
    wanted = {"notify_email": "ann@example.org, bob@example.org", "smtp_security": "none", **given}
    return Settings.load(home=home, smtp_host="127.0.0.1", smtp_port=port, **wanted)


def test_an_e_mail_goes_to_everybody_with_a_subject_of_one_line(home: Path, mailbox: Any) -> None:
    settings = by_mail(home, mailbox)
    send(settings, MESSAGE.model_copy(update={"title": "Run #1 of A\nBcc: eve@example.org: failed"}))
    (mail,) = mailbox.got
    head, _, _ = mail.partition("\n\n")
    assert "To: ann@example.org, bob@example.org" in head
    assert "Bcc" not in [line.partition(":")[0] for line in head.splitlines()]
    assert composed(settings, MESSAGE).get_content().strip() == "é🙂"


def test_a_mail_server_that_refuses_or_is_away_is_said(home: Path, mailbox: Any) -> None:
    mailbox.refuses = True
    with pytest.raises(NotDelivered, match="refused") as caught:
        send(by_mail(home, mailbox), MESSAGE)
    assert caught.value.final
    with pytest.raises(NotDelivered) as caught:
        send(by_mail(home, mailbox, smtp_security="starttls"), MESSAGE)
    with pytest.raises(NotDelivered) as caught:
        send(Settings.load(home=home, notify_email="a@b.example", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none"), MESSAGE)
    assert not caught.value.final


def test_e_mail_without_a_server_is_refused_at_the_start(home: Path) -> None:
    with pytest.raises(SettingsError, match="TRELLIS_SMTP_HOST"):
        Settings.load(home=home, notify_email="ann@example.org")


def test_a_test_goes_every_way_and_says_what_did_not_arrive(home: Path, receiver: Receiver, mailbox: Any) -> None:
    settings = by_mail(home, mailbox, notify_webhook=receiver.address, notify_private=True)
    assert set(ways_of(settings)) == {"webhook", "e-mail"}
    assert send_test(settings) == {"webhook": "", "e-mail": ""}
    assert receiver.messages()[0]["kind"] == "test"
    receiver.status = 500
    said = send_test(settings)
    assert "answered 500" in said["webhook"]
    assert said["e-mail"] == ""


def test_secrets_are_shown_nowhere_and_reach_no_worker(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.runs.starting import worker_environment

    secret = "https://hooks.example/T000/SECRET-PART"
    for name in ("NOTIFY_WEBHOOK", "NOTIFY_SECRET", "SMTP_PASSWORD"):
        monkeypatch.setenv(f"TRELLIS_{name}", secret)
    settings = Settings.load()
    assert "SECRET-PART" not in str(settings.describe())
    assert "SECRET-PART" not in str(worker_environment(settings, {"TRELLIS_NOTIFY_WEBHOOK": secret}))
    assert {"token", "notify_webhook", "notify_secret", "smtp_password"} == Settings.secrets()


def test_a_server_starts_one_only_where_somebody_wants_to_be_told(bench: Any, receiver: Receiver) -> None:
    from dashboard.opening import Opening

    for settings, wanted in ((bench.settings, False), (Settings.load(home=bench.settings.home, notify_webhook=receiver.address), True)):
        opening = Opening(settings, bench)
        opening.keep_watch()
        names = [thread.name for thread in threading.enumerate()]
        assert ("notifier" in names) is wanted
        opening.close()


def test_the_page_on_operations_names_every_setting_and_its_receiver_knows_a_true_post(receiver: Receiver) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"TRELLIS_((?:NOTIFY|SMTP|PUBLIC)_[A-Z_]+)", page))
    assert named == {n.upper() for n in Settings.model_fields if n.startswith(("notify_", "smtp_", "public_"))}
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0], names)
    post(receiver.address, MESSAGE, "a secret", private=True)
    headers, body, _ = receiver.got[0]
    said = headers[webhook.TIMESTAMP], body, headers[webhook.SIGNATURE]
    assert names["is_from_trellis"]("a secret", *said)
    assert not names["is_from_trellis"]("another", *said)
    assert set(json.loads(body)) <= set(re.findall(r"`(\w+)`", page))
