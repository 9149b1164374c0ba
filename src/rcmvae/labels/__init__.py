"""Labels of a model: what it may see, set, cleared, imported and exported by people."""
