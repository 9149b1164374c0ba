"""The three types of model."""

import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.codegen.blocks.devices import from_all, norm_of, own_part
from recsys.codegen.blocks.layers import column
from recsys.codegen.blocks.rating import mean_of_known
from recsys.codegen.blocks.steps import TwoTowerModel


class RetrievalModel(TwoTowerModel):
    """Which products suit a buyer: those whose vectors have the largest dot product with the buyer's."""

    def __init__(self, buyer_model, product_model, retrieval, summed, output_l2):
        super().__init__(buyer_model, product_model, summed, output_l2, told=("loss",))
        self.retrieval = retrieval

    def objective(self, inputs, training=False):
        """What a batch costs, and the mean loss with the number of rows that it is of."""
        buyers, products, (place, count, keys) = self.towers(inputs, training)
        rows = tf.reduce_sum(count)
        loss = self.retrieval(buyers, from_all(products), place, count, keys)
        return self.weight(rows) * (loss + self.penalty(buyers, products, count)), {"loss": (loss, rows)}


class RankingModel(TwoTowerModel):
    """What rating a buyer gives a product: a head over both vectors."""

    def __init__(self, buyer_model, product_model, rating_head, loss, summed, output_l2):
        super().__init__(buyer_model, product_model, summed, output_l2, told=("loss",))
        self.rating_head = rating_head
        self.ranking = tfrs.tasks.Ranking(loss=loss)

    def rate(self, buyers, products, training=False):
        """The head's output (B, 1) for pairs of vectors (B, d)."""
        return self.rating_head(tf.concat([buyers, products], axis=1), training=training)

    def objective(self, inputs, training=False):
        """What a batch costs, and the mean loss with the number of rows that it is of."""
        buyers, products, (place, count, _) = self.towers(inputs, training)
        ratings = self.rate(buyers, tf.gather(from_all(products), place), training)
        losses = self.ranking(labels=column(own_part(inputs["target"])), predictions=ratings)
        loss, known = mean_of_known(losses, inputs["target_known"])
        rows = tf.reduce_sum(count)
        return self.weight(rows) * (loss + self.penalty(buyers, products, count)), {"loss": (loss, known)}


class MultitaskModel(TwoTowerModel):
    """Both at once over the same towers."""

    def __init__(
        self,
        buyer_model,
        product_model,
        retrieval,
        rating_head,
        loss,
        weights,
        balance,
        summed,
        output_l2,
        chance_loss=1.0,
    ):
        """Settings.

        Args:
            weights: of retrieval and of rating. balance: what they are a ratio of: `gradient`, of the gradients
                that reach the towers' outputs; `chance`, of the losses over those of guessing; `none`, of the
                losses as they are. A task without weight has no part in training.
            chance_loss: the mean rating loss of the best constant.
        """
        told = ("loss", "retrieval_loss", "ranking_loss", "retrieval_share")
        super().__init__(buyer_model, product_model, summed, output_l2, told=told)
        self.retrieval = retrieval
        self.rating_head = rating_head
        self.ranking = tfrs.tasks.Ranking(loss=loss)
        self._weights = weights
        self._balance = balance
        self._chance_loss = chance_loss
        self._kappa = tf.Variable(0.0, trainable=False, name="kappa")

    def rate(self, buyers, products, training=False):
        """The head's output (B, 1) for pairs of vectors (B, d)."""
        return self.rating_head(tf.concat([buyers, products], axis=1), training=training)

    def tasks(self, inputs, buyers, products, items, training):
        """The mean losses of both tasks, and the rows whose rating is known."""
        place, count, keys = items
        products = from_all(products)
        retrieval = self.retrieval(buyers, products, place, count, keys)
        ratings = self.rate(buyers, tf.gather(products, place), training)
        losses = self.ranking(labels=column(own_part(inputs["target"])), predictions=ratings)
        ranking, known = mean_of_known(losses, inputs["target_known"])
        return retrieval, ranking, known

    def objective(self, inputs, training=False):
        """What a batch costs, and each mean loss with the number of rows that it is of."""
        buyers, products, items = self.towers(inputs, training)
        retrieval, ranking, known = self.tasks(inputs, buyers, products, items, training)
        rows = tf.reduce_sum(items[1])
        first, second = self._weights
        weight, penalty = self.weight(rows), self.penalty(buyers, products, items[1])
        if first == 0 or second == 0:
            objective = weight * ((ranking if first == 0 else retrieval) + penalty)
        elif self._balance == "chance":
            chance = first * retrieval / tf.math.log(rows + 1e-6) + second * ranking / self._chance_loss
            objective = weight * (chance + penalty)
        else:
            objective = weight * (first * retrieval + penalty) + second * ranking
        return objective, self._losses_told(retrieval, ranking, rows, known)

    def step(self, inputs):
        """Learn from a batch, or from a device's part of one."""
        if self._balance != "gradient" or 0 in self._weights:
            super().step(inputs)
            return
        with tf.GradientTape() as through:
            buyers, products, items = self.towers(inputs, training=True)
            rows = tf.reduce_sum(items[1])
            penalty = self.weight(rows) * self.penalty(buyers, products, items[1])
        with tf.GradientTape(persistent=True) as tasks:
            tasks.watch([buyers, products])
            retrieval, ranking, known = self.tasks(inputs, buyers, products, items, training=True)
            wanted = self.weight(rows) * retrieval
        first, second = (weight / sum(self._weights) for weight in self._weights)
        pull = [tf.convert_to_tensor(part) for part in tasks.gradient(wanted, [buyers, products])]
        push = [tf.convert_to_tensor(part) for part in tasks.gradient(ranking, [buyers, products])]
        kappa, share = self._balanced(norm_of(pull), norm_of(push), first, second)
        outputs = [first * one + second * kappa * other for one, other in zip(pull, push, strict=True)]
        variables = self.trainable_variables
        gradients = through.gradient(
            [buyers, products, penalty], variables, output_gradients=[*outputs, tf.ones_like(penalty)]
        )
        head_variables = self.rating_head.trainable_variables
        head = tasks.gradient(ranking, head_variables)
        of_head = {id(variable): part for variable, part in zip(head_variables, head, strict=True)}
        gradients = [
            _sum_of(gradient, of_head.get(id(variable)))
            for gradient, variable in zip(gradients, variables, strict=True)
        ]
        told = self._losses_told(retrieval, ranking, rows, known)
        self.learn(gradients, told, {"retrieval_share": (share, rows)})

    def _balanced(self, pull, push, first, second):
        """The factor that brings the rating's gradient to the retrieval's size, and the retrieval's share."""
        ratio = tf.where(push > 0, pull / tf.maximum(push, 1e-20), self._kappa)
        # a longer memory lags behind: ratings are learnt quickly at first, and their gradients shrink
        kappa = tf.where(self._kappa > 0, 0.5 * self._kappa + 0.5 * ratio, ratio)
        self._kappa.assign(kappa)
        one, other = first * pull, second * kappa * push
        return kappa, one / tf.maximum(one + other, 1e-20)

    def _losses_told(self, retrieval, ranking, rows, known):
        first, second = self._weights
        if first == 0:
            loss = (ranking, known)
        elif second == 0:
            loss = (retrieval, rows)
        else:
            loss = (first * retrieval + second * ranking, rows)
        return {
            "loss": loss,
            "retrieval_loss": (retrieval, rows),
            "ranking_loss": (ranking, known),
        }


def _sum_of(gradient, other):
    """Two gradients of one variable together; either may be none."""
    if gradient is None or other is None:
        return other if gradient is None else gradient
    return gradient + other
