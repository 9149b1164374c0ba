"""How fast RCM-VAE trains: against a plain Python loop, against eager PyTorch, against the machine's matrix products."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from bench.harness import Bound, Row, Section, missing, paired_ratio, section, side_by_side
from bench.torch_process import TorchMissing, TorchProcess
from bench.workloads import CONV, MIXTURE, STANDARD, Trial, Workload, images
from rcmvae.counting import operations_per_epoch, parameter_count
from rcmvae.model.network import bind
from rcmvae.training.step import as_floats

ROUNDS = 5
DENSE_IMAGES = 6_400
CONV_IMAGES = 512
PRODUCT_SIZE = 2_048
LATENTS = 60_000

ABOUT = (
    "Synthetic 28x28 images, batches of 128, default settings; the mixture has 10 components in a shared latent of 2 and 32 "
    "labelled images beside every batch; dense networks are 256-128-64, convolutional ones 32-64-128. All candidates of a row take "
    "turns in one run; ratios are medians over the rounds. The plain loop calls the same compiled step from Python, reads all "
    "metrics every step and evaluates both splits. PyTorch runs the same layers and loss eagerly, with all cores."
)


def throughput(count: int, seconds: Sequence[float]) -> tuple[float, str]:
    """Images a second at the median, and the range over rounds in words."""
    rates = sorted(count / s for s in seconds)
    return count / statistics.median(seconds), f"{rates[0]:,.0f} to {rates[-1]:,.0f}"


def against_loop(result: Section, name: str, workload: Workload) -> None:
    """A whole epoch against the straightforward implementation."""
    trial = Trial(workload)
    seconds = side_by_side({"ours": trial.epoch, "loop": trial.plain_loop}, rounds=ROUNDS, warm_up=2)
    value, spread = throughput(workload.images, seconds["ours"])
    reference = value / paired_ratio(seconds["loop"], seconds["ours"])
    must, goal = Bound(1.3, "least", "ratio"), Bound(2.5, "least", "ratio")
    result.add(Row(f"{name}: epoch with evaluation and tau", value, "images/s", reference, "plain loop", must, goal, spread=spread))


def against_torch(
    result: Section, name: str, workload: Workload, must: Bound, goal: Bound, *, formats: Sequence[tuple[str, bool]] = (("PyTorch", False),)
) -> None:
    """Training alone, tau's recount included, against eager PyTorch; targets hold for the first of its memory formats."""
    name = f"{name}: training"
    for index, (label, channels_last) in enumerate(formats):
        targets = (must, goal) if index == 0 else (None, None)
        try:
            with TorchProcess(workload, channels_last=channels_last) as torch:
                trial = Trial(workload)
                _same_network(trial, torch)
                seconds = side_by_side({"ours": trial.epoch, "torch": torch.epoch}, rounds=ROUNDS, warm_up=2)
                value, spread = throughput(workload.images, seconds["ours"])
                reference = value / paired_ratio(seconds["torch"], seconds["ours"])
                result.add(Row(name, value, "images/s", reference, f"{label} {torch.version()}", *targets, spread=spread))
        except TorchMissing as error:
            result.add(missing(name, "images/s", str(error), must=targets[0], goal=targets[1]))
            return


def _same_network(trial: Trial, torch: TorchProcess) -> None:
    """Raises if the reference does not have exactly the parameters that train here."""
    resting = sum(value.size for name, value in trial.state.parameters.items() if name.startswith("head."))
    ours = parameter_count(trial.workload.resolved) - resting
    if torch.parameters() != ours:
        raise RuntimeError(f"the PyTorch reference has {torch.parameters()} parameters where Trellis trains {ours}; mend one of them")


def best_product_rate() -> float:
    """Float32 operations a second of a large matrix product on this backend."""
    a = jax.random.normal(jax.random.key(0), (PRODUCT_SIZE, PRODUCT_SIZE))
    product = jax.jit(lambda a, b: a @ b)
    product(a, a).block_until_ready()
    best = min(_timed(lambda: product(a, a).block_until_ready()) for _ in range(10))
    return 2.0 * PRODUCT_SIZE**3 / best


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def useful_share(result: Section, workload: Workload) -> None:
    """Useful operations a second of an epoch beside the machine's matrix product rate, measured in turns."""
    trial = Trial(workload)
    trial.steps()
    trial.steps()
    operations = operations_per_epoch(workload.resolved, workload.images)
    rounds = [(operations / _timed(trial.steps), best_product_rate()) for _ in range(ROUNDS)]
    share = statistics.median(ours / machine for ours, machine in rounds)
    machine = statistics.median(rate for _, rate in rounds) / 1e9
    must, goal = Bound(0.35, "least", "ratio"), Bound(0.6, "least", "ratio")
    name = "dense mixture: useful operations"
    result.add(Row(name, share * machine, "Gflop/s", machine, f"{PRODUCT_SIZE}x{PRODUCT_SIZE} product", must, goal))


