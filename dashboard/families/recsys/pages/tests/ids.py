"""Ids that more than one part of a test's page names."""

ACTION, OF = "recsys-test-action", "recsys-test-of"
