"""Training an RCM-VAE: loss terms, compiled epochs, state, checkpoints and the trainer of a run."""
