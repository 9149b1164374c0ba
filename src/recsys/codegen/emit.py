"""A layer, a feature, an optimizer as source text: the one place that says how something is built."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recsys.codegen.tensor_keys import TensorKeys
from recsys.features.outputs import Output
from recsys.model.config import ModelConfig, clipnorm
from recsys.model.layers import BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM, Dense, Dropout, LayerNorm
from recsys.model.plan import Step, TowerPlan

OPTIMIZERS = {"adagrad": "Adagrad", "adam": "Adam", "sgd": "SGD", "adamw": "AdamW", "rmsprop": "RMSprop"}


def layer_source(step: Step) -> str:
    """The expression that builds one layer of the network."""
    layer, name = step.layer, repr(step.name)
    if isinstance(layer, Dense):
        # tf.nn's leaky_relu has the slope 0.2 that is asked for; the others are Keras's own
        activation = "tf.nn.leaky_relu" if layer.activation == "leaky_relu" else repr(layer.activation)
        penalty = f"kernel_regularizer=tf.keras.regularizers.L2({layer.l2_reg!r}), " if layer.l2_reg else ""
        start = f"tf.keras.initializers.GlorotUniform(seed=seed_of({name}, SEED))"
        return (
            f"tf.keras.layers.Dense({layer.units}, activation={activation}, {penalty}"
            f"kernel_initializer={start}, name={name})"
        )
    if isinstance(layer, Dropout):
        return f"Dropout({layer.rate!r}, seed=seed_of({name}, SEED), name={name})"
    if isinstance(layer, LayerNorm):
        return f"tf.keras.layers.LayerNormalization(epsilon={layer.epsilon!r}, name={name})"
    return (
        f"BatchNormalization(momentum={BATCH_NORM_MOMENTUM!r}, epsilon={BATCH_NORM_EPSILON!r}, name={name})"
    )


def step_call(step: Step) -> str:
    """The line that runs one layer."""
    trains = "" if isinstance(step.layer, Dense | LayerNorm) else ", training=training"
    return f"x = self.{step.name}(x{trains})"


def table_source(key: str, dim: int) -> str:
    """The expression that builds a feature's table; its rows are known after preprocessing."""
    start = f"tf.keras.initializers.RandomUniform(-0.05, 0.05, seed=seed_of({key!r}, SEED))"
    return (
        f"tf.keras.layers.Embedding(transform_output.num_buckets_for_transformed_feature({key!r}), {dim}, "
        f"embeddings_initializer={start}, name={key + '_table'!r})"
    )


def optimizer_source(config: ModelConfig) -> str:
    """The expression that builds the optimizer."""
    training = config.training
    norm = clipnorm(config)
    clip = "" if norm is None else f", clipnorm={norm!r}"
    decay = f", weight_decay={training.weight_decay!r}" if training.optimizer == "adamw" else ""
    return f"tf.keras.optimizers.{OPTIMIZERS[training.optimizer]}(learning_rate=LEARNING_RATE{clip}{decay})"


@dataclass(frozen=True)
class Part:
    """A tensor of a tower's input: the lines that build what it needs, and the expression that gives (B, D)."""

    build: tuple[str, ...]
    value: str


def input_part(output: Output, keys: Sequence[str]) -> Part:
    """One output of the features as it enters its tower."""
    first = keys[0]
    if output.kind in ("embedding", "bucket", "cross"):
        table = f"self.{first}_table"
        return Part(
            (f"{table} = {table_source(first, output.dim)}",),
            f'flat({table}(inputs["{first}"]), {output.dim})',
        )
    if output.kind == "cycle":
        return Part((), ", ".join(f'column(inputs["{key}"])' for key in keys))
    if output.kind == "history":
        return Part((), f'mean_of_items(self.item_table, inputs["{first}"], inputs["{keys[1]}"])')
    return Part((), f'column(inputs["{first}"])')


def tower_source(
    plan: TowerPlan, outputs: Sequence[Output], keys: TensorKeys, *, unit_length: bool, item: str | None
) -> str:
    """The class of one tower.

    Args:
        plan: its network. outputs: of its features, in order. keys: of their tensors.
        unit_length: whether its output is scaled to length 1.
        item: the key of the product id's table, if this tower's history uses it.
    """
    parts = [input_part(output, keys[plan.tower, output.name]) for output in outputs]
    shared = bool(plan.shared)
    arguments = ["transform_output", *(["item_table"] if item else []), *(["shared"] if shared else [])]
    build = [line for part in parts for line in part.build]
    build += ["self.item_table = item_table"] if item else []
    build += [f"self.{step.name} = {layer_source(step)}" for step in plan.own]
    build += ["self.shared = shared"] if shared else []
    run = [f"x = tf.concat([{', '.join(part.value for part in parts)}], axis=-1)"]
    run += [step_call(step) for step in plan.own]
    run += ["x = self.shared(x, training=training)"] if shared else []
    run += [f"return {'tf.math.l2_normalize(x, axis=-1)' if unit_length else 'x'}"]
    name = f"{plan.tower.capitalize()}Model"
    return _model_class(name, f"{plan.tower}_model", _about(plan), arguments, build, ("inputs",), run)


def steps_source(name: str, label: str, about: str, steps: Iterable[Step]) -> str:
    """The class of layers that stand on their own: those that both towers share, or the rating head."""
    steps = tuple(steps)
    build = [f"self.{step.name} = {layer_source(step)}" for step in steps]
    return _model_class(name, label, about, [], build, ("x",), [*map(step_call, steps), "return x"])


def _model_class(
    name: str,
    label: str,
    about: str,
    arguments: Sequence[str],
    build: Sequence[str],
    takes: Sequence[str],
    run: Sequence[str],
) -> str:
    lines = [
        f"class {name}(tf.keras.Model):",
        f'    """{about}"""',
        "",
        f"    def __init__({', '.join(['self', *arguments])}):",
        f'        super().__init__(name="{label}")',
        *(f"        {line}" for line in build),
        "",
        f"    def call({', '.join(['self', *takes])}, training=False):",
        *(f"        {line}" for line in run),
    ]
    return "\n".join(lines)


def _about(plan: TowerPlan) -> str:
    widths = [plan.input_dim, *(step.outputs for step in plan.steps if isinstance(step.layer, Dense))]
    return f"{plan.tower.capitalize()} tower: {' -> '.join(map(str, widths))}."


def shared_item_key(
    outputs: Sequence[Output], keys: TensorKeys, product_outputs: Sequence[Output]
) -> str | None:
    """The key of the product id's table, if a tower has a history that uses it."""
    for output in outputs:
        if output.kind == "history":
            history = output.source.transforms.history  # pyright: ignore[reportAttributeAccessIssue]
            assert history is not None
            return next(
                keys["product", other.name][0]
                for other in product_outputs
                if other.kind == "embedding" and other.source.column == history.shared_with  # pyright: ignore[reportAttributeAccessIssue]
            )
    return None
