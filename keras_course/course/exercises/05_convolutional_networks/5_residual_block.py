"""A residual block in Keras (deck, chapter 5, "ResNet"; He et al. 2015, without batch normalisation).

y = relu(shortcut(x) + conv2(relu(conv1(x)))). Both convolutions are 3x3 with padding "same" and a bias; the first one
has the strides. The shortcut is x itself where its shape fits, else a 1x1 convolution with the strides and a bias.

Tutorial: `tutorials/05_convolutional_networks/5_architectures.py`.
"""

import keras


def residual_block(x, filters, strides):
    """Applies the block.

    Args:
        x: A Keras tensor, shape (batch, height, width, channels).
        filters: Of all convolutions.
        strides: 1 or 2, by which height and width are divided.

    Returns:
        A Keras tensor, shape (batch, height / strides, width / strides, filters).

    Example:
        >>> residual_block(keras.Input((8, 8, 4)), 6, 2).shape
        (None, 4, 4, 6)
    """
    raise NotImplementedError
