"""Work with a framework in the command line's own process, instead of a worker's."""

from __future__ import annotations

import os

from workbench.families import Family
from workbench.runs.frameworks import environment_for
from workbench.settings import Settings


def prepare_framework(family: Family, settings: Settings) -> None:
    """Set what the family's framework reads when it is imported, where nobody has set it: workers' compiled code is then shared."""
    for name, value in environment_for(family.framework, settings.cache).items():
        os.environ.setdefault(name, value)
