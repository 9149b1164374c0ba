"""`trellis users`: who may use this server over the network, and as what. Whoever has this machine's command line may do everything."""

from __future__ import annotations

import dataclasses
import sys
from getpass import getpass
from typing import Annotated

import typer
from rich.text import Text

from workbench.cli.opening import actor, opened
from workbench.cli.output import AsJson, console, print_json, print_table, say
from workbench.commands.base import CommandError
from workbench.people import passwords
from workbench.people.records import Person
from workbench.roles import ROLES, WORDS

app = typer.Typer(
    help="Users: who may use this server, and as what. Without any, everybody who reaches it may do everything.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name with which they log in.")]
_ROLES = "; ".join(f"{role}: {WORDS[role]}" for role in ROLES)
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")]


@app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """Show every user with their role."""
    with opened() as workbench:
        found = workbench.people.all()
    if as_json:
        print_json([dataclasses.asdict(person) for person in found])
        return
    rows = [(p.name, p.display_name, p.role, _how(p), p.created_at[:10]) for p in found]
    print_table(
        ("Name", "Display name", "Role", "Logs in with", "Since"), rows, "There are no users: everybody who reaches the server may use it."
    )


@app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help=f"What they may do. {_ROLES}.")],
    display_name: Annotated[str, typer.Option("--display-name", help="What others read; by default the name.")] = "",
    password_stdin: FromInput = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="They have tokens only (`trellis users tokens NAME --add`).")] = False,
) -> None:
    """Add a user; asks for a password. The first one must be an administrator, and from then on the server asks everybody to log in."""
    if password_stdin and no_password:
        raise typer.BadParameter("say either --password-stdin or --no-password")
    with opened() as workbench:
        first = not workbench.people.any()
        password = None if no_password else _password(password_stdin)
        made = workbench.people.add(by=actor(), name=name, role=role, display_name=display_name, password=password)
    _say(f"{made.name} is a user now, with the role {made.role}.")
    if first:
        _say("From now on the server asks everybody to log in.")


@app.command("role")
def role(name: Name, role: Annotated[str, typer.Argument(metavar="ROLE", help=f"{_ROLES}.")]) -> None:
    """Give a user another role, which holds from their next step on."""
    with opened() as workbench:
        changed = workbench.people.change(name, by=actor(), role=role)
    _say(f"{changed.name} has the role {changed.role} now.")


@app.command("rename")
def rename(name: Name, display_name: Annotated[str, typer.Argument(metavar="TEXT", help="What others read from now on.")]) -> None:
    """Give a user another display name; history shows it, too."""
    with opened() as workbench:
        changed = workbench.people.change(name, by=actor(), display_name=display_name)
    _say(f"{changed.name} is {changed.display_name} now.")


@app.command("disable")
def disable(name: Name) -> None:
    """Keep a user out: they are logged out everywhere, and their tokens are worth nothing meanwhile."""
    with opened() as workbench:
        changed = workbench.people.change(name, by=actor(), disabled=True)
    _say(f"{changed.name} is disabled, and logged out everywhere.")


@app.command("enable")
def enable(name: Name) -> None:
    """Let a disabled user in again."""
    with opened() as workbench:
        changed = workbench.people.change(name, by=actor(), disabled=False)
    _say(f"{changed.name} may log in again.")


@app.command("password")
def password(name: Name, password_stdin: FromInput = False) -> None:
    """Give a user a new password, which logs them out everywhere."""
    with opened() as workbench:
        found = workbench.people.get(name)
        changed = workbench.people.set_password(found.id, _password(password_stdin), by=actor())
    _say(f"{changed.name} has a new password, and is logged out everywhere.")


@app.command("tokens")
def tokens(
    name: Name,
    add: Annotated[str | None, typer.Option("--add", metavar="TEXT", help="Make a token of that name; prints it once.")] = None,
    days: Annotated[int | None, typer.Option("--days", help="For how long the new one holds; by default until it is revoked.")] = None,
    revoke: Annotated[str | None, typer.Option("--revoke", metavar="TEXT", help="Revoke the token of that name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a user's tokens, make one or revoke one. Programs send a token as `Authorization: Bearer ...` and act as that user."""
    if add is not None and revoke is not None:
        raise typer.BadParameter("say either --add or --revoke")
    with opened() as workbench:
        person, kept = workbench.people.get(name), workbench.people.tokens
        if add is not None:
            made, secret = kept.make(person.id, add, days)
            if as_json:
                print_json({**dataclasses.asdict(made), "token": secret})
            else:
                say("This is shown once:")
                console().print(Text(secret), soft_wrap=True)
            return
        if revoke is not None:
            found = next((token for token in kept.of(person.id) if token.name == revoke), None)
            if found is None:
                raise CommandError(f"{person.name} has no token {revoke!r}.", "revoke", code="not_found")
            kept.revoke(person.id, found.id)
            _say(f"The token {revoke} of {person.name} is worth nothing any more.")
            return
        listed = kept.of(person.id)
    if as_json:
        print_json([dataclasses.asdict(token) for token in listed])
        return
    rows = [(t.name, t.created_at[:10], (t.expires_at or "never")[:10], _moment(t.last_used_at)) for t in listed]
    print_table(("Token", "Made", "Expires", "Last used"), rows, f"{person.name} has no tokens.")


@app.command("sessions")
def sessions(
    name: Name,
    end: Annotated[bool, typer.Option("--end", help="End all of them: the user has to log in again everywhere.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the browsers that a user is logged in with, or log them out."""
    with opened() as workbench:
        person, kept = workbench.people.get(name), workbench.people.sessions
        if end:
            count = kept.end_all(person.id)
            _say(f"{person.name} is logged out everywhere; {count} {'session' if count == 1 else 'sessions'} ended.")
            return
        listed = kept.of(person.id)
    if as_json:
        print_json([dataclasses.asdict(session) for session in listed])
        return
    rows = [(s.browser or "unknown", _moment(s.created_at), _moment(s.last_seen_at)) for s in listed]
    print_table(("Browser", "Logged in", "Last seen"), rows, f"{person.name} is logged in nowhere.")


def _password(from_input: bool) -> str:
    """A password as a person types it twice, or as a line of standard input. Raises CommandError."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError(
            "There is no terminal to type a password on.", "password", "Give --password-stdin, and the password on standard input."
        )
    given = getpass(f"Password ({passwords.SHORTEST} characters or more): ")
    if getpass("Again: ") != given:
        raise CommandError("The two passwords differ.", "password")
    return given


def _how(person: Person) -> str:
    return "disabled" if person.disabled else "a password" if person.has_password else "tokens only"


def _moment(at: str | None) -> str:
    return "never" if at is None else f"{at[:10]} {at[11:16]} UTC"


def _say(sentence: str) -> None:
    console().print(Text(sentence), soft_wrap=True)
