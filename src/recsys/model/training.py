"""The tunable half of a recommender's configuration: optimiser, losses, stopping, serving."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import StrictBool

from recsys.model.architecture import MULTITASK, RATES, RETRIEVES
from recsys.model.exact import Exact
from workbench.fields import Auto, ConfigModel, Modifiable, field, when

Optimizer = Literal["adagrad", "adam", "sgd", "adamw", "rmsprop"]

OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)

LossFunction = Literal["mse", "mae", "huber", "binary_crossentropy"]

Monitor = Literal["recall_at_10", "ndcg_at_10", "rmse"]

MAX_BATCH = 65_536

APPROXIMATE_NEEDS = "it needs an optional component that is not installed"

_OPTIMISER = "Optimiser"
_RETRIEVAL = "Retrieval loss"
_RATING = "Rating loss"
_TASKS = "Two tasks"
_REGULAR = "Regularisation"
_SERVING = "Serving"
_LOOKING = "Looking inside"
_NO_LOGITS = "only these models score products by dot products"
_NO_RATING = "only these models predict ratings"
_ONE_TASK = "other models have one task"


class EarlyStopping(ConfigModel):
    """Ends training when a metric of the validation part no longer improves."""

    monitor: Modifiable[Monitor] = field(
        "recall_at_10",
        label="Watched",
        choices=(
            ("recall_at_10", "Recall@10", "Share of rows whose product is among the first 10."),
            ("ndcg_at_10", "nDCG@10", "The same, weighted by its place."),
            ("rmse", "RMSE", "Error of the ratings."),
        ),
        help="A metric of the exact evaluation on the validation part.",
    )
    patience: Modifiable[Exact[int]] = field(
        3, label="Patience", ge=1, le=500, unit="epochs", help="Epochs without improvement before it ends."
    )
    restore_best: Modifiable[StrictBool] = field(
        True, label="Keep the best", help="Whether the best epoch's weights are kept, rather than the last's."
    )


class Training(ConfigModel):
    """How a model is trained, and how it serves; an edit acts from the next run on."""

    optimizer: Modifiable[Optimizer] = field(
        "adagrad",
        label="Optimiser",
        section=_OPTIMISER,
        choices=(
            ("adagrad", "Adagrad", "Per-parameter rates, strong on sparse ids."),
            ("adam", "Adam", "Robust general choice."),
            ("sgd", "SGD", "Needs tuning; clipped."),
            ("adamw", "AdamW", "Adam with weight decay."),
            ("rmsprop", "RMSprop", "Adaptive, no momentum."),
        ),
        help="How gradients become steps.",
    )
    learning_rate: Modifiable[Exact[float]] = field(
        0.1, label="Learning rate", section=_OPTIMISER, gt=0, le=10, log_scale=True, help="Size of a step."
    )
    batch_size: Modifiable[Exact[int]] = field(
        4096,
        label="Batch size",
        section=_OPTIMISER,
        ge=16,
        le=MAX_BATCH,
        unit="rows",
        help="Rows a step; the products of a batch are each other's negatives.",
    )
    epochs: Modifiable[Exact[int]] = field(
        5, label="Epochs", section=_OPTIMISER, ge=1, le=500, unit="epochs", help="Passes over the train part."
    )
    devices: Modifiable[Exact[int | Auto]] = field(
        "auto",
        label="Devices",
        section=_OPTIMISER,
        ge=1,
        le=4096,
        advanced=True,
        help="How many share the rows of each batch; results stay equal within rounding. Auto takes every accelerator, and one device where the processor trains.",
        later=True,
    )
    weight_decay: Modifiable[Exact[float]] = field(
        0.004,
        label="Weight decay",
        section=_OPTIMISER,
        ge=0,
        le=1,
        applies_when=when(optimizer="adamw"),
        because="the other optimisers have none",
        help="Share of each weight taken off a step, times the learning rate.",
    )
    clipnorm: Modifiable[Exact[float | Auto | None]] = field(
        "auto",
        label="Clip gradients",
        section=_OPTIMISER,
        gt=0,
        advanced=True,
        help="Largest norm of a variable's gradient; none leaves it. Auto: 1 for SGD with summed losses.",
    )
    loss_reduction: Modifiable[Literal["auto", "sum", "mean"]] = field(
        "auto",
        label="Loss over a batch",
        section=_OPTIMISER,
        advanced=True,
        choices=(
            ("auto", "Auto", "Summed for retrieval and multitask with Adagrad or SGD, else averaged."),
            ("sum", "Sum", "Steps grow with the batch."),
            ("mean", "Mean", "Steps do not depend on the batch."),
        ),
        help="How the losses of a batch's rows become one.",
    )
    retrieval_weight: Modifiable[Exact[float]] = field(
        1.0,
        label="Weight of retrieval",
        section=_TASKS,
        ge=0,
        applies_when=MULTITASK,
        because=_ONE_TASK,
        help="How much retrieval counts against rating.",
    )
    ranking_weight: Modifiable[Exact[float]] = field(
        0.0,
        label="Weight of rating",
        section=_TASKS,
        ge=0,
        applies_when=MULTITASK,
        because=_ONE_TASK,
        help="How much rating counts against retrieval; with 0 the head stays untrained.",
    )
    loss_balance: Modifiable[Literal["gradient", "chance", "none"]] = field(
        "gradient",
        label="Balance",
        section=_TASKS,
        advanced=True,
        applies_when=MULTITASK,
        because=_ONE_TASK,
        choices=(
            ("gradient", "Gradients", "The towers' gradients of both tasks stand in the weights' ratio."),
            ("chance", "Losses", "Both losses are divided by what guessing reaches."),
            ("none", "None", "Retrieval is summed and rating averaged over the batch."),
        ),
        help="What the two weights are a ratio of.",
    )
    loss_function: Modifiable[LossFunction] = field(
        "mse",
        label="Loss",
        section=_RATING,
        applies_when=RATES,
        because=_NO_RATING,
        choices=(
            ("mse", "Squared error", "The mean rating is its best constant."),
            ("mae", "Absolute error", "The median is; outliers count less."),
            ("huber", "Huber", "Squared up to an error of 1, absolute beyond."),
            (
                "binary_crossentropy",
                "Binary cross-entropy",
                "For ratings of two values, such as clicked or not.",
            ),
        ),
        help="What an error of a rating costs.",
    )
    temperature: Modifiable[Exact[float]] = field(
        1.0,
        label="Temperature",
        section=_RETRIEVAL,
        ge=0.01,
        le=10,
        log_scale=True,
        advanced=True,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        help="Dot products are divided by it before the softmax.",
    )
    sampling_correction: Modifiable[Literal["none", "logq"]] = field(
        "logq",
        label="Sampling correction",
        section=_RETRIEVAL,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        choices=(
            ("none", "None", "Popular products, often negatives, are held down."),
            ("logq", "Log frequency", "The logarithm of a product's train frequency is subtracted."),
        ),
        help="What makes up for popular products being negatives more often.",
    )
    remove_accidental_hits: Modifiable[StrictBool] = field(
        False,
        label="Drop accidental hits",
        section=_RETRIEVAL,
        advanced=True,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        help="Whether a batch's rows of the same product are no negatives of each other.",
    )
    num_hard_negatives: Modifiable[Exact[int | None]] = field(
        None,
        label="Hard negatives",
        section=_RETRIEVAL,
        ge=1,
        le=MAX_BATCH,
        advanced=True,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        unit="products",
        help="Only so many distinct products with the highest scores count; none counts all of the batch.",
    )
    output_l2: Modifiable[Exact[float]] = field(
        0.0,
        label="Embedding penalty",
        section=_REGULAR,
        ge=0,
        le=1,
        advanced=True,
        help="Times the mean squared length of both towers' outputs, added to the loss.",
    )
    early_stopping: Modifiable[EarlyStopping | None] = field(
        None,
        label="Early stopping",
        section=_REGULAR,
        advanced=True,
        help="Ends training when a metric of the validation part no longer improves; none trains all epochs.",
    )
    histogram_epochs: Modifiable[Exact[int]] = field(
        0,
        label="Histograms every",
        section=_LOOKING,
        ge=0,
        le=500,
        unit="epochs",
        advanced=True,
        aside=True,
        help="Weights and gradients of every layer in 25 bins, of the first epoch and every so many; 0 keeps none.",
        later=True,
    )
    top_k: Modifiable[Exact[int]] = field(
        100,
        label="Products served",
        section=_SERVING,
        ge=1,
        le=1000,
        advanced=True,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        help="How many a request gets; the evaluation looks at all.",
    )
    retrieval_algorithm: Modifiable[Literal["brute_force", "approximate"]] = field(
        "brute_force",
        label="Search",
        section=_SERVING,
        advanced=True,
        applies_when=RETRIEVES,
        because=_NO_LOGITS,
        choices=(
            ("brute_force", "Exact", "Every product is scored."),
            ("approximate", "Approximate", "Quicker for millions of products; needs an optional component."),
        ),
        unavailable_values={"approximate": APPROXIMATE_NEEDS},
        help="How the served products are found.",
    )
