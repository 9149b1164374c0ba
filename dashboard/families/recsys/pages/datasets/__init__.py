"""The chapter Datasets: tables of interactions as cards, one table with its columns and their roles, and how to get more."""
