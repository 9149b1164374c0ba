"""Commands of the command line that RCM-VAE brings along."""
