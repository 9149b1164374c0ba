"""Commands of the command line that the recommenders bring along."""
