"""`/recommenders`: the way from a table to a tested model, with what there is of each."""
