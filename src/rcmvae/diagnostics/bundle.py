"""The diagnostics of a trained model as plain arrays: all that figures, metrics and suggestions ever read.

Written once at the end of a run, by one pass over the model's sample (see `collect`), as an `.npz` without pickle.
Only numpy is needed to read it, so the web process can draw every figure without the framework that trained.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from workbench.arrays import array, array_specs, check_arrays, frozen_view, with_added
from workbench.artefacts import writing

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning. Fields that are only added (`added_later`) are empty in bundles without them."""

TRAIN, VALIDATION, TEST = 0, 1, 2
"""Values of `DiagnosticsBundle.split`."""

SPLIT_NAMES = ("train", "validation", "test")

_AGAIN = "train the model again to get new ones"


class BundleError(ValueError):
    """Diagnostics that cannot be read; the message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class BundleFacts:
    """What the arrays cannot say about themselves.

    Attributes:
        prior_type, latent_layout, decoder_conditioning, reconstruction_loss: as in the architecture.
        classifier: what classifies: the component-to-class map `tau`, the `head`, or nothing without classes.
        class_names: the label vocabulary, one name a class.
        epochs: epochs trained in this run. best_epoch: the epoch (1-based, of this run) whose weights were kept, if validation chose one.
        seconds: training time without start-up. examples_per_second: training images a second, mean over the run.
        gumbel_temperature: that of the run's last epoch, if routing is sampled with Gumbel noise; else None.
        ood_blend: share of the reconstruction in `ood`. A run keeps 0; a page may choose another (see `present`).
        open_components: those that the curriculum has opened in the kept weights, ascending; None without a curriculum.
        unlocks: how many of them opened during this run; None without a curriculum.
    """

    prior_type: str
    latent_layout: Literal["shared", "decentralized"]
    decoder_conditioning: str
    reconstruction_loss: str
    classifier: Literal["tau", "head", "none"]
    class_names: tuple[str, ...]
    epochs: int
    best_epoch: int | None
    seconds: float
    examples_per_second: float | None
    gumbel_temperature: float | None = None
    ood_blend: float = 0.0
    open_components: tuple[int, ...] | None = None
    unlocks: int | None = None


@dataclass(frozen=True)
class DiagnosticsBundle:
    """Diagnostics of one trained model; construction checks every shape and dtype.

    Sizes: N images of the model's sample, K components (0 with the standard prior), Y classes, D latent dimensions, C = K with
    decentralized latents and else 1, R = K where components differ in KL (decentralized latents, or a geometric prior, whose
    centres differ) and else 1, U = K pseudo-images of a VampPrior and else 0, O = K centres of a geometric prior and else 0,
    A epochs in the history of active channels (0 without a curriculum), B simple methods and X images that they are judged on (0 without), T loss terms, M images looked at in detail (at most 10,000), P images of the fixed panel,
    S components of which images are kept (at most 50, the most used), J prior samples a component, H x W x L pixels, Q metrics, E epochs in
    the metric history, F epochs in the mixture history, G grid steps of the latent traversal (0 unless D = 2), V embedding width.
    Images are kept as uint8; divide by 255 for [0, 1]. Arrays cannot be written to.
    """

    facts: BundleFacts

    rows: Annotated[np.ndarray, array("N", np.int32, "dataset row of each image")]
    split: Annotated[np.ndarray, array("N", np.uint8, "0 train, 1 validation, 2 test")]
    true_labels: Annotated[np.ndarray, array("N", np.int32, "true class, -1 unknown; for evaluation only")]
    used_labels: Annotated[np.ndarray, array("N", np.int32, "class the model was allowed to see, -1 none")]
    mu: Annotated[np.ndarray, array("N D", np.float32, "posterior mean; decentralized: sum over k of r_k mu_k")]
    log_var: Annotated[np.ndarray, array("N D", np.float32, "log posterior variance; decentralized: log of sum over k of r_k sigma_k^2")]
    responsibilities: Annotated[np.ndarray, array("N K", np.float32, "r(c|x); rows sum to 1")]
    probabilities: Annotated[np.ndarray, array("N Y", np.float32, "p(y|x); rows sum to 1")]
    predictions: Annotated[np.ndarray, array("N", np.int32, "argmax of the probabilities, -1 as long as no label has been seen")]
    certainty: Annotated[np.ndarray, array("N", np.float32, "tau: max_k r_k max_y tau_ky; head: max_y p(y|x); NaN without labels")]
    ood: Annotated[np.ndarray, array("N", np.float32, "1 - certainty, NaN without labels; blended if `facts.ood_blend` says so")]
    loss_names: Annotated[np.ndarray, array("T", str, "names of the loss terms, `elbo` included")]
    losses: Annotated[np.ndarray, array("N T", np.float32, "loss terms in nats, unweighted; NaN where a term does not apply to the image")]

    pi: Annotated[np.ndarray, array("K", np.float32, "prior weights of the components")]
    tau: Annotated[np.ndarray, array("K Y", np.float32, "p(class | component); rows sum to 1; zeros if tau does not classify")]
    tau_counts: Annotated[np.ndarray, array("K Y", np.float32, "labelled responsibility mass s_ky, claims included")]
    claims: Annotated[np.ndarray, array("K", np.int32, "class that claims the component, -1 none")]
    embeddings: Annotated[np.ndarray, array("K V", np.float32, "component embeddings of the decoder; V = 0 without conditioning")]
    pseudo_images: Annotated[np.ndarray, array("U H W L", np.uint8, "a VampPrior's pseudo-images", added_later=True)]
    centres: Annotated[np.ndarray, array("O D", np.float32, "a geometric prior's centres m_k", added_later=True)]

    detail: Annotated[np.ndarray, array("M", np.int32, "positions (into the N images) looked at in detail, ascending")]
    component_mu: Annotated[np.ndarray, array("M C D", np.float32, "posterior mean under each component")]
    component_log_var: Annotated[np.ndarray, array("M C D", np.float32, "log posterior variance under each component")]
    component_z: Annotated[np.ndarray, array("M C D", np.float32, "one sample of z, from the image's fixed noise")]
    component_kl: Annotated[np.ndarray, array("M R", np.float32, "KL_z of each posterior to each component's prior in nats")]

    panel: Annotated[np.ndarray, array("P", np.int32, "positions (into the N images) of the fixed panel, by class")]
    panel_components: Annotated[np.ndarray, array("S", np.int32, "components whose images are kept, ascending")]
    panel_images: Annotated[np.ndarray, array("P H W L", np.uint8, "the originals")]
    panel_by_component: Annotated[np.ndarray, array("P S H W L", np.uint8, "reconstruction by each kept component")]
    panel_selected: Annotated[np.ndarray, array("P H W L", np.uint8, "reconstruction by the component with the highest responsibility")]
    panel_weighted: Annotated[np.ndarray, array("P H W L", np.uint8, "reconstructions of all components, weighted by responsibility")]
    panel_runner_up: Annotated[np.ndarray, array("P H W L", np.uint8, "reconstruction by the second highest; black with one component")]
    component_samples: Annotated[np.ndarray, array("S J H W L", np.uint8, "images decoded from z ~ p(z|c); S = 1 without components")]
    traversal: Annotated[
        np.ndarray, array("G G H W L", np.uint8, "images decoded over a grid of z, rows z2 downwards, most used component")
    ]
    traversal_axis: Annotated[np.ndarray, array("G", np.float32, "grid values of both latent dimensions, ascending")]

    metric_names: Annotated[np.ndarray, array("Q", str, "names such as `validation/loss`")]
    metric_epochs: Annotated[np.ndarray, array("E", np.int32, "this run's epochs in order, numbered over the model's life from 1")]
    metric_history: Annotated[np.ndarray, array("E Q", np.float64, "values; NaN where not computed")]
    mixture_epochs: Annotated[np.ndarray, array("F", np.int32, "epochs of the model's life at which the mixture was logged")]
    pi_history: Annotated[np.ndarray, array("F K", np.float32, "prior weights")]
    usage_history: Annotated[np.ndarray, array("F K", np.float32, "mean responsibility")]
    hardness_history: Annotated[
        np.ndarray, array("F", np.float32, "mean over validation images of the largest responsibility; NaN if not logged")
    ]
    temperature_history: Annotated[np.ndarray, array("F", np.float32, "Gumbel temperature, NaN without Gumbel routing")]
    active_epochs: Annotated[np.ndarray, array("A", np.int32, "epochs of the model's life at which active was logged", added_later=True)]
    active_history: Annotated[np.ndarray, array("A K", np.uint8, "1 where a channel is in the curriculum's active set", added_later=True)]
    simple_names: Annotated[np.ndarray, array("B", str, "simple methods beside the model (see rcmvae.simple)", added_later=True)]
    simple_held: Annotated[np.ndarray, array("X", np.int32, "positions (into the N images) that they are judged on", added_later=True)]
    simple_predictions: Annotated[np.ndarray, array("B X", np.int32, "class that each gives, -1 without an answer", added_later=True)]
    simple_notes: Annotated[np.ndarray, array("B", str, "why there is no answer, or what was left out; or empty", added_later=True)]

    def __post_init__(self) -> None:
        sizes = check_arrays(self)
        k, c = sizes["K"], sizes["C"]
        wanted = k if self.facts.latent_layout == "decentralized" and k else 1
        if c != wanted:
            raise ValueError(f"component_mu has {c} components, but a {self.facts.latent_layout} layout with {k} components has {wanted}")
        for letter, name, allowed in (("R", "component_kl", {1, k} - {0}), ("U", "pseudo_images", {0, k}), ("O", "centres", {0, k})):
            if sizes[letter] not in allowed:
                words = " or ".join(map(str, sorted(allowed)))
                raise ValueError(f"{name} has {sizes[letter]} components, but with {k} components it has {words}")
        if len(self.facts.class_names) != sizes["Y"]:
            raise ValueError(f"probabilities have {sizes['Y']} classes, but class_names names {len(self.facts.class_names)}")
        for name in array_specs(type(self)):
            object.__setattr__(self, name, frozen_view(getattr(self, name)))

    @property
    def components(self) -> int:
        """K, the number of components; 0 with the standard prior."""
        return self.responsibilities.shape[1]

    @property
    def classes(self) -> int:
        """Y, the number of classes."""
        return self.probabilities.shape[1]

    @property
    def active(self) -> np.ndarray:
        """bool (K,): the open components, all of them without a curriculum."""
        opened = self.facts.open_components
        return np.ones(self.components, bool) if opened is None else np.isin(np.arange(self.components), opened)

    @property
    def known_labels(self) -> np.ndarray:
        """int32 (N,): the true class; where the data does not tell, the class that a person gave; -1 where neither is known.

        On data without classes of its own, the validation images that people labelled are what predictions are judged by.
        """
        return np.where(self.true_labels >= 0, self.true_labels, self.used_labels)

    @property
    def has_labels(self) -> bool:
        """Whether the model was trained with any label; without one its predictions mean nothing."""
        return bool(((self.used_labels >= 0) & (self.split == TRAIN)).any())

    @property
    def selected(self) -> np.ndarray:
        """int (N,): the component with the highest responsibility; zeros without components."""
        return self.responsibilities.argmax(axis=1) if self.components else np.zeros(len(self.rows), dtype=np.int64)

    def loss(self, name: str) -> np.ndarray | None:
        """One loss term over all images, float32 (N,), or None if the model has no such term."""
        found = np.flatnonzero(self.loss_names == name)
        return self.losses[:, found[0]] if len(found) else None

    def history(self, name: str) -> np.ndarray | None:
        """One metric over the epochs, float64 (E,), or None if it was not logged."""
        found = np.flatnonzero(self.metric_names == name)
        return self.metric_history[:, found[0]] if len(found) else None

    def save(self, path: Path) -> None:
        """Write everything to `path` (`.npz`), whole or not at all. Raises workbench.artefacts.ArtefactError."""
        arrays = {name: getattr(self, name) for name in array_specs(type(self))}
        header = {"schema_version": np.int32(SCHEMA_VERSION), "facts": np.array(json.dumps(asdict(self.facts)))}
        with writing(path) as file:
            np.savez_compressed(file, **header, **arrays)


def load(path: Path) -> DiagnosticsBundle:
    """Read a bundle written by `save`. Raises BundleError."""
    facts, arrays = load_arrays(path, tuple(array_specs(DiagnosticsBundle)))
    try:
        return DiagnosticsBundle(facts=facts, **arrays)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"the diagnostics at {path} do not fit together ({error}); {_AGAIN}") from error


def load_arrays(path: Path, names: Collection[str]) -> tuple[BundleFacts, dict[str, np.ndarray]]:
    """Read the facts and the arrays of those names only, which is faster than `load`; their shapes are not checked. Raises BundleError."""
    if not path.is_file():
        raise BundleError(f"there are no diagnostics at {path}: they are written when a run ends")
    if not zipfile.is_zipfile(path):
        raise BundleError(f"the diagnostics at {path} are damaged (not a zip archive, or cut short); {_AGAIN}")
    wanted = {"schema_version", "facts", *names}
    try:
        with np.load(path, allow_pickle=False) as file:
            content = {name: file[name] for name in file.files if name in wanted}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise BundleError(f"the diagnostics at {path} are damaged ({error}); {_AGAIN}") from error
    version = content.pop("schema_version", None)
    if version is None or int(version) != SCHEMA_VERSION:
        found = "no schema number" if version is None else f"schema {int(version)}"
        raise BundleError(f"the diagnostics at {path} have {found}, this version of Trellis reads schema {SCHEMA_VERSION}; {_AGAIN}")
    content = {name: value for name, value in with_added(DiagnosticsBundle, content).items() if name in wanted}
    missing = sorted((wanted - {"schema_version"}) - content.keys())
    if missing:
        raise BundleError(f"the diagnostics at {path} lack {', '.join(missing)}; {_AGAIN}")
    try:
        facts = _facts(content.pop("facts"))
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(f"the diagnostics at {path} do not fit together ({error}); {_AGAIN}") from error
    return facts, content


def _facts(text: np.ndarray) -> BundleFacts:
    """The facts from their JSON text."""
    values: dict[str, Any] = json.loads(str(text))
    known = {f.name for f in fields(BundleFacts)}
    lists = {name: tuple(values[name]) for name in ("class_names", "open_components") if values.get(name) is not None}
    return BundleFacts(**{**{k: v for k, v in values.items() if k in known}, **lists})
