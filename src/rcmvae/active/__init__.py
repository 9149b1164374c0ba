"""Active learning: which unlabelled images a person should label next, and how much that helps (label curves)."""
