"""Reading the rows, and the items that can be recommended."""

from types import SimpleNamespace

import numpy as np


def dataset_of(files, data_accessor, transform_output, batch_size, shuffle_seed=None):
    """One pass over the rows of some files, as transformed features by name.

    Args:
        shuffle_seed: of the order of rows; None leaves them in order. Rows of files are drawn from 100,000 at
            a time.
    """
    settings = {
        "batch_size": batch_size,
        "num_epochs": 1,
        "drop_final_batch": False,
        "shuffle": shuffle_seed is not None,
        "shuffle_seed": shuffle_seed,
    }
    if getattr(data_accessor, "plain_options", False):
        options = SimpleNamespace(**settings)
    else:
        from tfx_bsl.public import tfxio

        options = tfxio.TensorFlowDatasetOptions(**settings, shuffle_buffer_size=100_000)
    schema = getattr(getattr(transform_output, "transformed_metadata", None), "schema", None)
    return data_accessor.tf_dataset_factory(files, options, schema)


def open_transform_output(transform_output):
    """What preprocessing left behind: as given, or from the folder of tensorflow-transform."""
    if not isinstance(transform_output, str):
        return transform_output
    import tensorflow_transform as tft

    return tft.TFTransformOutput(transform_output)


def candidate_items(batches):
    """The items that can be recommended, each once: the features of its last row.

    Args:
        batches: datasets of transformed features, `item_id` among them.

    Returns:
        Ids, bytes (C,), ascending; features (C, ...) by name, `item_key` among them.
    """
    rows = {}
    for dataset in batches:
        for batch in dataset:
            kept = {
                name: values.numpy()
                for name, values in batch.items()
                if name.startswith("product_") or name in ("item_id", "item_key")
            }
            for name, values in kept.items():
                rows.setdefault(name, []).append(values)
    joined = {name: np.concatenate(values) for name, values in rows.items()}
    ids = joined["item_id"].astype(object)[::-1]
    unique, last = np.unique(ids, return_index=True)
    return unique, {name: values[::-1][last] for name, values in joined.items() if name != "item_id"}
