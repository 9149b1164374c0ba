"""The Datasets pages: `/datasets` lists them and takes in new ones, `/datasets/<id>` looks at one."""

from dashboard.pages.datasets.callbacks import register
from dashboard.pages.datasets.view import asks, render, render_one
from dashboard.pages.page import Entry, Page
from workbench.state import Kind

PAGE = Page(
    "/datasets",
    "Datasets",
    render,
    register,
    nav="datasets",
    wants_query=True,
    asks=asks,
    entry=Entry("Datasets", "collection"),
    go=("d", "all datasets"),
)
ONE_PAGE = Page("/datasets/<dataset_id>", "Dataset", render_one, nav="datasets", shows=Kind.DATASET)
