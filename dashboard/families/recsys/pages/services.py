"""What pages do with recommenders. It is loaded at its first use: the pages' frame is served without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys.service import RecommenderService
    from workbench.workbench import Workbench


def recommenders(workbench: Workbench) -> RecommenderService:
    """Everything that people do with recommenders in a workbench."""
    from recsys.service import RecommenderService

    return RecommenderService(workbench)
