"""How long it takes to choose what to label next among 60,000 images, from kept diagnostics, and to read those.

`python -m bench.active`
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.harness import Bound, Row, percentile, section
from rcmvae.active import stored
from rcmvae.active.stored import Kept, pool_of
from rcmvae.active.strategies import STRATEGIES
from rcmvae.diagnostics.bundle import TEST, BundleFacts, DiagnosticsBundle
from rcmvae.suggestions import Ask
from workbench.arrays import array_specs

IMAGES = 60_000
HELD_OUT = 10_000
LABELLED = 200
BATCH = 20
ROUNDS = 15
LIMIT = Bound(200, "most")
ABOUT = (
    f"{IMAGES:,} training and {HELD_OUT:,} held-out images of a mixture of 12 components with 8 latent dimensions of their own and 10 classes, as "
    f"MNIST's preset has them; {LABELLED} labels; a batch of {BATCH}. `suggest` is what the page, REST and the command line call, with the "
    "diagnostics already read; reading is of the part that suggestions need, from the file. `bald` runs the model and is not measured here."
)
SIZES = {
    "N": IMAGES + HELD_OUT,
    "K": 12,
    "Y": 10,
    "D": 8,
    "C": 12,
    "R": 12,
    "T": 5,
    "M": 10_000,
    "P": 20,
    "S": 12,
    "J": 8,
    "H": 28,
    "W": 28,
    "L": 1,
}


def bundle() -> DiagnosticsBundle:
    """Diagnostics of that size: random latents and predictions, as blurred as a trained model's; what suggestions do not read is zero."""
    rng = np.random.default_rng(0)
    n = SIZES["N"]
    arrays: dict[str, np.ndarray] = {}
    for name, spec in array_specs(DiagnosticsBundle).items():
        shape = tuple(SIZES.get(letter, 0) for letter in spec.shape)
        arrays[name] = np.zeros(shape, "<U1" if spec.dtype is None else spec.dtype)
    arrays["rows"] = np.arange(n, dtype=np.int32)
    arrays["split"] = np.where(arrays["rows"] < IMAGES, 0, TEST).astype(np.uint8)
    arrays["true_labels"] = rng.integers(0, 10, n).astype(np.int32)
    arrays["used_labels"] = np.where(arrays["rows"] < LABELLED, arrays["true_labels"], -1).astype(np.int32)
    arrays["mu"] = rng.standard_normal((n, SIZES["D"])).astype(np.float32)
    for name in ("responsibilities", "probabilities"):
        arrays[name] = rng.dirichlet(np.full(arrays[name].shape[1], 0.1), n).astype(np.float32)
    arrays["predictions"] = arrays["probabilities"].argmax(axis=1).astype(np.int32)
    arrays["certainty"] = arrays["probabilities"].max(axis=1)
    arrays["ood"] = 1 - arrays["certainty"]
    arrays["losses"] = rng.random((n, SIZES["T"])).astype(np.float32)
    arrays["loss_names"] = np.array(["reconstruction_loss", "kl_z", "kl_c", "classification_loss", "elbo"])
    facts = BundleFacts(
        prior_type="mixture", latent_layout="decentralized", decoder_conditioning="film", reconstruction_loss="bce", classifier="tau",
        class_names=tuple("0123456789"), epochs=1, best_epoch=1, seconds=1.0, examples_per_second=None,
    )  # fmt: skip
    return DiagnosticsBundle(facts, **arrays)


def milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Wall time of each of `rounds` calls, after one that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def row(name: str, taken: list[float], *, must: Bound | None = LIMIT, note: str = "") -> Row:
    """The median, with the slowest call beside it."""
    return Row(name, percentile(taken, 0.5), "ms", must=must, spread=f"slowest {max(taken):.0f}", better="less", note=note)


def main() -> None:
    """Measure every strategy on the same diagnostics."""
    with (
        tempfile.TemporaryDirectory() as folder,
        section("active", "What to label next", ABOUT, packages=("numpy",)) as page,
    ):
        path = Path(folder) / "diagnostics.npz"
        made = bundle()
        made.save(path)
        labels = {int(number): 0 for number in range(LABELLED)}
        settings = {"dropout_rate": 0.2, "tau_smoothing_alpha": 0.01, "tau_claim_strength": 1.0}
        ask = Ask(path, settings, {row: int(made.true_labels[row]) for row in labels}, n=BATCH)
        for name in STRATEGIES:
            if name != "bald":
                page.add(row(f"suggest, {name}", milliseconds(lambda name=name: stored.suggest(replace(ask, strategy=name)))))
        page.add(row("suggest, ood with blend 0.5", milliseconds(lambda: stored.suggest(replace(ask, strategy="ood", blend=0.5)))))
        page.add(row("suggest, margin, with tau recounted", milliseconds(lambda: stored.suggest(replace(ask, labels=labels)))))
        page.add(row("suggest, margin, 500 at once", milliseconds(lambda: stored.suggest(replace(ask, n=500))), must=None))
        many = dict.fromkeys(range(5000), 0)
        page.add(
            row(
                "suggest, k_center, 5,000 labels",
                milliseconds(lambda: stored.suggest(replace(ask, strategy="k_center", labels=many)), 5),
                must=None,
            )
        )
        page.add(row("the pool alone", milliseconds(lambda: pool_of(Kept.of(made), labels)), must=None))
        page.add(row("reading the diagnostics once", milliseconds(lambda: stored._read.__wrapped__(path, 0, 0), 5), must=None))


if __name__ == "__main__":
    main()
