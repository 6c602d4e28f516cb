"""Reading an export back: TensorFlow and no Keras code."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_course.data.vocabulary import Vocabulary
from keras_course.export import contract
from keras_course.export.inspector import Inspector
from keras_course.export.saved_animator import SavedAnimator
from keras_course.export.saved_captioner import SavedCaptioner
from keras_course.export.saved_classifier import SavedClassifier
from keras_course.export.saved_detector import SavedDetector
from keras_course.export.saved_generator import SavedGenerator
from keras_course.export.saved_painter import SavedPainter
from keras_course.export.saved_segmenter import SavedSegmenter
from keras_course.export.saved_writer import WRITER_INPUTS, SavedWriter
from keras_course.export.signatures import Signature, signatures_of
from keras_course.files import versions
from keras_course.name_arguments import require_path
from keras_course.reading import check_sums, read_json, read_text, reason

_OfImages = SavedClassifier | SavedDetector | SavedSegmenter | SavedCaptioner
Saved = _OfImages | SavedGenerator | SavedPainter | SavedWriter | SavedAnimator

_CLASSES = {contract.IMAGES: tf.uint8, contract.PROBABILITIES: tf.float32, contract.CLASS_ID: tf.int64}
_DETECTOR = {
    **{contract.IMAGES: tf.uint8, contract.BOXES: tf.float32, contract.SCORES: tf.float32},
    **{contract.CLASS_ID: tf.int64, contract.COUNT: tf.int64},
}
_CAPTIONER = {
    **{contract.IMAGES: tf.uint8, contract.WORD_ID: tf.int64},
    **{contract.LOG_PROBABILITY: tf.float32, contract.ATTENTION: tf.float32},
}
_PAINTER = {contract.IMAGES: tf.uint8, contract.PAINTED: tf.uint8}
_ANIMATOR = {contract.IMAGES: tf.uint8, contract.UNITS: tf.float32, contract.CHANGED: tf.uint8}
_WRITER = {**{spec.name: spec.dtype for spec in WRITER_INPUTS}, contract.TEXT: tf.string}
_GENERATOR = {contract.LATENTS: tf.float32, contract.IMAGES: tf.uint8}
EXPORTS = "a SavedModel or a folder of numbered SavedModels"


def load_saved_model(path: str | Path) -> Saved:
    """Loads an export, of `export_saved_model` or `export_generator` for instance; its signature tells which.

    Args:
        path: A version folder (`NAME/3`), or the folder of all versions (`NAME`), of which the highest is taken.

    Returns:
        A `SavedClassifier` with `predict(images)`; a `SavedDetector`, `SavedSegmenter` or `SavedCaptioner`, with
        `predict(images)` and `draw(image)`; a `SavedGenerator` with `sample(count)`; a `SavedPainter` with
        `paint(images)`; a `SavedWriter` with `write(prompt)`; or a `SavedAnimator` with `change(images, units)`.

    Raises:
        FileNotFoundError: If there is no SavedModel at `path`.
        ValueError: If it can't be read, or is no such export.

    Example:
        >>> import keras, tempfile
        >>> from keras_course.export import export_saved_model, load_saved_model
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     version = export_saved_model(model, folder, class_names=["ant", "bee", "cat"])
        ...     load_saved_model(folder).class_names
        ['ant', 'bee', 'cat']
    """
    folder = version_folder(require_path("path", path), EXPORTS)
    try:
        return saved_of(folder, load_signatures(folder))
    except Exception as error:  # TensorFlow raises nearly anything at damaged files
        raise ValueError(
            "`path` must hold a whole export of export_saved_model or export_generator. "
            f"Received: path={str(folder)!r} ({reason(error)})"
        ) from error


def load_signatures(folder: Path) -> dict[str, Signature]:
    """Returns the functions of a SavedModel by name, whatever they do.

    Args:
        folder: Of the SavedModel itself.

    Raises:
        ValueError: If a file differs from what was written. TensorFlow raises nearly anything at damaged files.
    """
    check_sums(folder, folder / contract.SUMS)
    return signatures_of(open_saved_model(folder), folder)


def saved_of(folder: Path, signatures: Mapping[str, Signature]) -> Saved:
    """Returns the export of a task that a SavedModel is, told by its signature.

    Args:
        folder: Of the SavedModel, with its assets.
        signatures: From `load_signatures`.

    Raises:
        ValueError: If its signature is that of no task, or an asset is damaged.
    """
    function: Any = signatures.get(contract.SIGNATURE)
    specs = {} if function is None else {**function.inputs, **function.outputs}
    dtypes = {name: spec.dtype for name, spec in specs.items()}
    shape = tuple(specs[contract.IMAGES].shape[1:]) if contract.IMAGES in specs else ()
    if dtypes == _DETECTOR:
        return SavedDetector(folder, function, shape, _class_names(folder))
    if dtypes == _CAPTIONER:
        return SavedCaptioner(folder, function, shape, _class_names(folder))
    if dtypes == _CLASSES:
        names = _class_names(folder, specs[contract.PROBABILITIES].shape[-1])
        if specs[contract.CLASS_ID].shape.rank == 3:
            return SavedSegmenter(folder, function, shape, names)
        file = folder / "assets" / contract.TRAINING_IMAGES
        polarity = _polarity(file) if file.exists() else None
        return SavedClassifier(folder, function, shape, names, polarity, _inspector(folder, signatures))
    if dtypes == _PAINTER:
        return SavedPainter(folder, function, shape)
    if dtypes == _ANIMATOR:
        return SavedAnimator(folder, function, shape, _class_names(folder, specs[contract.UNITS].shape[-1]))
    if dtypes == _WRITER:
        return SavedWriter(folder, function, Vocabulary.load(folder / "assets" / contract.VOCABULARY))
    if dtypes in (_GENERATOR, {**_GENERATOR, contract.LABELS: tf.int64}):
        generator_names = _class_names(folder) if contract.LABELS in specs else None
        return SavedGenerator(folder, function, specs[contract.LATENTS].shape[1], shape, generator_names)
    raise ValueError(f"its signature {contract.SIGNATURE!r} has {dtypes or 'nothing'}")


def _polarity(file: Path) -> str:
    polarity = read_json(file).get("polarity")
    if polarity not in contract.POLARITIES:
        raise ValueError(f"{file} has the polarity {polarity!r:.50}")
    return polarity


def _inspector(folder: Path, signatures: Mapping[str, Signature]) -> Inspector | None:
    if contract.INSPECT not in signatures:
        return None
    return Inspector(signatures[contract.INSPECT], read_text(folder / "assets" / contract.LAYERS).splitlines())


def _class_names(folder: Path, num_classes: int | None = None) -> list[str]:
    file = folder / "assets" / contract.CLASS_NAMES
    names = read_text(file).splitlines()
    if not names or not all(names) or num_classes not in (None, len(names)):
        raise ValueError(f"{file} has {len(names)} lines for {num_classes or 'the'} class names")
    return names


def version_folder(path: Path, accepted: str, argument: str = "path") -> Path:
    """Returns the folder of a SavedModel: `path` itself, or its highest version.

    Raises:
        FileNotFoundError: If there is none; the message names the argument and says what is accepted.
    """
    if not path.exists():
        raise FileNotFoundError(f"`{argument}` must exist. Received: {argument}={str(path)!r}")
    complete = [folder for folder in (*versions(path), path) if (folder / "saved_model.pb").is_file()]
    if not complete:
        raise FileNotFoundError(f"`{argument}` must be {accepted}. Received: {argument}={str(path)!r}")
    return complete[-1]


def open_saved_model(folder: Path) -> Any:
    """Returns what TensorFlow makes of a SavedModel, whatever its path is."""
    if not set("*?[") & set(str(folder)):
        return tf.saved_model.load(str(folder))
    with tempfile.TemporaryDirectory() as scratch:  # TensorFlow takes such a path to the variables for a pattern
        link = Path(scratch, "model")
        link.symlink_to(folder.resolve(), target_is_directory=True)
        return tf.saved_model.load(str(link))
