"""Rules across fields: each names both values and what to do.

What a single field refuses (its range, a condition it needs, a value that is not yet available) is said by
`workbench.fields`. A rule is one function from `Facts` to problems and one line in `RULES`; rules of the pre-flight
hold only once a run is about to start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rcmvae.config import MIXTURE_BASED, resolve
from rcmvae.facts import ImageFacts
from workbench.fields import ConfigModel, FieldProblem, show_value

LEAST_CONV_PIXELS = 8
MOST_CLASSES_NAMED = 20
LABELLED_METRICS = ("accuracy", "classification_loss")
AUGMENTATIONS = ("augment_shift", "augment_rotation", "augment_scale", "augment_colour", "augment_flip")
_HELD_OUT = "clone onto a sample with val_split above 0 (in Python, give validation_images)"


@dataclass(frozen=True)
class Case:
    """What a rule looks at: resolved values `v`, values as given, and facts of the data; unless `known` these stand in for any data."""

    v: Mapping[str, Any]
    given: Mapping[str, Any]
    facts: ImageFacts
    known: bool = True

    @property
    def classes(self) -> int:
        """The live vocabulary's size, as far as it is known."""
        return 1 if not self.known else max(int(self.v["num_classes"]), len(self.facts.class_names), self.facts.vocabulary)


Rule = Callable[[Case], Iterator[FieldProblem]]


def check(architecture: ConfigModel, training: ConfigModel, facts: ImageFacts | None) -> list[FieldProblem]:
    """Problems across fields of a model's config on its data, or on any data; those marked `warning` refuse nothing."""
    case = _case(architecture, training, facts)
    return [problem for rule in RULES for problem in rule(case)]


def preflight(architecture: ConfigModel, training: ConfigModel, facts: ImageFacts) -> list[FieldProblem]:
    """Problems that keep a run from starting now: `check`'s, and those that depend on labels and the drawn sample."""
    case = _case(architecture, training, facts)
    return [problem for rule in (*RULES, *PREFLIGHT_RULES) for problem in rule(case)]


def unlabelled_words(names: Sequence[str]) -> str:
    """Classes by name, "3, 7"; of many the first ones, and how many more."""
    more = len(names) - MOST_CLASSES_NAMED
    return ", ".join(names[:MOST_CLASSES_NAMED]) + (f" and {more} more" if more > 0 else "")


def _case(architecture: ConfigModel, training: ConfigModel, facts: ImageFacts | None) -> Case:
    given = architecture.model_dump() | training.model_dump()
    fitting = ImageFacts(tuple(given["input_shape"]), 0, (), 0, 0)
    return Case(resolve(given), given, fitting if facts is None else facts, facts is not None)


def _problem(c: Case, name: str, message: str, hint: str | None = None, *, warning: bool = False) -> FieldProblem:
    return FieldProblem(name, message, c.given.get(name), hint, warning)


def images_fit(c: Case) -> Iterator[FieldProblem]:
    """The architecture's image shape is the data's."""
    shape = tuple(c.v["input_shape"])
    if shape != tuple(c.facts.shape):
        yield _problem(
            c,
            "input_shape",
            f"is {_size(shape)}, but the dataset's images are {_size(c.facts.shape)}",
            "Leave it out: it is read from the dataset.",
        )


def classes_fit(c: Case) -> Iterator[FieldProblem]:
    """The head has an output for every class in the data."""
    outputs, present = c.v["num_classes"], len(c.facts.class_names)
    if outputs < present:
        yield _problem(
            c,
            "num_classes",
            f"is {outputs}, but the data has {present} classes",
            f"Set num_classes to at least {present}, or leave it out.",
        )


def values_fit_loss(c: Case) -> Iterator[FieldProblem]:
    """Binary cross-entropy needs values in [0, 1]."""
    low, high = c.facts.value_range
    if c.v["reconstruction_loss"] == "bce" and (low < 0.0 or high > 1.0):
        message = f"bce needs image values in 0 to 1, but the dataset's go from {low:g} to {high:g}"
        yield _problem(c, "reconstruction_loss", message, "Scale the images to 0 to 1, or use reconstruction_loss=mse.")


