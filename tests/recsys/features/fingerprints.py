"""Writes `fingerprints.json` by TensorFlow, to see that a new version hashes as before.

Run `python -m tests.recsys.features.fingerprints`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789 _-|éßλ中😀\x1f\n"
LENGTHS = (*range(1, 70), 95, 127, 128, 129, 191, 192, 193, 255, 256, 257, 500, 1000)
WORDS = ("", "__missing__", "C0000001", "P000001", "1.0", "00123", "snacks\x1fchips")
BUCKETS = 2**61 + 1


def main() -> None:
    """Strings of every length in bytes with their fingerprints, as the bucketing op sees them, too."""
    import tensorflow as tf

    rng = random.Random(7)
    strings = [*WORDS, *(of_length(rng, length) for length in LENGTHS)]
    words = tf.fingerprint(strings, "farmhash64").numpy()
    values = [int.from_bytes(bytes(word), "little") for word in words]
    buckets = tf.strings.to_hash_bucket_fast(strings, BUCKETS).numpy().tolist()
    if buckets != [value % BUCKETS for value in values]:
        raise SystemExit("to_hash_bucket_fast does not agree with fingerprint")
    lines = ",\n".join(json.dumps([text, str(value)]) for text, value in zip(strings, values, strict=True))
    Path(__file__).with_name("fingerprints.json").write_text(f"[\n{lines}\n]\n")


def of_length(rng: random.Random, length: int) -> str:
    """Some text of so many bytes of UTF-8."""
    text = ""
    while (left := length - len(text.encode())) > 0:
        text += rng.choice(ALPHABET if left >= 4 else "abcxyz0189")
    return text


if __name__ == "__main__":
    main()
