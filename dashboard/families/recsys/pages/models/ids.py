"""Names of controls of the wizard of models that its components and its callbacks share."""

from __future__ import annotations

from dashboard.families.recsys.pages.chapters import MODELS

FORM = "recsys-model"
"""The form of the fields of the registry."""

FEATURES, RATIO = MODELS.id("features"), MODELS.id("ratio")

ASSUMED = "assumed"
"""The choice of no feature configuration (a list's empty value would show as blank)."""
