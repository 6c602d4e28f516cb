"""An inception block in Keras (deck, chapter 5, "GoogLeNet"; Szegedy et al. 2014).

Four parallel paths, joined along the channels in this order: 1x1; 1x1 then 3x3; 1x1 then 5x5; 3x3 max pooling with
stride 1 then 1x1. Every convolution has a bias and a ReLU, and everything has padding "same".

Tutorial: `tutorials/05_convolutional_networks/5_architectures.py`.
"""

import keras


def inception_block(x, filters):
    """Applies the block.

    Args:
        x: A Keras tensor, shape (batch, height, width, channels).
        filters: Of the 1x1; of the reduction before the 3x3 and of the 3x3; of the reduction before the 5x5 and of the
            5x5; of the 1x1 after the pooling: six integers.

    Returns:
        A Keras tensor, shape (batch, height, width, sum of the four paths).

    Example:
        >>> inception_block(keras.Input((28, 28, 192)), (64, 96, 128, 16, 32, 32)).shape  # inception 3a
        (None, 28, 28, 256)
    """
    raise NotImplementedError
