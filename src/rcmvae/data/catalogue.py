"""The built-in datasets, described without loading them."""

from __future__ import annotations

from dataclasses import replace

from rcmvae.facts import ImageFacts
from workbench.families import DataSource, ImportString

DIGIT_NAMES = tuple(str(digit) for digit in range(10))

FASHION_NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")

DIGITS_FACTS = ImageFacts(shape=(8, 8, 1), n=1797, class_names=DIGIT_NAMES, n_train=1437, n_test=360, variance=0.07333)
MNIST_FACTS = ImageFacts(shape=(28, 28, 1), n=70_000, class_names=DIGIT_NAMES, n_train=60_000, n_test=10_000, variance=0.06696)
FASHION_MNIST_FACTS = replace(MNIST_FACTS, class_names=FASHION_NAMES, variance=None)

DATASETS: tuple[DataSource, ...] = (
    DataSource(
        id="digits",
        name="Handwritten digits",
        description="1,797 real images of handwritten digits, 8x8 pixels; 360 of them are kept for testing.",
        loader=ImportString("rcmvae.data.digits:load"),
        files=ImportString("rcmvae.data.digits:files"),
        facts=DIGITS_FACTS,
        default_sample={"num_samples": "auto", "num_labeled": 128},
    ),
    DataSource(
        id="mnist",
        name="MNIST",
        description="70,000 images of handwritten digits, 28x28 pixels; 10,000 of them are kept for testing.",
        loader=ImportString("rcmvae.data.mnist:load"),
        files=ImportString("rcmvae.data.mnist:files"),
        download="About 11 MB",
        facts=MNIST_FACTS,
        default_sample={"num_samples": 1024, "num_labeled": 128},
        needs_download=True,
    ),
    DataSource(
        id="fashion_mnist",
        name="Fashion-MNIST",
        description="70,000 images of articles of clothing, 28x28 pixels; 10,000 of them are kept for testing.",
        loader=ImportString("rcmvae.data.fashion_mnist:load"),
        files=ImportString("rcmvae.data.fashion_mnist:files"),
        download="About 30 MB",
        facts=FASHION_MNIST_FACTS,
        default_sample={"num_samples": 1024, "num_labeled": 128},
        needs_download=True,
    ),
)
