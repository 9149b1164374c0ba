"""What a draft of features amounts to: what is wrong with it, and how wide it makes both towers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.families.recsys.pages.features.draft import FeatureDraft
from recsys.data.facts import TableFacts
from recsys.data.schema import Schema
from recsys.features.dims import TensorDims, tensor_dims
from recsys.features.draft import Draft as Readable
from recsys.features.draft import read_draft
from recsys.issues import Issue
from recsys.model.params import embedding_count, expected_rows


@dataclass(frozen=True)
class Verdict:
    """Everything the wizard says about a draft.

    Attributes:
        issues: what keeps it from being saved, and what is worth knowing. schema, facts: of the table.
        readable: the part of the document that can be read. dims: widths of both towers' inputs.
        embedding_count: about how many parameters the tables have.
    """

    issues: tuple[Issue, ...]
    schema: Schema
    facts: TableFacts
    readable: Readable
    dims: TensorDims
    embedding_count: int

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Issues that keep it from being saved."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    def of(self, path: str) -> tuple[Issue, ...]:
        """The issues of an entry and what it holds."""
        return tuple(issue for issue in self.issues if issue.path == path or issue.path.startswith(f"{path}."))


def judged(draft: FeatureDraft, issues: tuple[Issue, ...], facts: TableFacts) -> Verdict:
    """The verdict on a draft.

    Args:
        issues: of the document with its name. facts: of the table.
    """
    readable = read_draft(draft.document)
    config = readable.config()
    return Verdict(issues, facts.schema, facts, readable, tensor_dims(config), embedding_count(config, expected_rows(config, facts.schema)))
