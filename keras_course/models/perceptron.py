"""Perceptron: one linear layer (Rosenblatt 1958; deck, chapter 4)."""

import keras

from keras_course.models.blocks import check_image_model, logits_block


def build_perceptron(input_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Builds f(x) = ω₀ + ω x, one linear unit a class.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1].
        num_classes: Integer >= 2.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range.

    Source: deck, chapter 4 and eq. 7; Rosenblatt (1958), "The perceptron".

    Note: Trained by the gradient of a cross-entropy this is multinomial logistic regression; Rosenblatt's own rule
        changes the weights on mistakes alone.
    """
    inputs = keras.Input(check_image_model(input_shape, num_classes), name="image")
    x = keras.layers.Flatten(name="flatten")(inputs)
    logits = logits_block(x, num_classes)
    return keras.Model(inputs, logits, name="perceptron")
