"""Trains a classifier from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_course.callbacks import LearningRateDecay
from keras_course.data import ImageData
from keras_course.evaluation import ClassifierEvaluation, evaluate, select_images
from keras_course.export.images import polarity_of
from keras_course.runs.cluster import share_of
from keras_course.runs.kinds import owning_run_dir
from keras_course.runs.loop import total
from keras_course.training.auxiliary_heads import HeadsData, MainHeadLogs, compile_heads, mean_weight
from keras_course.training.class_weights import weights_of_classes
from keras_course.training.report import WORST_MISTAKES, write_report
from keras_course.training.settings import ClassifierSettings
from keras_course.training.supervised import NORMS, SupervisedRun, fit_watched


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingRun(SupervisedRun):
    """The outcome of `train_classifier`.

    Args:
        model: The trained model, with the best weights if `patience` was given, else the last ones.
        history: Index = epoch (0-based); loss, accuracy, val_loss, val_accuracy, learning_rate and seconds; with
            auxiliary heads also their losses.
        evaluation: On the test images; None if the data had none, see `ImageData.without_test`.
        config: What made the run, as in `config.json`.
        run_dir: The run folder, or None.
        gradient_norms: Index = step, one column per layer: L2 norm of the gradient that each step applied.
        gradient_report: Index = layer: median norm, ratio to the last layer's, update ratio, verdict.
        best_epoch: The epoch (0-based) whose weights the model has.

    Example:
        >>> from keras_course import train_recipe
        >>> run = train_recipe("perceptron", "digits", epochs=1, verbose=0)
        >>> type(run).__name__, list(run.gradient_norms.columns), run.best_epoch
        ('TrainingRun', ['logits'], 0)
    """

    evaluation: ClassifierEvaluation | None


def train_classifier(
    model: keras.Model,
    data: ImageData,
    *,
    epochs: int,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float | None = None,
    decay: LearningRateDecay | None = None,
    patience: int | None = None,
    weight_decay: float | None = None,
    class_weight: str | Mapping[Any, float] | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
    strategy: tf.distribute.Strategy | None = None,
    synchronized: bool = False,
    precision: str = "float32",
) -> TrainingRun:
    """Trains a model that outputs logits on `data.train`, watches its gradients, and evaluates it on `data.test`.

    The model is compiled here with the cross-entropy, in nats; the loss, optimizer and metrics of a model that is
    compiled already are replaced. Epoch k depends on the weights, `seed` and k alone (the order of the images on the
    seed of `data`), so a run that was killed and started again with `resume=True` ends with the weights of the
    uninterrupted one.

    A model with auxiliary heads has several outputs, the main one first. All learn from the same labels, with the
    weight 1 for the loss of the main head and 0.3 for each other. `loss`, `accuracy`, `val_loss` and `val_accuracy` are
    the main head's all the same, so `patience` and the curves mean what they mean for other models; more columns of the
    history hold the losses of the others and their weighted sum, `weighted_loss`, which is what is minimised.

    Args:
        model: A Keras model from images to logits (batch, num_classes), or to a list of such. Its first weights are
            the caller's to seed.
        data: As `load_images` gives it. Trained on data `without_test`, the run has no evaluation.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used. With `use_ema` the model ends with
            the averaged weights, and the validation figures are theirs.
        learning_rate: Float > 0, in epoch 0, with a cosine the highest; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays, or None for a constant rate.
        patience: Integer >= 1. Stops after so many epochs without a lower validation loss and restores the best
            weights; None runs all epochs and keeps the last ones.
        weight_decay: Float >= 0, decoupled from the gradient (AdamW), on kernels but not on biases or scales.
        class_weight: "balanced", or a mapping of class index or name to a weight > 0, 1 for those that it leaves out.
            The loss of each training image is multiplied by the weight of its class: L = 1/n Σ w_c(i) L_i. "balanced"
            is n / (k n_c) for class c with n_c of the n training images of k classes. Validation and evaluation count
            all images alike. None weights none.
        seed: Integer >= 0, of dropout and other random layers, see `RunSettings`.
        run_dir: Folder for `config.json`, `history.csv`, `gradient_norms.csv`, `figures/`, `model.keras`,
            `checkpoint.npz` and `report.html`; None writes nothing.
        resume: Whether to go on with the run in `run_dir`. An empty folder starts one.
        callbacks: More Keras callbacks for `fit`; they see the mean gradient norms in `logs`. A resume gives them back
            what they remember (numbers, strings, arrays, and lists and dicts of them), and warns of what it can't.
        verbose: 0 silent, 1 progress bar, 2 one line per epoch.
        strategy: A `tf.distribute` strategy (`MirroredStrategy`, `MultiWorkerMirroredStrategy`) for several devices or
            machines, see the second note; None trains on one device.
        synchronized: Whether batch normalisation takes mean and variance over the images of all replicas, as one
            device would, for one more exchange per layer; else over the share of each, whose moving averages are then
            averaged.
        precision: "float32", or "bfloat16": layers compute in it in training and its validation, with weights,
            normalisation, logits and loss in float32; the model that comes out computes in float32, as the evaluation
            does. Faster where the processor multiplies in bfloat16 and convolutions take most of the time. Not with a
            strategy.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.
        WorkerLostError: If another worker of the strategy has ended; all start again with `resume=True`.

    Example:
        >>> from keras_course.data import load_images
        >>> from keras_course.models import build_perceptron
        >>> data = load_images("digits")
        >>> run = train_classifier(build_perceptron(data.input_shape, 10), data, epochs=1, verbose=0)
        >>> len(run.history), len(run.evaluation.labels)
        (1, 360)

    Source: deck, chapter 7, "Overfitting", of `patience`: "Stop learning if validation error increase".

    Note: On one machine the same seeds give the same weights to the bit: the CPU kernels that these models use
        (convolution, matrix product, pooling, batch normalisation, dropout and their gradients) gave identical weights
        in every repetition, on two cores and under other load. A GPU, or another number of cores, may differ in the
        last bits of each step, and training amplifies that.

    Note: With a strategy every worker calls this with the same arguments. A copy of the model is trained in the scope
        of the strategy, which `callbacks` see as their `model`; at the end the model has its weights. The batches are
        those of one device, divided among the replicas, and what each step applies is the gradient of the whole batch:
        clipping and the gradient norms are its. Without dropout, and with `synchronized` normalisation if there is any,
        the losses are those of one device but for rounding; dropout differs from replica to replica. Callbacks run on
        every worker, but for those of Keras that write files, which run on the chief (the first worker), as all
        writing does; `run_dir` must be on a disk that all workers see, and is None in the run of the others.
    """
    settings = {name: value for name, value in locals().items() if name not in ("model", "data")}
    return run_classifier(model, data, ClassifierSettings(**settings))


@owning_run_dir
def run_classifier(model: keras.Model, data: ImageData, settings: ClassifierSettings) -> TrainingRun:
    """Trains with settings that are checked already, see `train_classifier`."""
    optimizer, decay = settings.prepare(model, data)
    config = describe_classifier(model, data, settings, optimizer, decay)
    class_weights: Any = config["class_weight"]
    compile_heads(model, optimizer)
    fitted, watched = fit_watched(
        model,
        HeadsData(data, model, class_weights, share_of(settings.strategy)),
        settings,
        config=config,
        decay=decay,
        before=[MainHeadLogs(mean_weight(class_weights, data))],
        compile=compile_heads,
        last_layer=model.output_names[0] if len(model.outputs) > 1 else None,
    )
    evaluation = None if fitted.failure or not data.test_size else evaluate(model, data.test, data.class_names)
    run = TrainingRun(
        model=model,
        history=fitted.history,
        evaluation=evaluation,
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(_write_page, run, data, title), {NORMS: run.gradient_norms})
    total(settings.strategy, [1])  # who waits for nobody ends the others
    return run


def describe_classifier(
    model: keras.Model,
    data: ImageData,
    settings: ClassifierSettings,
    optimizer: keras.optimizers.Optimizer,
    decay: LearningRateDecay | None,
) -> dict[str, object]:
    """Returns what makes a run, JSON-serialisable, see `describe_run`."""
    return settings.describe(
        "classifier",
        model,
        data,
        optimizer,
        decay,
        class_weight=weights_of_classes(settings.class_weight, data.train_examples.labels, data.class_names),
        polarity=polarity_of(data.train_examples.images),
    )


def _write_page(run: TrainingRun, data: ImageData, title: str) -> None:
    evaluation = run.evaluation
    mistakes = None if evaluation is None else select_images(data.test, evaluation.worst_mistakes(WORST_MISTAKES))
    write_report(
        run.run_dir or ".",
        title=title,
        config=run.config,
        history=run.history,
        gradient_norms=run.gradient_norms,
        gradient_report=run.gradient_report,
        evaluation=evaluation,
        mistakes=mistakes,
    )
