"""Edits of documents, one a gesture of a builder: pure functions from a document to another."""
