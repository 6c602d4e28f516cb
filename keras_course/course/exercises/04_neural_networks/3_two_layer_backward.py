"""The backward pass of a network with two layers (deck, chapter 6, "Chain rule"; eq. 8 to eq. 11).

For c = x ω₁ + b₁, z = relu(c), d = z ω₂ + b₂ and a loss F of which ∂F/∂d is known:
∂F/∂ω₂ = zᵗ ∂F/∂d, ∂F/∂z = ∂F/∂d ω₂ᵗ, ∂F/∂c = ∂F/∂z · relu'(c), ∂F/∂ω₁ = xᵗ ∂F/∂c, and a bias gets the sum over the
batch. relu'(c) is 1 where c > 0, else 0.

You may import `relu` and `relu_derivative` from `keras_course.numerics.activations`.

Tutorial: `tutorials/04_neural_networks/2_network_from_scratch.py`.
"""

import numpy as np


def two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    """Computes the gradients of all parameters.

    Args:
        x: Shape (batch, inputs).
        weights_1: ω₁, shape (inputs, hidden).
        bias_1: b₁, shape (hidden,).
        weights_2: ω₂, shape (hidden, outputs).
        bias_2: b₂, shape (outputs,).
        output_gradient: ∂F/∂d, shape (batch, outputs).

    Returns:
        The gradients of ω₁, b₁, ω₂ and b₂, each of the shape of its parameter.

    Example:
        >>> one = np.ones((1, 1))
        >>> gradients = two_layer_backward(np.array([[3.0]]), one, np.zeros(1), 2 * one, np.zeros(1), 5 * one)
        >>> [float(gradient.sum()) for gradient in gradients]  # 3 · 10, 2 · 5, 3 · 5, 5
        [30.0, 10.0, 15.0, 5.0]
    """
    raise NotImplementedError
