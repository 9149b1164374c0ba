"""What a model's settings must be to each other."""

from __future__ import annotations

from collections.abc import Iterator

from recsys.issues import Issue
from recsys.model.architecture import RATES, RETRIEVES
from recsys.model.codes import Code
from recsys.model.draft import FIELDS, HEAD, Draft
from recsys.model.layers import Dense
from recsys.model.training import APPROXIMATE_NEEDS, EarlyStopping
from workbench.fields import Condition


def broken(draft: Draft) -> Iterator[Issue]:
    """An issue for every rule that readable settings break."""
    yield from _towers(draft)
    yield from _head(draft)
    yield from _weights(draft)
    yield from _idle(draft)
    if draft.knows("retrieval_algorithm") and draft.values["retrieval_algorithm"] == "approximate":
        message = f"retrieval_algorithm cannot be approximate: {APPROXIMATE_NEEDS}"
        yield Issue(Code.APPROX_UNAVAILABLE, "retrieval_algorithm", message)


def _towers(draft: Draft) -> Iterator[Issue]:
    buyer, product = (draft.layers(f"{tower}_tower_layers") for tower in ("buyer", "product"))
    if not buyer:
        yield Issue(Code.BUYER_EMPTY, "buyer_tower_layers", "Buyer tower must have at least one layer")
    if not product:
        yield Issue(Code.PRODUCT_EMPTY, "product_tower_layers", "Product tower must have at least one layer")
    readable = draft.knows("share_tower_weights", "buyer_tower_layers", "product_tower_layers")
    if readable and draft.values["share_tower_weights"] and buyer != product:
        message = "Weight sharing requires identical tower architectures"
        yield Issue(Code.SHARED_TOWERS, "share_tower_weights", message)


def _head(draft: Draft) -> Iterator[Issue]:
    if not draft.knows("model_type") or not RATES.holds(draft.values):
        return
    layers = draft.layers(HEAD)
    if not layers:
        if draft.knows(HEAD):
            message = "Rating head layers required for ranking/multitask models"
            yield Issue(Code.HEAD_REQUIRED, HEAD, message)
        return
    last = layers[-1]
    if last is None:
        return
    if not isinstance(last, Dense) or last.units != 1:
        yield Issue(Code.HEAD_END, HEAD, "Rating head must end with Dense(1) for scalar output")
    if not isinstance(last, Dense):
        return
    binary = draft.values["loss_function"] == "binary_crossentropy"
    if last.activation == "sigmoid":
        if draft.knows("loss_function") and not binary:
            yield Issue(Code.SIGMOID, HEAD, "Sigmoid output requires the binary_crossentropy loss")
    elif last.activation is not None and last.units == 1:
        path = f"{HEAD}.{len(layers) - 1}.activation"
        yield Issue(
            Code.INVALID_VALUE, path, "activation must be null or sigmoid in the last layer of the head"
        )


def _weights(draft: Draft) -> Iterator[Issue]:
    names = ("retrieval_weight", "ranking_weight")
    if not draft.knows("model_type", *names) or draft.values["model_type"] != "multitask":
        return
    if all(draft.values[name] == 0 for name in names):
        yield Issue(Code.WEIGHTS, "retrieval_weight", "At least one loss weight must be greater than 0")


def _idle(draft: Draft) -> Iterator[Issue]:
    """Settings without a meaning beside the others that are not at their defaults."""
    for name in draft.given:
        spec = FIELDS.specs[name]
        condition = spec.meta.applies_when
        if condition is None or not _decidable(draft, condition) or condition.holds(draft.values):
            continue
        held = draft.values[name]
        if held != spec.default and name not in draft.wrong:
            yield _only(name, name, condition)
    stopping = draft.values["early_stopping"]
    if isinstance(stopping, EarlyStopping):
        condition = RATES if stopping.monitor == "rmse" else RETRIEVES
        if _decidable(draft, condition) and not condition.holds(draft.values):
            yield _only("early_stopping.monitor", f"monitor {stopping.monitor}", condition)


def _decidable(draft: Draft, condition: Condition) -> bool:
    return draft.knows(*condition.failing({}))


def _only(path: str, what: str, condition: Condition) -> Issue:
    return Issue(Code.NOT_APPLICABLE, path, f"{what} only applies when {condition.describe()}")
