"""Settings: what this browser is called, or the account of the user and those of all, how Trellis looks, and the settings the server runs with."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboard.acting import acting
from dashboard.context import AppContext, actor
from dashboard.names import read_names
from dashboard.pages.page import Entry, Page
from dashboard.pages.settings import callbacks
from dashboard.pages.settings.layout import identity, layout
from dashboard.pages.settings.ways import told_by


def render(context: AppContext) -> Component:
    """The page."""
    me, who = actor(), acting()
    lines, told = context.settings.describe(), told_by(context.settings)
    if who is None:
        return layout(identity(me, read_names(context.settings.home).get(me, "")), lines, told)
    # loaded once there are users: a server without any needs none of it
    from dashboard.pages.settings.account import account
    from dashboard.pages.settings.users import users

    people = context.workbench.people
    own = account(who.person, people.tokens.of(who.person.id), people.sessions.of(who.person.id), who.session)
    return layout(own, lines, told, users=users(people.all(), who.person) if who.person.may("administer") else None)


PAGE = Page("/settings", "Settings", render, callbacks.register, nav="settings", entry=Entry("Settings", "gear", aside=True))
