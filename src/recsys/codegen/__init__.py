"""From configurations to the source text of standalone modules. Nothing here imports TensorFlow."""
