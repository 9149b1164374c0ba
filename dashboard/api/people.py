"""REST for users: what administrators see to, and what everybody does for themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from dashboard import acting
from dashboard.acting import Acting, needs
from dashboard.api.dependencies import Bench, Body, acting_as
from dashboard.api.errors import ERRORS
from dashboard.api.paging import Page, PageQuery, page_of
from workbench.commands.base import CommandError
from workbench.people.people import People
from workbench.people.records import Person, Session, Token
from workbench.people.refusals import Forbidden
from workbench.people.tokens import MOST_DAYS
from workbench.roles import Role

router = APIRouter(tags=["users"], responses=ERRORS)

Name = Annotated[str, Path(max_length=100, description="The name that the user logs in with, or their id.")]
Id = Annotated[str, Path(max_length=100)]
Password = Annotated[str, Field(max_length=1_000, description="10 to 200 characters.")]


class UserView(BaseModel):
    """A user."""

    id: str
    name: str
    display_name: str
    role: Role
    disabled: bool
    has_password: bool = Field(description="Whether they can log in with one; else with tokens only.")
    created_at: str


class TokenView(BaseModel):
    """A personal access token, without its secret."""

    id: str
    name: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class NewToken(TokenView):
    """A token that was made."""

    token: str = Field(description="The secret. It is shown this once.")


class SessionView(BaseModel):
    """A browser that a user is logged in with."""

    id: str
    browser: str = Field(description="What the browser says it is.")
    created_at: str
    last_seen_at: str
    current: bool = Field(description="Whether this request comes from it.")


class Tokens(BaseModel):
    """All tokens of a user, by name."""

    items: list[TokenView]
    total: int
    next: None = None


class Sessions(BaseModel):
    """All sessions of a user, the one seen last first."""

    items: list[SessionView]
    total: int
    next: None = None


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int


class AddUser(Body):
    """A new user."""

    name: str = Field(max_length=1_000, description="Small letters, digits, dots, dashes and underlines, at most 40.")
    role: Role
    display_name: str = Field("", max_length=1_000)
    password: Password | None = Field(None, description="10 to 200 characters; without one the user has tokens only.")


class ChangeUser(Body):
    """Changes of a user; what is left out stays."""

    role: Role | None = None
    display_name: str | None = Field(None, max_length=1_000)
    disabled: bool | None = None


class SetPassword(Body):
    """A new password of a user."""

    password: Password


class ChangeMe(Body):
    """Changes of oneself."""

    display_name: str = Field(max_length=1_000)


class ChangePassword(Body):
    """A new password of one's own."""

    current: str = Field("", max_length=1_000, description="The present one, if there is one.")
    password: Password


class MakeToken(Body):
    """A new token."""

    name: str = Field(max_length=1_000, description="What it is for.")
    days: int | None = Field(None, ge=1, le=MOST_DAYS, description="For how long it holds; until it is revoked without it.")


def _user(person: Person) -> UserView:
    return UserView(**{name: getattr(person, name) for name in UserView.model_fields})


def _token(token: Token) -> TokenView:
    return TokenView(**{name: getattr(token, name) for name in TokenView.model_fields})


def _tokens(people: People, person: Person) -> Tokens:
    items = [_token(token) for token in people.tokens.of(person.id)]
    return Tokens(items=items, total=len(items))


def _sessions(people: People, person: Person) -> Sessions:
    me = acting.acting()
    current = me.session if me is not None else None
    found: list[Session] = people.sessions.of(person.id)
    given = [(session, {name: getattr(session, name) for name in SessionView.model_fields if name != "current"}) for session in found]
    return Sessions(items=[SessionView(**fields, current=session.id == current) for session, fields in given], total=len(found))


def _me() -> Acting:
    """Who asks. Raises CommandError not_found without users."""
    found = acting.acting()
    if found is None:
        raise CommandError("This server has no users, so nobody is anybody in particular.", code="not_found")
    return found


def _session_of(me: Acting) -> str:
    """The session in which somebody asks. Raises Forbidden for a program with a token, which must not make itself at home."""
    if me.session is None:
        raise Forbidden("A token does not do this: log in for it.", me.person.role, "Open “Your account” on the Settings page.")
    return me.session


@router.get("/me")
def read_me() -> UserView:
    """Who asks; 404 where there are no users."""
    return _user(_me().person)


@router.patch("/me")
@needs("read")
def change_me(bench: Bench, body: ChangeMe) -> UserView:
    """Choose what others read."""
    return _user(bench.people.call_oneself(_me().person.id, body.display_name))


