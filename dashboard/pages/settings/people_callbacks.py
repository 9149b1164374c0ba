"""What users do on Settings: their own account, and for administrators everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, no_update

from dashboard import shell
from dashboard.acting import Acting, acting, needs
from dashboard.components import notify, read_action
from dashboard.context import current
from dashboard.pages.settings import account, users
from workbench.commands.base import CommandError
from workbench.people.refusals import Forbidden

if TYPE_CHECKING:
    from workbench.people.people import People


def register(app: Dash) -> None:
    """Add the callbacks of both."""
    _register_account(app)
    _register_users(app)


def people() -> People:
    """The users of the server that is asked."""
    return current().workbench.people


def me() -> Acting:
    """Who asks. Raises Forbidden without users, where no page has these controls."""
    found = acting()
    if found is None:
        raise Forbidden("This server has no users.", "read")
    return found


def _register_account(app: Dash) -> None:
    @app.callback(
        Output("account-password-now", "value"), Output("account-password-new", "value"), Output("account-password-again", "value"),
        Output("account-sessions", "children"),
        Input("account-password-save", "n_clicks"), State("account-password-now", "value"), State("account-password-new", "value"),
        State("account-password-again", "value"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def change_password(clicks: int | None, now: str | None, new: str | None, again: str | None) -> Any:
        if not clicks:
            return (no_update,) * 4
        if new != again:
            raise CommandError("The two new passwords differ.", "password")
        who = me()
        people().change_own_password(who.person, now or "", new or "", session=who.session or "")
        notify("Your password was changed. You are logged out in every other browser.")
        return "", "", "", account.session_list(people().sessions.of(who.person.id), who.session)

    @app.callback(
        Output("account-token-made", "children"), Output("account-token-name", "value"), Output("account-tokens", "children"),
        Input("account-token-make", "n_clicks"), State("account-token-name", "value"), State("account-token-days", "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def make_token(clicks: int | None, name: str | None, days: str | None) -> Any:
        if not clicks:
            return (no_update,) * 3
        who = me().person
        lasts = int(days) if days in dict(account.LASTS) and days != account.FOR_EVER else None
        token, secret = people().tokens.make(who.id, name or "", lasts)
        return account.made(token, secret), "", account.token_list(people().tokens.of(who.id))

    @app.callback(
        Output("account-tokens", "children", allow_duplicate=True), Output("account-sessions", "children", allow_duplicate=True),
        Input(account.ACTION, "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def act_on_account(data: Any) -> Any:
        action = read_action(data)
        if action is None:
            return (no_update,) * 2
        who = me()
        if action.name == "revoke":
            people().tokens.revoke(who.person.id, action.id)
            notify("The token was revoked.")
        elif action.name == "end":
            people().sessions.end(who.person.id, action.id)
            notify("That browser is logged out.")
        elif action.name == "end-others":
            people().sessions.end_all(who.person.id, but=who.session)
            notify("You are logged out everywhere else.")
        return account.token_list(people().tokens.of(who.person.id)), account.session_list(people().sessions.of(who.person.id), who.session)


def _register_users(app: Dash) -> None:
    @app.callback(
        Output("users-list", "children"), Output("users-new-name", "value"), Output("users-new-display", "value"),
        Output("users-new-password", "value"), Input("users-new-add", "n_clicks"), State("users-new-name", "value"),
        State("users-new-display", "value"), State("users-new-role", "value"), State("users-new-password", "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("administer")
    def add(clicks: int | None, name: str | None, display: str | None, role: str | None, password: str | None) -> Any:
        if not clicks:
            return (no_update,) * 4
        who = me().person
        made = people().add(by=who.actor, name=name or "", role=role or "", display_name=display or "", password=password or None)
        notify(f"{made.display_name} is a user now.")
        return users.listed(people().all(), who), "", "", ""

    @app.callback(Output("users-list", "children", allow_duplicate=True), Input(users.ACTION, "data"), prevent_initial_call=True)
    @needs("administer")
    def act_on_user(data: Any) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        who = me().person
        notify(carry_out(people(), who.actor, action.name, action.id, str(action.value or "")))
        if action.id == who.id:
            shell.redraw()  # what they may see may have changed
        return users.listed(people().all(), who)


def carry_out(kept: People, by: str, name: str, id: str, value: str) -> str:
    """Do to a user what a button says; returns what was done, in words. Raises CommandError."""
    if name == "role":
        changed = kept.change(id, by=by, role=value)
        return f"{changed.display_name} has the role “{changed.role}” now."
    if name in ("disable", "enable"):
        changed = kept.change(id, by=by, disabled=name == "disable")
        return f"{changed.display_name} is disabled and logged out." if changed.disabled else f"{changed.display_name} may log in again."
    if name == "password":
        changed = kept.set_password(id, value, by=by)
        return f"{changed.display_name} has a new password and is logged out."
    if name == "log-out":
        found = kept.get(id)
        kept.sessions.end_all(found.id)
        return f"{found.display_name} is logged out everywhere."
    raise CommandError("This is nothing that can be done to a user.")
