"""RCM-VAE's own REST routes: labels, and what to label next."""
