"""Following runs while they train: what events say, in words and curves, and how pages stay up to date."""
