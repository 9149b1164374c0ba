"""The journal and the current entities, in SQL."""

from workbench.store.errors import StoreBusy, StoreError, VersionConflict
from workbench.store.history import FieldChange, HistoryEntry
from workbench.store.store import Executed, Store

__all__ = ["Executed", "FieldChange", "HistoryEntry", "Store", "StoreBusy", "StoreError", "VersionConflict"]
