"""From columns of a table to the tensors of two towers: configuration, checks, fitting, applying."""
