"""Where interactions come from, how they are split, and what a customer bought before."""
