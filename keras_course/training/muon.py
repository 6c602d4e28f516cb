"""Muon (Jordan et al. 2024): momentum whose matrix is made orthogonal before the step, for convolutions too."""

from typing import Any

import keras

from keras_course.arguments import require_number
from keras_course.numerics.optimizers.muon import COEFFICIENTS

STEPS = (COEFFICIENTS,) * 5  # of Newton and Schulz's iteration
RMS = 0.2  # of an update, about Adam's


@keras.saving.register_keras_serializable(package="keras_course")
class Muon(keras.optimizers.Optimizer):
    """Momentum, made orthogonal: each kernel moves alike in all directions, not most in those of the largest gradients.

    m = μ m + g; G = g + μ m (Nesterov), as a matrix (all inputs of a unit, units); O = U Vᵀ of G = U Σ Vᵀ, nearly, by
    five steps of Newton and Schulz's iteration; w = w - η 0.2 √max(rows, columns) O. Whatever isn't a kernel (biases,
    scales of normalization, embeddings) takes Adam's steps with the same rate: updates have about the same size.

    On `digit_scenes` a detector gets about as good as Adam makes it in half the epochs.

    Args:
        learning_rate: Float > 0, or a schedule.
        momentum: Float in [0, 1): μ.
        beta_1: Float in [0, 1), Adam's.
        beta_2: Float in [0, 1), Adam's.
        epsilon: Float > 0, Adam's.
        name: Of the optimizer.
        **options: As of every Keras optimizer: `weight_decay`, `clipnorm`, `use_ema`, ...

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import keras
        >>> from keras_course.training import Muon
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3)])
        >>> model.compile(Muon(2e-3), "mse")
        >>> model.optimizer.get_config()["momentum"]
        0.95

    Source: Jordan et al. (2024), https://kellerjordan.github.io/posts/muon/; the size of the updates: Liu et al.
        (2025), arXiv:2502.16982, section 2.2.

    Note: `keras.optimizers.Muon` leaves kernels of convolutions to Adam, since they aren't matrices, and takes the
        iteration on the matrix itself; here it runs on its Gram matrix, which is smaller and gives the same.
    """

    def __init__(
        self,
        learning_rate: Any = 2e-3,
        *,
        momentum: float = 0.95,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "muon",
        **options: Any,
    ):
        if isinstance(learning_rate, int | float):
            require_number("learning_rate", learning_rate, above=0)
        for argument, value in (("momentum", momentum), ("beta_1", beta_1), ("beta_2", beta_2)):
            require_number(argument, value, at_least=0, below=1)
        require_number("epsilon", epsilon, above=0)
        super().__init__(learning_rate=learning_rate, name=name, **options)
        self.momentum, self.beta_1, self.beta_2, self.epsilon = momentum, beta_1, beta_2, epsilon

    def build(self, variables):
        """Makes the moments of the variables."""
        if self.built:
            return
        super().build(variables)
        self._first = [self.add_variable_from_reference(one, name="momentum") for one in variables]
        self._second = [
            None if is_kernel(one) else self.add_variable_from_reference(one, name="velocity") for one in variables
        ]

    def update_step(self, gradient, variable, learning_rate):
        """Moves a variable."""
        index = self._get_variable_index(variable)
        rate = keras.ops.cast(learning_rate, variable.dtype)
        gradient = keras.ops.cast(gradient, variable.dtype)
        if self._second[index] is None:
            step = self._orthogonal_step(gradient, self._first[index])
        else:
            step = self._adam_step(gradient, self._first[index], self._second[index])
        self.assign_sub(variable, rate * step)

    def _orthogonal_step(self, gradient, first):
        self.assign(first, self.momentum * first + gradient)
        matrix = keras.ops.reshape(gradient + self.momentum * first, (-1, gradient.shape[-1]))
        step = orthogonalized(matrix) * (RMS * max(matrix.shape) ** 0.5)
        return keras.ops.reshape(step, first.shape)

    def _adam_step(self, gradient, first, second):
        if len(first.shape) > 1:  # an embedding, of which TensorFlow gives the rows that were looked up
            gradient = keras.ops.add(gradient, keras.ops.zeros_like(first))
        step = keras.ops.cast(self.iterations + 1, gradient.dtype)
        self.assign(first, self.beta_1 * first + (1 - self.beta_1) * gradient)
        self.assign(second, self.beta_2 * second + (1 - self.beta_2) * keras.ops.square(gradient))
        correction = keras.ops.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
        return correction * first / (keras.ops.sqrt(second) + self.epsilon)

    def get_config(self):
        """Returns the arguments."""
        own = {name: getattr(self, name) for name in ("momentum", "beta_1", "beta_2", "epsilon")}
        return {**super().get_config(), **own}


def is_kernel(variable: keras.Variable) -> bool:
    """Tells whether a variable is a matrix of weights, or one of each cell of a convolution's window."""
    return len(variable.shape) > 1 and "embedding" not in variable.path


def orthogonalized(matrix: Any) -> Any:
    """Computes U Vᵀ of a matrix U Σ Vᵀ, nearly: singular values in about [0.7, 1.2], those near 0 aside.

    Each step is X = a X + b (X Xᵀ) X + c (X Xᵀ)² X. As X Xᵀ and all its polynomials commute, the five steps are one
    polynomial of the first X Xᵀ, whose side is the matrix's shorter one, times X.

    Args:
        matrix: Floats (rows, columns).

    Returns:
        Floats (rows, columns).

    Source: Jordan et al. (2024); Bernstein and Newhouse (2024), arXiv:2409.20325.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix / (keras.ops.norm(matrix) + 1e-7)
    gram = keras.ops.matmul(keras.ops.transpose(x), x) if tall else keras.ops.matmul(x, keras.ops.transpose(x))
    one = keras.ops.eye(gram.shape[0], dtype=gram.dtype)
    whole = one
    for a, b, c in STEPS:
        square = keras.ops.matmul(gram, gram)
        factor = a * one + b * gram + c * square
        whole = keras.ops.matmul(factor, whole)
        gram = keras.ops.matmul(keras.ops.matmul(factor, gram), factor)
    return keras.ops.matmul(x, whole) if tall else keras.ops.matmul(whole, x)
