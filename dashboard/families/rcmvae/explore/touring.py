"""What a first visit to the Explore tab is led through."""

from __future__ import annotations

from dashboard.components.tour import Step

TOUR: tuple[Step, ...] = (
    Step(
        "explore-cloud", "Look",
        "Every point is an image, placed where the model sees it. Near ones are alike to the model. Click a point to see its image, or draw "
        "around many to select them.",
    ),
    Step("explore-sample", "What the model makes of it", "The selected image, how the model redraws it, and the classes it takes it for."),
    Step(
        "explore-suggestions", "What to label next",
        "The images whose label would help most. Labelling these is worth more than labelling any others.",
    ),
    Step(
        "explore-labelling", "Label",
        "Press a class's key or button. The label counts at once, the next image comes by itself, and Undo takes it back. ? lists all keys.",
    ),
    Step(
        "explore-effort", "Train, and look again",
        "After some labels press Train on, above. Here you see how many labels there are, what they brought, and what more would bring.",
    ),
)  # fmt: skip
"""In the order in which one works: look, label, train, look."""
