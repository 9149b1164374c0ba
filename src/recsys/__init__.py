"""Recommenders: two-tower retrieval, ranking and both at once, with TensorFlow Recommenders, beside baselines."""
