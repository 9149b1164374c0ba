"""Choosing layered configuration files on a page: what they make together, where each value comes from, saving and running it."""
