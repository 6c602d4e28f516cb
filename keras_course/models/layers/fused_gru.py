"""A gated recurrent unit whose training gathers its matrix products (Cho et al. 2014; deck, chapter 10)."""

from typing import Any

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_course")
class FusedGRU(keras.layers.GRU):
    """Runs a gated recurrent unit over a sequence: `keras.layers.GRU(...)`.

    Arguments, weights and results are those of Keras's layer.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import FusedGRU
        >>> layer = FusedGRU(4, return_sequences=True)
        >>> tuple(layer(np.zeros((2, 7, 3), "float32"), training=True).shape)
        (2, 7, 4)

    Source: deck, chapter 10, the recurrent networks that it did not show; Cho et al. (2014), arXiv:1406.1078.

    Note: Keras multiplies the input by its kernel at every step, and TensorFlow's gradient of that loop adds up the
        kernels' gradients step by step. Here the training of float32 sequences on TensorFlow does both for all steps in
        one product, and the loop keeps the product with the recurrent kernel alone; everything else (inference,
        exports, masks, other activations, dtypes and backends) is Keras's own.
    """

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        """Returns the states (batch, steps, units), or the last one, (batch, units), as Keras's layer does."""
        if not (training and initial_state is None and mask is None and self._fits(sequences)):
            return super().call(sequences, initial_state=initial_state, mask=mask, training=training)
        cell = self.cell
        input_bias, recurrent_bias = tf.unstack(tf.convert_to_tensor(cell.bias))
        by_step = tf.transpose(sequences, (1, 0, 2))
        projected = by_step @ tf.convert_to_tensor(cell.kernel) + input_bias
        states = _states(projected, tf.convert_to_tensor(cell.recurrent_kernel), recurrent_bias)
        last = states[-1]
        outputs = tf.transpose(states, (1, 0, 2)) if self.return_sequences else last
        return (outputs, last) if self.return_state else outputs

    def _fits(self, sequences: Any) -> bool:
        cell = self.cell
        return (
            keras.backend.backend() == "tensorflow"
            and cell.reset_after
            and cell.use_bias
            and not (cell.dropout or cell.recurrent_dropout or self.stateful or self.go_backwards or self.unroll)
            and (cell.activation, cell.recurrent_activation) == (keras.activations.tanh, keras.activations.sigmoid)
            and sequences.dtype == cell.compute_dtype == cell.kernel.dtype == "float32"
        )


def _states(projected: Any, kernel: Any, bias: Any) -> Any:
    """Runs the recurrence with the gradient below.

    Args:
        projected: W x + b of all steps, shape (steps, batch, 3 units): update gate z, reset gate r, candidate.
        kernel: U, shape (units, 3 units).
        bias: Recurrent bias, shape (3 units,).

    Returns:
        The states h, shape (steps, batch, units): h_t = z h_{t-1} + (1 - z) tanh(w_t + r (U h_{t-1} + b)).
    """

    @tf.custom_gradient
    def run(projected, kernel, bias):
        states, gates = _forward(projected, kernel, bias)
        before = tf.concat([tf.zeros_like(states[:1]), states[:-1]], axis=0)

        def gradient(upstream):
            of_projected, of_product = _backward(upstream, before, gates, kernel)
            flat = tf.reshape(of_product, (-1, kernel.shape[1]))
            of_kernel = tf.matmul(tf.reshape(before, (-1, kernel.shape[0])), flat, transpose_a=True)
            return of_projected, of_kernel, tf.reduce_sum(flat, axis=0)

        return states, gradient

    return run(projected, kernel, bias)


def _forward(projected: Any, kernel: Any, bias: Any) -> tuple[Any, Any]:
    """Returns the states, and of each step z, r, U h + b of the candidate and the candidate, side by side."""
    units, steps, batch = kernel.shape[0], tf.shape(projected)[0], projected.shape[1]

    def step(t, h, states, gates):
        w, u = projected[t], h @ kernel + bias
        both = tf.sigmoid(w[:, : 2 * units] + u[:, : 2 * units])
        z, r = both[:, :units], both[:, units:]
        inner = u[:, 2 * units :]
        candidate = tf.tanh(w[:, 2 * units :] + r * inner)
        h = candidate + z * (h - candidate)
        return t + 1, h, states.write(t, h), gates.write(t, tf.concat([both, inner, candidate], axis=-1))

    kept = [tf.TensorArray(tf.float32, steps, element_shape=(batch, n * units)) for n in (1, 4)]
    first = tf.zeros((tf.shape(projected)[1], units))
    _, _, states, gates = tf.while_loop(
        lambda t, *_: t < steps, step, (0, first, *kept), maximum_iterations=steps, parallel_iterations=1
    )
    return states.stack(), gates.stack()


def _backward(upstream: Any, before: Any, gates: Any, kernel: Any) -> tuple[Any, Any]:
    """Returns the gradients with regard to `projected` and to U h_{t-1} + b, each (steps, batch, 3 units)."""
    units, steps, batch = kernel.shape[0], tf.shape(gates)[0], gates.shape[1]
    across = tf.transpose(kernel)  # once: the product with a transposed matrix takes nearly twice as long

    def step(t, dh, of_projected, of_product):
        z, r, inner, candidate = tf.split(gates[t], 4, axis=-1)
        dh = dh + upstream[t]
        rest = dh * (1 - z)
        d_candidate = rest * (1 - candidate * candidate)
        d_z = (before[t] - candidate) * rest * z
        d_r = d_candidate * inner * r * (1 - r)
        product = tf.concat([d_z, d_r, d_candidate * r], axis=-1)
        of_projected = of_projected.write(t, tf.concat([d_z, d_r, d_candidate], axis=-1))
        return t - 1, dh * z + product @ across, of_projected, of_product.write(t, product)

    kept = [tf.TensorArray(tf.float32, steps, element_shape=(batch, 3 * units)) for _ in range(2)]
    last = tf.zeros_like(before[0])
    _, _, of_projected, of_product = tf.while_loop(
        lambda t, *_: t >= 0, step, (steps - 1, last, *kept), maximum_iterations=steps, parallel_iterations=1
    )
    return of_projected.stack(), of_product.stack()