def components_can_differ(c: Case) -> Iterator[FieldProblem]:
    """Components of a shared latent need a decoder that tells them apart."""
    if c.v["prior_type"] == "mixture" and c.v["latent_layout"] == "shared" and c.v["decoder_conditioning"] == "none":
        yield _problem(
            c, "decoder_conditioning",
            "none with prior_type=mixture and latent_layout=shared: every component would decode the same image, so nothing could tell them apart",
            "Choose a conditioning (component_aware, film, cin or concat), or latent_layout=decentralized.",
        )  # fmt: skip


def grid_is_square(c: Case) -> Iterator[FieldProblem]:
    """A grid needs a square number of components."""
    count = c.v["num_components"]
    if c.v["prior_type"] == "geometric_mog" and c.v["geometric_arrangement"] == "grid" and math.isqrt(count) ** 2 != count:
        root = math.isqrt(count)
        squares = " or ".join(str(n * n) for n in (root, root + 1) if n > 1)
        name = "num_components" if c.given["num_components"] != "auto" else "geometric_arrangement"
        message = f"a grid needs a square number of components: {squares} rather than {count}"
        yield _problem(c, name, message, "Change num_components, or use geometric_arrangement=circle.")


def centres_have_room(c: Case) -> Iterator[FieldProblem]:
    """Circle and grid lie in two dimensions."""
    if c.v["prior_type"] == "geometric_mog" and c.v["latent_dim"] < 2:
        message = f"a {c.v['geometric_arrangement']} of components needs latent_dim of at least 2 (got {c.v['latent_dim']})"
        yield _problem(c, "latent_dim", message, "Use latent_dim=2 or more.")


def geometric_is_diagnostic(c: Case) -> Iterator[FieldProblem]:
    """The standing note of the geometric prior."""
    if c.v["prior_type"] == "geometric_mog":
        yield _problem(c, "prior_type", "diagnostic prior: the chosen arrangement induces a topology", warning=True)


def tau_has_components(c: Case) -> Iterator[FieldProblem]:
    """Under tau every class needs a component of its own."""
    if not _uses_tau(c) or c.v["num_components"] >= c.classes:
        return
    message = f"every class needs a component of its own: {c.classes} classes, {c.v['num_components']} components"
    hint = f"Use at least {c.classes} components, or use_tau_classifier=false."
    yield _problem(c, "num_components", message, hint)
    if c.given["use_tau_classifier"] is True:
        yield _problem(c, "use_tau_classifier", message, hint)


def head_has_outputs(c: Case) -> Iterator[FieldProblem]:
    """The head's width is fixed; classes added later need tau."""
    outputs = c.v["num_classes"]
    if not _uses_tau(c) and c.facts.vocabulary > outputs:
        message = f"the head has {outputs} outputs, but the model now knows {c.facts.vocabulary} classes"
        name = "use_tau_classifier" if c.v["prior_type"] in MIXTURE_BASED else "num_classes"
        yield _problem(c, name, message, "Use tau, or clone the model with more classes.")


def conv_has_pixels(c: Case) -> Iterator[FieldProblem]:
    """Strided convolutions need a few pixels."""
    height, width, _ = c.v["input_shape"]
    if c.known and min(height, width) < LEAST_CONV_PIXELS:
        for name in ("encoder_type", "decoder_type"):
            if c.v[name] == "conv":
                message = (
                    f"convolutional networks need at least {LEAST_CONV_PIXELS}x{LEAST_CONV_PIXELS} pixels; the images have {height}x{width}"
                )
                yield _problem(c, name, message, f"Use {name}=dense.")


