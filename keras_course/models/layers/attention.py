"""Attention of several heads (Vaswani et al. 2017), in steps that a decoder with a cache can take one by one."""

import math
from typing import Any

import keras

from keras_course.arguments import require_integer

FORBIDDEN = -1e9  # score of what may not be looked at


@keras.saving.register_keras_serializable(package="keras_course")
class Attention(keras.layers.Layer):
    """Computes softmax(Q Kᵀ / √d) V of several heads: each query's mean of the values whose keys are like it.

    Takes queries (batch, m, inputs) and memory (batch, n, channels), and returns (batch, m, units) and the weights of
    the values, which sum to 1: (batch, m, heads, n). Each head has its own
    projections to queries, keys and values of d = units / heads numbers; a last one joins the heads.

    Args:
        heads: Integer >= 1.
        units: Integer, a multiple of `heads`.
        causal: Whether query i sees the keys up to i alone, as where words attend to the words before them.
        **options: `name`, `dtype` and what else a Keras layer takes.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import Attention
        >>> layer = Attention(heads=2, units=8)
        >>> mean, weights = layer(np.zeros((1, 5, 6)), np.zeros((1, 16, 12)))
        >>> tuple(mean.shape), tuple(weights.shape)
        ((1, 5, 8), (1, 5, 2, 16))

    Source: deck, chapter 8, "Image captioning"; Vaswani et al. (2017), "Attention is all you need", arXiv:1706.03762,
        section 3.2.

    Note: `keras.layers.MultiHeadAttention` computes the same, but not with keys and values that were computed before.
    """

    def __init__(self, heads: int, units: int, *, causal: bool = False, **options: Any) -> None:
        super().__init__(**options)
        require_integer("heads", heads, at_least=1)
        require_integer("units", units, at_least=1)
        if units % heads:
            raise ValueError(f"`units` must be a multiple of heads={heads}. Received: units={units}")
        self.heads, self.units, self.causal = heads, units, causal
        names = ("query", "key", "value", "output")
        self._query, self._key, self._value, self._output = (
            keras.layers.Dense(units, dtype=self.dtype_policy, name=name) for name in names
        )

    def build(self, queries_shape, memory_shape):
        """Makes the weights."""
        self._query.build(queries_shape)
        self._key.build(memory_shape)
        self._value.build(memory_shape)
        self._output.build((*queries_shape[:-1], self.units))

    def call(self, queries, memory):
        """Attends."""
        allowed = None
        if self.causal:
            places, others = keras.ops.arange(queries.shape[1]), keras.ops.arange(memory.shape[1])
            allowed = others <= places[:, None]
        keys, values = self.keys_and_values(memory)
        return self.attend(queries, keys, values, allowed)

    @property
    def multiply_accumulates(self) -> tuple[int, int, int]:
        """How many each query takes, each key with its value, and each pair of both, once the layer is built."""
        kernels = (self._query, self._output, self._key, self._value)
        query, output, key, value = (math.prod(dense.kernel.shape) for dense in kernels)
        return query + output, key + value, 2 * self.units

    def keys_and_values(self, memory):
        """Returns keys and values of memory, (batch, heads, n, d) each."""
        both = (self._split(self._key(memory)), self._split(self._value(memory)))
        return tuple(keras.ops.transpose(x, (0, 2, 1, 3)) for x in both)

    def empty_cache(self, like, length):
        """Returns keys and values of no word yet, (batch, 1, heads, length, d) each, for the batch of `like`."""
        nothing = keras.ops.zeros_like(like[:, :1, :1], dtype=self.compute_dtype)[..., None, None]
        shape = (keras.ops.shape(like)[0], 1, self.heads, length, self.units // self.heads)
        return (keras.ops.broadcast_to(nothing, shape),) * 2

    def extended(self, cache, inputs, place):
        """Returns the cache with keys and values of `inputs`, (batch, beams, channels), at a place."""
        here = keras.ops.cast(keras.ops.arange(cache[0].shape[3]) == place, self.compute_dtype)[:, None]
        new = (self._split(self._key(inputs)), self._split(self._value(inputs)))
        # There are zeros yet: a sum takes a third of the time of a choice, which is what a step of a search waits for.
        return tuple(old + one[..., None, :] * here for one, old in zip(new, cache, strict=True))

    def attend(self, queries, keys, values, allowed=None):
        """Attends with keys and values that are known.

        Args:
            queries: (batch, m, inputs).
            keys: (batch, heads, n, d), or (batch, m, heads, n, d) where each query has its own.
            values: Like `keys`.
            allowed: Bools that broadcast to (m, n), which query may see which key; None allows all.

        Returns:
            As `call` does.
        """
        own = "m" if len(keys.shape) == 5 else ""
        split = self._split(self._query(queries))
        scores = keras.ops.einsum(f"bmhd,b{own}hnd->bmhn", split, keys) * (self.units // self.heads) ** -0.5
        if allowed is not None:
            scores = keras.ops.where(allowed[..., None, :], scores, keras.ops.cast(FORBIDDEN, scores.dtype))
        # Of a single key Keras's softmax warns.
        weights = keras.ops.softmax(scores) if keys.shape[-2] != 1 else keras.ops.exp(scores - scores)
        mean = keras.ops.einsum(f"bmhn,b{own}hnd->bmhd", weights, values)
        return self._output(keras.ops.reshape(mean, (-1, *mean.shape[1:2], self.units))), weights

    def _split(self, x):
        return keras.ops.reshape(x, (-1, *x.shape[1:2], self.heads, self.units // self.heads))

    def compute_output_shape(self, queries_shape, memory_shape):
        """Returns (batch, m, units) and (batch, m, heads, n)."""
        return (*queries_shape[:-1], self.units), (*queries_shape[:-1], self.heads, memory_shape[1])

    def get_config(self) -> dict[str, Any]:
        """Returns what a saved model needs to build the layer again."""
        return {**super().get_config(), "heads": self.heads, "units": self.units, "causal": self.causal}
