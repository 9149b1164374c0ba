"""The Recommenders page and the addresses below it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dash import Dash

from dashboard.context import AppContext
from dashboard.families.recsys import layer_control
from dashboard.families.recsys.pages import addresses, frame, listing, one
from dashboard.families.recsys.pages.chapters import FEATURES as FEATURE_CHAPTER
from dashboard.families.recsys.pages.chapters import MODELS as MODEL_CHAPTER
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.families.recsys.pages.datasets import callbacks as dataset_callbacks
from dashboard.families.recsys.pages.features import callbacks as feature_callbacks
from dashboard.families.recsys.pages.models import callbacks as model_callbacks
from dashboard.families.recsys.pages.models import code as model_code
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import callbacks as test_callbacks
from dashboard.families.recsys.pages.tests import compare_view, recent_callbacks, start_callbacks
from dashboard.later import Later, later
from dashboard.pages.page import Entry, Page
from recsys.records import FEATURES, MODELS

NAV = "recommenders"
_PAGES = "dashboard.families.recsys.pages"


def _find_one(chapter: Chapter) -> Callable[..., None]:
    """Raises CommandError not_found unless the configuration is there."""

    def find(context: AppContext, config_id: str, query: object = None) -> None:
        del query
        chapter.configs(context).get(config_id)

    return find


def _find_new(name: str) -> Callable[..., None]:
    """Raises CommandError not_found unless what a new one's address begins with is there.

    Args:
        name: of the wizard's module.
    """
    begun_with = later(f"{_PAGES}.{name}.view:begun_with")

    def find(context: AppContext, query: Mapping[str, str]) -> None:
        begun_with(context, query)

    return find


def _find_test(context: AppContext, test_id: str) -> None:
    recommenders(context.workbench).tests.get(test_id)


def _find_all(get: Callable[[AppContext], Callable[[str], Any]]) -> Callable[..., None]:
    """Raises CommandError not_found unless all that `?ids=` names is there."""

    def find(context: AppContext, query: Mapping[str, str]) -> None:
        for id in frame.query_ids(query):
            get(context)(id)

    return find


def _register_models(app: Dash) -> None:
    listing.register(app, MODEL_CHAPTER, Later(f"{_PAGES}.models.listing"))
    one.register(app, MODEL_CHAPTER)
    model_code.register(app)
    model_callbacks.register(app)
    layer_control.register(app)


def _register_features(app: Dash) -> None:
    listing.register(app, FEATURE_CHAPTER, Later(f"{_PAGES}.features.listing"))
    one.register(app, FEATURE_CHAPTER)
    feature_callbacks.register(app)


DATASET_PAGES = (
    Page(addresses.DATASETS, "Datasets of interactions", later(f"{_PAGES}.datasets.view:render"), dataset_callbacks.register, nav=NAV),
    Page(
        f"{addresses.DATASETS}/new",
        "New dataset",
        later(f"{_PAGES}.datasets.view:render_new"),
        nav=NAV,
        wants_query=True,
        find=later(f"{_PAGES}.datasets.view:asked_for"),
    ),
    Page(f"{addresses.DATASETS}/<dataset_id>", "Dataset", later(f"{_PAGES}.datasets.view:render_one"), nav=NAV, shows_data_of="recsys"),
)

FEATURE_PAGES = (
    Page(
        addresses.FEATURES,
        "Features",
        later(f"{_PAGES}.features.listing:render"),
        _register_features,
        nav=NAV,
        wants_query=True,
        asks=later(f"{_PAGES}.features.listing:asks"),
    ),
    Page(
        f"{addresses.FEATURES}/new",
        "New features",
        later(f"{_PAGES}.features.view:render_new"),
        nav=NAV,
        wants_query=True,
        find=_find_new("features"),
    ),
    Page(
        f"{addresses.FEATURES}/compare",
        "Compare features",
        later(f"{_PAGES}.features.one:render_compare"),
        nav=NAV,
        wants_query=True,
        find=_find_all(lambda context: FEATURE_CHAPTER.configs(context).get),
    ),
    Page(
        f"{addresses.FEATURES}/<config_id>/edit",
        "Edit features",
        later(f"{_PAGES}.features.view:render_edit"),
        nav=NAV,
        wants_query=True,
        find=_find_one(FEATURE_CHAPTER),
    ),
    Page(
        f"{addresses.FEATURES}/<config_id>",
        "Features",
        later(f"{_PAGES}.features.one:render"),
        nav=NAV,
        shows=FEATURES,
        find=_find_one(FEATURE_CHAPTER),
    ),
)

MODEL_PAGES = (
    Page(
        addresses.MODELS,
        "Model Structure",
        later(f"{_PAGES}.models.listing:render"),
        _register_models,
        nav=NAV,
        wants_query=True,
        asks=later(f"{_PAGES}.models.listing:asks"),
    ),
    Page(
        f"{addresses.MODELS}/new",
        "New model",
        later(f"{_PAGES}.models.view:render_new"),
        nav=NAV,
        wants_query=True,
        find=_find_new("models"),
    ),
    Page(
        f"{addresses.MODELS}/compare",
        "Compare models",
        later(f"{_PAGES}.models.one:render_compare"),
        nav=NAV,
        wants_query=True,
        find=_find_all(lambda context: MODEL_CHAPTER.configs(context).get),
    ),
    Page(
        f"{addresses.MODELS}/<config_id>/edit",
        "Edit a model",
        later(f"{_PAGES}.models.view:render_edit"),
        nav=NAV,
        wants_query=True,
        find=_find_one(MODEL_CHAPTER),
    ),
    Page(
        f"{addresses.MODELS}/<config_id>",
        "Model",
        later(f"{_PAGES}.models.one:render"),
        nav=NAV,
        shows=MODELS,
        find=_find_one(MODEL_CHAPTER),
    ),
)

TEST_PAGES = (
    Page(
        addresses.TESTS,
        "Quick tests",
        later(f"{_PAGES}.tests.recent_view:render"),
        recent_callbacks.register,
        nav=NAV,
        wants_query=True,
        asks=later(f"{_PAGES}.tests.recent_view:asks"),
    ),
    Page(
        f"{addresses.TESTS}/new",
        "New quick test",
        later(f"{_PAGES}.tests.start_view:render"),
        start_callbacks.register,
        nav=NAV,
        wants_query=True,
    ),
    Page(
        f"{addresses.TESTS}/compare",
        "Compare tests",
        later(f"{_PAGES}.tests.compare_view:render"),
        compare_view.register,
        nav=NAV,
        wants_query=True,
        find=_find_all(lambda context: recommenders(context.workbench).tests.get),
    ),
    Page(
        f"{addresses.TESTS}/<test_id>",
        "Quick test",
        later(f"{_PAGES}.tests.view:render"),
        test_callbacks.register,
        nav=NAV,
        shows_runs_of=MODELS,
        find=_find_test,
    ),
)

HOME = Page(
    addresses.HOME,
    "Recommenders",
    later(f"{_PAGES}.home.view:render"),
    nav=NAV,
    entry=Entry("Recommenders", "diagram-3"),
    go=("e", "recommenders"),
)

PAGES: tuple[Page, ...] = (HOME, *DATASET_PAGES, *FEATURE_PAGES, *MODEL_PAGES, *TEST_PAGES)
"""Every page, in the order in which addresses are tried."""
