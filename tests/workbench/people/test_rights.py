"""What a user may do is asked where commands are carried out: nobody goes round it."""

from __future__ import annotations

import pytest

from tests.support import counting
from tests.workbench.people.conftest import LOCAL
from workbench.commands.base import Command
from workbench.commands.history import RedoCommand, UndoCommand
from workbench.commands.needed import all_commands, role_of_row
from workbench.commands.purging import PurgeCommand
from workbench.listing.views import CreateViewCommand
from workbench.people.people import People
from workbench.people.refusals import Forbidden
from workbench.roles import ROLES, Role
from workbench.store.store import Store

OUTSIDE = ("browser:0123456789abcdef", "api", "token:script")


SHIPPED = [kind for kind in all_commands() if not kind.__module__.startswith("tests.")]


@pytest.mark.parametrize("kind", SHIPPED, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_every_command_says_which_role_it_needs(kind: type[Command]) -> None:
    declared = [base for base in kind.__mro__ if base is not Command and "role" in vars(base)]
    assert declared, f"{kind.__name__} declares no role: say `role: ClassVar[Role] = ...`"
    assert kind.role in ROLES


def test_every_kind_of_command_is_known() -> None:
    names = {kind.__name__ for kind in all_commands()}
    assert {"LabelSamplesCommand", "StartRunCommand", "CreateSweepCommand", "PromoteQuickTestCommand", "CreateViewCommand"} <= names
    assert role_of_row("LabelSamplesCommand", ()) == "label"
    assert role_of_row("AddLabelNameCommand", ()) == "label"
    assert role_of_row("UpdateConfigCommand", ()) == "train"
    assert role_of_row("OfSomeEarlierVersionCommand", ()) == "train"


def view(name: str) -> CreateViewCommand:
    return CreateViewCommand(name=name, page="runs", query={})


def test_without_users_everybody_may_do_everything(store: Store) -> None:
    for actor in (*OUTSIDE, LOCAL, "worker"):
        assert store.execute(view(actor), actor=actor).changes


def test_with_users_nobody_acts_over_the_network_without_being_one(store: Store, people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    for actor in OUTSIDE:
        with pytest.raises(Forbidden, match="log in"):
            store.execute(view("x"), actor=actor)
    for actor in (LOCAL, "user", "worker", "trellis"):
        assert store.execute(view(actor), actor=actor).changes


@pytest.mark.parametrize("role", ROLES)
def test_a_user_may_do_what_their_role_allows(store: Store, people: People, role: Role) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    who = people.add(by=LOCAL, name="ben", role=role).actor
    commands: dict[Role, Command] = {
        "label": view("x"),
        "train": counting.SetCommand(value=1),
        "administer": PurgeCommand(before="2026-01-01T00:00:00.000Z", records=()),
    }
    for need, command in commands.items():
        if ROLES.index(role) >= ROLES.index(need):
            store.execute(command, actor=who)
            continue
        with pytest.raises(Forbidden, match=f"“{need}”; yours is “{role}”") as refused:
            store.execute(command, actor=who)
        assert (refused.value.need, refused.value.code) == (need, "forbidden")
    names = {row.name for row in store.state().of("view").values()}
    assert names == ({"x"} if role != "read" else set())


def test_a_role_that_is_taken_away_holds_no_longer_for_undo_either(store: Store, people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    ben = people.add(by=LOCAL, name="ben", role="label")
    store.execute(view("first"), actor=ben.actor)
    other = Store.open(store.engine.url.render_as_string(hide_password=False))
    People(other).change("ben", by=LOCAL, role="read")
    with pytest.raises(Forbidden):
        store.execute(UndoCommand(), actor=ben.actor)
    People(other).change("ben", by=LOCAL, role="label")
    assert store.execute(UndoCommand(), actor=ben.actor).changes
    People(other).change("ben", by=LOCAL, disabled=True)
    with pytest.raises(Forbidden, match="disabled"):
        store.execute(RedoCommand(), actor=ben.actor)
    other.close()


def test_an_actor_who_is_no_user_of_this_store_may_do_nothing(store: Store, people: People) -> None:
    people.add(by=LOCAL, name="ann", role="administer")
    for actor in ("person:", "person:ffffffffffffffff", "person:ann"):
        with pytest.raises(Forbidden):
            store.execute(view("x"), actor=actor)
