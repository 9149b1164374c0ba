"""A model's network in a line: its layers' widths, joined by arrows.

tower_summary(layers)           # "128→64→32"
effective_summary(plan.buyer)   # "128→[32]": what the widths add stands in brackets
tower_path(plan.buyer)          # "104→72 (own) → shared 128→64→32"
"""

from __future__ import annotations

from recsys.model.architecture import Architecture, ModelKind
from recsys.model.layers import Dense, Layer, dense_layers
from recsys.model.plan import Step, TowerPlan
from workbench.fields import choice_label, spec_of

ARROW = "→"
EMPTY = "Empty"


def type_label(model_type: ModelKind) -> str:
    """ "Retrieval", "Ranking" or "Multitask"."""
    return choice_label(spec_of(Architecture, "model_type"), model_type)


def tower_summary(layers: tuple[Layer, ...]) -> str:
    """The widths of the Dense layers; "Empty" without one."""
    return ARROW.join(str(layer.units) for layer in dense_layers(layers)) or EMPTY


def head_summary(layers: tuple[Layer, ...]) -> str:
    """The same of a rating head; "None" without layers."""
    return tower_summary(layers) if layers else "None"


def effective_summary(tower: TowerPlan) -> str:
    """The widths of all that a tower multiplies by, projections in brackets."""
    return _widths(tower.steps)


def tower_path(tower: TowerPlan) -> str:
    """The same with what belongs to the tower alone apart from what both towers share."""
    if not tower.shared:
        return effective_summary(tower)
    own = [step for step in tower.own if isinstance(step.layer, Dense)]
    begin = f"{tower.input_dim}{ARROW}{own[-1].outputs} (own) {ARROW} " if own else ""
    return f"{begin}shared {_widths(tower.shared)}"


def count_layers(layers: tuple[Layer, ...]) -> int:
    """How many layers there are, of every type."""
    return len(layers)


def towers_are_identical(architecture: Architecture) -> bool:
    """Whether both towers have the same layers with the same settings."""
    return architecture.buyer_tower_layers == architecture.product_tower_layers


def _widths(steps: tuple[Step, ...]) -> str:
    dense = [step for step in steps if isinstance(step.layer, Dense)]
    return ARROW.join(f"[{s.outputs}]" if s.is_projection else str(s.outputs) for s in dense) or EMPTY
