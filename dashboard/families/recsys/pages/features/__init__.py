"""The chapter Features: what columns of a table become in the buyer's and the product's tower."""
