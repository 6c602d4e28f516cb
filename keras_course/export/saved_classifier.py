"""An image classifier read from disk, and what it says of images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from keras_course.export.contract import CLASS_ID, PROBABILITIES
from keras_course.export.images import as_batch
from keras_course.export.inspector import Inspection, Inspector

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Prediction:
    """What a model says of a batch of images; a single image is a batch of 1.

    Attributes:
        probabilities: float32 array `(batch, num_classes)`; each row sums to 1.
        class_id: int64 array `(batch,)`, the most probable class of each image.
        class_name: List of the names of these classes.

    Example:
        >>> import numpy as np
        >>> from keras_course.export import Prediction
        >>> Prediction(np.array([[0.1, 0.9]], np.float32), np.array([1]), ["dog"]).class_name
        ['dog']
    """

    probabilities: np.ndarray
    class_id: np.ndarray
    class_name: list[str]


@dataclass(frozen=True)
class SavedClassifier:
    """An image classifier read from disk, ready to predict; `load_saved_model` and `load_classifier` make it.

    Attributes:
        path: Folder of the SavedModel, or the `.keras` file.
        function: Takes a tensor `images` uint8 `(batch, height, width, channels)` in 0..255 and returns a dictionary
            of the tensors `probabilities` and `class_id`.
        image_shape: `(height, width, channels)`; `None` stands for any size.
        class_names: List of num_classes names in the order of the class ids.
        polarity: What `image_polarity` says of the training images, `None` where that isn't known.
        inspector: The signature `inspect`, `None` where the export has none.

    Example:
        >>> import keras, numpy as np, tempfile
        >>> from keras_course.export import export_saved_model, load_saved_model
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> model.set_weights([np.array([[0, 9]] * 4), np.array([9, 0])])  # "bright" if the pixels sum to more than 1
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     classifier = load_saved_model(export_saved_model(model, folder, class_names=["dark", "bright"]))
        ...     classifier.predict(np.full((2, 2), 200, np.uint8)).class_name, classifier.image_shape
        (['bright'], (2, 2, 1))
    """

    path: Path
    function: Callable[..., dict[str, Any]]
    image_shape: tuple[int | None, ...]
    class_names: list[str]
    polarity: str | None = None
    inspector: Inspector | None = None

    def predict(self, images, *, resize: bool = False) -> Prediction:
        """Classifies one image or a batch.

        Args:
            images: uint8 array in 0..255, `(height, width, channels)` or `(batch, height, width, channels)`, for a
                grey model also `(height, width)`; or a PIL image, or a list of them. Colour modes are converted where
                that is unambiguous: grey, palette and RGB pictures, RGBA if opaque or the model takes it.
            resize: Whether to take images of other sizes and PIL images of every colour mode too, see `as_batch`.

        Returns:
            A `Prediction`, with a batch of 1 for a single image.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit the model.
        """
        outputs = self.function(images=tf.constant(as_batch(images, self.image_shape, resize=resize)))
        class_id = outputs[CLASS_ID].numpy()
        names = [self.class_names[index] for index in class_id]
        return Prediction(outputs[PROBABILITIES].numpy(), class_id, names)

    def inspect(self, images, *, resize: bool = False) -> Inspection:
        """Returns feature maps, the gradient of the input, and Grad-CAM of the most probable class of each image.

        Args:
            images: As for `predict`.
            resize: As for `predict`.

        Raises:
            ValueError: As `predict` does, or if the export has no signature `inspect`.
        """
        if self.inspector is None:
            raise ValueError(
                "`path` must hold an export with the signature 'inspect', of export_saved_model(..., inspect=True). "
                f"Received: path={str(self.path)!r}"
            )
        return self.inspector.inspect(as_batch(images, self.image_shape, resize=resize))

    def draw(self, image, *, resize: bool = False) -> "Figure":
        """Draws an image as the model sees it, with its most probable class and that probability.

        Args:
            image: One image as for `predict`.
            resize: As for `predict`.

        Returns:
            A Matplotlib figure.

        Raises:
            ValueError: As `predict` does, or if there are several images.
        """
        from keras_course.visualization import plot_boxes

        batch = as_batch(image, self.image_shape, resize=resize)
        if len(batch) != 1:
            raise ValueError(f"`image` must be one image. Received: {len(batch)}")
        found = self.predict(batch)
        title = f"{found.class_name[0]}: {found.probabilities[0].max():.4f}"
        return plot_boxes(batch[0], np.zeros((0, 4)), title=title)
