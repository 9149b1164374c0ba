"""The tabs of a model's page: training, diagnostics, history and export are the core's, the others its family brings."""

from __future__ import annotations

from dashboard.pages.model import export
from dashboard.pages.model.diagnose_tab import find_diagnosed, render_diagnose
from dashboard.pages.model.history_tab import find_past, render_history
from dashboard.pages.model.tab import Tab
from dashboard.pages.model.train_tab import render_train
from workbench.families import Family, all_families

_KEYS = (("Tab", "next setting"), ("Space", "switch a setting or press a button"))

TRAIN = Tab("train", "Train", 20, render_train, shortcuts=_KEYS)
CORE: tuple[Tab, ...] = (
    TRAIN,
    Tab("diagnose", "Diagnose", 30, render_diagnose, shortcuts=_KEYS, find=find_diagnosed),
    Tab("history", "History", 50, render_history, shortcuts=_KEYS, find=find_past),
    Tab("export", "Export", 60, export.body, export.register, shortcuts=_KEYS),
)


def tabs_of(family: Family) -> tuple[Tab, ...]:
    """The tabs of a family's models, in order."""
    return tuple(sorted((*CORE, *_loaded(family)), key=lambda tab: tab.place))


def all_tabs() -> tuple[Tab, ...]:
    """Every tab of every registered family, once each."""
    return tuple(dict.fromkeys((*CORE, *(tab for family in all_families() for tab in _loaded(family)))))


def _loaded(family: Family) -> tuple[Tab, ...]:
    return tuple(target.load() for target in family.model_tabs)
