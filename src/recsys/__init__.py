"""Recommenders: two-tower retrieval, ranking and multitask models, evaluated beside baselines."""
