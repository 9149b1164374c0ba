"""The workbench of a server that answers before its store is open: loading SQL takes longer than a first page may."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.notifying.notifier import Notifier
    from workbench.settings import Settings
    from workbench.workbench import Workbench


class Opening:
    """Opens a workbench once, for whoever asks first; the others wait. One that is given is open already, and stays so."""

    def __init__(self, settings: Settings, workbench: Workbench | None = None) -> None:
        self._settings = settings
        self._workbench = workbench
        self._given = workbench is not None
        self._watching = False
        self._closed = False
        self._notifier: Notifier | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Workbench:
        """The workbench. Raises StoreError if it cannot be opened, which the next one to ask tries again."""
        if self._workbench is not None:
            return self._workbench
        with self._lock:
            if self._workbench is None:
                from workbench.workbench import Workbench

                self._workbench = Workbench.open(self._settings, apart=True)
            return self._workbench

    @property
    def is_open(self) -> bool:
        """Whether somebody has opened it."""
        return self._workbench is not None

    def keep_watch(self) -> None:
        """Open the workbench and let its runs be watched until `close`. Raises StoreError."""
        workbench = self()
        with self._lock:
            if not self._closed and not self._watching:
                self._watching = True
                workbench.keep_watch()
                self._notifier = _notifier(self._settings, workbench)

    def close(self) -> None:
        """End what runs in the background for the workbench, and close it unless it was given. Nothing if nobody opened it."""
        with self._lock:
            self._closed = True
            if self._workbench is None:
                return
            if self._notifier is not None:
                self._notifier.end()
            self._workbench.end_watch()
            if not self._given:
                self._workbench.close()


def _notifier(settings: Settings, workbench: Workbench) -> Notifier | None:
    """What tells people of ended runs, started; None where nobody wants to be told."""
    if settings.notify_webhook is None and not settings.notify_email:
        return None
    from workbench.notifying.notifier import Notifier

    notifier = Notifier(workbench.store, settings)
    notifier.start()
    return notifier
