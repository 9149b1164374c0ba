"""Runs both generated modules as TFX would: `preprocessing.py` in Beam, `trainer.py` on the files that it wrote.

Some thousand ratings of MovieLens-100K, with their histories, are divided once. Beam's direct runner analyses
the train part and writes every part as compressed TFRecords; `run_fn` gets their paths, the path of what was
found, and a data accessor that reads with TFXIO, which is all that TFX's own trainer does with them (tfx itself
asks for an older TensorFlow and is not needed). The same trainer runs on the local transform. Checked: every
tensor that the trainer reads is in the files, and the same; after training the figures of both are close; and the
exported model answers raw features, in a process that has neither module, as NumPy says it should.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from recsys.codegen.preprocessing import preprocessing_source
from recsys.data.movielens import load_100k
from recsys.features.columns import numbers_of
from recsys.features.config import FeatureConfig
from recsys.features.shipped import SHIPPED
from recsys.training.raw_columns import raw_arrays, raw_columns
from recsys.training.rows import LocalDataAccessor
from tests.recsys.codegen import tiny
from tests.tft import beam
from tests.tft.compare_preprocessing import HEADER

PERCENT = 10.0
"""Share of the ratings' users that take part."""
PARTS = ("train", "validation")
EPOCHS = 20
"""Of one batch each, the whole train part, so that the order in which rows come does not matter."""
CLOSE = {"val_recall_at_10": 0.005, "val_rmse": 0.005}
"""Figure after the last epoch -> how far apart both may be; sums are rounded in another order."""
SPARSE = ("release_year", "movie_id_history")
"""Raw columns of any number of values a row: numbers that may be missing, and histories."""
ASKED = 40
"""Rows that the exported model is asked about."""


@dataclass(frozen=True)
class Places:
    """Where datasets lie, and where one would be downloaded to."""

    data: Path | None
    downloads: Path


@dataclass(frozen=True)
class Pair:
    """Both modules, the data, and the rows of each part as a request brings them."""

    data: tiny.Data
    trainer: ModuleType
    preprocessing: ModuleType
    raw: dict[str, dict[str, np.ndarray]]


def pair(folder: Path) -> Pair:
    """A model of both tasks, so that the trainer reads all that there is."""
    document = SHIPPED["movielens-side"].config.model_dump(mode="json")
    history = {"history": {"shared_with": "movie_id", "max_length": 10}}
    document["buyer_model_features"].append({"column": "movie_id", "data_type": "history", "transforms": history})
    table = load_100k(Places(Path(os.environ["TRELLIS_DATA"]), folder))
    data = tiny.prepared(table, FeatureConfig.model_validate(document), sample_percent=PERCENT)
    config = tiny.config_of("multitask", optimizer="adam", learning_rate=0.01, epochs=EPOCHS, batch_size=65_536, sampling_correction="logq")
    preprocessing = preprocessing_source(data.done.features, data.types, HEADER)
    raw = {}
    for part in PARTS:
        rows = data.division.rows(part)
        towers = raw_columns(data.done.fitted, data.types)
        columns = towers["buyer"] | towers["product"]
        raw[part] = raw_arrays(columns, data.table.frame[rows], data.done.histories(rows))
        raw[part]["rating"] = numbers_of(data.table.frame[rows]["rating"])
    return Pair(data, tiny.trainer(config, data), beam.load(preprocessing, folder, "preprocessing"), raw)


def accessor() -> SimpleNamespace:
    """TFX's `DataAccessor`: a factory of datasets over files of tf.train.Examples."""
    from tfx_bsl.public.tfxio import TFExampleRecord

    def tf_dataset_factory(files: list[str], options: Any, schema: Any) -> Any:
        records = TFExampleRecord(files, schema=schema, telemetry_descriptors=["trainer"])
        return records.TensorFlowDataset(options)

    return SimpleNamespace(tf_dataset_factory=tf_dataset_factory)


def arguments(folder: str, transform: str, observer: tiny.Silent) -> SimpleNamespace:
    """What TFX passes to `run_fn` of its `FnArgs`."""
    return SimpleNamespace(
        train_files=[f"{folder}/train-*"],
        eval_files=[f"{folder}/validation-*"],
        transform_output=transform,
        data_accessor=accessor(),
        serving_model_dir=f"{folder}/Format-Serving",
        model_run_dir=f"{folder}/model_run",
        train_steps=None,
        eval_steps=None,
        custom_config={"observer": observer},
    )


def compare_rows(both: Pair, transform: str, folder: str) -> Iterator[str]:
    """The files' tensors against the local ones, rows in the order of users, items and ratings."""
    output = both.trainer.open_transform_output(transform)
    counts = [both.trainer.log_frequencies(known) for known in (output, both.data.output)]
    same = counts[0].shape == counts[1].shape and bool((counts[0] == counts[1]).all())
    yield f"{'ok  ' if same else 'FAIL'} frequencies of {len(counts[1]) - 1} items"
    for part in PARTS:
        batches = both.trainer.dataset_of([f"{folder}/{part}-*"], accessor(), output, 512)
        found = both.trainer.columns_of(batches, 10**9)
        local = LocalDataAccessor(both.data.parts)
        options = SimpleNamespace(batch_size=512, shuffle=False)
        wanted = both.trainer.columns_of(local.tf_dataset_factory([part], options), 10**9)
        lacking = ", ".join(sorted(wanted.keys() - found.keys()))
        yield f"{'FAIL' if lacking else 'ok  '} {part}: {len(wanted)} tensors for the trainer {lacking}"
        orders = [
            np.lexsort((rows["target_value"], rows["item_id"], *rows["buyer_movie_id_history"].T, rows["buyer_user_id"]))
            for rows in (found, wanted)
        ]
        for key in sorted(wanted.keys() & found.keys()):
            got, local_rows = found[key][orders[0]], wanted[key][orders[1]]
            if got.shape != local_rows.shape or got.dtype != local_rows.dtype:
                yield f"FAIL {part} {key}: {got.dtype} {got.shape} for {local_rows.dtype} {local_rows.shape}"
            elif got.dtype == np.float32:
                largest = float(np.abs(got - local_rows).max())
                yield f"{'ok  ' if largest <= 1e-5 else 'FAIL'} {part} {key}: {largest:.1e} apart"
            else:
                share = float((got != local_rows).mean())
                yield f"{'ok  ' if share == 0 else 'FAIL'} {part} {key}: {share:.2%} of rows differ"


