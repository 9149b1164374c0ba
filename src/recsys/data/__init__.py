"""Data sets of interactions: what is known of their columns, where they come from, how they are split."""
