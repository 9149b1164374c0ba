"""From configurations to the text of a trainer: what is tested is what ships."""
