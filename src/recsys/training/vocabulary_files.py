"""Vocabularies as files, as tensorflow-transform writes them: one term a line, and once more with counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from recsys.codegen.tensor_keys import FREQUENCIES, keys_of_fitted
from recsys.features.config import TOWERS
from recsys.features.fitted import EmbeddedTerms, Fitted
from recsys.features.vocabulary import Vocabulary


def vocabularies(fitted: Fitted) -> dict[str, Vocabulary]:
    """Every vocabulary by the key of the tensor that it makes."""
    keys = keys_of_fitted(fitted)
    return {
        keys[tower, output.name][0]: output.vocabulary
        for tower in TOWERS
        for output in fitted.outputs(tower)
        if isinstance(output, EmbeddedTerms)
    }


def write_vocabularies(vocabularies: Mapping[str, Vocabulary], folder: Path) -> dict[str, Path]:
    """Write each vocabulary below a folder, which is made if need be.

    Args:
        vocabularies: by name. A term has no line break: those are escaped when columns are read.

    Returns:
        The files by vocabulary name: `{name}`, and `{name}_freq` with `count term` in each line, both in the
        order of the table's rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    for name, vocabulary in vocabularies.items():
        counted = zip(vocabulary.counts, vocabulary.terms, strict=True)
        texts = {name: vocabulary.terms, name + FREQUENCIES: [f"{count} {term}" for count, term in counted]}
        for file, lines in texts.items():
            files[file] = folder / file
            files[file].write_bytes("".join(f"{line}\n" for line in lines).encode())
    return files


def read_vocabulary(path: Path) -> list[bytes]:
    """A vocabulary file's lines, without their ends."""
    return path.read_bytes().split(b"\n")[:-1]
