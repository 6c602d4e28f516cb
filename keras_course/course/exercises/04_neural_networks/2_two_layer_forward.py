"""The forward pass of a network with two layers (deck, eq. 8 to eq. 11).

z = relu(x ω₁ + b₁), d = z ω₂ + b₂. No activation follows the second layer.

You may import `relu` from `keras_course.numerics.activations`.

Tutorial: `tutorials/04_neural_networks/2_network_from_scratch.py`.
"""

import numpy as np


def two_layer_forward(x, weights_1, bias_1, weights_2, bias_2):
    """Computes the outputs of a network.

    Args:
        x: Shape (batch, inputs).
        weights_1: ω₁, shape (inputs, hidden).
        bias_1: b₁, shape (hidden,).
        weights_2: ω₂, shape (hidden, outputs).
        bias_2: b₂, shape (outputs,).

    Returns:
        d, shape (batch, outputs).

    Example:
        >>> one = np.ones((1, 1))
        >>> two_layer_forward(np.array([[-3.0], [2.0]]), one, np.array([0.5]), -one, np.array([1.0]))
        array([[ 1. ],
               [-1.5]])
    """
    raise NotImplementedError