@router.post("/me/password")
@needs("read")
def change_password(bench: Bench, body: ChangePassword) -> UserView:
    """Change one's password; every other session ends. A token does not do it."""
    me = _me()
    return _user(bench.people.change_own_password(me.person, body.current, body.password, session=_session_of(me)))


@router.get("/me/tokens")
def list_my_tokens(bench: Bench) -> Tokens:
    """One's personal access tokens."""
    return _tokens(bench.people, _me().person)


@router.post("/me/tokens", status_code=201)
@needs("read")
def make_token(bench: Bench, body: MakeToken, response: Response) -> NewToken:
    """Make a token, whose secret is shown this once. A token makes no others."""
    me = _me()
    _session_of(me)
    made, secret = bench.people.tokens.make(me.person.id, body.name, body.days)
    response.headers["Location"] = f"/api/me/tokens/{made.id}"
    response.headers["Cache-Control"] = "no-store"
    return NewToken(**_token(made).model_dump(), token=secret)


@router.delete("/me/tokens/{token_id}", status_code=204)
@needs("read")
def revoke_token(bench: Bench, token_id: Id) -> None:
    """Revoke one of one's tokens for good."""
    bench.people.tokens.revoke(_me().person.id, token_id)


@router.get("/me/sessions")
def list_my_sessions(bench: Bench) -> Sessions:
    """The browsers that one is logged in with."""
    return _sessions(bench.people, _me().person)


@router.delete("/me/sessions")
@needs("read")
def end_my_other_sessions(bench: Bench) -> Ended:
    """End all sessions but the one that asks."""
    me = _me()
    return Ended(ended=bench.people.sessions.end_all(me.person.id, but=me.session))


@router.delete("/me/sessions/{session_id}", status_code=204)
@needs("read")
def end_my_session(bench: Bench, session_id: Id) -> None:
    """End one of one's sessions."""
    bench.people.sessions.end(_me().person.id, session_id)


@router.get("/users")
@needs("administer")
def list_users(bench: Bench, query: Annotated[PageQuery, Query()]) -> Page[UserView]:
    """All users, by name unless sorted otherwise."""
    keys = {name: (lambda person, name=name: getattr(person, name)) for name in ("name", "display_name", "role", "created_at")}
    return page_of(bench.people.all(), query, keys=keys, default_sort="name", identity=lambda person: person.id, show=_user)


@router.post("/users", status_code=201)
@needs("administer")
def add_user(bench: Bench, body: AddUser, response: Response) -> UserView:
    """Add a user; the first one is added on the machine itself, by `trellis users add`."""
    person = bench.people.add(by=acting_as(), name=body.name, role=body.role, display_name=body.display_name, password=body.password)
    response.headers["Location"] = f"/api/users/{person.name}"
    return _user(person)


@router.get("/users/{name}")
@needs("administer")
def read_user(bench: Bench, name: Name) -> UserView:
    """One user."""
    return _user(bench.people.get(name))


@router.patch("/users/{name}")
@needs("administer")
def change_user(bench: Bench, name: Name, body: ChangeUser) -> UserView:
    """Give a user another role or display name, disable them, which logs them out everywhere, or enable them again."""
    return _user(bench.people.change(name, by=acting_as(), role=body.role, disabled=body.disabled, display_name=body.display_name))


@router.post("/users/{name}/password")
@needs("administer")
def set_password(bench: Bench, name: Name, body: SetPassword) -> UserView:
    """Give a user a new password, which logs them out everywhere."""
    return _user(bench.people.set_password(name, body.password, by=acting_as()))


@router.get("/users/{name}/tokens")
@needs("administer")
def list_tokens(bench: Bench, name: Name) -> Tokens:
    """A user's tokens."""
    return _tokens(bench.people, bench.people.get(name))


@router.delete("/users/{name}/tokens/{token_id}", status_code=204)
@needs("administer")
def revoke_their_token(bench: Bench, name: Name, token_id: Id) -> None:
    """Revoke a token of a user."""
    bench.people.tokens.revoke(bench.people.get(name).id, token_id)


@router.get("/users/{name}/sessions")
@needs("administer")
def list_sessions(bench: Bench, name: Name) -> Sessions:
    """The browsers that a user is logged in with."""
    return _sessions(bench.people, bench.people.get(name))


@router.delete("/users/{name}/sessions")
@needs("administer")
def end_sessions(bench: Bench, name: Name) -> Ended:
    """Log a user out everywhere."""
    return Ended(ended=bench.people.sessions.end_all(bench.people.get(name).id))
