"""The whole trainer as the text of one module: what a quick test runs and what is shipped."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.codegen.arguments import arguments_of
from recsys.codegen.assembly import Section, assembled, block, block_imports, formatted
from recsys.codegen.emit import optimizer_source, shared_item_key, steps_source, tower_source
from recsys.codegen.source import comment
from recsys.codegen.tensor_keys import keys_of_config
from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.dims import tensor_dims
from recsys.features.outputs import tower_outputs
from recsys.model.config import ModelConfig, summed
from recsys.model.plan import NetworkPlan, network_plan
from recsys.trial import Named

GENERATOR = 4
"""The generator's version: it changes when equal configurations give another text."""

LOSSES = {
    "mse": "MeanSquaredError(reduction='none')",
    "mae": "MeanAbsoluteError(reduction='none')",
    "huber": "Huber(delta=1.0, reduction='none')",
}

_LONGEST_NAME = 300
"""Characters of a configuration's name that the header shows."""

_BLOCKS = (
    "devices",
    "layers",
    "softmax",
    "rating",
    "steps",
    "models",
    "data",
    "evaluation",
    "histograms",
    "running",
    "serving",
)


@dataclass(frozen=True)
class Request:
    """All that a trainer follows from; equal requests give equal text.

    Attributes:
        features, model: the configurations, the target set to what is to be rated.
        feature_name, model_name: what the header says of them.
        buyer_columns, product_columns: the raw columns that each tower is asked with.
        epochs, batch_size, learning_rate: as they are used, which may differ from the configuration's.
        seed: of weights, order and dropout. program: name and version of the program that writes it.
        created: UTC time as text; it changes one line of the header and nothing else.
    """

    features: FeatureConfig
    model: ModelConfig
    feature_name: Named
    model_name: Named
    buyer_columns: tuple[str, ...]
    product_columns: tuple[str, ...]
    epochs: int
    batch_size: int
    learning_rate: float
    seed: int
    program: str
    created: str


def trainer_source(request: Request) -> str:
    """The text of `trainer.py`.

    Raises:
        ValueError: for a ranking or multitask model without a target, or a tower without features.
    """
    config, features = request.model, request.features
    if config.rates and features.target_column is None:
        raise ValueError("Rating column required for ranking/multitask models")
    dims = tensor_dims(features)
    plan = network_plan(config, dims.buyer.total, dims.product.total)
    keys = keys_of_config(features)
    outputs = {tower: tower_outputs(features, tower) for tower in TOWERS}
    item = shared_item_key(outputs["buyer"], keys, outputs["product"])

    network: dict[str, str] = {}
    if plan.shared:
        about = "The layers that both towers share."
        network["SharedTower"] = steps_source("SharedTower", "shared_tower", about, plan.shared)
    towers = {
        tower: tower_source(
            plan.tower(tower),
            outputs[tower],
            keys,
            unit_length=plan.unit_length,
            item=item if tower == "buyer" else None,
        )
        for tower in TOWERS
    }
    head = {}
    if plan.head is not None:
        about = "From both vectors, side by side, to the rating."
        head["RatingHead"] = steps_source("RatingHead", "rating_head", about, plan.head.steps)
    sections = [
        Section("Devices", block("devices")),
        Section("Layers", block("layers") | network),
        Section(f"Buyer tower, input {plan.buyer.input_dim}", {"BuyerModel": towers["buyer"]}),
        Section(f"Product tower, input {plan.product.input_dim}", {"ProductModel": towers["product"]}),
        Section("Model", head | block("softmax") | block("rating") | block("steps") | block("models")
                | {"make_model": _make_model(config, plan, item), "make_optimizer": _make_optimizer(_learning(config))}),
        Section("Rows, items and figures", block("data") | block("evaluation")),
        Section("Training", block("histograms") | block("running") | {"run_fn": _run_fn(config, features, plan)}),
        Section("Export", block("serving") | {"export": _export(config)}),
    ]  # fmt: skip
    body = assembled(sections, block_imports(_BLOCKS), roots=("run_fn",))
    imports, _, rest = body.partition("\n\n\n")
    return formatted(f"{_header(request)}\n\n{imports}\n\n{_constants(request)}\n\n\n{rest}")


