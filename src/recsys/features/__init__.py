"""From columns of a table to the tensors that enter the two towers: configuration, checks, fitting, applying."""
