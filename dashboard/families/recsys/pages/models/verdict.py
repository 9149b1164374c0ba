"""What a draft of a model amounts to: what is wrong with it, its network, its counts, its doubts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.verdict import Verdict
from recsys.issues import Issue
from recsys.model.config import ModelConfig
from recsys.model.params import DenseCount, dense_count
from recsys.model.plan import ASSUMED_DIMS, NetworkPlan, network_plan
from recsys.model.presets import matching_preset
from recsys.model.validate import read
from recsys.model.warning import ConfigWarning


@dataclass(frozen=True)
class Widths:
    """Widths of both towers' inputs, and whose they are: the name of a feature configuration, "" for assumed ones."""

    buyer: int = ASSUMED_DIMS[0]
    product: int = ASSUMED_DIMS[1]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelVerdict(Verdict):
    """What the wizard says about a draft of a model.

    Attributes:
        widths: of the inputs that it is measured with.
        model, plan, count: as built; None while a setting cannot be read or fits no other.
        embedding_count: parameters of the tables; None without a feature configuration.
        preset: the key of the preset whose towers it has; None for others. identical: whether both towers are the same.
        warnings: doubts that keep nothing from being saved. seconds: (low, likely, high) of training; None where unknown.
        locked: whether a test has used it, so that its architecture stays.
    """

    widths: Widths
    model: ModelConfig | None
    plan: NetworkPlan | None
    count: DenseCount | None
    embedding_count: int | None
    preset: str | None
    identical: bool
    warnings: tuple[ConfigWarning, ...] = ()
    seconds: tuple[float | None, float | None, float | None] = (None, None, None)
    locked: bool = False


def judged(
    draft: ModelDraft, issues: tuple[Issue, ...], widths: Widths, *, embedding_count: int | None = None, locked: bool = False
) -> ModelVerdict:
    """The verdict on a draft, but for doubts and times, which ask more than the draft.

    Args:
        issues: of the document with its name. widths: of the inputs.
    """
    settings = tuple(issue for issue in issues if issue.path not in ("name", "description"))
    model = None if any(issue.severity == "error" for issue in settings) else read(draft.document)
    plan = None if model is None else network_plan(model, widths.buyer, widths.product)
    towers = draft.readable
    buyer, product = towers.layers("buyer_tower_layers"), towers.layers("product_tower_layers")
    readable = None not in buyer and None not in product
    preset = matching_preset(buyer, product, towers.values["output_embedding_dim"]) if readable else None  # type: ignore[arg-type]
    return ModelVerdict(
        issues=issues, unnamed=not draft.name.strip(), widths=widths, model=model, plan=plan, count=None if plan is None else dense_count(plan),
        embedding_count=embedding_count, preset=preset, identical=buyer == product, locked=locked,
    )  # fmt: skip


def counts_in_words(count: DenseCount | None) -> Mapping[str, str]:
    """Parameters by part as text: buyer, product, head, shared, projections, total; dashes while unknown."""
    parts = ("buyer", "product", "head", "shared", "projections", "total")
    return {part: "–" if count is None else f"{getattr(count, part):,}" for part in parts}
