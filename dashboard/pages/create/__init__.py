"""The Create page, `/create`: a new model, or a clone with another architecture."""

from dashboard.pages.create.callbacks import register
from dashboard.pages.create.view import find, render
from dashboard.pages.page import Page

PAGE = Page(
    path_template="/create",
    title="New model",
    render=render,
    register=register,
    nav="models",
    wants_query=True,
    find=find,
    go=("c", "create a model"),
)
