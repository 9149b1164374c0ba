"""Who acts in the request being served, and what they may do.

`AccessMiddleware` says who it is; threads and jobs that a request starts know it, too. Without users nobody is anybody
in particular and may do everything. What changes something through a command is refused by the store itself
(`workbench.people.rights`); what a callback, an address or a route does besides is declared with `needs` and asked here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from workbench.people import refusals
from workbench.people.records import Person
from workbench.roles import ROLES, Role

F = TypeVar("F", bound=Callable[..., Any])

_DECLARED = "trellis_needs"


@dataclass(frozen=True)
class Acting:
    """A user who acts, and the session in which they do; None with a token."""

    person: Person
    session: str | None


@dataclass(frozen=True)
class Needs:
    """What a function says that its caller must be: `role`, and for delegated actions of some names another one."""

    role: Role
    actions: Mapping[str, Role] = field(default_factory=dict)


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting | None:
    """The user who acts and their session; None without users."""
    return _acting.get()


def person() -> Person | None:
    """The user who acts; None without users."""
    found = _acting.get()
    return found.person if found is not None else None


@contextmanager
def as_acting(who: Acting | None) -> Iterator[None]:
    """Within the block, this is who acts."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def may(need: Role) -> bool:
    """Whether who acts may do what needs a role."""
    found = person()
    return found is None or found.may(need)


def require(need: Role) -> None:
    """Raise `workbench.people.refusals.Forbidden` if who acts may not do what needs a role."""
    found = person()
    if found is not None and not found.may(need):
        raise refusals.needs(need, found.role)


def needs(role: Role, **actions: Role) -> Callable[[F], F]:
    """Declare what somebody must be to have a callback, an address or a route carried out.

    Args:
        actions: delegated actions (`dashboard.components.act`) of these names, with - as _, that need another role.
    """

    def declare(function: F) -> F:
        setattr(function, _DECLARED, Needs(role, {name.replace("_", "-"): need for name, need in actions.items()}))
        return function

    return declare


def declared(function: Callable[..., Any]) -> Needs | None:
    """What a function declares, also where it is wrapped; None for one that says nothing."""
    return getattr(function, _DECLARED, None)


def required(function: Callable[..., Any], action_names: tuple[str, ...] = ()) -> Role:
    """The role that a function needs for delegated actions of these names; the highest there is for one that declares nothing."""
    found = declared(function)
    if found is None:
        return ROLES[-1]
    roles = [found.role, *(found.actions[name] for name in action_names if name in found.actions)]
    return ROLES[max(map(ROLES.index, roles))]


def guarded(function: F, actions_of: Callable[[], tuple[str, ...]] = tuple) -> F:
    """The function, which is refused to those who may not have it carried out. `actions_of`: names of what is asked for."""

    @wraps(function)
    def asked(*args: Any, **given: Any) -> Any:
        if person() is not None:
            require(required(function, actions_of()))
        return function(*args, **given)

    return asked  # type: ignore[return-value]
