"""Lists of runs: their columns, expressions that choose from them, groups with means, and views that are kept."""
