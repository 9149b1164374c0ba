from __future__ import annotations

from pathlib import Path

import polars as pl

from recsys.features.config import FeatureConfig
from recsys.features.fit import fit
from recsys.training.vocabulary_files import read_vocabulary, vocabularies, write_vocabularies


def features(*columns: str) -> list[dict]:
    return [{"column": c, "data_type": "text", "transforms": {"embedding": {}}} for c in columns]


def test_files_have_a_term_a_line_in_the_order_of_rows_and_once_more_with_counts(tmp_path: Path) -> None:
    config = FeatureConfig.model_validate({"buyer_model_features": features("t")})
    frame = pl.DataFrame({"t": ["a b", "é\n", "é\n", "é\n", None, "\r", " ", "a b"]})
    files = write_vocabularies(vocabularies(fit(config, frame)), tmp_path / "made" / "here")
    assert files["buyer_t"].read_bytes() == "é\\n\na b\n__missing__\n\\r\n \n".encode()
    assert files["buyer_t_freq"].read_bytes() == "3 é\\n\n2 a b\n1 __missing__\n1 \\r\n1  \n".encode()
    assert read_vocabulary(files["buyer_t"]) == ["é\\n".encode(), b"a b", b"__missing__", b"\\r", b" "]


def test_a_column_named_as_anothers_counts_gets_files_of_its_own(tmp_path: Path) -> None:
    document = {
        "buyer_model_features": features("x", "x_freq", "X"),
        "product_model_features": features("x", "../x", ".. x"),
    }
    config = FeatureConfig.model_validate(document)
    frame = pl.DataFrame({name: [name] for name in ("x", "x_freq", "X", "../x", ".. x")})
    files = write_vocabularies(vocabularies(fit(config, frame)), tmp_path)
    assert len({str(path).lower() for path in files.values()}) == 12
    assert {path.parent for path in files.values()} == {tmp_path}
    held = [read_vocabulary(path)[0].decode() for path in files.values()]
    assert held == [
        each for name in ("x", "x_freq", "X", "x", "../x", ".. x") for each in (name, f"1 {name}")
    ]
