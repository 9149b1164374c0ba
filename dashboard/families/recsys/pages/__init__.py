"""The Recommenders page: chapters Datasets, Features, Model Structure and Quick Test, each with addresses of its own."""
