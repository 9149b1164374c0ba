"""The modifiable half of an RCM-VAE: everything that stays tunable for the model's whole life.

Sections follow the training hub. Warm-ups and anneals of the loss, routing and consistency count the epochs of
the model's life; the learning rate's schedule and patience count the epochs of one run.
"""

from __future__ import annotations

from typing import Literal

from rcmvae.config_architecture import CONDITIONED, MAX_SEED, MIXTURE_BASED, ROUTED
from workbench.fields import NONZERO, SET, Auto, ConfigModel, Modifiable, any_of, field, when

LearningRateSchedule = Literal["constant", "cosine"]
AnnealSchedule = Literal["constant", "linear", "exponential", "cosine"]
MonitorMetric = Literal["auto", "loss", "elbo", "reconstruction_loss", "classification_loss", "accuracy"]
DecentralizedKl = Literal["responsibility", "all"]
ConsistencyTarget = Literal["classes", "components"]
ComponentRegularizer = Literal["categorical", "logit_mog", "both"]
MatmulPrecision = Literal["float32", "bfloat16"]

MAX_EPOCHS = 100_000

DATA = "Training and data"
WEIGHTS = "Loss weights"
MIXTURE = "Prior and mixture"
DECODER = "Decoder"
TAU = "tau-classifier"
ROUTING = "Routing"
CURRICULUM = "Curriculum"

_MIXTURE_BASED = when(prior_type=MIXTURE_BASED)
_PER_COMPONENT = when(prior_type=ROUTED)
_WEIGHED = any_of(when(prior_type="vamp"), when(prior_type="mixture", c_regularizer=("categorical", "both")))
_LEARNED_PI = any_of(
    when(prior_type="vamp", learnable_pi=True), when(prior_type="mixture", c_regularizer=("categorical", "both"), learnable_pi=True)
)
_TAU = when(prior_type=MIXTURE_BASED, use_tau_classifier=True)
_GUMBEL = when(prior_type=ROUTED, use_gumbel_softmax=True)
_LOGIT_MOG = when(prior_type=ROUTED, c_regularizer=("logit_mog", "both"))
_CONSISTENCY = when(consistency_weight=NONZERO)
_CONSISTENT_COMPONENTS = when(consistency_weight=NONZERO, prior_type=MIXTURE_BASED)
_CURRICULUM = when(prior_type=ROUTED, curriculum_enabled=True)

_SHAPES = (
    ("constant", "Constant", "The full value from the first epoch on."),
    ("linear", "Linear", "In equal steps."),
    ("exponential", "Exponential", "In equal ratios: slow at the small end, quick at the large one."),
    ("cosine", "Cosine", "Slow at both ends, quick between."),
)


