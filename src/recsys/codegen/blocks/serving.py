"""The trained model as it is shipped: it answers raw features."""

import tensorflow as tf


class Served(tf.Module):
    """A trained model with everything that answering raw features takes."""

    def __init__(self, model, transform_output, ids, vectors, scale=None):
        """Parts.

        Args:
            ids: of the items that can be recommended, bytes (C,). vectors: theirs, float32 (C, d).
            scale: from the head's outputs to ratings; None for a model without.
        """
        super().__init__()
        # its variables alone are saved: Keras's own description of every layer takes ten times as long
        self.weights = list(model.variables)
        self.model = lambda: model
        self.transform = transform_output.transform_features_layer()
        self.ids = tf.constant(ids)
        self.vectors = tf.Variable(vectors, trainable=False, name="item_vectors")
        self.scale = scale

    def buyers(self, raw):
        """Vectors (B, d) of buyers by their raw features."""
        return self.model().buyer_model(self.transform(raw), training=False)

    def products(self, raw):
        """Vectors (B, d) of products by their raw features."""
        return self.model().product_model(self.transform(raw), training=False)

    def best(self, buyers, k):
        """Places, scores (B, k) of the items with the highest scores, best first; all if there are fewer."""
        scores = tf.matmul(buyers, self.vectors, transpose_b=True)
        found = tf.math.top_k(scores, tf.minimum(k, tf.shape(scores)[1]))
        return found.indices, found.values

    def ratings(self, buyers, products):
        """Ratings (B,) in the target's own units."""
        return self.scale(tf.reshape(self.model().rate(buyers, products), [-1]))


def several(feature):
    """Whether a raw feature brings any number of values a row, as a history does, rather than one."""
    shape = getattr(feature, "shape", None)
    return shape is None or (len(shape) > 0 and shape[-1] != 1)


def raw_signature(transform_output, columns):
    """Raw features as a request brings them: argument -> a tensor of B rows.

    Args:
        columns: argument -> column.
    """
    spec = transform_output.raw_feature_spec()
    return {
        argument: tf.TensorSpec(
            [None, None] if several(spec[name]) else [None], spec[name].dtype, name=argument
        )
        for argument, name in columns.items()
    }


def as_raw(values, feature):
    """What a request brings as the raw feature that preprocessing reads, sparse where that is."""
    shape = getattr(feature, "shape", None)
    if shape is None:
        # all are kept: preprocessing knows which stand for nothing
        places = tf.where(tf.fill(tf.shape(values), True))
        return tf.SparseTensor(places, tf.reshape(values, [-1]), tf.shape(values, tf.int64))
    return values if several(feature) else tf.reshape(values, [-1, *shape])


def signature(answer, columns, transform_output):
    """A request that is answered by `answer(raw features by column)`.

    Args:
        columns: argument -> column.
    """
    spec = transform_output.raw_feature_spec()

    def call(**arguments):
        return answer(
            {columns[name]: as_raw(values, spec[columns[name]]) for name, values in arguments.items()}
        )

    return tf.function(call, autograph=False).get_concrete_function(
        **raw_signature(transform_output, columns)
    )


def signatures_of(served, transform_output, buyer_columns, product_columns, top_k):
    """Every request that a model answers, by name.

    `embed_buyer` and `embed_product` give vectors; `serving_default` gives recommendations, or ratings for a
    model that only rates; a model that does both has `predict_rating` and `recommend_with_rating`, too.
    """
    both = {**buyer_columns, **product_columns}
    retrieves, rates = (hasattr(served.model(), part) for part in ("retrieval", "rating_head"))

    def recommend(raw):
        places, scores = served.best(served.buyers(raw), top_k)
        return {"product_ids": tf.gather(served.ids, places), "scores": scores}

    def rate(raw):
        return {"rating": served.ratings(served.buyers(raw), served.products(raw))}

    def recommend_with_rating(raw):
        buyers = served.buyers(raw)
        places, scores = served.best(buyers, top_k)
        k, width = tf.shape(places)[1], served.vectors.shape[1]
        products = tf.reshape(tf.gather(served.vectors, places), [-1, width])
        ratings = served.ratings(tf.repeat(buyers, k, axis=0), products)
        return {
            "product_ids": tf.gather(served.ids, places),
            "scores": scores,
            "ratings": tf.reshape(ratings, tf.shape(scores)),
        }

    def embed_buyer(raw):
        return {"embedding": served.buyers(raw)}

    def embed_product(raw):
        return {"embedding": served.products(raw)}

    answers = {
        "embed_buyer": (embed_buyer, buyer_columns),
        "embed_product": (embed_product, product_columns),
        "serving_default": (recommend, buyer_columns) if retrieves else (rate, both),
    }
    if retrieves and rates:
        answers["predict_rating"] = (rate, both)
        answers["recommend_with_rating"] = (recommend_with_rating, buyer_columns)
    return {name: signature(*answer, transform_output) for name, answer in answers.items()}
