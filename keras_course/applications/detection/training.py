"""Trains a detector from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.detection.evaluating import evaluate_on
from keras_course.applications.detection.exporting import check_detector
from keras_course.applications.detection.losses import center_box_loss, heatmap_focal_loss
from keras_course.applications.detection.report import write_detection_report
from keras_course.applications.detection.targets import centernet_targets
from keras_course.callbacks import LearningRateDecay
from keras_course.data import ObjectData
from keras_course.data.objects import NO_OBJECT
from keras_course.evaluation import DetectorEvaluation
from keras_course.runs.kinds import owning_run_dir
from keras_course.training.settings import check_trainable
from keras_course.training.supervised import NORMS, SupervisedRun, SupervisedSettings, fit_watched

REACH = 1  # cells around the centre's that learn the box


@dataclass(frozen=True, kw_only=True)
class DetectorSettings(SupervisedSettings):
    """The arguments of `train_detector`, which explains them."""

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` has the heads of `build_centernet`, for images and classes of `data`."""
        check_trainable(model, data, ObjectData, "load_objects")
        num_classes = check_detector(model)
        received = tuple(model.inputs[0].shape[1:]), num_classes
        if received != (data.input_shape, data.num_classes):
            raise ValueError(
                f"`model` must detect the {data.num_classes} classes of {data.name!r} in images {data.input_shape}. "
                f"Received: a model of {num_classes} classes for images {received[0]}"
            )
        stride_of(model)
        examples = data.train_examples
        if not ((examples.class_id != NO_OBJECT) & ~examples.is_crowd).any():
            raise ValueError(
                f"`data` must have an object to train on that is no crowd. Received: {data.name!r} with none in "
                f"{data.train_size} images"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class DetectorRun(SupervisedRun):
    """The outcome of `train_detector`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss, heatmap_loss, box_loss, the three of them on the validation images,
            learning_rate and seconds.
        evaluation: On the test images; None if the data had none.
        gradient_norms: Index = step, one column per layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        best_epoch: The epoch (0-based) whose weights the model has.

    Example:
        >>> from keras_course.applications.detection import DetectorRun
        >>> DetectorRun.__mro__[1].__name__
        'SupervisedRun'
    """

    evaluation: DetectorEvaluation | None


def train_detector(
    model: keras.Model,
    data: ObjectData,
    *,
    epochs: int,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float | None = None,
    decay: LearningRateDecay | None = None,
    patience: int | None = None,
    weight_decay: float | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
    precision: str = "float32",
) -> DetectorRun:
    """Trains a detector on `data.train`, watches its gradients, and evaluates it on `data.test`.

    What is minimised is the sum of `heatmap_focal_loss` and `center_box_loss`, of the boxes in the cell of each centre
    and its eight neighbours. All else is as in `train_classifier`: a run that was killed and started again with
    `resume=True` ends with the weights of the uninterrupted one.

    Args:
        model: From `build_centernet`, or with the same heads. Its first weights are the caller's to seed.
        data: As `load_objects` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used.
        learning_rate: Float > 0, in epoch 0, with a cosine the highest; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays, or None for a constant rate.
        patience: Integer >= 1. Stops after so many epochs without a lower validation loss and restores the best
            weights; None runs all epochs and keeps the last ones.
        weight_decay: Float >= 0, decoupled from the gradient, on kernels but not on biases or scales.
        seed: Integer >= 0, see `RunSettings`.
        run_dir: Folder of the run; None writes nothing.
        resume: Whether to go on with the run in `run_dir`.
        callbacks: More Keras callbacks for `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.
        precision: "float32" or "bfloat16", in which the layers compute in training, see `train_classifier`.

    Returns:
        The run. The evaluation takes COCO's limits of area, of `digit_scenes` thirds of their own areas.

    Raises:
        ValueError: If an argument is out of range, the model doesn't fit the data, or `run_dir` holds a run and
            `resume` is false or its settings differ.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.detection import train_detector
        >>> from keras_course.data import ObjectData
        >>> from keras_course.models import build_centernet
        >>> images = np.zeros((10, 32, 32, 1), np.uint8)
        >>> data = ObjectData.from_arrays(images, [[[4, 4, 20, 24]]] * 10, [[0]] * 10, class_names=["cat"])
        >>> run = train_detector(build_centernet(data.input_shape, 1, width=0.05), data, epochs=1, verbose=0)
        >>> run.evaluation.num_images
        2

    Source: deck, chapter 8; Zhou et al. (2019), section 3.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_detector(model, data, DetectorSettings(**settings))


@owning_run_dir
def run_detector(model: keras.Model, data: ObjectData, settings: DetectorSettings) -> DetectorRun:
    """Trains with settings that are checked already, see `train_detector`."""
    optimizer, decay = settings.prepare(model, data)
    config = settings.describe("detector", model, data, optimizer, decay)
    training = compiled_with_losses(model, optimizer)
    fitted, watched = fit_watched(
        training,
        CenterTargets(data, model),
        settings,
        config=config,
        decay=decay,
        last_layer="heatmap",
        compile=_compile,
    )
    fitted = replace(fitted, model=model)
    judged = not fitted.failure and data.test_size
    evaluation = evaluate_on(model, data.test_examples, data.class_names, name=data.name) if judged else None
    run = DetectorRun(
        model=model,
        history=fitted.history,
        evaluation=evaluation,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(write_detection_report, run, title), {NORMS: run.gradient_norms})
    return run


def compiled_with_losses(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    """Returns a compiled model of the same layers with a loss for "heatmap", and one for size and offset as "box".

    Args:
        model: From `build_centernet`.
        optimizer: A Keras optimizer.
    """
    maps = model.output
    box = keras.layers.Concatenate(dtype="float32", name="box")([maps["size"], maps["offset"]])  # whatever the policy
    outputs = {"heatmap": maps["heatmap"], "box": box}
    training = keras.Model(model.inputs, outputs, name=model.name)
    _compile(training, optimizer)
    return training


def _compile(training: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
    training.compile(optimizer, {"heatmap": heatmap_focal_loss, "box": center_box_loss})
    # Makes the variables of losses and metrics: a first step that makes them is traced a second time without.
    some = {name: tf.zeros((1, *output.shape[1:])) for name, output in training.output.items()}
    training.compute_loss(y={"heatmap": some["heatmap"], "box": tf.zeros((1, 1, 5))}, y_pred=some)
    training.reset_metrics()


def stride_of(model: keras.Model) -> int:
    """Returns how many pixels of the image lie between two cells of the heads' maps, the same both ways."""
    (height, width), (rows, columns) = model.inputs[0].shape[1:3], model.output["heatmap"].shape[1:3]
    if height % rows or (height // rows) * columns != width:
        raise ValueError(
            f"`model` must have a cell for each square of pixels. Received: maps {(rows, columns)} of images "
            f"{(height, width)}"
        )
    return height // rows


class CenterTargets:
    """Gives the batches of objects as the targets that `compiled_with_losses` learns from.

    Args:
        data: Batches of (images, objects).
        model: From `build_centernet`.
    """

    def __init__(self, data: ObjectData, model: keras.Model):
        self._data, self._stride = data, stride_of(model)
        self._map_shape = tuple(model.output["heatmap"].shape[1:])

    @property
    def validation(self) -> tf.data.Dataset | None:
        """The validation batches, or None."""
        return None if self._data.validation is None else self._with_targets(self._data.validation)

    def train_from(self, epoch: int) -> tf.data.Dataset:
        """The training batches from an epoch on."""
        return self._with_targets(self._data.train_from(epoch))

    def _with_targets(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        def batch(images, objects):
            targets = centernet_targets(objects, self._map_shape, self._stride, reach=REACH)
            box = tf.concat([targets["size"], targets["offset"][..., 1:]], axis=-1)
            return images, {"heatmap": targets["heatmap"], "box": box}

        return batches.map(batch, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
