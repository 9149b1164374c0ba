"""Every page of the dashboard, in the order in which addresses are tried."""

from __future__ import annotations

from dashboard.pages import compare, create, datasets, help, model, models, run, runs, settings, sweeps
from dashboard.pages.page import Page
from workbench.families import all_families

CORE: tuple[Page, ...] = (
    models.PAGE, create.PAGE, model.PAGE, model.TAB_PAGE, datasets.PAGE, datasets.ONE_PAGE, runs.PAGE, compare.PAGE, run.PAGE,
    sweeps.PAGE, sweeps.NEW_PAGE, sweeps.ONE_PAGE, settings.PAGE, help.PAGE,
)  # fmt: skip


def all_pages() -> tuple[Page, ...]:
    """The dashboard's own pages, then those that registered families bring, each named alone or several as a tuple."""
    contributed = dict.fromkeys(target for family in all_families() for target in family.pages)
    found: list[Page] = [*CORE]
    for target in contributed:
        loaded = target.load()
        found += loaded if isinstance(loaded, tuple) else (loaded,)
    return tuple(found)
