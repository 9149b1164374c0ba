"""What a recommender's network is and how it is trained; nothing here imports an array framework."""
