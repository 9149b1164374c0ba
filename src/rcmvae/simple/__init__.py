"""What simple methods reach with the labels that a model saw, so that nobody takes a weak model for a good one."""
