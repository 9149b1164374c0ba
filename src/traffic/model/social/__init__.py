"""Pooling over neighbouring detectors, between encoder and head."""
