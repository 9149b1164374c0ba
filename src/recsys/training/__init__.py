"""Training and serving with TensorFlow. Modules here that import it say so; the package itself does not.

TensorFlow Recommenders needs Keras 2, which TensorFlow takes from `tf_keras` if this variable is set before
its first import; the package sets it when nobody has.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