def _header(request: Request) -> str:
    kind = request.model.model_type
    lines = [
        f"{request.program}, trainer generator {GENERATOR}",
        f"Features: {comment(request.feature_name.words(), _LONGEST_NAME)}",
        f"Model: {comment(request.model_name.words(), _LONGEST_NAME)}, {kind}",
        f"Created: {request.created}",
        "",
        "Within a batch each product is computed once: rows of one product share its features, its dropout",
        "and its place in batch statistics.",
    ]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _constants(request: Request) -> str:
    training = request.model.training
    arguments = arguments_of({"buyer": request.buyer_columns, "product": request.product_columns})
    values = {
        "SEED": request.seed,
        "EPOCHS": request.epochs,
        "BATCH_SIZE": request.batch_size,
        "LEARNING_RATE": float(request.learning_rate),
        "VALIDATION_ROWS": 5000,
        "BUYER_COLUMNS": arguments["buyer"],
        "PRODUCT_COLUMNS": arguments["product"],
    }
    if request.model.retrieves:
        values["TOP_K"] = training.top_k
    return "\n".join(f"{name} = {value!r}" for name, value in values.items())


def _make_model(config: ModelConfig, plan: NetworkPlan, item: str | None) -> str:
    training = config.training
    shared = ["shared"] if plan.shared else []
    buyer = ["transform_output", *([f"product_model.{item}_table"] if item else []), *shared]
    lines = ["shared = SharedTower()"] if plan.shared else []
    lines += [
        f"product_model = ProductModel({', '.join(['transform_output', *shared])})",
        f"buyer_model = BuyerModel({', '.join(buyer)})",
    ]
    if config.retrieves:
        frequencies = (
            "log_frequencies(transform_output)" if training.sampling_correction == "logq" else "None"
        )
        lines.append(
            f"retrieval = InBatchSoftmax(log_frequency={frequencies}, temperature={training.temperature!r}, "
            f"remove_accidental_hits={training.remove_accidental_hits!r}, "
            f"num_hard_negatives={training.num_hard_negatives!r})"
        )
    if plan.head is not None:
        lines += ["rating_head = RatingHead()", f"loss = {_loss(config, plan)}"]
    lines.append(f"return {_model_call(config, plan)}")
    body = "\n".join(f"    {line}" for line in lines)
    return f'def make_model(transform_output, targets):\n    """The model, not trained yet; targets: the known ones of the training rows, if the loss needs them."""\n{body}'


def _loss(config: ModelConfig, plan: NetworkPlan) -> str:
    kind = config.training.loss_function
    if kind == "binary_crossentropy":
        assert plan.head is not None
        return f"tf.keras.losses.BinaryCrossentropy(from_logits={plan.head.from_logits!r}, reduction='none')"
    return f"tf.keras.losses.{LOSSES[kind]}"


def _model_call(config: ModelConfig, plan: NetworkPlan) -> str:
    training = config.training
    common = f"summed={summed(_learning(config))!r}, output_l2={training.output_l2!r}"
    if config.model_type == "retrieval":
        return f"RetrievalModel(buyer_model, product_model, retrieval, {common})"
    if config.model_type == "ranking":
        return f"RankingModel(buyer_model, product_model, rating_head, loss, {common})"
    weights = (training.retrieval_weight, training.ranking_weight)
    chance = ""
    if _by_chance(config):
        assert plan.head is not None
        chance = f", chance_loss=constant_loss(targets, loss, logits={plan.head.from_logits!r})"
    return (
        f"MultitaskModel(buyer_model, product_model, retrieval, rating_head, loss, weights={weights!r}, "
        f"balance={training.loss_balance!r}, {common}{chance})"
    )


def _learning(config: ModelConfig) -> ModelConfig:
    """The configuration that training follows: of two tasks, one without weight, the other's alone."""
    training = config.training
    if config.model_type != "multitask" or (training.retrieval_weight and training.ranking_weight):
        return config
    kind = "retrieval" if training.retrieval_weight else "ranking"
    return ModelConfig(config.architecture.model_copy(update={"model_type": kind}), training)


def _by_chance(config: ModelConfig) -> bool:
    """Whether losses are measured by those of guessing."""
    return _learning(config).model_type == "multitask" and config.training.loss_balance == "chance"


def _make_optimizer(config: ModelConfig) -> str:
    return f'def make_optimizer():\n    """A new optimizer."""\n    return {optimizer_source(config)}'


def _stopping(config: ModelConfig) -> str:
    stopping = config.training.early_stopping
    if stopping is None:
        return "None"
    return f"EarlyStopping({stopping.monitor!r}, {stopping.patience}, {stopping.restore_best!r})"


