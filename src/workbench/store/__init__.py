"""The journal and the current entities, in SQL. Importing this package alone loads no SQL: the server answers before it needs any."""
