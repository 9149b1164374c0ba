"""One step of training, and what it tells."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.codegen.blocks.devices import Mean, own_mean, own_part, replica, sum_of_all
from recsys.codegen.blocks.softmax import distinct_items


class TwoTowerModel(tfrs.Model):
    """What all models here have: two towers, penalties, a step, and means that do not depend on batches."""

    def __init__(self, buyer_model, product_model, summed, output_l2, told):
        """Settings.

        Args:
            summed: whether a batch's objective is the sum over its rows rather than their mean.
            output_l2: weight of the mean squared length of both towers' outputs.
            told: names of all that a step may tell.
        """
        super().__init__()
        self.buyer_model = buyer_model
        self.product_model = product_model
        self._summed = summed
        self._output_l2 = output_l2
        self.means = [Mean(name=name) for name in (*told, "gradient_norm")]
        self.histograms = None
        self._told = set()

    def towers(self, inputs, training):
        """Both towers' outputs: buyers (B, d), the batch's different products (U, d), and which is whose.

        Of several devices each has its part of both: own buyers (b, d) with their places (b,) among all U products, own
        products (u, d), and the counts and keys of all, (U,).
        """
        features, place, count, keys = distinct_items(inputs)
        own, features = ({name: own_part(values) for name, values in of.items()} for of in (inputs, features))
        buyers = self.buyer_model(own, training=training)
        products = self.product_model(features, training=training)
        return buyers, products, (own_part(place), count, keys)

    def penalty(self, buyers, products, count):
        """What large weights and long outputs cost, as a mean over rows."""
        penalty = tf.add_n(self.losses) if self.losses else tf.constant(0.0)
        device = replica()
        if device is not None:
            penalty /= device.num_replicas_in_sync
        if self._output_l2:
            rows = tf.reduce_sum(count)
            longest = tf.reduce_sum(products**2, axis=1)
            lengths = own_mean(tf.reduce_sum(buyers**2, axis=1), rows)
            lengths += tf.reduce_sum(longest * own_part(count)) / rows
            penalty += self._output_l2 * lengths
        return penalty

    def weight(self, rows):
        """What a mean over a batch's rows counts as."""
        return rows if self._summed else tf.ones_like(rows)

    def train_step(self, inputs):
        """Learn from a batch; the epoch's means so far by name."""
        if self.distribute_strategy.num_replicas_in_sync == 1:
            self.step(inputs)
        else:
            # each device is given the whole batch and takes its part of it
            self.distribute_strategy.run(self.step, args=(inputs,))
        return {mean.name: mean.result() for mean in self.means if mean.name in self._told}

    def step(self, inputs):
        """Learn from a batch, or from a device's part of one."""
        with tf.GradientTape() as tape:
            objective, told = self.objective(inputs, training=True)
        self.learn(tape.gradient(objective, self.trainable_variables), told)

    def learn(self, gradients, told, shares=None):
        """Apply gradients, in the order of the variables, and take in the losses: name -> (mean, rows).

        Args:
            shares: the same of figures that each device knows for the whole batch.
        """
        pairs = zip(gradients, self.trainable_variables, strict=True)
        pairs = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        device = replica()
        if device is not None:
            pairs = self.optimizer.aggregate_gradients(pairs)
            means = sum_of_all(tf.stack([mean for mean, _ in told.values()]))
            told = {
                name: (mean, rows)
                for mean, (name, (_, rows)) in zip(tf.unstack(means), told.items(), strict=True)
            }
        if self.histograms is not None:
            self.histograms.take(pairs)
        self.optimizer.apply_gradients(pairs, skip_gradients_aggregation=device is not None)
        told |= shares or {}
        told["gradient_norm"] = (tf.linalg.global_norm([gradient for gradient, _ in pairs]), 1.0)
        self._told = set(told)
        for mean in self.means:
            if mean.name in told:
                value, rows = told[mean.name]
                mean.update_state(value, sample_weight=rows)

    def condition(self):
        """The learning rate, and the length of all weights of each tower and of the head, by name."""
        parts = {
            "buyer": self.buyer_model,
            "product": self.product_model,
            "head": getattr(self, "rating_head", None),
        }
        lengths = {
            f"{name}_weight_norm": float(tf.linalg.global_norm(part.trainable_variables))
            for name, part in parts.items()
            if part is not None
        }
        return {"learning_rate": float(tf.convert_to_tensor(self.optimizer.learning_rate)), **lengths}

    def compute_loss(self, inputs, training=False):
        """What a batch costs, as TensorFlow Recommenders asks for it."""
        return self.objective(inputs, training=training)[0]
