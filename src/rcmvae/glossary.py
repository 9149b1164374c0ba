"""Words of RCM-VAE for people who meet it for the first time."""

from __future__ import annotations

TRY_WORDS = (
    "Try it on handwritten digits",
    "Trellis learns to group images with very few labels. The first try takes about a minute: it creates a model, gives it "
    "128 labels for 1,437 handwritten digits, and trains it while you watch.",
)

GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "Component (channel)",
        "One part of a mixture prior. Components take on classes, and one that nobody uses can take on a new class.",
    ),
    ("Responsibilities", "How much each component answers for an image; they sum to one."),
    ("K_eff", "How many components are used in effect: the exponential of the entropy of their usage."),
    ("tau", "How strongly each component stands for each class, counted from labelled images."),
    ("Certainty, OOD", "How sure a prediction is, and how little an image fits any known class."),
)