def _run_fn(config: ModelConfig, features: FeatureConfig, plan: NetworkPlan) -> str:
    scale = "None"
    if plan.head is not None:
        assert features.target_column is not None
        log = features.target_column.transforms.log_transform
        scale = f"RatingScale(first, log_transform={log!r}, logits={plan.head.from_logits!r})"
    targets = "known_targets(rows(fn_args.train_files))" if _by_chance(config) else "None"
    every = config.training.histogram_epochs
    histograms = f"Histograms(model, {every})" if every else "None"
    return _RUN_FN.format(stopping=_stopping(config), scale=scale, targets=targets, histograms=histograms)


_RUN_FN = '''
def run_fn(fn_args):
    """Train the model, and export it unless somebody ended the training.

    Args:
        fn_args: as TFX passes them: `train_files`, `eval_files`, `transform_output`, `data_accessor`,
            `serving_model_dir`, and `train_steps` and `eval_steps`, which limit the batches. Of
            `custom_config` these are read, all optional: `observer` (see `Observer`), `devices` (names of those
            that share each batch, such as `GPU:0`; else one trains), `candidate_files` (rows with every item that can be recommended; else those of
            training and evaluation), `resume` (arrays of `state_of`, with the `epoch` and `batch` that
            are done) and `weights` (arrays of `state_of` to start from, with a new optimizer).

    Returns:
        The model with what it was measured by: `model`, `evaluation`, `ids`, `items`, `scale`, `epochs` and
        `batches` that are done, whether it was `stopped`, and `export(folder)`.
    """
    options = fn_args.custom_config or {{}}
    observer = options.get("observer") or Observer()
    transform_output = open_transform_output(fn_args.transform_output)

    def rows(files, seed=None):
        return dataset_of(files, fn_args.data_accessor, transform_output, BATCH_SIZE, seed)

    tf.keras.utils.set_random_seed(SEED)
    first = next(iter(rows(fn_args.train_files)))
    targets = {targets}
    with strategy_over(options.get("devices")).scope():
        model = make_model(transform_output, targets)
        model.compile(optimizer=make_optimizer())
        # a few rows are enough to make all variables
        model.objective({{name: values[:2] for name, values in first.items()}})
        model.optimizer.build(model.trainable_variables)
    scale = {scale}
    candidates = options.get("candidate_files") or [*fn_args.train_files, *fn_args.eval_files]
    ids, items = candidate_items([rows([file]) for file in candidates])
    limit = min(VALIDATION_ROWS, (fn_args.eval_steps or VALIDATION_ROWS) * BATCH_SIZE)
    held_out = columns_of(rows(fn_args.eval_files), limit) if fn_args.eval_files else None
    evaluation = Evaluation(model, held_out, ids, items, scale, BATCH_SIZE)
    stopping = {stopping}
    resume = options.get("resume")
    if options.get("weights"):
        restore_state(model, options["weights"], optimizer=False)
    if resume:
        restore_state(model, resume["state"], stopping)
    epochs, batches, stopped = train(
        model,
        lambda epoch: rows(fn_args.train_files, seed_of(f"epoch {{epoch}}", SEED)),
        EPOCHS,
        observer,
        evaluation,
        first_epoch=resume["epoch"] if resume else 0,
        first_batch=resume["batch"] if resume else 0,
        stopping=stopping,
        steps=fn_args.train_steps or None,
        histograms={histograms},
    )

    def export_to(folder):
        export(model, transform_output, ids, evaluation.products(items), scale, folder)

    if fn_args.serving_model_dir and not stopped:
        export_to(fn_args.serving_model_dir)
    return SimpleNamespace(
        model=model,
        evaluation=evaluation,
        ids=ids,
        items=items,
        scale=scale,
        epochs=epochs,
        batches=batches,
        stopped=stopped,
        state=lambda: state_of(model, stopping),
        export=export_to,
    )
'''.strip()

_EXPORT = '''
def export(model, transform_output, ids, vectors, scale, folder):
    """Write a SavedModel that answers raw features (see `signatures_of`).

    Args:
        ids: of the items that can be recommended, bytes (C,). vectors: theirs, float32 (C, d).
        scale: from the head's outputs to ratings; None without.
    """
    served = Served(model, transform_output, ids, vectors, scale)
    answers = signatures_of(served, transform_output, BUYER_COLUMNS, PRODUCT_COLUMNS, {top_k})
    tf.saved_model.save(served, folder, signatures=answers)
'''.strip()


def _export(config: ModelConfig) -> str:
    return _EXPORT.format(top_k="TOP_K" if config.retrieves else "None")
