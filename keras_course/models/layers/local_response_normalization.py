"""Local response normalisation (Krizhevsky et al. 2012, section 3.3)."""

from typing import Any

import keras

from keras_course.arguments import require_integer, require_number


@keras.saving.register_keras_serializable(package="keras_course")
class LocalResponseNormalization(keras.layers.Layer):
    """Computes b_i = a_i / (k + α Σ_j a_j²)^β, the sum over the n channels j around i that exist.

    Takes (batch, ..., channels) and returns the same shape. It has no weights.

    Args:
        n: Odd integer >= 1, default 5. The number of adjacent channels in the sum, n // 2 on either side of i.
        k: Float > 0, default 2. What the sum of squares is added to.
        alpha: Float >= 0, default 1e-4. α, the weight of the sum of squares.
        beta: Float >= 0, default 0.75. β, the exponent.
        **options: `name`, `dtype` and what else a Keras layer takes.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.models import LocalResponseNormalization
        >>> layer = LocalResponseNormalization(n=1, k=1.0, alpha=1.0, beta=1.0)  # a / (1 + a²)
        >>> np.asarray(layer(np.array([[1.0, 3.0]]))).round(4)
        array([[0.5, 0.3]], dtype=float32)

    Source: Krizhevsky et al. (2012), "ImageNet classification with deep convolutional neural networks", section 3.3;
        GoogLeNet (Szegedy et al. 2014) has it too.

    Note: α isn't divided by n, as in the paper and in TensorFlow; Caffe and PyTorch divide it. The squares are summed
        in float32 at least, whatever the compute dtype: 256² is beyond float16, and 2 + α a² loses its second term in
        bfloat16. The sum is a product with a band matrix, and the power exp(-β log(...)): the gradient of both is
        quick on a CPU, that of shifted slices or of `pow` isn't.
    """

    def __init__(self, *, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **options: Any) -> None:
        super().__init__(**options)
        require_integer("n", n, at_least=1)
        if n % 2 == 0:
            raise ValueError(f"`n` must be odd, as many channels on either side. Received: n={n!r}")
        require_number("k", k, above=0)
        require_number("alpha", alpha, at_least=0)
        require_number("beta", beta, at_least=0)
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta
        self.supports_masking = True

    def call(self, inputs):
        """Normalises `inputs`; (batch, ..., channels) to the same shape and dtype."""
        dtype = "float64" if self.compute_dtype == "float64" else "float32"
        x = keras.ops.cast(inputs, dtype)
        channel = keras.ops.arange(inputs.shape[-1], dtype="int32")
        adjacent = keras.ops.abs(channel[:, None] - channel[None, :]) <= self.n // 2
        squares = keras.ops.matmul(keras.ops.square(x), keras.ops.cast(adjacent, dtype))
        scale = keras.ops.exp(-self.beta * keras.ops.log(self.k + self.alpha * squares))
        return keras.ops.cast(x * scale, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Returns `input_shape`."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns what a saved model needs to build the layer again."""
        return {**super().get_config(), "n": self.n, "k": self.k, "alpha": self.alpha, "beta": self.beta}