class Training(ConfigModel):
    """How a model is trained; an edit acts from the next run on."""

    # Training and data
    learning_rate: Modifiable[float] = field(
        2e-3, label="Learning rate", section=DATA, gt=0, le=1, log_scale=True,
        help="The largest step size of the AdamW optimiser during a run.",
    )  # fmt: skip
    batch_size: Modifiable[int] = field(
        64, label="Batch size", section=DATA, ge=1, le=8192, unit="images",
        help="Images per step. Never more than there are training images.",
    )  # fmt: skip
    max_epochs: Modifiable[int] = field(
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
    patience: Modifiable[int] = field(
        50, label="Patience", section=DATA, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        help="Epochs without improvement after which a run stops early. 0 never stops early.",
    )  # fmt: skip
    min_delta: Modifiable[float] = field(
        0.0, label="Least improvement", section=DATA, ge=0, advanced=True,
        help="How much better the monitored metric must be to count as an improvement.",
    )  # fmt: skip
    monitor_metric: Modifiable[MonitorMetric] = field(
        "auto", label="Monitored metric", section=DATA, advanced=True,
        help="The validation metric that chooses the best epoch.",
        choices=(
            ("auto", "Auto", "Classification loss with at least 20 labelled validation images, else the loss."),
            ("loss", "Loss", "The whole weighted loss, at its final weights."),
            ("elbo", "ELBO", "The evidence lower bound, unweighted; higher is better."),
            ("reconstruction_loss", "Reconstruction loss", "How well images are reconstructed."),
            ("classification_loss", "Classification loss", "How well the labels of labelled validation images are predicted."),
            ("accuracy", "Accuracy", "Share of labelled validation images classified correctly; higher is better."),
        ),
    )  # fmt: skip
    random_seed: Modifiable[int] = field(
        42, label="Random seed", section=DATA, ge=0, le=MAX_SEED, advanced=True,
        help="Chooses the order of images and all noise of a run.",
    )  # fmt: skip
    dropout_rate: Modifiable[float] = field(
        0.1, label="Dropout", section=DATA, ge=0, lt=0.95, advanced=True,
        help="Share of activations dropped in the encoder's hidden layers and in the classifier head while training.",
    )  # fmt: skip
    weight_decay: Modifiable[float] = field(
        1e-4, label="Weight decay", section=DATA, ge=0, log_scale=True, advanced=True,
        help="AdamW's pull of weights towards 0; biases, norms, embeddings and component weights are left alone.",
    )  # fmt: skip
    grad_clip_norm: Modifiable[float | None] = field(
        5.0, label="Gradient clipping", section=DATA, gt=0, advanced=True,
        help="Largest global norm of a step's gradient. None clips nothing.",
    )  # fmt: skip
    augment_shift: Modifiable[int] = field(
        0, label="Augmentation: shift", section=DATA, ge=0, le=8, unit="px", advanced=True,
        help="Largest random shift of labelled images and of the consistency view; reconstruction targets are never changed.",
    )  # fmt: skip
    augment_rotation: Modifiable[float] = field(
        0.0, label="Augmentation: rotation", section=DATA, ge=0, le=45, unit="deg", advanced=True,
        help="Largest random rotation of labelled images and of the consistency view.",
    )  # fmt: skip
    augment_scale: Modifiable[float] = field(
        0.0, label="Augmentation: scale", section=DATA, ge=0, le=0.5, advanced=True,
        help="Largest random change of size, as a share, of labelled images and of the consistency view.",
    )  # fmt: skip
    checkpoint_every_epochs: Modifiable[int] = field(
        1, label="Checkpoint every", section=DATA, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True,
        help="How often the state is saved, besides the best epoch and the last.",
    )  # fmt: skip
    matmul_precision: Modifiable[MatmulPrecision] = field(
        "float32", label="Matrix precision", section=DATA, advanced=True,
        help="Number format of matrix products.",
        choices=(
            ("float32", "32 bit", "Full single precision, the same on every device."),
            ("bfloat16", "bfloat16", "An accelerator's quick format: bfloat16 on a TPU, TF32 on an NVIDIA GPU. Not on a processor."),
        ),
    )  # fmt: skip

    # Loss weights
    recon_weight: Modifiable[float] = field(
        1.0, label="Reconstruction weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the reconstruction loss.",
    )  # fmt: skip
    kl_weight: Modifiable[float] = field(
        1.0, label="KL weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the latents' divergence from the prior. 1 is the evidence lower bound.",
    )  # fmt: skip
    kl_z_anneal_epochs: Modifiable[int] = field(
        50, label="KL anneal", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        help="Epochs of the model's life over which the KL weight rises to its full value. 0 starts full.",
    )  # fmt: skip
    kl_anneal_schedule: Modifiable[AnnealSchedule] = field(
        "linear", label="KL anneal shape", section=WEIGHTS, advanced=True, choices=_SHAPES,
        help="How the KL weights rise.",
    )  # fmt: skip
    kl_c_weight: Modifiable[float] = field(
        1.0, label="Component KL weight", section=WEIGHTS, ge=0, advanced=True,
        applies_when=when(prior_type=ROUTED, c_regularizer=("categorical", "both")),
        help="Weight of the responsibilities' divergence from the component weights. 1 is the evidence lower bound.",
    )  # fmt: skip
    kl_c_anneal_epochs: Modifiable[int] = field(
        0, label="Component KL anneal", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        applies_when=_PER_COMPONENT,
        help="Epochs of the model's life over which the component regulariser rises to its full weight. 0 starts full.",
    )  # fmt: skip
    label_weight: Modifiable[float] = field(
        10.0, label="Label weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the classification loss on labelled images.",
    )  # fmt: skip
    consistency_weight: Modifiable[float] = field(
        0.0, label="Consistency weight", section=WEIGHTS, ge=0, advanced=True,
        help="Weight of the term that asks for the same answer on an augmented view of every image. Needs an augmentation.",
    )  # fmt: skip
    consistency_target: Modifiable[ConsistencyTarget] = field(
        "classes", label="Consistency of", section=WEIGHTS, advanced=True, applies_when=_CONSISTENT_COMPONENTS,
        choices=(
            ("classes", "Classes", "The same class probabilities. Acts once there are labels."),
            ("components", "Components", "The same responsibilities. Needs no labels: this is how groups are found without any."),
        ),
        help="What an image and its augmented view must agree on.",
    )  # fmt: skip
    consistency_threshold: Modifiable[float] = field(
        0.9, label="Consistency threshold", section=WEIGHTS, ge=0, le=1, advanced=True, applies_when=_CONSISTENCY,
        help="Only images whose class (or component) is predicted with more than this probability count.",
    )  # fmt: skip
    consistency_warmup_epochs: Modifiable[int] = field(
        2, label="Consistency starts after", section=WEIGHTS, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CONSISTENCY,
        help="Epochs of the model's life without the consistency term.",
    )  # fmt: skip
    consistency_ramp_epochs: Modifiable[int] = field(
        3, label="Consistency ramp", section=WEIGHTS, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CONSISTENCY,
        help="Epochs over which the consistency term then rises to its full weight.",
    )  # fmt: skip
    use_contrastive: Modifiable[bool] = field(
        False, label="Contrastive term", section=WEIGHTS, advanced=True,
        help="Pull labelled images of one class together in the latent space.",
    )  # fmt: skip
    contrastive_weight: Modifiable[float] = field(
        1.0, label="Contrastive weight", section=WEIGHTS, ge=0, advanced=True, applies_when=when(use_contrastive=True),
        help="Weight of the contrastive term.",
    )  # fmt: skip
    contrastive_temperature: Modifiable[float] = field(
        0.1, label="Contrastive temperature", section=WEIGHTS, gt=0, advanced=True, applies_when=when(use_contrastive=True),
        help="Lower temperatures look at the nearest neighbours only.",
    )  # fmt: skip
    l1_weight: Modifiable[float] = field(
        0.0, label="L1 weight", section=WEIGHTS, ge=0, log_scale=True, advanced=True,
        help="Weight of the sum of absolute weights, over the same parameters as weight decay.",
    )  # fmt: skip

    # Prior and mixture
    decentralized_kl: Modifiable[DecentralizedKl] = field(
        "responsibility", label="KL over components", section=MIXTURE, advanced=True,
        applies_when=when(prior_type=ROUTED, latent_layout="decentralized"),
        help="How the components' own latents are weighted in the KL term.",
        choices=(
            ("responsibility", "By responsibility", "Each component counts as much as it is responsible; this is the bound."),
            ("all", "All alike", "Every component's latent is held to the prior, used or not."),
        ),
    )  # fmt: skip
    learnable_pi: Modifiable[bool] = field(
        True, label="Learn component weights", section=MIXTURE, advanced=True, applies_when=_WEIGHED,
        because="nothing in the loss would tell them what to be",
        help="Learn pi, the components' prior weights, rather than keep them even.",
    )  # fmt: skip
    dirichlet_alpha: Modifiable[float | None] = field(
        None, label="Dirichlet alpha", section=MIXTURE, ge=1, advanced=True, applies_when=_LEARNED_PI,
        help="Concentration of a Dirichlet prior that keeps component weights from vanishing. None leaves it out.",
    )  # fmt: skip
    dirichlet_weight: Modifiable[float] = field(
        1.0, label="Dirichlet weight", section=MIXTURE, ge=0, advanced=True,
        applies_when=any_of(
            when(prior_type="vamp", learnable_pi=True, dirichlet_alpha=SET),
            when(prior_type="mixture", c_regularizer=("categorical", "both"), learnable_pi=True, dirichlet_alpha=SET),
        ),
        help="Weight of the Dirichlet prior's term.",
    )  # fmt: skip
    component_diversity_weight: Modifiable[float] = field(
        1.0, label="Even use of components", section=MIXTURE, advanced=True, applies_when=_MIXTURE_BASED,
        help="Positive rewards that components are used evenly over the data, negative punishes it.",
    )  # fmt: skip
    usage_ema_decay: Modifiable[float] = field(
        0.95, label="Usage memory", section=MIXTURE, ge=0, lt=1, advanced=True,
        applies_when=when(prior_type=MIXTURE_BASED, component_diversity_weight=NONZERO),
        help="Decay of the moving average of component use that the even-use term looks at. 0 looks at one batch.",
    )  # fmt: skip
    c_regularizer: Modifiable[ComponentRegularizer] = field(
        "categorical", label="Component regulariser", section=MIXTURE, advanced=True, applies_when=_PER_COMPONENT,
        help="What holds the responsibilities to the prior.",
        choices=(
            ("categorical", "Categorical", "The divergence of responsibilities from component weights."),
            ("logit_mog", "Logit mixture", "A mixture of normals on the raw component logits, which wants them decided."),
            ("both", "Both", "Both terms."),
        ),
    )  # fmt: skip
    c_logit_prior_weight: Modifiable[float] = field(
        1.0, label="Logit mixture weight", section=MIXTURE, ge=0, advanced=True, applies_when=_LOGIT_MOG,
        help="Weight of the logit mixture regulariser.",
    )  # fmt: skip
    c_logit_prior_mean: Modifiable[float] = field(
        5.0, label="Logit mixture mean", section=MIXTURE, advanced=True, applies_when=_LOGIT_MOG,
        help="Height of the logit of the component an image belongs to.",
    )  # fmt: skip
    c_logit_prior_sigma: Modifiable[float] = field(
        1.0, label="Logit mixture sigma", section=MIXTURE, gt=0, advanced=True, applies_when=_LOGIT_MOG,
        help="Standard deviation of the logits around their component's centre.",
    )  # fmt: skip
    vamp_num_samples_kl: Modifiable[int] = field(
        1, label="KL samples", section=MIXTURE, ge=1, le=100, advanced=True, applies_when=when(prior_type="vamp"),
        help="Latent samples per image that estimate the KL term.",
    )  # fmt: skip
    vamp_pseudo_lr_scale: Modifiable[float] = field(
        0.1, label="Pseudo-input step size", section=MIXTURE, gt=0, le=1, log_scale=True, advanced=True,
        applies_when=when(prior_type="vamp"),
        help="Scale of the pseudo-images' updates against those of other parameters.",
    )  # fmt: skip
    mixture_history_log_every: Modifiable[int] = field(
        1, label="Record mixture every", section=MIXTURE, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_MIXTURE_BASED,
        help="How often component weights and use are recorded. 0 never records them.",
    )  # fmt: skip

    # Decoder
    observation_sigma: Modifiable[float] = field(
        0.3, label="Observation sigma", section=DECODER, ge=0.01, le=10, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=False),
        help="Standard deviation of a pixel around its reconstruction. Smaller asks for sharper reconstructions.",
    )  # fmt: skip
    sigma_min: Modifiable[float] = field(
        0.05, label="Least sigma", section=DECODER, gt=0, le=100, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=True),
        help="The smallest noise level that the decoder can predict.",
    )  # fmt: skip
    sigma_max: Modifiable[float] = field(
        0.5, label="Largest sigma", section=DECODER, gt=0, le=100, log_scale=True, advanced=True,
        applies_when=when(reconstruction_loss="mse", use_heteroscedastic_decoder=True),
        help="The largest noise level that the decoder can predict.",
    )  # fmt: skip
    soft_embedding_warmup_epochs: Modifiable[int] = field(
        0, label="Soft-embedding warm-up", section=DECODER, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True,
        applies_when=when(prior_type=ROUTED, decoder_conditioning=CONDITIONED),
        help="Epochs of the model's life in which the decoder runs once, on the average embedding.",
    )  # fmt: skip

    # tau-classifier
    use_tau_classifier: Modifiable[bool | Auto] = field(
        "auto", label="tau-classifier", section=TAU, advanced=True, applies_when=_MIXTURE_BASED,
        because="tau reads which components an image belongs to, and a standard prior has none",
        help="Classify by which components an image belongs to and which classes those hold, rather than by a head.",
    )  # fmt: skip
    tau_smoothing_alpha: Modifiable[float] = field(
        0.01, label="tau smoothing", section=TAU, gt=0, log_scale=True, advanced=True, applies_when=_TAU,
        help="Pseudo-count added to every component and class.",
    )  # fmt: skip
    tau_claim_strength: Modifiable[float] = field(
        1.0, label="Claim strength", section=TAU, ge=0, advanced=True, applies_when=_TAU,
        help="Pseudo-counts that a class has in the components it claimed. 0 makes claims without weight.",
    )  # fmt: skip

    # Routing
    routing_warmup_epochs: Modifiable[int] = field(
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
    gumbel_temperature: Modifiable[float] = field(
        1.0, label="Temperature at start", section=ROUTING, gt=0, advanced=True, applies_when=_GUMBEL,
        help="Softness of the sampled routing in the first epoch.",
    )  # fmt: skip
    gumbel_temperature_min: Modifiable[float] = field(
        0.5, label="Least temperature", section=ROUTING, gt=0, advanced=True, applies_when=_GUMBEL,
        help="Softness that the sampled routing reaches.",
    )  # fmt: skip
    gumbel_temperature_anneal_epochs: Modifiable[int] = field(
        50, label="Temperature anneal", section=ROUTING, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_GUMBEL,
        help="Epochs of the model's life over which the temperature falls. 0 keeps it at the start.",
    )  # fmt: skip
    gumbel_temperature_schedule: Modifiable[AnnealSchedule] = field(
        "linear", label="Temperature shape", section=ROUTING, advanced=True, applies_when=_GUMBEL,
        choices=_SHAPES, help="How the temperature falls.",
    )  # fmt: skip
    top_m_gating: Modifiable[int] = field(
        0, label="Decode the strongest", section=ROUTING, ge=0, le=1000, unit="components", advanced=True, applies_when=_PER_COMPONENT,
        help="How many components are decoded per image while training. 0 decodes all.",
    )  # fmt: skip

    # Curriculum
    curriculum_enabled: Modifiable[bool] = field(
        False, label="Channel curriculum", section=CURRICULUM, advanced=True, applies_when=_PER_COMPONENT,
        help="Start with few components and open more when reconstruction no longer improves. What is open stays open: on a model that has "
        "trained without a curriculum it has nothing to open, and switching it off opens all.",
    )  # fmt: skip
    curriculum_start: Modifiable[int] = field(
        2, label="Components at start", section=CURRICULUM, ge=1, le=1000, advanced=True, applies_when=_CURRICULUM, help="Components that are open in the first epoch.",
    )  # fmt: skip
    curriculum_patience: Modifiable[int] = field(
        10, label="Unlock patience", section=CURRICULUM, ge=1, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Epochs without improvement after which another component opens.",
    )  # fmt: skip
    curriculum_min_delta: Modifiable[float] = field(
        1e-3, label="Unlock improvement", section=CURRICULUM, ge=0, log_scale=True, advanced=True, applies_when=_CURRICULUM, help="Relative improvement of validation reconstruction that counts.",
    )  # fmt: skip
    curriculum_cooldown: Modifiable[int] = field(
        3, label="Unlock cooldown", section=CURRICULUM, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Least epochs between two unlocks.",
    )  # fmt: skip
    curriculum_kick_epochs: Modifiable[int] = field(
        5, label="Kick length", section=CURRICULUM, ge=0, le=MAX_EPOCHS, unit="epochs", advanced=True, applies_when=_CURRICULUM, help="Epochs after an unlock in which routing is softened towards the new component.",
    )  # fmt: skip
    curriculum_kick_temperature: Modifiable[float] = field(
        5.0, label="Kick temperature", section=CURRICULUM, gt=0, advanced=True, applies_when=_CURRICULUM,
        help="Softness of the routing during a kick.",
    )  # fmt: skip
    curriculum_kick_logit_bias: Modifiable[float] = field(
        5.0, label="Kick bias", section=CURRICULUM, ge=0, advanced=True, applies_when=_CURRICULUM,
        help="Added to the new component's logit during a kick.",
    )  # fmt: skip
