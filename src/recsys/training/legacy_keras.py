"""TensorFlow with Keras 2. Imports TensorFlow (`recsys.training` has set TF_USE_LEGACY_KERAS=1)."""

from __future__ import annotations

import tensorflow as tf

keras = tf.keras

if not keras.layers.Layer.__module__.startswith("tf_keras"):
    raise ImportError(
        "TensorFlow runs with Keras 3, but TensorFlow Recommenders needs Keras 2: set the environment "
        "variable TF_USE_LEGACY_KERAS=1 before TensorFlow is imported"
    )