def sigmas_are_ordered(c: Case) -> Iterator[FieldProblem]:
    """The learned noise level needs room between its bounds."""
    if c.v["reconstruction_loss"] == "mse" and c.v["use_heteroscedastic_decoder"] and c.v["sigma_min"] >= c.v["sigma_max"]:
        message = f"must be less than sigma_max: {c.v['sigma_min']:g} is not below {c.v['sigma_max']:g}"
        yield _problem(c, "sigma_min", message, "Lower sigma_min or raise sigma_max.")


def temperatures_are_ordered(c: Case) -> Iterator[FieldProblem]:
    """The temperature falls, so it starts no lower than it ends."""
    start, end = c.v["gumbel_temperature"], c.v["gumbel_temperature_min"]
    if c.v["use_gumbel_softmax"] and start < end:
        message = f"{start:g} is below its minimum, gumbel_temperature_min={end:g}"
        yield _problem(c, "gumbel_temperature", message, "Raise gumbel_temperature or lower gumbel_temperature_min.")


def gating_fits_components(c: Case) -> Iterator[FieldProblem]:
    """No more components are decoded than there are, or than a curriculum may open."""
    chosen, count = c.v["top_m_gating"], c.v["num_components"] or 1
    if chosen > count:
        message = f"cannot decode {chosen} components of num_components={count}"
        yield _problem(c, "top_m_gating", message, f"Use 0 (all) to {count}.")
    elif chosen and c.v["curriculum_enabled"] and c.v["curriculum_start"] < chosen:
        message = f"decodes {chosen} components, but the curriculum starts with curriculum_start={c.v['curriculum_start']}"
        yield _problem(c, "top_m_gating", message, "Lower top_m_gating, raise curriculum_start, or use top_m_gating=0.")


def curriculum_fits_components(c: Case) -> Iterator[FieldProblem]:
    """A curriculum opens no more components than there are."""
    start, count = c.v["curriculum_start"], c.v["num_components"] or 1
    if c.v["curriculum_enabled"] and start > count:
        yield _problem(c, "curriculum_start", f"starts with {start} components of num_components={count}", f"Use 1 to {count}.")


def consistency_has_views(c: Case) -> Iterator[FieldProblem]:
    """The consistency term compares an image with an augmented view of it."""
    if c.v["consistency_weight"] > 0 and not any(c.v[name] for name in AUGMENTATIONS):
        message = f"{c.v['consistency_weight']:g} needs an augmentation, but {', '.join(f'{n}=0' for n in AUGMENTATIONS)}"
        yield _problem(c, "consistency_weight", message, "Set an augmentation (a shift of 1 px is a start), or consistency_weight=0.")


def labels_count(c: Case) -> Iterator[FieldProblem]:
    """Labels that weigh nothing are worth a warning."""
    if c.v["label_weight"] == 0 and c.facts.n_labelled:
        message = f"0 although {c.facts.n_labelled} images are labelled: their labels will not be learned"
        yield _problem(c, "label_weight", message, "Raise label_weight to learn from labels.", warning=True)


def classes_have_labels(c: Case) -> Iterator[FieldProblem]:
    """A class that nobody labelled is never predicted while others are; people label as they go."""
    if c.facts.n_labelled and c.facts.unlabelled:
        message = f"no label for: {unlabelled_words(c.facts.unlabelled)}"
        yield _problem(c, "label_weight", message, "Label an image of each class that the model shall know.", warning=True)


def curriculum_has_validation(c: Case) -> Iterator[FieldProblem]:
    """A curriculum watches validation reconstruction."""
    if c.v["curriculum_enabled"] and c.facts.n_validation == 0:
        message = "watches validation reconstruction, but there are no validation images (val_split=0)"
        yield _problem(c, "curriculum_enabled", message, f"Turn the curriculum off, or {_HELD_OUT}.")


def monitor_has_validation(c: Case) -> Iterator[FieldProblem]:
    """Without validation images nothing is monitored, whatever was chosen."""
    metric = c.v["monitor_metric"]
    if metric not in ("auto", "none") and c.facts.n_validation == 0:
        message = f"{metric} has no effect: there are no validation images (val_split=0), so the last epoch is kept"
        yield _problem(c, "monitor_metric", message, f"Use monitor_metric=auto, or {_HELD_OUT}.", warning=True)


