"""What a draft of features amounts to: what is wrong with it, and how wide it makes both towers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.families.recsys.pages.features.draft import FeatureDraft
from dashboard.families.recsys.pages.verdict import Verdict
from recsys.data.facts import TableFacts
from recsys.data.schema import Schema
from recsys.features.dims import TensorDims, tensor_dims
from recsys.features.draft import Draft as Readable
from recsys.features.draft import read_draft
from recsys.issues import Issue
from recsys.model.params import embedding_count, expected_rows


@dataclass(frozen=True, kw_only=True)
class FeatureVerdict(Verdict):
    """What the wizard says about a draft of features.

    Attributes:
        schema, facts: of the table.
        readable: the part of the document that can be read. dims: widths of both towers' inputs.
        embedding_count: about how many parameters the tables have.
    """

    schema: Schema
    facts: TableFacts
    readable: Readable
    dims: TensorDims
    embedding_count: int


def judged(draft: FeatureDraft, issues: tuple[Issue, ...], facts: TableFacts) -> FeatureVerdict:
    """The verdict on a draft.

    Args:
        issues: of the document with its name. facts: of the table.
    """
    readable = read_draft(draft.document)
    config = readable.config()
    return FeatureVerdict(
        issues=issues, unnamed=not draft.name.strip(), schema=facts.schema, facts=facts, readable=readable, dims=tensor_dims(config),
        embedding_count=embedding_count(config, expected_rows(config, facts.schema)),
    )  # fmt: skip
