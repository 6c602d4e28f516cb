"""Trains a segmenter from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.segmentation.evaluating import evaluate_on
from keras_course.applications.segmentation.losses import LOSSES, MiddleIoU
from keras_course.applications.segmentation.report import write_segmentation_report
from keras_course.arguments import IGNORE, require_choice
from keras_course.callbacks import LearningRateDecay
from keras_course.data import MaskData
from keras_course.evaluation import SegmenterEvaluation
from keras_course.export import SEGMENTATION
from keras_course.runs.kinds import owning_run_dir
from keras_course.training.settings import check_on_images, check_trainable
from keras_course.training.supervised import NORMS, SupervisedRun, SupervisedSettings, fit_watched


@dataclass(frozen=True, kw_only=True)
class SegmenterSettings(SupervisedSettings):
    """The arguments of `train_segmenter`, which explains them."""

    loss: str = "cross-entropy+dice"

    def __post_init__(self):
        super().__post_init__()
        require_choice("loss", self.loss, tuple(LOSSES))

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` has logits for the pixels and classes of `data`."""
        check_trainable(model, data, MaskData, "load_masks")
        received = tuple(model.inputs[0].shape[1:]), SEGMENTATION.check(model)
        if received != (data.input_shape, data.num_classes):
            raise ValueError(
                f"`model` must tell the {data.num_classes} classes of {data.name!r} in images {data.input_shape}. "
                f"Received: a model of {received[1]} classes for images {received[0]}"
            )
        if any(side > whole for side, whole in zip(model.output_shape[1:3], data.input_shape[:2], strict=True)):
            raise ValueError(
                f"`model` must have logits for pixels of the images. Received: logits {model.output_shape[1:3]} of "
                f"images {data.input_shape[:2]}"
            )
        check_on_images(model, data)
        labelled = data.train_examples.masks[data.train_examples.masks != IGNORE]
        if not labelled.size or labelled.min() == labelled.max():
            found = repr(data.class_names[labelled[0]]) if labelled.size else "none"
            raise ValueError(
                f"`data` must have pixels of two classes to train on, and {IGNORE} is no class. "
                f"Received: {data.name!r}, all of {found}"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class SegmenterRun(SupervisedRun):
    """The outcome of `train_segmenter`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss, mean_iou, both of them on the validation images, learning_rate and
            seconds.
        evaluation: On the test images; None if the data had none.
        gradient_norms: Index = step, one column per layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        best_epoch: The epoch (0-based) whose weights the model has.

    Example:
        >>> from keras_course.applications.segmentation import SegmenterRun
        >>> SegmenterRun.__mro__[1].__name__
        'SupervisedRun'
    """

    evaluation: SegmenterEvaluation | None


def train_segmenter(
    model: keras.Model,
    data: MaskData,
    *,
    epochs: int,
    loss: str = "cross-entropy+dice",
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
) -> SegmenterRun:
    """Trains a segmenter on `data.train`, watches its gradients, and evaluates it on `data.test`.

    Pixels of 255 are neither trained nor judged. All else is as in `train_classifier`: a run that was killed and
    started again with `resume=True` ends with the weights of the uninterrupted one.

    Args:
        model: From `build_unet` or `build_fcn`, or another from images to logits (batch, height, width, num_classes).
            Its first weights are the caller's to seed. Of logits for the middle of the images alone, as a U-Net has
            that pads nothing, the middle of the masks is what is trained and judged.
        data: As `load_masks` gives it.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        loss: "cross-entropy" is `pixel_cross_entropy`, "dice" is `dice_loss`, "cross-entropy+dice" their sum.
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
        The run.

    Raises:
        ValueError: If an argument is out of range, the model doesn't fit the data, or `run_dir` holds a run and
            `resume` is false or its settings differ.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.segmentation import train_segmenter
        >>> from keras_course.data import MaskData
        >>> from keras_course.models import build_unet
        >>> images = np.random.default_rng(0).integers(0, 256, (10, 16, 16, 1), dtype=np.uint8)
        >>> data = MaskData.from_arrays(images, np.uint8(images[..., 0] > 127), class_names=["dark", "light"])
        >>> model = build_unet(data.input_shape, 2, depth=1, base_filters=2, padding="same")
        >>> run = train_segmenter(model, data, epochs=1, verbose=0)
        >>> int(run.evaluation.confusion_matrix.sum())  # pixels of two test images
        512

    Source: deck, chapter 8, "Segmentation"; Long et al. (2015), section 4; Ronneberger et al. (2015), section 3.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_segmenter(model, data, SegmenterSettings(**settings))


@owning_run_dir
def run_segmenter(model: keras.Model, data: MaskData, settings: SegmenterSettings) -> SegmenterRun:
    """Trains with settings that are checked already, see `train_segmenter`."""
    optimizer, decay = settings.prepare(model, data)
    config = settings.describe("segmenter", model, data, optimizer, decay, loss=settings.loss)
    compile = partial(_compile, loss=settings.loss)
    compile(model, optimizer)
    fitted, watched = fit_watched(model, data, settings, config=config, decay=decay, compile=compile)
    judged = not fitted.failure and data.test_size
    run = SegmenterRun(
        model=model,
        history=fitted.history,
        evaluation=evaluate_on(model, data.test_examples, data.class_names) if judged else None,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(write_segmentation_report, run, title), {NORMS: run.gradient_norms})
    return run


def _compile(model: keras.Model, optimizer: keras.optimizers.Optimizer, loss: str) -> None:
    model.compile(optimizer, LOSSES[loss], metrics=[MiddleIoU(model.output_shape[-1])])
    # Makes the variables of losses and metrics: a first step that makes them is traced a second time without.
    masks, logits = tf.zeros((1, *model.inputs[0].shape[1:3]), tf.int64), tf.zeros((1, *model.output_shape[1:]))
    model.compute_loss(y=masks, y_pred=logits)
    model.compute_metrics(None, masks, logits)
    model.reset_metrics()
