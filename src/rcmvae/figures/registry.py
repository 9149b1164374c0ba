"""All figures of the family: what each shows, and for which models it means anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.families import Applies, Dial, Figure, ImportString, LiveFigure, Looking

Resolved = Mapping[str, Any]

LOOKING = Looking(
    since=ImportString("rcmvae.diagnostics.today:since"),
    present=ImportString("rcmvae.diagnostics.present:present"),
    dials=(Dial("blend", "Reconstruction's share of the score", 0.0, 1.0, 0.05, 0.0, form="share"),),
)
"""Figures show the labels and classes of now, and OOD scores blended as the dial says."""


def _always(values: Resolved, classes: int) -> str | None:
    return None


def _components(values: Resolved, classes: int) -> str | None:
    return "the standard prior has no components" if values.get("prior_type") == "standard" else None


def _classes(values: Resolved, classes: int) -> str | None:
    # of the live vocabulary: the network's own `num_classes` stays as it was when the model was created
    return None if classes else "the model knows no class yet"


def _tau(values: Resolved, classes: int) -> str | None:
    without = _components(values, classes) or _classes(values, classes)
    return without or (None if values.get("use_tau_classifier") else "the head classifies, not tau")


def _plane(values: Resolved, classes: int) -> str | None:
    return None if values.get("latent_dim") == 2 else "a walk over a grid needs a two-dimensional latent space"


def _embeddings(values: Resolved, classes: int) -> str | None:
    return "the decoder is not conditioned on components" if values.get("decoder_conditioning", "none") == "none" else None


def _ownership(values: Resolved, classes: int) -> str | None:
    return _components(values, classes) or _classes(values, classes)


def _own_kl(values: Resolved, classes: int) -> str | None:
    """Components differ in KL where their posteriors or their priors of z do."""
    own = values.get("latent_layout") == "decentralized" or values.get("prior_type") == "geometric_mog"
    return _components(values, classes) or (None if own else "all components share one posterior and one prior of the latent")


def _decoded_apart(values: Resolved, classes: int) -> str | None:
    """Components differ in their reconstructions where the decoder or the latent does."""
    without = _components(values, classes)
    if without or values.get("prior_type") == "vamp":
        return without or "a VampPrior's decoder does not know the component"
    alike = values.get("decoder_conditioning", "none") == "none" and values.get("latent_layout") != "decentralized"
    return "all components share one latent and one decoder" if alike else None


def _vamp(values: Resolved, classes: int) -> str | None:
    return None if values.get("prior_type") == "vamp" else "only a VampPrior has pseudo-inputs"


def _geometric(values: Resolved, classes: int) -> str | None:
    return None if values.get("prior_type") == "geometric_mog" else "only a geometric prior has fixed centres"


def _curriculum(values: Resolved, classes: int) -> str | None:
    return _components(values, classes) or (
        None if values.get("curriculum_enabled") else "all channels are open from the start: no curriculum"
    )


_ByClasses = Callable[[Mapping[str, Any], int], str | None]


def _for_classes(applies: _ByClasses) -> Applies:
    """A condition on the number of classes that a model knows, as the core asks it."""
    return lambda resolved, held: applies(resolved, len(held.class_names))


def _figure(name: str, where: str, title: str, look_for: str, applies: _ByClasses = _always, *, dials: tuple[str, ...] = ()) -> Figure:
    return Figure(name, title, look_for, ImportString(f"rcmvae.figures.{where}:{name}"), _for_classes(applies), dials)


def _live(name: str, title: str, look_for: str, applies: _ByClasses, *, wide: bool = False) -> LiveFigure:
    return LiveFigure(name, title, look_for, "mixture", ImportString(f"rcmvae.figures.live:{name}"), _for_classes(applies), wide)


# fmt: off
FIGURES: tuple[Figure, ...] = (
    _figure("loss_curves", "curves", "Loss",
            "Both curves should fall and settle; a validation curve that turns up while training falls means overfitting."),
    _figure("loss_terms", "curves", "Loss terms",
            "Which term pays for which: a KL of z near zero means that the latent space is ignored."),
    _figure("accuracy_curve", "curves", "Accuracy while training",
            "A rise that has levelled off: more epochs will hardly help, more labels may.", _classes),
    _figure("optimiser_curves", "curves", "Optimiser",
            "A gradient norm that keeps growing or jumps points to a learning rate that is too high."),
    _figure("latent_by_class", "latent", "Latent space by class",
            "Classes that form islands are told apart; where colours mix, labels help most. Latents of a component's own are drawn in its cell.", _classes),
    _figure("latent_by_component", "latent", "Latent space by component",
            "Each component should hold a region of its own; a component spread over everything has no role.", _components),
    _figure("latent_by_certainty", "latent", "Latent space by certainty",
            "Uncertain points should lie between classes; an uncertain island has no labels, or three components share it evenly (at most 1/3).", _classes),
    _figure("latent_by_ood", "latent", "Latent space by OOD score",
            "Strange images far from everything are outliers; strange ones in a group may be a new class.", _classes, dials=("blend",)),
    _figure("channel_latents", "channels", "Latents of each channel",
            "Each cell should hold few colours, and solid points: a channel of many faint points takes what no other wants.", _components),
    _figure("channel_latent", "channels", "Latents of one channel",
            "Choose a channel: points of one colour mean that it stands for one class, faint points are shared with others.", _components),
    _figure("geometric_centres", "prior", "Centres of the geometric prior",
            "Images should lie around the centre of their component, most within the ring of one standard deviation; a lonely centre has no role.", _geometric),
    _figure("pseudo_inputs", "prior", "Pseudo-inputs",
            "Each should look like one kind of image, and together they should cover the classes; noise with hardly any weight is spare.", _vamp),
    _figure("reconstructions", "reconstructions", "Reconstructions",
            "Shape and class should survive; blur is what the latent space could not hold."),
    _figure("recon_by_component", "reconstructions", "Reconstruction by component",
            "Each column should look like one kind of image; equal columns are components without a role.", _decoded_apart),
    _figure("recon_selected", "reconstructions", "Selected, weighted and runner-up",
            "Selected should look best; where the runner-up looks as good, routing is undecided.", _decoded_apart),
    _figure("component_samples", "reconstructions", "Samples from each component",
            "Each column should show one class in different hands; noise means that the prior is not covered."),
    _figure("traversal", "reconstructions", "Walk through the latent space",
            "Images should change smoothly from one place to the next.", _plane),
    _figure("pi_and_usage", "components", "Component weights and usage",
            "Usage should be spread over many components and prior weights should follow it; bars near zero are unused.", _components),
    _figure("usage_evolution", "components", "Weights and usage over the epochs",
            "Bands that settle are fine; one band that swallows the others is a collapse.", _components),
    _figure("active_channels", "channels", "Active channels over the epochs",
            "Usage should follow every channel that opens; a widening gap between the lines means that new channels stay idle.", _curriculum),
    _figure("responsibility_histogram", "components", "Responsibility histogram",
            "Mass at the right means that images are given firmly to one component.", _components),
    _figure("routing_hardness", "components", "Routing hardness",
            "Should rise towards 1 as components specialise; 1 from the first epochs on is a router that decided too early.", _components),
    _figure("component_kl", "components", "KL by component",
            "Components of similar cost share the work; one near zero ignores its latents.", _components),
    _figure("channel_ownership", "components", "Channel ownership",
            "A diagonal means that every class has components of its own.", _ownership),
    _figure("embedding_distances", "components", "Distances between component embeddings",
            "Pale cells off the diagonal are components that the decoder hardly tells apart.", _embeddings),
    _figure("tau_heatmap", "tau", "Components and their classes (tau)",
            "One dark cell in each column: the component stands for one class; a pale column stands for none. Certainty is r times the cell, so three components that share a class evenly cap it at 1/3.", _tau),
    _figure("confusion", "classification", "Confusion matrix",
            "The strongest red cell is the pair of classes that labels should tell apart.", _classes),
    _figure("per_class_accuracy", "classification", "Accuracy of each class",
            "Classes far below the line need labels; wide ranges mean too few images to say.", _classes),
    _figure("certainty", "classification", "Certainty of right and wrong predictions",
            "Wrong predictions should lie to the left: then certainty can be trusted to ask for help. Three components that share a class evenly cap it at 1/3.", _classes),
    _figure("reliability", "classification", "Reliability",
            "Points on the diagonal: a probability of 80 % is right 8 times in 10; below it the model is overconfident.", _classes),
    _figure("simple_methods", "simple", "Beside simple methods",
            "The model should lie above all of them: what a simple method reaches with the same labels needs no deep model.", _classes),
    _figure("ood_histogram", "classification", "Out-of-distribution scores",
            "Test and training images should agree; a second hump at the right is something the labels do not cover.", _classes, dials=("blend",)),
)

LIVE_FIGURES: tuple[LiveFigure, ...] = (
    _live("pi_and_usage", "Component weights and usage", "Bars near zero are components that nothing uses.", _components),
    _live("responsibility_histogram", "Responsibility histogram", "Mass moves to the right as images find their component.", _components),
    _live("component_kl", "KL by component", "A component near zero ignores its latents.", _own_kl),
    LiveFigure(
        "simple_methods", "Beside simple methods", "The model should lie above what simple methods reach with the same labels.", "simple",
        ImportString("rcmvae.figures.simple:draw_simple"), _for_classes(_classes), waiting="Appears when a run with labels has ended",
    ),
    _live(
        "tau_heatmap", "Components and their classes (tau)", "Columns grow one dark cell each as components take on classes.", _tau, wide=True,
    ),
)
# fmt: on
