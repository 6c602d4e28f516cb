"""Runs every file that was written once, before it gets its name, and compares it with the function that it holds."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_course.export.contract import BOXES, CLASS_ID, PROBABILITIES, SCORES, SIGNATURE
from keras_course.export.loading import open_saved_model

BATCH_SIZES = (1, 3)
SIDES = (64, 96)  # pixels, of a model that takes any size
TOLERANCE = 1e-4  # of the largest value
LEVELS = 1  # by which a generated pixel in 0..255 may be rounded to the other side

Inputs = dict[str, np.ndarray]
Function = Callable[..., Mapping[str, Any]]


def random_inputs(specs: list[tf.TensorSpec], labels_below: int | None = None) -> list[Inputs]:
    """Draws two batches of different size for a signature: bytes, standard normal floats, class ids.

    Args:
        specs: Names, shapes (batch, ...) and dtypes of the inputs.
        labels_below: Class ids are below it.
    """
    random, batches = np.random.default_rng(0), []
    for count, side in zip(BATCH_SIZES, SIDES, strict=True):
        inputs = {}
        for spec in specs:
            shape = (count, *(side if size is None else size for size in spec.shape[1:]))
            if spec.dtype == tf.uint8:
                inputs[spec.name] = random.integers(0, 256, shape, np.uint8)
            elif spec.dtype == tf.float32:
                inputs[spec.name] = random.standard_normal(shape, np.float32)
            else:
                inputs[spec.name] = random.integers(0, labels_below or 1, shape)
        batches.append(inputs)
    return batches


def check_copy(function: Function, copy: Function, batches: list[Inputs]) -> None:
    """Raises ValueError if what was written gives anything but what the function gives.

    Args:
        function: Takes inputs by name and returns outputs by name.
        copy: The same, from the file that was written.
        batches: Inputs to compare with.
    """
    for inputs in batches:
        expected = {name: np.asarray(value) for name, value in function(**_tensors(inputs)).items()}
        got = {name: np.asarray(value) for name, value in copy(**inputs).items()}
        if {name: value.shape for name, value in got.items()} != {n: value.shape for n, value in expected.items()}:
            raise ValueError(f"it returns {_shapes(got)} instead of {_shapes(expected)}")
        for name, value in expected.items():
            difference = np.abs(got[name].astype(np.float64) - value)
            if name in (CLASS_ID, BOXES):
                difference = difference[_is_clear(expected)]
            allowed = LEVELS if value.dtype.kind == "u" else TOLERANCE * np.abs(value).max()
            if not np.all(difference <= allowed):
                raise ValueError(
                    f"for {len(value)} random inputs its {name!r} differ by {difference.max():.2g} from the model's"
                )


def open_signature(folder: Path, name: str = SIGNATURE) -> Function:
    """Returns a function of a SavedModel: inputs and outputs by name."""
    loaded = open_saved_model(folder)
    # the variables live as long as the object that was loaded
    return lambda **inputs: loaded.signatures[name](**_tensors(inputs))


def open_litert(content: bytes) -> Function:
    """Returns the function of a LiteRT file."""
    run = tf.lite.Interpreter(model_content=content).get_signature_runner(SIGNATURE)
    return lambda **inputs: run(**inputs)


def open_onnx(content: bytes, onnxruntime: Any) -> Function:
    """Returns the function of an ONNX file.

    Raises:
        ValueError: If it is no valid file: tf2onnx leaves operations that it can't convert where they are.
    """
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(**inputs: np.ndarray) -> dict[str, np.ndarray]:
        wanted = [value.name for value in session.get_inputs()]
        if sorted(wanted) != sorted(inputs):
            raise ValueError(f"it needs the inputs {', '.join(wanted)} instead of {', '.join(inputs)}")
        return dict(zip(names, session.run(names, inputs), strict=True))

    return run


def _tensors(inputs: Inputs) -> dict[str, tf.Tensor]:
    return {name: tf.constant(value) for name, value in inputs.items()}


def _is_clear(outputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Returns where rounding can't change which class is the best one, or which detection has this rank.

    That is where the two best classes differ by more than the tolerance, or the score from those before and after it.
    The last detection has no neighbour to compare with.
    """
    if PROBABILITIES in outputs:
        probabilities = outputs[PROBABILITIES]
        best = np.sort(probabilities, axis=-1)
        return best[..., -1] - best[..., -2] > TOLERANCE * probabilities.max()
    scores = outputs[SCORES]
    below = scores[:, :-1] - scores[:, 1:] > TOLERANCE * scores.max()
    return np.pad(below, [(0, 0), (0, 1)]) & np.pad(below, [(0, 0), (1, 0)], constant_values=True)


def _shapes(outputs: Mapping[str, np.ndarray]) -> str:
    return ", ".join(f"{name} {value.shape}" for name, value in sorted(outputs.items()))
