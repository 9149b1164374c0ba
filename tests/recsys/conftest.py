"""TensorFlow runs with Keras 2 here, whichever test imports it first."""

import recsys.training  # noqa: F401  (it sets the variable that chooses Keras)
