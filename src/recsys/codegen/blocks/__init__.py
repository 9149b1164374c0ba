"""Pieces of generated trainers that are the same whatever is generated.

They are read as text, not imported: a trainer holds those that it needs, so that it runs where Trellis is not
installed. They use numpy, TensorFlow and nothing of Trellis, and take all settings as arguments.
"""
