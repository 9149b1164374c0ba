"""One step over several devices: each works on its rows and items of the batch, with weights of its own that stay alike.

Whatever a device works out is its part of the whole batch's figure, and the parts add up to what one device would find.
"""

import tensorflow as tf


def strategy_over(devices):
    """How a model is built and trained over devices, names like `GPU:0`; without two of them, as one device does it."""
    if devices is None or len(devices) < 2:
        return tf.distribute.get_strategy()
    # collective operations of processors wait for threads that a small machine does not have
    alike = all("GPU" in name.upper() for name in devices)
    return tf.distribute.MirroredStrategy(
        devices, cross_device_ops=None if alike else tf.distribute.ReductionToOneDevice()
    )


def replica():
    """The device that goes on, among others that train with it; None where one does the whole batch."""
    context = tf.distribute.get_replica_context()
    return context if context is not None and context.num_replicas_in_sync > 1 else None


def own_part(values):
    """A device's part of a batch's rows, or items, (n, ...): as many as the others', or one more."""
    device = replica()
    if device is None:
        return values
    rows, count = tf.shape(values)[0], device.num_replicas_in_sync
    place = device.replica_id_in_sync_group
    return values[rows * place // count : rows * (place + 1) // count]


def from_all(part):
    """What all devices have, (n, ...), where each has its part as `own_part` gives it."""
    device = replica()
    if device is None:
        return part

    @tf.custom_gradient
    def joined(part):
        # a gradient may come as rows of its own, which devices cannot add up
        return device.all_gather(part, axis=0), lambda pull: own_part(sum_of_all(tf.convert_to_tensor(pull)))

    return joined(part)


def sum_of_all(parts):
    """Tensors that devices have parts of, added up."""
    device = replica()
    return parts if device is None else device.all_reduce(tf.distribute.ReduceOp.SUM, parts)


def own_mean(values, rows):
    """What own rows (n,) add to the mean over all `rows` of a batch."""
    return tf.reduce_mean(values) if replica() is None else tf.reduce_sum(values) / rows


def norm_of(parts):
    """The length of tensors that devices have parts of."""
    if replica() is None:
        return tf.linalg.global_norm(parts)
    return tf.sqrt(sum_of_all(tf.add_n([tf.reduce_sum(part**2) for part in parts])))


def value_of(variable):
    """A variable's value as an array: the first device's, which the others' are like."""
    return getattr(variable, "values", (variable,))[0].numpy()


class Mean(tf.keras.metrics.Mean):
    """A mean that every device knows in full."""

    def add_weight(self, *arguments, **settings):
        """A weight that devices keep alike, rather than in parts."""
        alike = {
            "synchronization": tf.VariableSynchronization.AUTO,
            "aggregation": tf.VariableAggregation.NONE,
        }
        return super().add_weight(*arguments, **{**settings, **alike})
