"""What a page is, and how an address finds its page."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from dash import Dash
from dash.development.base_component import Component

from dashboard.pages.asked import named
from workbench.state import Kind

_VARIABLE = re.compile(r"<(\w+)>")
NAMING: Mapping[str, str] = {"model_id": Kind.MODEL, "run_id": Kind.RUN, "test_id": Kind.RUN, "dataset_id": Kind.DATASET}
"""Variables of addresses that name a record -> its kind, for pages that do not say it themselves (`Page.shows`)."""


@dataclass(frozen=True)
class Entry:
    """A page's entry in the bar.

    Attributes:
        title: its name. icon: a Bootstrap icon. hint: its tooltip. aside: at the right end of the bar, as an icon alone.
    """

    title: str
    icon: str
    hint: str = ""
    aside: bool = False


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        path_template: its address, with variables in angle brackets: `/model/<model_id>/<tab>`. A trailing slash never matters.
        title: the window's title (`Trellis` is added).
        render: `render(context, **path_variables) -> component`; with `wants_query` also `query`, a mapping of the
            address's query parameters (the last of each name). It may raise `CommandError`; "not found" shows as such.
        register: `register(app)` adds the page's callbacks to the Dash app. Called once, before the first request.
        nav: the key of the bar's entry that it lights up, or "".
        entry: the bar's entry that leads to it, under the key `nav`; the bar shows them in the order of the pages.
        go: (letter, what is there): the letter goes to it, after `g`.
        shows: the kind of record whose page it is, if it is one's; its address has one variable, the record's id.
        shows_runs_of: the kind of record whose runs it shows one by one instead of the page of all families' runs; its address has
            one variable, the run's id.
        shows_results_of: (family, what): the family whose runs' results have a page of their own here, besides the page of the run, and what
            links to it say; its address has one variable, the run's id.
        shows_data_of: the family whose datasets have their own page here; its address has one variable, the dataset's id.
        wants_query: whether `render` takes `query`.
        shortcuts: (keys, what they do) that `?` lists on this page.
        keys: `keys(context, **path_variables)` -> such shortcuts, where they depend on the address.
        find: `find(context, **path_variables)`, with `wants_query` also `query`, raises CommandError not_found where the address
            names something that is not there; None where its variables alone say so.
        asks: `asks(context, query)` gives the query values that its address may have, each with what it may be (None: anything);
            an address that says something else leads nowhere. None: no address is refused for its query.
        ahead: `ahead(context, ...)` with the arguments of `render` does once, ahead of the first drawing, what the page's callbacks will do
            as soon as it is drawn (see `dashboard.preparing`). plots: whether figures are drawn with it, so that Plotly is loaded with the frame.
    """

    path_template: str
    title: str
    render: Callable[..., Component]
    register: Callable[[Dash], None] | None = None
    nav: str = ""
    wants_query: bool = False
    shortcuts: tuple[tuple[str, str], ...] = ()
    keys: Callable[..., tuple[tuple[str, str], ...]] | None = None
    entry: Entry | None = None
    go: tuple[str, str] | None = None
    shows: str = ""
    shows_runs_of: str = ""
    find: Callable[..., Any] | None = None
    asks: Callable[..., Mapping[str, Collection[str] | None]] | None = None
    shows_data_of: str = ""
    shows_results_of: tuple[str, str] | None = None
    ahead: Callable[..., object] | None = None
    plots: bool = False

    def __post_init__(self) -> None:
        if (self.entry or self.go) and _VARIABLE.search(self.path_template):
            raise ValueError(f"{self.path_template}: only an address without variables can be gone to from everywhere")
        if self.entry and not self.nav:
            raise ValueError(f"{self.path_template}: an entry of the bar needs a key, `nav`")

    def address(self, id: str) -> str:
        """The address of a record's page, for the page of a kind of record."""
        return _VARIABLE.sub(id, self.path_template)

    def named(self, variables: Mapping[str, str]) -> tuple[str, str] | None:
        """(variable, kind) of the record that the address names, None for an address that names none."""
        kinds = {name: NAMING.get(name) or self.shows for name in variables}
        return next(((name, kind) for name, kind in kinds.items() if kind), None)

    def require_known(self, context: Any, query: Mapping[str, str]) -> None:
        """Raises CommandError not_found, with the closest one, for a query value that the page does not know; one that is empty says nothing."""
        if self.asks is None:
            return
        known = self.asks(context, query)
        for name, value in query.items():
            values = named(known, name, "filter", self.title)
            if values is not None and value:
                named(dict.fromkeys(values), value, name, self.title)

    def match(self, path: str) -> dict[str, str] | None:
        """The path's variables if it is this page's, else None."""
        parts = _VARIABLE.split(self.path_template.rstrip("/"))
        pattern = "".join(f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)) + "/?"
        found = re.fullmatch(pattern, path.rstrip("/") or "/")
        return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


def find(pages: Iterable[Page], path: str) -> tuple[Page, dict[str, str]] | None:
    """The first page whose template fits `path`, with the path's variables."""
    for page in pages:
        variables = page.match(path)
        if variables is not None:
            return page, variables
    return None


def page_above(pages: Iterable[Page], path: str) -> Page | None:
    """The nearest page above an address that leads nowhere: `/recommenders/models` for `/recommenders/models/999`."""
    listed, above = tuple(pages), path.rstrip("/")
    while "/" in above:
        above = above.rpartition("/")[0]
        page = next((page for page in listed if above and page.path_template == above), None)
        if page is not None:
            return page
    return None


def shortcuts_to(pages: Iterable[Page]) -> list[tuple[str, str, str]]:
    """(letter, what is there, address) of every page that a letter after `g` goes to."""
    return [(page.go[0], page.go[1], page.path_template) for page in pages if page.go]


def query_of(search: str | None) -> dict[str, str]:
    """Query parameters of a location's `search`, the last of each name."""
    return {name: values[-1] for name, values in parse_qs((search or "").lstrip("?"), keep_blank_values=True).items()}


def arguments(page: Page, variables: Mapping[str, str], search: str | None) -> dict[str, Any]:
    """The keyword arguments of `page.render`."""
    return dict(variables) | ({"query": query_of(search)} if page.wants_query else {})