def compare_training(told: dict[str, float], local: dict[str, float]) -> Iterator[str]:
    """Figures after the last epoch on files and in memory."""
    if not all(np.isfinite(value) for value in told.values()):
        yield f"FAIL figures that are no numbers: {told}"
    for name, close in CLOSE.items():
        apart = abs(told[name] - local[name])
        yield f"{'ok  ' if apart <= close else 'FAIL'} {name}: {told[name]:.4f} on files, {local[name]:.4f} in memory"


def compare_answers(both: Pair, trained: Any, folder: str) -> Iterator[str]:
    """The exported model's answers to raw features against the trained model's vectors."""
    raw = {name: array[:ASKED] for name, array in both.raw["validation"].items()}
    raw |= {name: raw[name].reshape(ASKED, -1) for name in SPARSE}
    columns = both.trainer.BUYER_COLUMNS, both.trainer.BUYER_COLUMNS | both.trainer.PRODUCT_COLUMNS
    buyer, every = ({argument: raw[name].tolist() for argument, name in asked.items()} for asked in columns)
    requests = [["serving_default", buyer], ["predict_rating", every], ["embed_buyer", buyer]]
    asked, told = Path(folder, "requests.json"), Path(folder, "answers.json")
    asked.write_text(json.dumps([[f"{folder}/Format-Serving", requests]]))
    alone = Path(tiny.__file__).with_name("served_alone.py")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "TF_USE_LEGACY_KERAS")}
    command = [sys.executable, str(alone), str(asked), str(told)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"FAIL the exported model gives no answer: {done.stderr[-2000:]}"
        return
    [[signatures, (best, rated, vectors)]] = json.loads(told.read_text())
    yield f"{'ok  ' if len(signatures) == 5 else 'FAIL'} signatures: {', '.join(signatures)}"
    local = LocalDataAccessor(both.data.parts).columns("validation")
    first = {key: values[:ASKED] for key, values in local.items()}
    buyers, products = trained.evaluation.buyers(first), trained.evaluation.products(trained.items)
    apart = float(np.abs(np.array(vectors["embedding"]) - buyers).max())
    yield f"{'ok  ' if apart <= 1e-5 else 'FAIL'} embed_buyer: {apart:.1e} apart"
    scores = np.sort(buyers @ products.T, axis=1)[:, ::-1][:, : both.trainer.TOP_K]
    apart = float(np.abs(np.array(best["scores"]) - scores).max())
    ids = {text for row in best["product_ids"] for text in row}
    known = ids <= {text.decode() for text in trained.ids}
    yield f"{'ok  ' if apart <= 1e-5 and known else 'FAIL'} serving_default: scores {apart:.1e} apart, {len(ids)} ids"
    ratings = trained.evaluation.ratings(buyers, trained.evaluation.products(first))
    apart = float(np.abs(np.array(rated["rating"]) - ratings).max())
    yield f"{'ok  ' if apart <= 1e-4 else 'FAIL'} predict_rating: {apart:.1e} apart"


def lines() -> Iterator[str]:
    """A line for each thing that was checked; those that failed begin with FAIL."""
    with tempfile.TemporaryDirectory() as folder:
        both = pair(Path(folder))
        raw = {part: beam.as_examples(rows) for part, rows in both.raw.items()}
        yield f"MovieLens-100K, {' and '.join(str(len(rows['rating'])) for rows in raw.values())} rows"
        transform = beam.written(both.preprocessing, raw["train"], {"validation": raw["validation"]}, folder, SPARSE)
        yield f"Beam wrote {len(glob(f'{folder}/*.gz'))} files"
        yield from compare_rows(both, transform, folder)
        on_files, in_memory = tiny.Silent(), tiny.Silent()
        trained = both.trainer.run_fn(arguments(folder, transform, on_files))
        both.trainer.run_fn(tiny.arguments(both.data, in_memory, candidate_files=list(PARTS)))
        yield from compare_training(on_files.epochs[-1], in_memory.epochs[-1])
        yield from compare_answers(both, trained, folder)


def main() -> int:
    """Run the pair; 1 if something failed, 2 without tensorflow-transform or MovieLens-100K."""
    if importlib.util.find_spec("tensorflow_transform") is None:
        print("Nothing run: tensorflow-transform is not installed here (`make test-tft` makes an environment).")
        return 2
    if not os.environ.get("TRELLIS_DATA"):
        print("Nothing run: MovieLens-100K is not at hand; TRELLIS_DATA names the folder that has ml-100k.")
        return 2
    failed = False
    for line in lines():
        print(line, flush=True)
        failed |= line.startswith("FAIL")
    return int(failed)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # that environment's libraries crash when the interpreter takes them down, which would hide the answer
    os._exit(code)
