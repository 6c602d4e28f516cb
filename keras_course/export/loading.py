"""Reading a SavedModel export back: TensorFlow and no Keras code."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_course.export.class_names import FILE_NAME, class_names_text, parse_class_names
from keras_course.export.images import as_batch
from keras_course.files import is_version

_SIGNATURE = "serving_default"


@dataclass(frozen=True)
class Prediction:
    """What a model says of a batch of images; a single image is a batch of 1.

    Attributes:
        probabilities: float32 array `(batch, num_classes)`, each row sums to 1.
        class_id: int64 array `(batch,)`, the most probable class.
        class_name: List of its names, one an image.
    """

    probabilities: np.ndarray
    class_id: np.ndarray
    class_name: list[str]


class SavedClassifier:
    """An exported image classifier, ready to predict; `load_saved_model` makes it.

    Attributes:
        path: Folder of the SavedModel.
        image_shape: `(height, width, channels)`; `None` stands for any size.
        class_names: List of num_classes names in the order of the class ids.
    """

    def __init__(self, path: Path, loaded, image_shape: tuple[int | None, ...], class_names: list[str]):
        self.path = path
        self.image_shape = image_shape
        self.class_names = class_names
        self._loaded = loaded  # the variables live as long as the object that was loaded
        self._signature = loaded.signatures[_SIGNATURE]

    def predict(self, images) -> Prediction:
        """Classifies one image or a batch.

        Args:
            images: uint8 array in 0..255, `(height, width, channels)` or `(batch, height, width, channels)`, for a
                grey model also `(height, width)`; or a PIL image, or a list of them. Colour modes are converted where
                that is unambiguous (grey, palette, RGB, RGBA if opaque or the model takes it), sizes never.

        Returns:
            A `Prediction`, with a batch of 1 for a single image.

        Raises:
            ValueError: If shape, dtype or colour mode don't fit the model.
        """
        batch = as_batch(images, self.image_shape)
        outputs = self._signature(images=tf.constant(batch))
        class_id = outputs["class_id"].numpy()
        names = [self.class_names[index] for index in class_id]
        return Prediction(outputs["probabilities"].numpy(), class_id, names)


def load_saved_model(path: str | Path) -> SavedClassifier:
    """Loads an export of `export_saved_model`.

    Args:
        path: A version folder (`NAME/3`), or the folder of all versions (`NAME`), of which the highest is taken.

    Raises:
        FileNotFoundError: If there is no SavedModel at `path`.
        ValueError: If it can't be read, or isn't an export of `export_saved_model`.
    """
    folder = version_folder(Path(path))
    try:
        loaded = load_folder(folder)
    except (OSError, KeyError, tf.errors.OpError) as error:
        raise ValueError(f"`path` must hold a whole SavedModel. Received: path={str(folder)!r} ({error})") from error
    signature = loaded.signatures.get(_SIGNATURE)
    specs = {} if signature is None else signature.structured_input_signature[1] | signature.structured_outputs
    if {name: spec.dtype for name, spec in specs.items()} != {
        "images": tf.uint8,
        "probabilities": tf.float32,
        "class_id": tf.int64,
    }:
        raise ValueError(
            "`path` must hold an export of export_saved_model (images uint8 to probabilities and class_id). "
            f"Received: path={str(folder)!r}, whose signature {_SIGNATURE!r} has {specs or 'nothing'}"
        )
    names = _read_class_names(folder, specs["probabilities"].shape[1])
    return SavedClassifier(folder, loaded, tuple(specs["images"].shape[1:]), names)


def load_folder(folder: Path):
    """Loads the SavedModel of a folder, whatever its name."""
    if not set("*?[") & set(str(folder)):
        return tf.saved_model.load(str(folder))
    with tempfile.TemporaryDirectory() as scratch:  # TensorFlow takes such a path to the variables for a pattern
        link = Path(scratch, "model")
        link.symlink_to(folder.resolve(), target_is_directory=True)
        return tf.saved_model.load(str(link))


def version_folder(path: Path) -> Path:
    """Returns the folder of a SavedModel: `path` itself, or its highest version.

    Raises:
        FileNotFoundError: If there is none.
    """
    if not path.exists():
        raise FileNotFoundError(f"`path` must exist. Received: path={str(path)!r}")
    if (path / "saved_model.pb").is_file():
        return path
    versions = path.iterdir() if path.is_dir() else ()
    complete = [folder for folder in versions if is_version(folder.name) and (folder / "saved_model.pb").is_file()]
    if not complete:
        raise FileNotFoundError(
            f"`path` must be a SavedModel or a folder of numbered SavedModels. Received: path={str(path)!r}"
        )
    return max(complete, key=lambda folder: int(folder.name))


def _read_class_names(folder: Path, num_classes: int) -> list[str]:
    file = folder / "assets" / FILE_NAME
    try:
        names = parse_class_names(file.read_text(encoding="utf-8"))
        class_names_text(names, num_classes)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"`path` must have {num_classes} class names in {file}. Received: path={str(folder)!r} ({error})"
        ) from error
    return names
