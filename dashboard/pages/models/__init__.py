"""The Models page, `/`: every model of every family."""

from dashboard.pages.models.callbacks import register
from dashboard.pages.models.view import asks, render
from dashboard.pages.page import Entry, Page

PAGE = Page(
    path_template="/",
    title="Models",
    render=render,
    register=register,
    nav="models",
    entry=Entry("Models", "grid"),
    go=("m", "all models"),
    wants_query=True,
    asks=asks,
    shortcuts=(("/", "search models"),),
)
