"""What a process is asked to do for the services of a server's workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def of_datasets(workbench: Workbench, method: str, *arguments: Any, **given: Any) -> Any:
    """What a method of this process's datasets returns."""
    return getattr(workbench.datasets, method)(*arguments, **given)
