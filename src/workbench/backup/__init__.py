"""A whole installation in one file, taken while it is used, and put back into an empty home."""
