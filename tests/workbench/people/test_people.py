"""Users: who there is, what they may do, and that nothing secret lies where it can be read."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.workbench.people.conftest import LOCAL, Clock
from workbench.commands.base import CommandError
from workbench.people.people import People
from workbench.people.refusals import Forbidden
from workbench.store import schema
from workbench.store.store import Store

PASSWORD = "correct horse battery"


def test_the_first_user_must_be_an_administrator(people: People) -> None:
    assert not people.any()
    with pytest.raises(CommandError, match="must be an administrator"):
        people.add(by=LOCAL, name="ben", role="train")
    people.add(by=LOCAL, name="Ann", role="administer", display_name="  Ann   Ames\n")
    ben = people.add(by=LOCAL, name="ben", role="train")
    assert [(p.name, p.display_name, p.role) for p in people.all()] == [("ann", "Ann Ames", "administer"), ("ben", "ben", "train")]
    assert people.get(ben.id) == people.get("BEN") == ben
    assert people.display_names() == {people.get("ann").actor: "Ann Ames", ben.actor: "ben"}


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a" * 41, "ann@x", "änn", "a\n"])
def test_a_name_to_log_in_with_is_plain(people: People, name: str) -> None:
    if name == "a\n":
        assert people.add(by=LOCAL, name=name, role="administer").name == "a"
        return
    with pytest.raises(CommandError, match="no name to log in with"):
        people.add(by=LOCAL, name=name, role="administer")


def test_a_name_is_taken_once_and_a_role_is_one_of_four(people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    with pytest.raises(CommandError, match="already") as refused:
        people.add(by=LOCAL, name="ANN", role="read")
    assert refused.value.code == "conflict"
    with pytest.raises(CommandError, match="no role 'boss'"):
        people.add(by=LOCAL, name="ben", role="boss")


def test_only_administrators_see_to_users(people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    ben = people.add(by=LOCAL, name="ben", role="train", password=PASSWORD)
    for attempt in (
        lambda: people.add(by=ben.actor, name="cat", role="administer"),
        lambda: people.change("ben", by=ben.actor, role="administer"),
        lambda: people.change("ann", by=ben.actor, disabled=True),
        lambda: people.set_password("ann", PASSWORD, by=ben.actor),
        lambda: people.add(by="browser:0123456789abcdef", name="cat", role="administer"),
        lambda: people.add(by="api", name="cat", role="administer"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert [p.name for p in people.all()] == ["ann", "ben"]
    people.set_password("ben", "another long password", by=ben.actor)
    assert people.with_password("ben", "another long password") == ben


def test_the_last_administrator_stays_one(people: People) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer")
    with pytest.raises(CommandError, match="only administrator"):
        people.change("ann", by=LOCAL, role="read")
    with pytest.raises(CommandError, match="only administrator"):
        people.change("ann", by=LOCAL, disabled=True)
    assert people.get("ann") == ann
    people.add(by=LOCAL, name="ben", role="administer")
    assert people.change("ann", by=LOCAL, role="read").role == "read"


def test_a_password_lets_in_and_a_wrong_one_an_unknown_name_and_a_disabled_user_do_not(people: People) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer", password=PASSWORD)
    people.add(by=LOCAL, name="ben", role="administer", password=PASSWORD)
    people.add(by=LOCAL, name="cat", role="read")
    assert people.with_password("ANN", PASSWORD) == ann
    people.change("ben", by=LOCAL, disabled=True)
    for name, password in (
        ("ann", "wrong"),
        ("ann", ""),
        ("dan", PASSWORD),
        ("ben", PASSWORD),
        ("cat", ""),
        ("a b", PASSWORD),
        ("ann", "\ud800"),
    ):
        assert people.with_password(name, password) is None


def test_an_unknown_name_takes_a_comparison_as_a_known_one_does(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    people.add(by=LOCAL, name="ann", role="administer", password=PASSWORD)
    people.add(by=LOCAL, name="cat", role="read")
    compared: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, kept, given: compared.append(kept) or verify(self, kept, given))
    for name in ("ann", "nobody", "cat"):
        people.with_password(name, "wrong password")
    assert len(compared) == 3
    assert len({kept.rpartition("$")[0].rpartition("$")[0] for kept in compared}) == 1, "all with the same cost"


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_has_a_length(people: People, password: str) -> None:
    with pytest.raises(CommandError, match="10 to 200 characters"):
        people.add(by=LOCAL, name="ann", role="administer", password=password)
    assert not people.any()


def test_a_session_lasts_a_week_and_ends_when_it_is_ended(people: People, clock: Clock) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer")
    first, second = people.sessions.begin(ann.id, "Firefox\x00"), people.sessions.begin(ann.id, "Chromium")
    found = people.sessions.of_secret(first)
    assert found is not None
    assert found[0] == ann
    assert people.sessions.of_secret("") is people.sessions.of_secret(first + "x") is None
    assert {s.browser for s in people.sessions.of(ann.id)} == {"Firefox", "Chromium"}
    people.sessions.end(ann.id, found[1])
    assert people.sessions.of_secret(first) is None
    with pytest.raises(CommandError, match="ended already"):
        people.sessions.end(ann.id, found[1])
    clock.text = "2026-01-08T11:59:59.000Z"
    assert people.sessions.of_secret(second) is not None
    assert people.sessions.of(ann.id)[0].last_seen_at == clock.text
    clock.text = "2026-01-08T12:00:01.000Z"
    assert people.sessions.of_secret(second) is None
    assert people.sessions.of(ann.id) == []


def test_nobody_ends_the_sessions_or_tokens_of_another(people: People) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer")
    ben = people.add(by=LOCAL, name="ben", role="read")
    secret = people.sessions.begin(ann.id, "Firefox")
    token, given = people.tokens.make(ann.id, "mine", None)
    with pytest.raises(CommandError):
        people.sessions.end(ben.id, people.sessions.of(ann.id)[0].id)
    with pytest.raises(CommandError):
        people.tokens.revoke(ben.id, token.id)
    assert people.sessions.end_all(ben.id) == 0
    assert people.sessions.of_secret(secret) is not None
    assert people.tokens.of_secret(given) == ann


def test_a_disabled_user_is_logged_out_everywhere_and_their_tokens_are_worth_nothing(people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    ben = people.add(by=LOCAL, name="ben", role="train")
    session, (_, token) = people.sessions.begin(ben.id, "Firefox"), people.tokens.make(ben.id, "script", None)
    people.change("ben", by=LOCAL, disabled=True)
    assert people.sessions.of_secret(session) is people.tokens.of_secret(token) is None
    people.change("ben", by=LOCAL, disabled=False)
    assert people.sessions.of_secret(session) is None
    assert people.tokens.of_secret(token) == ben


def test_a_new_password_ends_every_session_but_the_one_that_changed_it(people: People) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer", password=PASSWORD)
    here, there = people.sessions.begin(ann.id, "here"), people.sessions.begin(ann.id, "there")
    mine = people.sessions.of_secret(here)
    assert mine is not None
    people.set_password("ann", "another long password", by=ann.actor, but=mine[1])
    assert people.sessions.of_secret(here) == mine
    assert people.sessions.of_secret(there) is None
    people.set_password("ann", PASSWORD, by=LOCAL)
    assert people.sessions.of(ann.id) == []


def test_a_token_holds_until_it_expires_or_is_revoked(people: People, clock: Clock) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer")
    short, given = people.tokens.make(ann.id, "for a day", 1)
    _, lasting = people.tokens.make(ann.id, "for ever", None)
    assert people.tokens.of_secret(given) == people.tokens.of_secret(lasting) == ann
    assert [(t.name, t.last_used_at) for t in people.tokens.of(ann.id)] == [("for a day", clock.text), ("for ever", clock.text)]
    clock.text = "2026-01-02T12:00:00.000Z"
    assert people.tokens.of_secret(given) is None
    assert people.tokens.of_secret(lasting) == ann
    people.tokens.revoke(ann.id, short.id)
    assert [t.name for t in people.tokens.of(ann.id)] == ["for ever"]
    for name, days in (("for ever", None), ("", None), ("x", 0), ("x", 100_000)):
        with pytest.raises(CommandError):
            people.tokens.make(ann.id, name, days)


def test_no_secret_can_be_read_from_the_store(people: People, store: Store) -> None:
    ann = people.add(by=LOCAL, name="ann", role="administer", password=PASSWORD)
    secrets = [PASSWORD, people.sessions.begin(ann.id, "Firefox"), people.tokens.make(ann.id, "script", None)[1]]
    with store.reading() as connection:
        rows = [list(map(str, row)) for table in schema.metadata.sorted_tables for row in connection.execute(select(table))]
    text = json.dumps(rows)
    assert len(text) > 200
    assert not [secret for secret in secrets if secret in text or secret.removeprefix("trellis_") in text]
    assert store.state().version == 0, "nothing of users is in the journal"


def test_a_copy_of_a_store_has_its_users_but_nobody_is_logged_in(people: People, store: Store, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from workbench.store import copying

    ann = people.add(by=LOCAL, name="ann", role="administer", password=PASSWORD)
    session, (_, token) = people.sessions.begin(ann.id, "Firefox"), people.tokens.make(ann.id, "script", None)
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    copying.copy(store, other)
    copied = People(other)
    assert copied.with_password("ann", PASSWORD) == ann
    assert copied.sessions.of_secret(session) is None
    assert copied.tokens.of_secret(token) == ann
