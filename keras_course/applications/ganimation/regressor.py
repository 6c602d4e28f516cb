"""The regressor that judges: which units a face shows, learnt from drawings that no GANimation sees."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_course.applications.ganimation.checks import check_images
from keras_course.data import FaceExamples
from keras_course.data.preparation import data_folder
from keras_course.files import cached
from keras_course.runs import own_seed

FILE = "model.keras"
SETTINGS: dict[str, Any] = {"filters": (16, 32, 64, 64), "hidden": 64, "epochs": 16, "batch_size": 32, "rate": 3e-3}
AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class UnitRegressor:
    """Tells the units of faces.

    Args:
        model: From images (batch, height, width, channels) in [-1, 1] to units (batch, num_units).

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import train_unit_regressor
        >>> from keras_course.data import FaceExamples
        >>> faces = FaceExamples(np.zeros((8, 16, 16, 3), np.uint8), np.full((8, 2), 0.5, np.float32))
        >>> train_unit_regressor(faces, epochs=1).units_of(faces.images).shape
        (8, 2)
    """

    model: keras.Model

    def units_of(self, images: np.ndarray) -> np.ndarray:
        """Returns the units that faces show, float32 (n, num_units), in [0, 1] but for errors.

        Args:
            images: uint8 (n, height, width, channels).

        Raises:
            ValueError: If `images` has another type or shape.
        """
        check_images("images", images, self.model.input_shape[1:])
        parts = [self.model(_scaled(images[i : i + AT_ONCE]), training=False) for i in range(0, len(images), AT_ONCE)]
        return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts])

    def write(self, folder: Path) -> dict[str, Any]:
        """Writes the model into a folder; returns facts for `about.json`."""
        self.model.save(folder / FILE)
        return {"settings": SETTINGS, "parameters": self.model.count_params()}

    @classmethod
    def read(cls, folder: Path, facts: dict[str, Any]) -> "UnitRegressor":
        """Reads what `write` left."""
        del facts
        return cls(keras.models.load_model(folder / FILE, compile=False))


def train_unit_regressor(faces: FaceExamples, *, epochs: int = SETTINGS["epochs"], verbose: int = 0) -> UnitRegressor:
    """Trains the regressor, with a seed of its own; keeps nothing.

    Args:
        faces: Faces with their units.
        epochs: Integer >= 1.
        verbose: What Keras shows.

    Returns:
        The regressor, the same for the same faces on the same machine.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.ganimation import train_unit_regressor
        >>> from keras_course.data import FaceExamples
        >>> faces = FaceExamples(np.zeros((8, 16, 16, 3), np.uint8), np.full((8, 2), 0.5, np.float32))
        >>> train_unit_regressor(faces, epochs=1).model.output_shape
        (None, 2)
    """
    x = image = keras.Input(faces.images.shape[1:])
    with own_seed(0):
        for number, filters in enumerate(SETTINGS["filters"], start=1):
            x = keras.layers.Conv2D(
                filters,
                3,
                strides=2,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"c{number}",
            )(x)
        x = keras.layers.Flatten(name="flatten")(x)
        x = keras.layers.Dense(SETTINGS["hidden"], activation="relu", name="hidden")(x)
        model = keras.Model(image, keras.layers.Dense(faces.units.shape[1], name="units")(x), name="unit_regressor")
    size, batch = len(faces.images), SETTINGS["batch_size"]
    decay = keras.optimizers.schedules.CosineDecay(SETTINGS["rate"], epochs * -(-size // batch))
    model.compile(keras.optimizers.Adam(decay), "mse")
    pixels, random = _scaled(faces.images), np.random.default_rng(0)
    for _ in range(epochs):
        order = random.permutation(size)
        model.fit(pixels[order], faces.units[order], batch_size=batch, epochs=1, shuffle=False, verbose=verbose)
    return UnitRegressor(model)


def load_unit_regressor(faces: FaceExamples, *, data_dir: Any = None) -> UnitRegressor:
    """Returns the regressor of `schematic_faces` at the size of some faces; the first call trains it, later ones read.

    Args:
        faces: `TrueFaces.judging`.
        data_dir: Folder of prepared data, under which it is kept.

    Returns:
        The regressor.

    Example:
        >>> from keras_course.applications.ganimation import load_unit_regressor
        >>> from keras_course.data import load_true_faces
        >>> load_unit_regressor(load_true_faces(image_size=32).judging).model.input_shape  # doctest: +SKIP
        (None, 32, 32, 3)
    """
    height, width = faces.images.shape[1:3]
    return cached(
        data_folder(data_dir) / "keras_course" / "unit_regressor" / f"schematic_faces-{height}-{width}",
        read=UnitRegressor.read,
        make=lambda: train_unit_regressor(faces),
        write=UnitRegressor.write,
    )


def _scaled(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / np.float32(127.5) - 1
