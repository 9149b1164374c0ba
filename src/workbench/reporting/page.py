"""`report.html`: one file with everything in it, light or dark as the reader's system, or the page around it, is set."""

from __future__ import annotations

import base64
import gzip
from functools import cache

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from workbench.plotting import DARK, FONT, LIGHT
from workbench.reporting.content import Report
from workbench.reporting.embed import embed
from workbench.reporting.template import PAGE, SCRIPT, STYLE, THEME_SCRIPT
from workbench.reporting.values import metric_text, source_text


def render(report: Report) -> str:
    """The report as one HTML page. It asks nothing from the network; texts are escaped."""
    shown = [figure for figure in report.figures if figure.state == "shown"]
    environment = Environment(loader=DictLoader({"page": PAGE}), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters.update(answer=metric_text, source=source_text)
    return environment.get_template("page").render(
        report=report,
        shown=shown,
        hidden=[figure for figure in report.figures if figure.state != "shown"],
        style=Markup(_style()),
        plotly=Markup(_plotly()) if shown else "",
        data=Markup(packed(embed([drawn for figure in shown for drawn in (figure.light, figure.dark)]))),
        theme=Markup(THEME_SCRIPT),
        script=Markup(SCRIPT),
    )


def packed(text: str) -> str:
    """A text as the page's script unpacks it: gzip, written in base64; a quarter to a third of the text's size."""
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


@cache
def _plotly() -> str:
    return packed(get_plotlyjs())


def _style() -> str:
    """The style sheet with both themes' colours."""
    names = ("ground", "ink", "muted", "line", "good", "bad")
    themes = {"light": LIGHT, "dark": DARK}
    sets = {name: ";".join(f"--{n}:{getattr(colours, n)}" for n in names) for name, colours in themes.items()}
    return STYLE.replace("FONT", FONT).replace("LIGHT", sets["light"]).replace("DARK", sets["dark"])