def monitor_has_labels(c: Case) -> Iterator[FieldProblem]:
    """A metric of labelled validation images needs some. Only known at Start, since people label as they go."""
    metric = c.v["monitor_metric"]
    if metric in LABELLED_METRICS and c.facts.n_labelled_validation == 0 and c.facts.n_validation != 0:
        message = f"{metric} needs labelled validation images, and there are none"
        yield _problem(c, "monitor_metric", message, "Use monitor_metric=loss (or auto), or label validation images.")


def consistency_has_an_answer(c: Case) -> Iterator[FieldProblem]:
    """Without labels nothing is known of classes that two views could agree on. Only known at Start, since people label as they go."""
    if c.v["consistency_weight"] > 0 and c.v["consistency_target"] == "classes" and c.facts.n_labelled == 0:
        message = "classes has no effect while no image is labelled"
        hint = "Label images first, or use components." if c.v["prior_type"] in MIXTURE_BASED else "Label images first."
        yield _problem(c, "consistency_target", message, hint, warning=True)


RULES: tuple[Rule, ...] = (
    images_fit, classes_fit, values_fit_loss, components_can_differ, grid_is_square, centres_have_room, geometric_is_diagnostic,
    tau_has_components, head_has_outputs, conv_has_pixels, sigmas_are_ordered, temperatures_are_ordered, gating_fits_components,
    curriculum_fits_components, consistency_has_views, labels_count, classes_have_labels, curriculum_has_validation, monitor_has_validation,
)  # fmt: skip
PREFLIGHT_RULES: tuple[Rule, ...] = (monitor_has_labels, consistency_has_an_answer)


def check_sample(sample: ConfigModel, facts: ImageFacts | None) -> list[FieldProblem]:
    """Problems of sample settings that are known before anything is drawn; none while the data is not known."""
    if facts is None:
        return []
    s: Any = sample
    problems: list[FieldProblem] = []
    total = facts.n_train if s.num_samples == "auto" else s.num_samples
    if total > facts.n_train:
        message = f"{total} samples are more than there are: the dataset has {facts.n_train} images outside its test set"
        problems.append(FieldProblem("num_samples", message, s.num_samples, f"Use at most {facts.n_train}."))
    classes = len(facts.class_names)
    if total < classes:
        message = f"{total} samples are fewer than the {classes} classes, so a class would have none"
        problems.append(FieldProblem("num_samples", message, s.num_samples, f"Use at least {classes}."))
    if total <= facts.n_train and s.num_labeled:
        problems += _labelled_problems(s.num_labeled, total, s.val_split, facts)
    return problems


def validation_size(total: int, val_split: float) -> int:
    """Validation images of a sample of `total`: the share, rounded to the nearest, at least one unless the share is 0."""
    if val_split == 0.0 or total < 2:
        return 0
    return min(total - 1, max(1, math.floor(total * val_split + 0.5)))


def _labelled_problems(labelled: int, total: int, val_split: float, facts: ImageFacts) -> list[FieldProblem]:
    n_train = total - validation_size(total, val_split)
    if not facts.has_labels:
        return [FieldProblem("num_labeled", f"{labelled} labelled samples of a dataset without labels", labelled, "Use num_labeled=0.")]
    if labelled > total:
        message = f"{labelled} labelled samples are more than the {total} samples in total"
        return [FieldProblem("num_labeled", message, labelled, f"Use at most {n_train}, or more samples in total.")]
    if labelled > n_train:
        message = f"{labelled} labelled samples are more than the {n_train} training images that val_split={show_value(val_split)} leaves of {total}"
        return [FieldProblem("num_labeled", message, labelled, f"Use at most {n_train}, more samples in total, or a smaller val_split.")]
    return []


def _uses_tau(c: Case) -> bool:
    return bool(c.v["prior_type"] in MIXTURE_BASED and c.v["use_tau_classifier"])


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(str(n) for n in shape)