def gathering(result: Section, workload: Workload) -> None:
    """What tau and the per-epoch diagnostics add to an epoch."""
    trial = Trial(workload)
    seconds = side_by_side({"with": trial.epoch, "without": trial.bare}, rounds=ROUNDS, warm_up=2)
    added = (paired_ratio(seconds["with"], seconds["without"]) - 1.0) * 100
    name = "dense mixture: tau and diagnostics, added to an epoch"
    result.add(Row(name, added, "%", must=Bound(10, "most"), goal=Bound(5, "most"), better="less"))


def components(result: Section) -> None:
    """What 20 components cost over none."""
    many = Trial(Workload({**MIXTURE, "num_components": 20, "num_classes": 0}, DENSE_IMAGES // 4))
    none = Trial(Workload(STANDARD, DENSE_IMAGES // 4))
    seconds = side_by_side({"many": many.steps, "none": none.steps}, rounds=ROUNDS, warm_up=2)
    times = paired_ratio(seconds["many"], seconds["none"])
    name = "dense, 20 components in a shared latent: epoch, times the standard prior's"
    result.add(Row(name, times, "x", must=Bound(12, "most"), goal=Bound(6, "most"), better="less"))


def gating(result: Section) -> None:
    """What decoding only the best two of ten components saves."""
    every = Trial(Workload(MIXTURE, DENSE_IMAGES // 4))
    best = Trial(Workload({**MIXTURE, "top_m_gating": 2}, DENSE_IMAGES // 4))
    seconds = side_by_side({"every": every.steps, "best": best.steps}, rounds=ROUNDS, warm_up=2)
    value, spread = throughput(DENSE_IMAGES // 4, seconds["best"])
    reference = value / paired_ratio(seconds["every"], seconds["best"])
    result.add(Row("dense mixture: best 2 of 10 components decoded", value, "images/s", reference, "all 10 decoded", spread=spread))


def latents(result: Section, workload: Workload) -> None:
    """Encoding many images, from host memory and back."""
    trial = Trial(workload)
    rows = 512

    @jax.jit
    def encode(batch: jax.Array) -> tuple[jax.Array, jax.Array]:
        encoded = bind(trial.recipe.plan, trial.state.parameters).encode(as_floats(batch))
        return encoded.mean, encoded.log_responsibilities

    pictures = images(LATENTS)

    def work() -> None:
        for start in range(0, LATENTS, rows):
            part = pictures[start : start + rows]
            padded = jnp.asarray(part) if len(part) == rows else jnp.pad(jnp.asarray(part), ((0, rows - len(part)), *((0, 0),) * 3))
            jax.device_get(encode(padded))

    work()
    seconds = statistics.median(_timed(work) for _ in range(3))
    result.add(
        Row(f"dense mixture: latents of {LATENTS:,} images", seconds, "s", must=Bound(4, "most"), goal=Bound(2, "most"), better="less")
    )


def main() -> None:
    """Measure all of it."""
    dense, plain = Workload(MIXTURE, DENSE_IMAGES, DENSE_IMAGES // 10), Workload(STANDARD, 2 * DENSE_IMAGES, DENSE_IMAGES // 5)
    at_least, faster = Bound(1.0, "least", "ratio"), Bound(1.5, "least", "ratio")
    half = Bound(0.5, "least", "ratio")
    formats = (("PyTorch", False), ("PyTorch with channels-last memory", True))
    with section("throughput", "Training throughput", ABOUT, packages=("jax", "jaxlib", "flax", "optax", "numpy")) as result:
        against_loop(result, "dense mixture", dense)
        against_loop(result, "dense standard", plain)
        against_loop(result, "conv mixture", Workload(MIXTURE | CONV, CONV_IMAGES, CONV_IMAGES // 4))
        useful_share(result, dense)
        against_torch(result, "dense mixture", Workload(MIXTURE, DENSE_IMAGES), at_least, faster)
        against_torch(result, "dense standard", Workload(STANDARD, 2 * DENSE_IMAGES), at_least, faster)
        against_torch(result, "conv standard", Workload(STANDARD | CONV, CONV_IMAGES), half, at_least, formats=formats)
        against_torch(result, "conv mixture", Workload(MIXTURE | CONV, CONV_IMAGES), half, at_least, formats=formats)
        gathering(result, Workload(MIXTURE, DENSE_IMAGES))
        components(result)
        gating(result)
        latents(result, dense)


if __name__ == "__main__":
    main()
