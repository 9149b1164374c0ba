"""What the recommenders show and serve: resources of REST."""
