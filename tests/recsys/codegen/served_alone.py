"""Answers requests of exported models in a plain TensorFlow process.

Usage: python served_alone.py REQUESTS ANSWERS, both JSON: a list of [folder, [[signature, arguments], ...]], and
of the answers in their place.
"""

import json
import sys
from pathlib import Path

import tensorflow as tf


class Elsewhere:
    """Trellis and what it trains with are not to be had here, even where they are installed."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("recsys", "workbench", "dashboard", "tensorflow_recommenders"):
            raise ModuleNotFoundError(name)


sys.meta_path.insert(0, Elsewhere())


def answered(model, name, arguments):
    """One answer as lists by name."""
    signature = model.signatures[name]
    specs = signature.structured_input_signature[1]
    given = {key: tf.constant(value, specs[key].dtype) for key, value in arguments.items()}
    found = signature(**given)
    return {key: [_plain(row) for row in value.numpy().tolist()] for key, value in found.items()}


def _plain(value):
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


answers = []
for folder, requests in json.loads(Path(sys.argv[1]).read_text()):
    model = tf.saved_model.load(folder)
    given = [answered(model, name, arguments) for name, arguments in requests]
    answers.append([sorted(model.signatures), given])
Path(sys.argv[2]).write_text(json.dumps(answers))
