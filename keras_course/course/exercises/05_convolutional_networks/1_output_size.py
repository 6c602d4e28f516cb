"""The output size of a convolution layer (deck, chapter 5; eq. 18).

A window of the dilated kernel's size moves in steps of the stride over the padded input. The dilated kernel covers
d (k - 1) + 1 pixels; positions that would leave the padded input are not counted.

Tutorial: `tutorials/05_convolutional_networks/2_convolution_layer.py`.
"""


def output_size(size, kernel_size, stride, padding, dilation):
    """Computes how many positions the window has along one axis.

    Args:
        size: Of the input, in pixels.
        kernel_size: k >= 1.
        stride: Pixels from one position to the next, >= 1.
        padding: Pixels added on each of the two sides, >= 0.
        dilation: d >= 1, pixels from one kernel weight to the next.

    Returns:
        An integer.

    Example:
        >>> output_size(224, 7, 2, 3, 1)  # the first layer of a ResNet
        112
    """
    raise NotImplementedError
