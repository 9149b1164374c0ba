"""Masked errors, summed over whole sets in original units."""
