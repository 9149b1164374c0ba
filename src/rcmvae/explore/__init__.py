"""What the Explore page shows of a model: where its images lie, what it says of each, and how they look."""
