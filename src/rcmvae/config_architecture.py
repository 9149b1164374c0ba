"""The structural half of an RCM-VAE: everything that is fixed when a model is created.

The module imports no array framework; the web process reads it to draw forms and to check configs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import field_validator

from workbench.fields import Auto, ConfigModel, Structural, any_of, field, when

PriorType = Literal["standard", "mixture", "vamp", "geometric_mog"]
LatentLayout = Literal["shared", "decentralized"]
NetworkType = Literal["dense", "conv"]
Normalization = Literal["layer", "none"]
DecoderConditioning = Literal["component_aware", "film", "cin", "concat", "none"]
ReconstructionLoss = Literal["bce", "mse"]
PseudoInit = Literal["random", "kmeans"]
Arrangement = Literal["circle", "grid"]

MIXTURE_BASED = ("mixture", "vamp", "geometric_mog")
"""Priors that have components at all."""
ROUTED = ("mixture", "geometric_mog")
"""Priors whose components are chosen by the encoder and decoded apart."""
CONDITIONED = ("component_aware", "film", "cin", "concat")
"""Decoder conditionings that read a component's embedding."""

MAX_SEED = 2**32 - 1
"""The largest seed: what one unsigned 32-bit word of a random key holds."""

_PRIOR_WORDS = {"standard": "Standard normal", "mixture": "Mixture", "vamp": "VampPrior", "geometric_mog": "Geometric mixture"}
_NETWORK_WORDS = {"dense": "dense", "conv": "convolutional"}
CONDITIONING_WORDS = {
    "component_aware": "yes",
    "film": "yes (FiLM)",
    "cin": "yes (conditional instance norm)",
    "concat": "yes (concatenation)",
    "none": "no",
}

_PER_COMPONENT = when(prior_type=ROUTED)
_DENSE = any_of(when(encoder_type="dense"), when(decoder_type="dense"))
_CONV = any_of(when(encoder_type="conv"), when(decoder_type="conv"))


def _images_words(values: Mapping[str, Any]) -> tuple[str, str]:
    height, width, channels = values["input_shape"]
    return ("Images", f"{height} x {width}, {'grey' if channels == 1 else 'colour'}")


def _prior_words(values: Mapping[str, Any]) -> tuple[str, str]:
    prior = values["prior_type"]
    words = _PRIOR_WORDS[prior]
    return ("Prior", f"{words} ({values['num_components']} components)" if prior in MIXTURE_BASED else words)


def _latent_words(values: Mapping[str, Any]) -> tuple[str, str]:
    count = values["latent_dim"]
    words = f"{count} dimension{'s' if count != 1 else ''}"
    if values["prior_type"] in ROUTED:
        words += ", one space per component" if values["latent_layout"] == "decentralized" else ", shared by all components"
    return ("Latent space", words)


def _network_words(values: Mapping[str, Any]) -> tuple[str, str]:
    names = (_NETWORK_WORDS[values["encoder_type"]], _NETWORK_WORDS[values["decoder_type"]])
    return ("Encoder / decoder", names[0] if names[0] == names[1] else " / ".join(names))


def _conditioning_words(values: Mapping[str, Any]) -> tuple[str, str]:
    return ("Component-aware decoder", CONDITIONING_WORDS[values["decoder_conditioning"]])


def _loss_words(values: Mapping[str, Any]) -> tuple[str, str]:
    if values["reconstruction_loss"] == "bce":
        return ("Reconstruction loss", "binary cross-entropy")
    learned = values["use_heteroscedastic_decoder"]
    return ("Reconstruction loss", "Gaussian, learned noise per image" if learned else "Gaussian, fixed noise")


def _said_elsewhere(values: Mapping[str, Any]) -> None:
    """No line of its own: another field's words say it."""


