"""The chapter Model Structure: stored configurations as cards, and the wizard that makes them."""
