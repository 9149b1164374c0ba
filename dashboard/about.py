"""What a run is about, as pages say it: a model, or a record of whatever kind a family's runs are about."""

from __future__ import annotations

from typing import NamedTuple

from workbench.commands.rules import title
from workbench.kinds import kind_of
from workbench.state import AppState, RunRecord


class About(NamedTuple):
    """The record that a run is about: what people call it, and its page's address ("" without a page, or once it is deleted)."""

    title: str
    href: str


def about_of(state: AppState, run: RunRecord) -> About:
    """What a run is about."""
    record = state.of(run.subject.kind).get(run.subject.id)
    if record is None or record.deleted_at is not None:
        return About(f"a deleted {kind_of(run.subject.kind).word}", "")
    return About(title(record), address_of(run.subject.kind, run.subject.id))


def followed_at(run: RunRecord) -> str:
    """The address of the page on which a run is followed and read: its family's own, or that of all families' runs."""
    # The registry imports every page, and pages import this.
    from dashboard.pages.registry import all_pages

    own = next((page for page in all_pages() if page.shows_runs_of == run.subject.kind), None)
    return own.address(run.id) if own is not None else f"/run/{run.id}"


class Results(NamedTuple):
    """The page of a run's results: what links to it say, and its address."""

    title: str
    href: str


def results_of(run: RunRecord) -> Results | None:
    """The page that a family has for the results of its runs, once there are some; None without."""
    # The registry imports every page, and pages import this.
    from dashboard.pages.registry import all_pages

    if run.state.active or not run.headline:
        return None
    for page in all_pages():
        if page.shows_results_of and page.shows_results_of[0] == run.family:
            return Results(page.shows_results_of[1], page.address(run.id))
    return None


def data_shown_at(family: str, id: str) -> str:
    """The address of the page that a family has for its datasets; "" for a family without one."""
    # The registry imports every page, and pages import this.
    from dashboard.pages.registry import all_pages

    return next((page.address(id) for page in all_pages() if page.shows_data_of == family), "")


def address_of(kind: str, id: str) -> str:
    """The address of a record's page; "" for a kind that has none."""
    # The registry imports every page, and pages import this.
    from dashboard.pages.registry import all_pages

    return next((page.address(id) for page in all_pages() if page.shows == kind), "")
