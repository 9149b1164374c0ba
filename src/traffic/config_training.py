"""The modifiable half of a forecasting model: how it is trained. The defaults are the recipe: many small steps, and a rate that falls to its least.

The module imports no array framework.
"""

from __future__ import annotations

from typing import Literal

from workbench.fields import Auto, ConfigModel, Modifiable, any_of, field, part, when

MAX_SEED = 2**32 - 1
"""The largest seed: what one unsigned 32-bit word of a random key holds."""

OptimizerName = Literal["adam", "adamw", "sgd"]
ScheduleName = Literal["plateau", "constant", "cosine", "step"]
Loss = Literal["masked_mae", "mse", "huber", "pinball"]
Monitor = Literal["val/masked_mae/avg", "val/masked_rmse/avg", "val/loss"]

_ADAM = any_of(when(name="adam"), when(name="adamw"))


class Optimizer(ConfigModel):
    """What moves the weights."""

    name: Modifiable[OptimizerName] = field(
        "adam", label="Optimiser", help="The rule by which weights follow their gradients.",
        choices=(
            ("adam", "Adam", "Moments of each gradient (Kingma and Ba 2015)."),
            ("adamw", "AdamW", "Adam with decay of matrices beside the gradient (Loshchilov and Hutter 2019)."),
            ("sgd", "SGD", "Gradients with momentum."),
        ),
    )  # fmt: skip
    learning_rate: Modifiable[float] = field(
        3e-3, label="Learning rate", section="Training", gt=0, le=1, log_scale=True, help="The first size of a step."
    )  # fmt: skip
    weight_decay: Modifiable[float] = field(
        0.0, label="Weight decay", ge=0, le=1, applies_when=when(name=("adamw", "sgd")),
        because="Adam has none; AdamW is Adam with weight decay", help="How fast matrices shrink; biases, norms, embeddings and convolutions don't.",
    )  # fmt: skip
    betas: Modifiable[tuple[float, float]] = field(
        (0.9, 0.999), label="Betas", ge=0, lt=1, min_items=2, max_items=2, advanced=True, applies_when=_ADAM, help="How long moments remember.",
    )  # fmt: skip
    eps: Modifiable[float] = field(
        1e-8, label="Epsilon", gt=0, le=1, advanced=True, applies_when=_ADAM, help="Added to the root of the second moment."
    )
    momentum: Modifiable[float] = field(
        0.9, label="Momentum", ge=0, lt=1, applies_when=when(name="sgd"), help="Share of the last step that goes on.",
    )  # fmt: skip


class Schedule(ConfigModel):
    """How the learning rate changes."""

    name: Modifiable[ScheduleName] = field(
        "cosine", label="Schedule", help="How the learning rate falls.",
        choices=(
            ("plateau", "On a plateau", "Whenever the monitored metric has not improved for some epochs."),
            ("constant", "Constant", "It does not fall."), ("cosine", "Cosine", "Along half a cosine, to the least rate at the last epoch."),
            ("step", "Steps", "After every so many epochs."),
        ),
    )  # fmt: skip
    factor: Modifiable[float] = field(
        0.5, label="Factor", gt=0, lt=1, applies_when=when(name=("plateau", "step")), help="What the rate is multiplied by.",
    )  # fmt: skip
    patience: Modifiable[int] = field(
        10, label="Patience", unit="epochs", ge=1, le=10_000, applies_when=when(name=("plateau", "step")),
        help="Epochs without improvement, or of one step.",
    )  # fmt: skip
    min_lr: Modifiable[float] = field(
        1e-6, label="Least rate", ge=0, le=1, applies_when=when(name=("plateau", "cosine", "step")), help="The rate falls no further.",
    )  # fmt: skip
    warmup_steps: Modifiable[int] = field(
        0, label="Warm-up", unit="steps", ge=0, le=1_000_000, help="Steps in which the rate rises from 0."
    )


class EarlyStopping(ConfigModel):
    """When training ends before its last epoch."""

    monitor: Modifiable[Monitor] = field(
        "val/masked_mae/avg", label="Watches", help="The metric of the validation part that has to improve."
    )
    patience: Modifiable[int] = field(4, label="Patience", unit="epochs", ge=1, le=10_000, help="Epochs without improvement.")
    min_delta: Modifiable[float] = field(0.0, label="Least improvement", ge=0, le=1e6, help="Improvements that are smaller do not count.")


class Training(ConfigModel):
    """How a forecasting model is trained."""

    epochs: Modifiable[int] = field(
        10, label="Epochs", section="Training", unit="epochs", ge=1, le=100_000, help="Passes over the training windows, at most."
    )
    batch_size: Modifiable[int] = field(
        16, label="Batch size", section="Training", unit="windows", ge=1, le=65_536,
        help="Windows of a step. With shared weights each holds all detectors.",
    )  # fmt: skip
    optimizer: Optimizer = part(Optimizer(), label="Optimiser")
    schedule: Schedule = part(Schedule(), label="Schedule")
    loss: Modifiable[Loss | Auto] = field(
        "auto", label="Loss", section="Loss", help="What is made small, in units of each target's deviation. Auto takes the pinball loss for quantiles, else the mean absolute error.",
        choices=(
            ("auto", "Automatic", "By whether quantiles are forecast."), ("masked_mae", "Absolute error", "The mean absolute error."),
            ("mse", "Squared error", "Large errors count more."), ("huber", "Huber", "Squared for small errors, absolute for large ones."),
            ("pinball", "Pinball", "For quantiles."),
        ),
    )  # fmt: skip
    huber_delta: Modifiable[float] = field(
        1.0, label="Huber delta", section="Loss", gt=0, le=1000, applies_when=when(loss="huber"), help="Where squares end, in deviations of the target.",
    )  # fmt: skip
    grad_clip_norm: Modifiable[float | None] = field(
        5.0, label="Gradient clipping", section="Training", gt=0, le=1e6, advanced=True, help="Largest norm of a step's gradient; none for no bound.",
    )  # fmt: skip
    early_stopping: Modifiable[EarlyStopping | None] = field(
        EarlyStopping(), label="Early stopping", section="Stopping", help="Ends training when validation stops improving; none trains all epochs.",
    )  # fmt: skip
    save_checkpoint_every: Modifiable[int] = field(
        10, label="Checkpoint every", section="Stopping", unit="epochs", ge=0, le=10_000, advanced=True, aside=True,
        help="Epochs between kept checkpoints; 0 keeps the best and the last alone.",
    )  # fmt: skip
    max_train_windows: Modifiable[int | None] = field(
        None, label="Most training windows", section="Training", unit="windows", ge=1, le=100_000_000, advanced=True,
        help="Trains on so many windows at most, spread over the training part; none takes all.",
    )  # fmt: skip
    seed: Modifiable[int] = field(
        42, label="Seed", section="Training", ge=0, le=MAX_SEED, help="Decides first weights, the order of windows and dropout.",
    )  # fmt: skip
    devices: Modifiable[int | Auto] = field(
        "auto", label="Devices", section="Training", ge=1, le=4096, advanced=True,
        help="How many share the windows of each step; results stay equal within rounding. Auto takes every accelerator, and one device where the processor trains.",
    )  # fmt: skip
    max_minutes: Modifiable[float | None] = field(
        None, label="Most minutes", section="Stopping", unit="min", gt=0, le=100_000, advanced=True, aside=True, help="Ends training after so long; none sets no bound.",
    )  # fmt: skip
