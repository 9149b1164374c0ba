"""A model's sample of its dataset: settings that are fixed at creation, like the architecture."""

from __future__ import annotations

from rcmvae.config_architecture import MAX_SEED
from workbench.fields import Auto, ConfigModel, Structural, field


class SampleSettings(ConfigModel):
    """Which part of a dataset a model sees, and how many of its labels."""

    num_samples: Structural[int | Auto] = field(
        1024, label="Total samples", section="Dataset", ge=1, le=100_000_000,
        help="Images that the model trains and validates on; test images come on top. Auto takes all.",
    )  # fmt: skip
    num_labeled: Structural[int] = field(
        128, label="Labelled samples", section="Dataset", ge=0, le=100_000_000,
        help="Training images whose label is given at the start, as many of each class as possible.",
    )  # fmt: skip
    sampling_seed: Structural[int] = field(
        0, label="Sampling seed", section="Dataset", ge=0, le=MAX_SEED,
        help="Chooses the sample, its validation part and the labelled images.",
    )  # fmt: skip
    val_split: Structural[float] = field(
        0.1, label="Validation share", section="Dataset", ge=0, le=0.5, advanced=True,
        help="Share of the samples kept apart to choose the best epoch. 0 means no validation and no early stopping.",
    )  # fmt: skip
