"""The chapters about stored configurations, features and models: what differs between them, as data.

Nothing here reads a configuration, so that what is registered when a server starts stays light.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.services import recommenders

if TYPE_CHECKING:
    from dashboard.context import AppContext


@dataclass(frozen=True)
class Chapter:
    """A kind of configuration with its list, its wizard and its pages.

    Attributes:
        key: in addresses, and in the ids of its list ("recsys-models-list"). title: in the bar of chapters.
        one: in the ids of its wizard ("recsys-model-save"). what: one of them in a sentence. new: another one in a sentence.
        pair: two of them.
        filter: what its list can be filtered by, in ids and in the address.
    """

    key: str
    title: str
    one: str
    what: str
    new: str
    pair: str
    filter: str

    @property
    def address(self) -> str:
        """Where its list is."""
        return f"{addresses.HOME}/{self.key}"

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        """The way to its list."""
        return [("Recommenders", addresses.HOME), (self.title, self.address)]

    def list_id(self, part: str) -> str:
        """The id of a part of its list."""
        return f"recsys-{self.key}-{part}"

    def id(self, part: str) -> str:
        """The id of a part of its wizard."""
        return f"recsys-{self.one}-{part}"

    @property
    def one_action(self) -> str:
        """The id of the store that hears what is pressed on the page of a stored one."""
        return f"recsys-one-{self.one}-action"

    def configs(self, context: AppContext) -> Any:
        """The stored ones: a `recsys.services.configs.Configs`."""
        return getattr(recommenders(context.workbench), self.key)


FEATURES = Chapter("features", "Features", "feature", "the features", "new features", "2", "dataset")
MODELS = Chapter("models", "Model Structure", "model", "the model", "a new model", "2 models", "type")
