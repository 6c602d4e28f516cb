"""The perceptron, one linear layer (Rosenblatt 1958), and the multi-layer perceptron (deck, chapter 4, eq. 7 to 11)."""

from collections.abc import Sequence

import keras

from keras_course.arguments import require_integer, require_sequence
from keras_course.models.blocks import check_image_model, check_regularization, hidden_layers, logits_block, scale_width


def build_perceptron(input_shape: tuple[int, int, int], num_classes: int) -> keras.Model:
    """Builds f(x) = ω₀ + ω x, one linear unit per class.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1].
        num_classes: Integer >= 2.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_perceptron
        >>> build_perceptron((28, 28, 1), 10).count_params()  # 785 · 10
        7850

    Source: deck, chapter 4 and eq. 7; Rosenblatt (1958), "The perceptron".

    Note: Trained by the gradient of a cross-entropy this is multinomial logistic regression; Rosenblatt's own rule
        changes the weights on mistakes alone.
    """
    inputs = keras.Input(check_image_model(input_shape, num_classes), name="image")
    x = keras.layers.Flatten(data_format="channels_last", name="flatten")(inputs)
    logits = logits_block(x, num_classes)
    return keras.Model(inputs, logits, name="perceptron")


def build_mlp(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    hidden: Sequence[int] = (256, 128),
    activation: str = "relu",
    initializer: str | keras.initializers.Initializer = "he_normal",
    batch_norm: bool = False,
    dropout: float = 0.0,
    weight_decay: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """Builds d = ω⁽ᴸ⁾ a(... a(ω⁽¹⁾ x)), a dense network with any number of hidden layers.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1].
        num_classes: Integer >= 2.
        hidden: Integers >= 1, the units of each hidden layer, input side first; empty gives the linear model.
        activation: Name of a Keras activation, applied after each hidden layer: "relu", "tanh", "sigmoid", ...
        initializer: Name of a Keras initializer, or one itself, for the hidden kernels; an initializer object with a
            seed of its own gives every layer of one shape the same weights.
        batch_norm: Whether to normalise between each hidden layer and its activation.
        dropout: Float in [0, 1), the share of hidden units dropped in training.
        weight_decay: Float >= 0. λ₂ of the penalty λ₂/2 ‖ω‖² on the hidden and output kernels (eq. 48).
        width: Float > 0, scales every hidden layer.

    Returns:
        An uncompiled model from (batch, height, width, channels) to logits (batch, num_classes).

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_mlp
        >>> build_mlp((28, 28, 1), 10, hidden=(300, 100)).count_params()  # 785 · 300 + 301 · 100 + 101 · 10
        266610

    Source: deck, chapter 4, eq. 7 to 11.
    """
    input_shape = check_image_model(input_shape, num_classes)
    _check_layers(hidden, initializer)
    check_regularization(activation, dropout, weight_decay)
    inputs = keras.Input(input_shape, name="image")
    x = hidden_layers(
        inputs,
        [scale_width(units, width) for units in hidden],
        activation=activation,
        initializer=initializer,
        batch_norm=batch_norm,
        dropout=dropout,
        weight_decay=weight_decay,
    )
    logits = logits_block(x, num_classes, weight_decay=weight_decay)
    return keras.Model(inputs, logits, name="mlp")


def _check_layers(hidden: object, initializer: object) -> None:
    require_sequence("hidden", hidden)
    for units in hidden:  # type: ignore[attr-defined]
        require_integer("hidden", units, at_least=1)
    message = f"`initializer` must be a Keras initializer or the name of one. Received: initializer={initializer!r}"
    if not isinstance(initializer, str | keras.initializers.Initializer):
        raise ValueError(message)
    try:
        keras.initializers.get(initializer)
    except ValueError as error:
        raise ValueError(message) from error
