"""Activation maximisation: the images that filters of a network respond to most."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.arguments import require_integer, require_number
from keras_course.inspection.gradient_ascent import climb, gradient_of, random_shifts
from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.layers import check_filters
from keras_course.inspection.network import Network
from keras_course.inspection.objective import Scores, filter_scores, gaussian_blur, total_variation_gradient
from keras_course.models.conventions import require_tensorflow
from keras_course.visualization.tiles import MaximizedFilters

FILTERS_SHOWN = 20  # as many as the deck shows
LAST_RATE = 0.1  # times the first
START_DEVIATION = 0.05  # of the noise, in units of the pixel range
Ascent = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]


def activation_maximization(
    model: keras.Model,
    layer: str,
    filters: int | Sequence[int] | None = None,
    *,
    steps: int = 36,
    image_size: int | tuple[int, int] | None = None,
    learning_rate: float = 0.08,
    jitter: int | None = None,
    total_variation: float = 0.25,
    l2: float = 2.0,
    blur: float = 0.0,
    value_range: tuple[float, float] = (0, 1),
    dtype_policy: str | None = None,
    batch_size: int = 32,
    seed: int = 0,
) -> MaximizedFilters:
    """Climbs from noise to the images x that filters respond to most, all filters as one batch in one compiled loop.

    Each step adds λ (g / rms(g) - λ₂ u - τ ∇TV(u)) to u = x - 1/2, where g is the gradient of the filter's answer (the
    mean of max(z, 0) over its map, or the largest z while none is positive; of a dense unit z) and rms(g) the root of
    the mean of its squares. So one λ suits every layer, and an image whose gradient does not turn ends, with the
    penalty λ₂ alone, at u = g / (λ₂ rms(g)), of contrast 1 / λ₂. λ falls linearly to a tenth: large steps swing around
    the best image, small ones take long to come near it. x stays in [0, 1].

    Args:
        model: A functional model with one input. It runs as in prediction, without dropout.
        layer: Name of a layer with output (batch, height, width, filters) or (batch, units), logits for instance, or a
            path into an inner model, "backbone/last_conv". Of `Conv2D` and `Dense` z is taken before the activation
            inside the layer, if there is one.
        filters: Int or ints in [0, filters of the layer); None takes the first 20.
        steps: Int >= 0. Steps of the ascent.
        image_size: Height and width in pixels, or one int for both; None takes the model's. Layers that only
            convolutions, poolings and the like lead to work at any size, whatever the model was built for.
        learning_rate: Float > 0. λ of the first step, in units of the pixel range per step.
        jitter: Int >= 0. The image is shifted before each step by up to so many pixels in each direction, and back
            after it, so that no edge and no grid of strides settles; None takes a sixteenth of the shorter side.
        total_variation: Float >= 0. τ, against noise; λ τ must stay below 0.025 or a chequerboard grows.
        l2: Float >= 0. λ₂, against extreme pixels; λ λ₂ must stay below 2 or the steps swing.
        blur: Float >= 0. Standard deviation in pixels of a Gaussian applied after each step; 0 applies none.
        value_range: Pixel values (low, high) that the model takes for black and white.
        dtype_policy: Name of the Keras dtype policy to compute under; None takes the model's own. "mixed_bfloat16" is
            about twice as fast as "float32" where the processor calculates with bfloat16; answers then have two or
            three digits.
        batch_size: Int >= 1. Filters treated at once; fewer take less memory (a VGG-16 at 224x224 takes about 100 MB
            an image) and give the same images.
        seed: Int >= 0. Of the noise to begin with and of the jitter. A filter's image does not depend on the others.

    Returns:
        Images in [0, 1] of shape (filters, height, width, channels), the filters' numbers, and their answers to
        these images and to the noise in the beginning.

    Raises:
        ValueError: If an argument is out of range, there is no such layer, or it can't be computed at `image_size`.

    Example:
        >>> import keras
        >>> from keras_course.inspection import activation_maximization
        >>> layers = [keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
        >>> found = activation_maximization(model, "conv", [0, 3], steps=5)
        >>> found.images.shape, bool((found.activations > found.start_activations).all())
        ((2, 8, 8, 1), True)

    Source: deck, chapter 5, "Inside a CNN" (VGG-16, convolutions 1-1 to 5-1); Erhan et al. (2009), "Visualizing
        higher-layer features of a deep network"; Mahendran and Vedaldi (2016), arXiv:1512.02017, for jitter and TV.
    """
    network = Network(model)
    found = network.find(layer)
    chosen = _chosen_filters(found, filters)
    size = _checked_size(model, image_size)
    require_integer("batch_size", batch_size, at_least=1)
    shifts = random_shifts(steps, min(size) // 16 if jitter is None else jitter, seed)
    ascend = compile_ascent(
        network,
        found,
        image_size=size,
        learning_rate=learning_rate,
        total_variation=total_variation,
        l2=l2,
        blur=blur,
        value_range=value_range,
        dtype_policy=dtype_policy,
    )
    noise = starting_noise(chosen, (*size, model.inputs[0].shape[-1]), seed)
    batches = range(0, len(chosen), batch_size)
    parts = [ascend(noise[i : i + batch_size], chosen[i : i + batch_size], shifts) for i in batches]
    images, ends, starts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return MaximizedFilters(images, chosen, ends, starts)


def compile_ascent(
    network: Network,
    layer: LayerCall,
    *,
    image_size: tuple[int, int],
    learning_rate: float,
    total_variation: float,
    l2: float,
    blur: float,
    value_range: tuple[float, float] = (0, 1),
    dtype_policy: str | None = None,
) -> Ascent:
    """Compiles the loop of `activation_maximization` (see there for the arguments) for any number of images.

    `network` is the model's, `layer` from its `find`.

    Returns:
        A function of noise float32 (n, height, width, channels), filters int32 (n,) and shifts int32 (steps, 2); it
        returns images (n, height, width, channels) in [0, 1], their scores (n,) and the scores of the noise (n,).

    Raises:
        ValueError: If an argument is out of range, or the layer can't be computed at `image_size`.
    """
    require_tensorflow("activation maximisation")
    require_number("learning_rate", learning_rate, above=0)
    for name, value in (("total_variation", total_variation), ("l2", l2), ("blur", blur)):
        require_number(name, value, at_least=0)
    scores = _scores_of_deviations(filter_scores(network, layer, dtype_policy), value_range)

    def step(u: tf.Tensor, direction: tf.Tensor, progress: tf.Tensor) -> tf.Tensor:
        rate = learning_rate * (1 - (1 - LAST_RATE) * progress)
        u += rate * (direction - l2 * u - total_variation * total_variation_gradient(u))
        return tf.clip_by_value(gaussian_blur(u, blur) if blur else u, -0.5, 0.5)

    def ascend(noise: tf.Tensor, filters: tf.Tensor, shifts: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        u, _ = climb(noise, shifts, gradient_of(lambda images: scores(images, filters)), step)
        return u + 0.5, scores(u, filters), scores(noise, filters)

    *built_for, channels = network.calls[0].outputs[0].shape[1:]
    signature = [
        tf.TensorSpec((None, *image_size, channels), tf.float32),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((None, 2), tf.int32),
    ]
    compiled = tf.function(ascend, input_signature=signature, autograph=False)
    _trace(compiled, layer.name, image_size, built_for=tuple(built_for))
    return compiled


def _trace(compiled: Any, layer: str, image_size: tuple[int, int], *, built_for: tuple[int | None, ...]) -> None:
    """Traces the loop, or raises a ValueError that blames `image_size` if that isn't what the model was built for."""
    try:
        compiled.get_concrete_function()
    except (ValueError, TypeError, tf.errors.InvalidArgumentError) as error:
        if image_size == built_for:  # the cause is elsewhere
            raise
        raise ValueError(
            f"`image_size` must suit the layers up to {layer!r}; the model was built for {built_for}. "
            f"Received: image_size={image_size}, which fails: {str(error).strip().splitlines()[0]}"
        ) from error


def starting_noise(filters: np.ndarray, shape: tuple[int, int, int], seed: int) -> np.ndarray:
    """Returns the noise that the ascent of each filter begins with; it depends on `seed` and the filter's number alone.

    Args:
        filters: Ints of shape (n,).
        shape: (height, width, channels).
        seed: Int >= 0.

    Returns:
        float32 of shape (n, height, width, channels), deviations from middle grey.
    """
    draws = [np.random.default_rng([seed, number]).standard_normal(shape, np.float32) for number in filters]
    return START_DEVIATION * np.stack(draws)


def _scores_of_deviations(scores: Scores, value_range: Any) -> Scores:
    try:
        low, high = value_range
        require_number("low", low)
        require_number("high", high, above=low)
    except (TypeError, ValueError):
        raise ValueError(
            f"`value_range` must be (low, high) with low < high. Received: value_range={value_range!r}"
        ) from None
    return lambda u, filters: scores(low + (high - low) * (u + 0.5), filters)


def _chosen_filters(layer: LayerCall, filters: Any) -> np.ndarray:
    count = layer.outputs[0].shape[-1]
    return check_filters(range(min(count, FILTERS_SHOWN)) if filters is None else filters, count, name="filters")


def _checked_size(model: keras.Model, image_size: Any) -> tuple[int, int]:
    if image_size is None:
        size: Any = model.inputs[0].shape[1:3]
        if None in size:
            raise ValueError(f"`image_size` must be given for a model of any size. Received: image_size={image_size}")
    else:
        size = (image_size, image_size) if np.ndim(image_size) == 0 else image_size
    message = f"`image_size` must be an integer >= 1 or (height, width). Received: image_size={image_size!r}"
    try:
        height, width = size
        for side in (height, width):
            require_integer("image_size", side, at_least=1)
    except (TypeError, ValueError) as error:
        raise ValueError(message) from error
    return int(height), int(width)
