"""Networks, priors, likelihoods and the tau-classifier: the mathematics of RCM-VAE."""
