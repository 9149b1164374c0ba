"""What settings of several files share: the sections of the hub's form, in its order, and the shapes of what rises and falls."""

from __future__ import annotations

from typing import Literal

DATA = "Training and data"
WEIGHTS = "Loss weights"
MIXTURE = "Prior and mixture"
DECODER = "Decoder"
TAU = "tau-classifier"
ROUTING = "Routing"
CURRICULUM = "Curriculum"

MAX_EPOCHS = 100_000

AnnealSchedule = Literal["constant", "linear", "exponential", "cosine"]

SHAPES = (
    ("constant", "Constant", "The full value from the first epoch on."),
    ("linear", "Linear", "In equal steps."),
    ("exponential", "Exponential", "In equal ratios: slow at the small end, quick at the large one."),
    ("cosine", "Cosine", "Slow at both ends, quick between."),
)
