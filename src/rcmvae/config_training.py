"""The modifiable half of an RCM-VAE: everything that stays tunable for the model's whole life.

Sections follow the training hub. Warm-ups and anneals of the loss, routing and consistency count the epochs of
the model's life; the learning rate's schedule and patience count the epochs of one run. Settings of loss terms stand
with their terms (see `rcmvae.terms`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from rcmvae.config_architecture import CONDITIONED, MAX_SEED, MIXTURE_BASED, ROUTED
from rcmvae.marks import Host, Number, Switch
from rcmvae.sections import CURRICULUM, DATA, DECODER, MAX_EPOCHS, MIXTURE, ROUTING, SHAPES, TAU, AnnealSchedule
from rcmvae.terms import TERMS
from rcmvae.terms.term import Term, check_reads
from workbench.fields import Auto, ConfigModel, Modifiable, field, when

LearningRateSchedule = Literal["constant", "cosine"]
MonitorMetric = Literal["auto", "none", "loss", "elbo", "reconstruction_loss", "classification_loss", "accuracy"]
MatmulPrecision = Literal["float32", "bfloat16"]

_MIXTURE_BASED = when(prior_type=MIXTURE_BASED)
_PER_COMPONENT = when(prior_type=ROUTED)
_TAU = when(prior_type=MIXTURE_BASED, use_tau_classifier=True)
_GUMBEL = when(prior_type=ROUTED, use_gumbel_softmax=True)
_WATCHED = when(monitor_metric=("auto", "loss", "elbo", "reconstruction_loss", "classification_loss", "accuracy"))
_CURRICULUM = when(prior_type=ROUTED, curriculum_enabled=True)


class RunSettings(ConfigModel):
    """How a run goes: its length, steps, stopping and files."""

    learning_rate: Number[float] = field(
        2e-3, label="Learning rate", section=DATA, gt=0, le=1, log_scale=True,
        help="The largest step size of the AdamW optimiser during a run.",
    )  # fmt: skip
    batch_size: Modifiable[int] = field(
        64, label="Batch size", section=DATA, ge=1, le=8192, unit="images",
        help="Images per step. Never more than there are training images.",
    )  # fmt: skip
    max_epochs: Number[int] = field(
        100, label="Epochs", section=DATA, ge=1, le=MAX_EPOCHS, unit="epochs",
        help="Passes over the training images in one run, unless it stops early.",
    )  # fmt: skip
    labelled_batch_size: Modifiable[int] = field(
        32, label="Labelled batch size", section=DATA, ge=1, le=4096, unit="images", advanced=True,
        help="Labelled images per step, drawn evenly over classes beside the batch of all images.",
    )  # fmt: skip
    learning_rate_schedule: Modifiable[LearningRateSchedule] = field(
        "cosine", label="Learning rate schedule", section=DATA, advanced=True,
        help="How the learning rate moves over a run; a resumed run goes on at its place.",
        choices=(
            ("constant", "Constant", "The same step size throughout."),
            ("cosine", "Cosine", "From the peak down to 5 % of it over the run's epochs."),
        ),
    )  # fmt: skip
    patience: Host[int] = field(
        50, label="Patience", section=DATA, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_WATCHED,
        help="Epochs without improvement after which a run stops early. 0 never stops early.",
    )  # fmt: skip
    min_delta: Host[float] = field(
        0.0, label="Least improvement", section=DATA, ge=0, advanced=True, applies_when=_WATCHED,
        help="How much better the monitored metric must be to count as an improvement.",
    )  # fmt: skip
    monitor_metric: Host[MonitorMetric] = field(
        "auto", label="Monitored metric", section=DATA, advanced=True,
        help="The validation metric that chooses the best epoch.",
        choices=(
            ("auto", "Auto", "Classification loss with at least 20 labelled validation images, else the loss without labels."),
            ("none", "None", "No metric: the last epoch is kept. Right where the learning rate ends near 0 and few validation images have labels."),
            ("loss", "Loss", "The whole weighted loss, at its final weights."),
            ("elbo", "ELBO", "The evidence lower bound, unweighted; higher is better."),
            ("reconstruction_loss", "Reconstruction loss", "How well images are reconstructed."),
            ("classification_loss", "Classification loss", "How well the labels of labelled validation images are predicted."),
            ("accuracy", "Accuracy", "Share of labelled validation images classified correctly; higher is better."),
        ),
    )  # fmt: skip
    random_seed: Host[int] = field(
        42, label="Random seed", section=DATA, ge=0, le=MAX_SEED, advanced=True,
        help="Chooses the order of images and all noise of a run.",
    )  # fmt: skip
    dropout_rate: Switch[float] = field(
        0.1, label="Dropout", section=DATA, ge=0, lt=0.95, advanced=True,
        help="Share of activations dropped in the encoder's hidden layers and in the classifier head while training.",
    )  # fmt: skip
    weight_decay: Number[float] = field(
        1e-4, label="Weight decay", section=DATA, ge=0, log_scale=True, advanced=True,
        help="AdamW's pull of weights towards 0; biases, norms, embeddings and component weights are left alone.",
    )  # fmt: skip
    grad_clip_norm: Number[float | None] = field(
        5.0, label="Gradient clipping", section=DATA, gt=0, advanced=True,
        help="Largest global norm of a step's gradient. None clips nothing.",
    )  # fmt: skip
    augment_shift: Switch[int] = field(
        0, label="Augmentation: shift", section=DATA, ge=0, le=8, unit="px", advanced=True,
        help="Largest random shift of labelled images and of the consistency view; reconstruction targets are never changed.",
    )  # fmt: skip
    augment_rotation: Switch[float] = field(
        0.0, label="Augmentation: rotation", section=DATA, ge=0, le=45, unit="deg", advanced=True,
        help="Largest random rotation of labelled images and of the consistency view.",
    )  # fmt: skip
    augment_scale: Switch[float] = field(
        0.0, label="Augmentation: scale", section=DATA, ge=0, le=0.5, advanced=True,
        help="Largest random change of size, as a share, of labelled images and of the consistency view.",
    )  # fmt: skip
    augment_colour: Switch[float] = field(
        0.0, label="Augmentation: colour", section=DATA, ge=0, le=1, advanced=True,
        help="Largest random change, as a share, of each channel's contrast, and half as much of its brightness, in labelled images and the consistency view.",
    )  # fmt: skip
    augment_flip: Modifiable[bool] = field(
        False, label="Augmentation: mirror", section=DATA, advanced=True,
        help="Mirror half of the labelled images and consistency views left to right. Only where a mirrored image keeps its class: not for digits or letters.",
    )  # fmt: skip
    devices: Host[int | Auto] = field(
        "auto", label="Devices", section=DATA, ge=1, le=4096, advanced=True,
        help="How many share the images of each step; results stay equal within rounding. Auto takes every accelerator, and one device where the processor trains.",
    )  # fmt: skip
    checkpoint_every_epochs: Host[int] = field(
        1, label="Checkpoint every", section=DATA, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True, aside=True,
        help="How often the state is saved, besides the best epoch and the last.",
    )  # fmt: skip
    matmul_precision: Modifiable[MatmulPrecision] = field(
        "float32", label="Matrix precision", section=DATA, advanced=True, aside=True,
        help="Number format of matrix products.",
        choices=(
            ("float32", "32 bit", "Full single precision, the same on every device."),
            ("bfloat16", "bfloat16", "An accelerator's quick format: bfloat16 on a TPU, TF32 on an NVIDIA GPU. Not on a processor."),
        ),
    )  # fmt: skip


class NetworkSettings(ConfigModel):
    """How the network behaves while it trains: prior, decoder, classifier, routing and curriculum."""

    vamp_num_samples_kl: Modifiable[int] = field(
        1, label="KL samples", section=MIXTURE, ge=1, le=100, advanced=True, applies_when=when(prior_type="vamp"),
        help="Latent samples per image that estimate the KL term.",
    )  # fmt: skip
    vamp_pseudo_lr_scale: Number[float] = field(
        0.1, label="Pseudo-input step size", section=MIXTURE, gt=0, le=1, log_scale=True, advanced=True,
        applies_when=when(prior_type="vamp"),
        help="Scale of the pseudo-images' updates against those of other parameters.",
    )  # fmt: skip
    mixture_history_log_every: Host[int] = field(
        1, label="Record mixture every", section=MIXTURE, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, aside=True, applies_when=_MIXTURE_BASED,
        help="How often component weights and use are recorded. 0 never records them.",
    )  # fmt: skip
    observation_sigma: Number[float] = field(
        0.3, label="Observation sigma", section=DECODER, ge=0.01, le=10, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=False),
        help="Standard deviation of a pixel around its reconstruction. Smaller asks for sharper reconstructions.",
    )  # fmt: skip
    sigma_min: Number[float] = field(
        0.05, label="Least sigma", section=DECODER, gt=0, le=100, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=True),
        help="The smallest noise level that the decoder can predict.",
    )  # fmt: skip
    sigma_max: Number[float] = field(
        0.5, label="Largest sigma", section=DECODER, gt=0, le=100, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=True),
        help="The largest noise level that the decoder can predict.",
    )  # fmt: skip
    soft_embedding_warmup_epochs: Switch[int] = field(
        0, label="Soft-embedding warm-up", section=DECODER, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        applies_when=when(prior_type=ROUTED, decoder_conditioning=CONDITIONED),
        help="Epochs of the model's life in which the decoder runs once, on the average embedding.",
    )  # fmt: skip
    use_tau_classifier: Modifiable[bool | Auto] = field(
        "auto", label="tau-classifier", section=TAU, advanced=True, applies_when=_MIXTURE_BASED,
        because="tau reads which components an image belongs to, and a standard prior has none",
        help="Classify by which components an image belongs to and which classes those hold, however many labels each has, rather than by a head.",
    )  # fmt: skip
    tau_smoothing_alpha: Number[float] = field(
        0.01, label="tau smoothing", section=TAU, gt=0, log_scale=True, advanced=True, applies_when=_TAU,
        help="Pseudo-count added to every component and class.",
    )  # fmt: skip
    tau_claim_strength: Number[float] = field(
        1.0, label="Claim strength", section=TAU, ge=0, advanced=True, applies_when=_TAU,
        help="Pseudo-counts that a class has in the components it claimed. 0 makes claims without weight.",
    )  # fmt: skip
    routing_warmup_epochs: Number[int] = field(
        2, label="Routing warm-up", section=ROUTING, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_PER_COMPONENT,
        help="First epochs of the model's life in which reconstruction does not move the routing; guards against one component taking all.",
    )  # fmt: skip
    use_gumbel_softmax: Modifiable[bool] = field(
        False, label="Gumbel-Softmax routing", section=ROUTING, advanced=True, applies_when=_PER_COMPONENT,
        help="Sample the component while training rather than average over all.",
    )  # fmt: skip
    use_straight_through_gumbel: Modifiable[bool] = field(
        True, label="Straight-through", section=ROUTING, advanced=True, applies_when=_GUMBEL,
        help="Decode one component forwards and keep the soft gradient backwards.",
    )  # fmt: skip
    gumbel_temperature: Number[float] = field(
        1.0, label="Temperature at start", section=ROUTING, gt=0, advanced=True, applies_when=_GUMBEL,
        help="Softness of the sampled routing in the first epoch.",
    )  # fmt: skip
    gumbel_temperature_min: Number[float] = field(
        0.5, label="Least temperature", section=ROUTING, gt=0, advanced=True, applies_when=_GUMBEL,
        help="Softness that the sampled routing reaches.",
    )  # fmt: skip
    gumbel_temperature_anneal_epochs: Number[int] = field(
        50, label="Temperature anneal", section=ROUTING, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_GUMBEL,
        help="Epochs of the model's life over which the temperature falls. 0 keeps it at the start.",
    )  # fmt: skip
    gumbel_temperature_schedule: Modifiable[AnnealSchedule] = field(
        "linear", label="Temperature shape", section=ROUTING, advanced=True, applies_when=_GUMBEL,
        choices=SHAPES, help="How the temperature falls.",
    )  # fmt: skip
    top_m_gating: Modifiable[int] = field(
        0, label="Decode the strongest", section=ROUTING, ge=0, le=1000, unit="components", advanced=True, applies_when=_PER_COMPONENT,
        help="How many components are decoded per image while training. 0 decodes all.",
    )  # fmt: skip
    curriculum_enabled: Modifiable[bool] = field(
        False, label="Channel curriculum", section=CURRICULUM, advanced=True, applies_when=_PER_COMPONENT,
        help="Start with few components and open more when reconstruction no longer improves. What is open stays open: on a model that has "
        "trained without a curriculum it has nothing to open, and switching it off opens all.",
    )  # fmt: skip
    curriculum_start: Host[int] = field(
        2, label="Components at start", section=CURRICULUM, ge=1, le=1000, advanced=True, applies_when=_CURRICULUM, help="Components that are open in the first epoch.",
    )  # fmt: skip
    curriculum_patience: Host[int] = field(
        10, label="Unlock patience", section=CURRICULUM, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Epochs without improvement after which another component opens.",
    )  # fmt: skip
    curriculum_min_delta: Host[float] = field(
        1e-3, label="Unlock improvement", section=CURRICULUM, ge=0, log_scale=True, advanced=True, applies_when=_CURRICULUM, help="Relative improvement of validation reconstruction that counts.",
    )  # fmt: skip
    curriculum_cooldown: Host[int] = field(
        3, label="Unlock cooldown", section=CURRICULUM, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Least epochs between two unlocks.",
    )  # fmt: skip
    curriculum_kick_epochs: Number[int] = field(
        5, label="Kick length", section=CURRICULUM, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Epochs after an unlock in which routing is softened towards the new component.",
    )  # fmt: skip
    curriculum_kick_temperature: Number[float] = field(
        5.0, label="Kick temperature", section=CURRICULUM, gt=0, advanced=True, applies_when=_CURRICULUM,
        help="Softness of the routing during a kick.",
    )  # fmt: skip
    curriculum_kick_logit_bias: Number[float] = field(
        5.0, label="Kick bias", section=CURRICULUM, ge=0, advanced=True, applies_when=_CURRICULUM,
        help="Added to the new component's logit during a kick.",
    )  # fmt: skip


if TYPE_CHECKING:

    class Training(NetworkSettings, RunSettings):
        """What a type checker cannot read off the terms: their settings are fields too."""

        terms: ClassVar[tuple[Term, ...]]

        def __init__(self, **values: Any) -> None: ...
        def __getattr__(self, name: str) -> Any: ...

else:

    class Training(  # pydantic collects fields from the last base to the first
        NetworkSettings, *(term.settings for term in reversed(TERMS) if term.settings is not None), RunSettings
    ):
        """How a model is trained; an edit acts from the next run on.

        Attributes:
            terms: the terms of the loss whose settings these are.
        """

        terms: ClassVar[tuple[Term, ...]] = TERMS


for _term in TERMS:
    check_reads(_term, Training)


def with_term(term: Term, settings: type[Training] = Training) -> type[Training]:
    """`settings` with one more term of the loss and what is set of it. Raises TypeError if the term reads what nobody knows."""
    bases = (settings,) if term.settings is None else (settings, term.settings)
    found: type[Training] = type("Training", bases, {"terms": (*settings.terms, term), "__doc__": settings.__doc__, "__module__": __name__})
    check_reads(term, found)
    return found
