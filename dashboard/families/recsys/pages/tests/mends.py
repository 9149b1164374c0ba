"""What one click does about a warning, before a test and after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboard.families.recsys.pages.tests.asked import OVERRIDES
from recsys.model.training import Training
from recsys.model.warning import Action, Code, ConfigWarning
from workbench.fields import choice_label, field_specs


def warning_of(told: Mapping[str, Any]) -> ConfigWarning:
    """A warning as a test kept it."""
    action = told["action"]
    mend = Action(action["words"], action["settings"], tuple(action["without_columns"]))
    return ConfigWarning(Code(told["code"]), told["severity"], told["message"], mend)


def fixable(warning: ConfigWarning) -> bool:
    """Whether one click can do what a warning proposes."""
    return bool(warning.action.settings or warning.action.without_columns)


def alone(warning: ConfigWarning) -> bool:
    """Whether a test can have the change by itself, so that no configuration changes."""
    return set(warning.action.settings) <= set(OVERRIDES) and not warning.action.without_columns


def fix_words(warning: ConfigWarning) -> str:
    """What the click does, so that nobody's configuration changes unasked."""
    return "Set it for this test alone" if alone(warning) else "Make a copy with the change and use that"


def open_words(warning: ConfigWarning) -> str:
    """What a new test is opened with: `Open with epochs 10`."""
    specs = {spec.name: spec for spec in field_specs(Training)}
    parts = [
        f"{specs[name].label.lower()} {choice_label(specs[name], value)}" if name in specs else name.replace("_", " ")
        for name, value in warning.action.settings.items()
    ]
    parts += [f"no “{column}”" for column in warning.action.without_columns]
    return f"Open with {', '.join(parts)}"


def open_title(warning: ConfigWarning) -> str:
    """What happens then."""
    return "Opens a new test like this one, " + ("with that set for it alone" if alone(warning) else "with a copy that has the change")
