"""The loss of one picture and its gradient, compiled once; what does not change is computed once."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_course.applications.style_transfer.losses import content_loss, gram_matrix, style_loss
from keras_course.arguments import require_number, require_sequence
from keras_course.inspection.layer_calls import LayerCall
from keras_course.inspection.network import Network
from keras_course.inspection.objective import total_variation
from keras_course.models import load_features
from keras_course.training.precision import chosen_precision

TERMS = ("content", "style", "total_variation")
CONTENT_LAYERS = (
    "stage4_conv2",
    *(f"stage{stage}_conv{number}" for stage in (3, 2) for number in (2, 1)),
)  # first found
STYLE_LAYERS = tuple(f"stage{stage}_conv1" for stage in range(1, 6))
FEW_PIXELS = 256 * 256  # of more, maps before the first pooling are computed twice, not kept
POOLINGS = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
PLAIN = {keras.layers.Conv2D, keras.layers.Activation, keras.layers.ReLU, keras.layers.Rescaling, *POOLINGS}


def loaded_features(features: Any) -> keras.Model:
    """Returns a model as it is, and otherwise what `load_features` makes of a source, None being "auto"."""
    if isinstance(features, keras.Model):
        return features
    return load_features("auto" if features is None else features)


def check_weights(weights: tuple[float, float, float]) -> None:
    """Raises a ValueError unless the weights of content, style and total variation are >= 0, and not all are 0."""
    names = ("content_weight", "style_weight", "total_variation")
    for name, weight in zip(names, weights, strict=True):
        require_number(name, weight, at_least=0)
    if not any(weights):
        raise ValueError(f"one of {', '.join(f'`{name}`' for name in names)} must be > 0. Received: 0 of all of them")


class StyleFeatures:
    """The layers of a net that say what is content and what is style.

    Args:
        model: A functional model of RGB images in [0, 1].
        content_layers: Names of layers, or None for the second convolution of stage 4, or what a smaller net has.
        style_layers: Names of layers, or None for the first convolution of each stage.
        precision: "float32" computes in the numbers of the model; "bfloat16" in those, with losses in the model's;
            "auto" in those on processors that multiply in them, if the model is of the kind for which that was
            measured: convolutions, activations and poolings in float32.

    Attributes:
        content: The calls of the content's layers.
        style: The calls of the style's layers.
        precision: "float32" or "bfloat16".

    Raises:
        ValueError: If the model is none such, or lacks a layer.
    """

    def __init__(
        self,
        model: keras.Model,
        content_layers: Sequence[str] | None,
        style_layers: Sequence[str] | None,
        precision: str = "float32",
    ):
        self.network = Network(model)
        channels = model.inputs[0].shape[-1]
        if channels != 3:
            raise ValueError(f"`features` must take RGB images. Received: {model.name} for {channels} channels")
        self.name, self.dtype = model.name, model.inputs[0].dtype
        self.content = self._calls("content_layers", content_layers, self._usual(CONTENT_LAYERS)[:1])
        self.style = self._calls("style_layers", style_layers, self._usual(STYLE_LAYERS))
        layers: list[Any] = [call.layer for call in self.network.calls if call.layer is not None]
        plain = all(type(layer) in PLAIN and layer.compute_dtype == "float32" for layer in layers)
        self.precision = chosen_precision(precision, "bfloat16" if plain else "float32")
        self._policy = "mixed_bfloat16" if self.precision == "bfloat16" else None
        self._early, self._late, self._positions = self._in_parts()

    def measure(self, images: Any, *, again: bool = False) -> tuple[list[Any], list[Any]]:
        """Computes the maps of content, and the Gram matrices of style.

        Args:
            images: Floats (batch, height, width, 3).
            again: Whether all before the first pooling is computed again for the gradient, and not kept.
        """
        if self._early is None:
            values = self._late(images)
        else:
            pooled, *values = (tf.recompute_grad(self._early) if again else self._early)(images)
            values += self._late(pooled)
        found = [value for _, value in sorted(zip(self._positions, values, strict=True), key=lambda pair: pair[0])]
        return found[: len(self.content)], found[len(self.content) :]

    def _in_parts(self) -> tuple[Callable[..., Any] | None, Callable[..., Any], list[int]]:
        """Returns the functions up to the first pooling, if the net is a chain, and from there, and their positions."""
        calls, everything = self.network.calls, list(range(len(self._tensors)))
        pooling = next((call for call in calls if isinstance(call.layer, POOLINGS)), None)
        if pooling is None or any(call.inputs != before.outputs for before, call in itertools.pairwise(calls)):
            return None, self._function(everything), everything
        before = {id(call.outputs[0]) for call in calls[: calls.index(pooling)]}
        early, late = (
            [position for position in everything if (id(self._tensors[position]) in before) == first]
            for first in (True, False)
        )
        pooled = pooling.outputs[0]
        return self._function(early, pooled), self._function(late, source=pooled), [*early, *late]

    def _function(
        self, positions: Sequence[int], *first: keras.KerasTensor, source: keras.KerasTensor | None = None
    ) -> Callable[[Any], list[Any]]:
        """Returns the function of images, or of `source`, that computes `first` and what is wanted of `_tensors`."""
        tensors = [self._tensors[position] for position in positions]
        compute = self.network.function(*first, *tensors, dtype_policy=self._policy, source=source)

        def measured(value: Any) -> list[Any]:
            values = compute(value)
            found = values[: len(first)]
            for position, maps in zip(positions, values[len(first) :], strict=True):
                if 0 in maps.shape:
                    raise ValueError(f"`images` must be large enough for the layers of {self.name}")
                measure = maps if position < len(self.content) else gram_matrix(maps)
                found.append(tf.cast(measure, self.dtype))
            return found

        return measured

    @property
    def _tensors(self) -> list[keras.KerasTensor]:
        return [call.outputs[0] for call in (*self.content, *self.style)]

    def _usual(self, names: Sequence[str]) -> list[str]:
        """Returns the layers of these names that there are, of a convolution without activation that behind it."""
        known = {call.name for call in self.network.calls}
        return [name for one in names if (name := f"{one}_relu" if f"{one}_relu" in known else one) in known]

    def _calls(self, argument: str, names: Any, usual: list[str]) -> list[LayerCall]:
        names = usual if names is None else (names,) if isinstance(names, str) else names
        require_sequence(argument, names, at_least=1)
        calls = []
        for name in names:
            try:
                calls.append(self.network.find_map(name))
            except ValueError as error:
                raise ValueError(str(error).replace("`layer`", f"`{argument}`", 1)) from error
        return calls


class StyleObjective:
    """Content, style and total-variation loss of one picture, and the gradient of their weighted sum.

    Args:
        features: The layers.
        content: float32 (height, width, 3) in [0, 1].
        style: float32 (any height, any width, 3) in [0, 1].
        weights: Of content, style and total variation, each >= 0.

    Raises:
        ValueError: If a picture is too small for the layers.
    """

    def __init__(
        self, features: StyleFeatures, content: np.ndarray, style: np.ndarray, weights: tuple[float, float, float]
    ):
        self._features = features
        self._weights = tf.constant(weights, features.dtype)
        again = content.shape[0] * content.shape[1] > FEW_PIXELS
        self._measure = partial(features.measure, again=again)
        self._contents, self._starts = self._targets("content", content)
        self._styles = self._targets("style", style)[1]
        self._variation = total_variation(tf.constant(content[np.newaxis], features.dtype))
        signature = [tf.TensorSpec((1, *content.shape), features.dtype)]
        self._compiled = tf.function(self._losses_and_gradient, input_signature=signature, autograph=False)

    def losses_and_gradient(self, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Computes the three losses, each without its weight, and the gradient of the weighted sum.

        Args:
            picture: Floats (height, width, 3), of the size of the content.

        Returns:
            float64 (3,) in the order of `TERMS`, and floats (height, width, 3).
        """
        losses, gradient = self._compiled(tf.constant(picture[np.newaxis], self._features.dtype))
        return losses.numpy().astype(np.float64), gradient.numpy()[0]

    def weighted(self, losses: np.ndarray) -> float:
        """Returns the sum that is minimised, of three losses."""
        return float(losses @ self._weights.numpy().astype(np.float64))

    def losses(self, pictures: tf.Tensor) -> tf.Tensor:
        """Computes the three losses (3,) of a batch of one picture (1, height, width, 3)."""
        contents, grams = self._measure(pictures)
        content = [content_loss(*pair)[0] for pair in zip(contents, self._contents, strict=True)]
        style = [style_loss(*three)[0] for three in zip(grams, self._styles, self._starts, strict=True)]
        variation = (total_variation(pictures) / self._variation)[0]
        return tf.stack([tf.add_n(content) / len(content), tf.add_n(style) / len(style), variation])

    def _losses_and_gradient(self, pictures: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pictures)
            losses = self.losses(pictures)
            total = tf.reduce_sum(self._weights * losses)
        return losses, tape.gradient(total, pictures)

    def _targets(self, name: str, picture: np.ndarray) -> tuple[list[Any], list[Any]]:
        """Measures a picture that stays as it is, in a graph that keeps nothing else."""
        pixels = tf.constant(picture[np.newaxis], self._features.dtype)
        try:
            return tf.function(self._features.measure, autograph=False).get_concrete_function(pixels)(pixels)
        except (ValueError, tf.errors.InvalidArgumentError) as error:  # the latter from pooling one pixel
            raise ValueError(
                f"`{name}` must be large enough for the layers of {self._features.name}. "
                f"Received: {name} of {picture.shape[0]}x{picture.shape[1]} pixels"
            ) from error
