"""Recommenders: two-tower retrieval, ranking and both at once, trained with TensorFlow Recommenders."""
