"""What RCM-VAE may know of data without loading it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageFacts:
    """What a model's validation may need to know about its images.

    Attributes:
        shape: one item's shape, for images (H, W, C). n: rows. class_names: the label vocabulary at creation.
        n_train, n_test: sizes before the validation split. value_range: least and largest value.
        n_labelled, n_labelled_validation: labels given in the sample (0 if not yet drawn).
        n_validation: validation images of the sample (None if not yet drawn).
        n_sampled, n_drawn: training images, and all images, of a sample that is to be drawn (0: not known).
        vocabulary: classes known now, those added while the model lives included (0: as many as `class_names`).
        variance: of a pixel over the images, mean over pixels and channels, values in [0, 1] (None: nobody measured it).
        unlabelled: classes of that vocabulary that nobody labelled, by name. has_labels: whether the data carries true labels.
    """

    shape: tuple[int, ...]
    n: int
    class_names: tuple[str, ...]
    n_train: int
    n_test: int
    value_range: tuple[float, float] = (0.0, 1.0)
    n_labelled: int = 0
    n_labelled_validation: int = 0
    n_validation: int | None = None
    n_sampled: int = 0
    n_drawn: int = 0
    vocabulary: int = 0
    variance: float | None = None
    unlabelled: tuple[str, ...] = ()
    has_labels: bool = True
