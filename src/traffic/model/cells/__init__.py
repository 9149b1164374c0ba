"""Recurrent cells as pure functions of arrays and an explicit state."""