class Architecture(ConfigModel):
    """What a model is: fixed at creation, carried as a fingerprint by every checkpoint."""

    input_shape: Structural[tuple[int, int, int]] = field(
        label="Image shape", section="Data", in_form=False, unit="px", summary=_images_words,
        help="Height, width and channels of one image, taken from the dataset.",
    )  # fmt: skip
    num_classes: Structural[int] = field(
        label="Classes", section="Data", in_form=False, ge=0, le=1000,
        help="Classes known when the model is created: the width of the classifier head. 0 for data without labels.",
    )  # fmt: skip
    init_seed: Structural[int] = field(
        0, label="Initialisation seed", section="Data", ge=0, le=MAX_SEED, advanced=True,
        help="Chooses the random start of all parameters.",
    )  # fmt: skip
    prior_type: Structural[PriorType] = field(
        "mixture", label="Prior", section="Prior", summary=_prior_words,
        help="The shape that latents are drawn towards.",
        choices=(
            ("standard", "Standard", "One standard normal cloud; a plain variational autoencoder with a classifier head."),
            ("mixture", "Mixture", "Several components that images are routed to; components take on classes and say what is new."),
            ("vamp", "VampPrior", "Components placed where the encoder puts a set of learned pseudo-images."),
            ("geometric_mog", "Geometric", "Components fixed on a circle or grid; a diagnostic prior: the chosen arrangement induces a topology."),
        ),
    )  # fmt: skip
    num_components: Structural[int | Auto] = field(
        "auto", label="Components", section="Prior", ge=2, le=1000, applies_when=when(prior_type=MIXTURE_BASED), summary=_said_elsewhere,
        help="How many components the prior has. Auto takes 10, or two more than there are classes if that is more.",
    )  # fmt: skip
    latent_layout: Structural[LatentLayout] = field(
        "shared", label="Latent layout", section="Latent space", advanced=True, applies_when=_PER_COMPONENT, summary=_said_elsewhere,
        because="only their components have an encoder output each; vamp's live in one shared space",
        help="Whether an image has one latent for all components or one of its own in each.",
        choices=(
            ("shared", "Shared", "One latent per image, read by every component's decoder path."),
            ("decentralized", "Decentralized", "Every component has its own latent per image, so components can specialise."),
        ),
    )  # fmt: skip
    latent_dim: Structural[int] = field(
        2, label="Latent dimension", section="Latent space", ge=1, le=512, summary=_latent_words,
        help="Numbers that describe an image within the latent space. Two can be looked at directly; more describe better.",
    )  # fmt: skip
    encoder_type: Structural[NetworkType] = field(
        "dense", label="Encoder", section="Networks", summary=_network_words,
        help="The network that turns an image into its latent and its responsibilities.",
        choices=(
            ("dense", "Dense", "Fully connected layers: quick, and good on grey images."),
            ("conv", "Convolutional", "Convolutions: fewer parameters, better on colour images, slower."),
        ),
    )  # fmt: skip
    decoder_type: Structural[NetworkType] = field(
        "dense", label="Decoder", section="Networks", summary=_said_elsewhere,
        help="The network that turns a latent back into an image.",
        choices=(
            ("dense", "Dense", "Fully connected layers: quick; as good as convolutions where few labels decide."),
            ("conv", "Convolutional", "Convolutions up to the image's size: smoother images; slower."),
        ),
    )  # fmt: skip
    hidden_dims: Structural[tuple[int, ...]] = field(
        (256, 128, 64), label="Hidden layers", section="Networks", ge=1, le=4096, min_items=1, max_items=6, advanced=True, applies_when=_DENSE,
        help="Widths of the dense encoder's layers; the dense decoder uses them in reverse.",
    )  # fmt: skip
    conv_channels: Structural[tuple[int, ...]] = field(
        (32, 64, 128), label="Convolution channels", section="Networks", ge=1, le=512, min_items=1, max_items=5, advanced=True, applies_when=_CONV,
        help="Channels of the convolutional stages, from the image inwards; the decoder mirrors them.",
    )  # fmt: skip
    normalization: Structural[Normalization] = field(
        "layer", label="Normalisation", section="Networks", advanced=True,
        help="What keeps activations in range between layers.",
        choices=(
            ("layer", "Layer norm", "Each image's activations are normalised by themselves; never by who shares the batch."),
            ("none", "None", "No normalisation."),
        ),
    )  # fmt: skip
    decoder_conditioning: Structural[DecoderConditioning | Auto] = field(
        "auto", label="Component-aware decoder", section="Decoder", applies_when=_PER_COMPONENT, summary=_conditioning_words,
        because="the decoder can only be conditioned on components of a mixture or geometric_mog prior", shown_when=when(prior_type="vamp"),
        help="How the decoder learns which component it decodes. Auto takes two paths where components exist.",
        choices=(
            ("auto", "Auto", "Two paths with a mixture or geometric prior, no conditioning otherwise."),
            ("component_aware", "Two paths", "Latent and component embedding each pass their own layers and meet half way."),
            ("film", "FiLM", "The embedding scales and shifts every block's activations."),
            ("cin", "Conditional instance norm", "Activations are normalised per image and channel, then scaled and shifted by the embedding."),
            ("concat", "Concatenation", "A projection of the embedding is appended to every block's activations."),
            ("none", "None", "The decoder does not know the component."),
        ),
    )  # fmt: skip
    component_embedding_dim: Structural[int | Auto] = field(
        "auto", label="Component embedding", section="Decoder", ge=1, le=512, unit="dimensions", advanced=True,
        applies_when=when(decoder_conditioning=CONDITIONED),
        help="Length of the learned vector that stands for a component. Auto takes 16, or the latent dimension if that is more.",
    )  # fmt: skip
    reconstruction_loss: Structural[ReconstructionLoss] = field(
        "bce", label="Reconstruction loss", section="Decoder", advanced=True, summary=_loss_words,
        help="How the difference between an image and its reconstruction is measured.",
        choices=(
            ("bce", "Binary cross-entropy", "Each pixel is a coin with the decoder's probability: right for black and white, robust on grey."),
            ("mse", "Gaussian", "Each pixel is normal around the decoder's mean: squared error with a noise level."),
        ),
    )  # fmt: skip
    use_heteroscedastic_decoder: Structural[bool] = field(
        False, label="Heteroscedastic decoder", section="Decoder", advanced=True, applies_when=when(reconstruction_loss="mse"),
        because="only a Gaussian likelihood has a noise level", summary=_said_elsewhere, help="The decoder also predicts each image's noise level, per component.",
    )  # fmt: skip
    vamp_pseudo_init_method: Structural[PseudoInit] = field(
        "kmeans", label="Pseudo-inputs from", section="Prior", applies_when=when(prior_type="vamp"),
        help="Where the learned pseudo-images start.",
        choices=(
            ("random", "Random images", "Distinct training images chosen at random."),
            ("kmeans", "k-means centres", "Centres of the training images' clusters, so that they start apart."),
        ),
    )  # fmt: skip
    geometric_arrangement: Structural[Arrangement] = field(
        "circle", label="Arrangement", section="Prior", applies_when=when(prior_type="geometric_mog"),
        help="Where the components' centres stand.",
        choices=(
            ("circle", "Circle", "Equally spaced on a circle."),
            ("grid", "Grid", "On a square grid; needs a square number of components."),
        ),
    )  # fmt: skip
    geometric_radius: Structural[float] = field(
        2.0, label="Radius", section="Prior", gt=0, le=100, applies_when=when(prior_type="geometric_mog"),
        help="The circle's radius, or half the grid's width, in units of a component's standard deviation.",
    )  # fmt: skip

    @field_validator("input_shape", mode="after")
    @classmethod
    def _image_shape(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        height, width, channels = value
        if not (4 <= height <= 256 and 4 <= width <= 256):
            raise ValueError(f"images must be 4 to 256 pixels high and wide (got {height} x {width})")
        if channels not in (1, 3):
            raise ValueError(f"images must have 1 or 3 channels (got {channels})")
        return value
