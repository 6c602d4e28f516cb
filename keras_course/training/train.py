"""Trains a classifier from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from functools import partial

import keras

from keras_course.callbacks import (
    GradientNormMonitor,
    LearningRateDecay,
    first_nonfinite,
    judge_gradients,
    skips_overflow,
)
from keras_course.data import ImageData
from keras_course.evaluation import evaluate_classifier, select_images
from keras_course.runs import EpochSeeds, NonFiniteLossError, RunFolder
from keras_course.runs.folder import HISTORY, NORMS
from keras_course.training.auxiliary_heads import MainHeadLogs, compile_heads, main_head_last, repeat_labels
from keras_course.training.checkpoint import Progress, pack, set_weights_of, unpack
from keras_course.training.loop import KeepProgress, ProgressBar, StopOnNonFiniteLoss
from keras_course.training.report import write_report
from keras_course.training.run import TrainingRun
from keras_course.training.settings import check, describe, fresh_optimizer, with_initial_rate

WORST_MISTAKES = 18


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
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    seed: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> TrainingRun:
    """Trains a model that outputs logits on `data.train`, watches its gradients, and evaluates it on `data.test`.

    The model is compiled here with the cross-entropy, in nats. Epoch k depends on the weights, `seed` and k alone
    (the order of the images on the seed of `data`), so a run that was killed and started again with `resume=True`
    ends with the weights of the uninterrupted one.

    A model with auxiliary heads has several outputs, the main one first. All learn from the same labels, with the
    weight 1 for the loss of the main head and 0.3 for each other. `loss`, `accuracy`, `val_loss` and `val_accuracy` are
    the main head's all the same, so `patience` and the curves mean what they mean for other models; more columns of the
    history hold the losses of the others and their weighted sum, `weighted_loss`, which is what is minimised.

    Args:
        model: An uncompiled Keras model from images to logits (batch, num_classes), or to a list of such. Its first
            weights are the caller's to seed.
        data: As `load_images` gives it. Trained on data `without_test`, the run has no evaluation.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used.
        learning_rate: Float > 0 in epoch 0; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays, or None for a constant rate.
        patience: Integer >= 1. Stops after so many epochs without a lower validation loss and restores the best
            weights; None runs all epochs and keeps the last ones.
        weight_decay: Float >= 0, decoupled from the gradient (AdamW), on kernels but not on biases or scales.
        run_dir: Folder for `config.json`, `history.csv`, `gradient_norms.csv`, `figures/`, `model.keras`,
            `checkpoint.npz` and `report.html`; None writes nothing.
        resume: Whether to go on with the run in `run_dir`. An empty folder starts one.
        seed: Integer >= 0, of dropout and other random layers.
        callbacks: More Keras callbacks for `fit`; they see the mean gradient norms in `logs`.
        verbose: 0 silent, 1 progress bar, 2 one line an epoch.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.

    Source: deck, chapter 7, "Overfitting", of `patience`: "Stop learning if validation error increase".

    Note: On one machine the same seeds give the same weights to the bit: the CPU kernels that these models use
        (convolution, matrix product, pooling, batch normalisation, dropout and their gradients) gave identical weights
        in every repetition, on two cores and under other load. A GPU, or another number of cores, may differ in the
        last bits of each step, and training amplifies that.
    """
    check(model, data, epochs, patience, weight_decay, run_dir, resume, seed)
    optimizer = fresh_optimizer(optimizer, model, learning_rate, weight_decay)
    decay = with_initial_rate(decay, optimizer, learning_rate)
    config = describe(model, data, epochs, optimizer, decay, patience, seed)
    folder = None if run_dir is None else RunFolder(run_dir, config, resume=resume)
    compile_heads(model, optimizer)
    model.optimizer.build(model.trainable_variables)
    progress = Progress() if folder is None or folder.checkpoint is None else unpack(folder.checkpoint, model)
    more = [*callbacks] if decay is None else [decay, *callbacks]
    failure = _fit(model, data, progress, folder, epochs, patience, seed, more, verbose)
    return _finish(model, data, progress, folder, config, patience, failure)


def _fit(model, data, progress, folder, epochs, patience, seed, callbacks, verbose) -> NonFiniteLossError | None:
    """Trains the epochs that are left; returns the error if the loss became non-finite."""
    done = progress.epochs
    if done >= epochs or (patience is not None and done and done - 1 - progress.best_epoch >= patience):
        return None
    monitor, watch = GradientNormMonitor(log="all"), StopOnNonFiniteLoss(len(progress.norms))
    save = partial(_save, folder, model, progress)
    keep = KeepProgress(progress, monitor, watch, patience=patience, save=save)
    bar = [ProgressBar()] if verbose else []
    model.fit(
        repeat_labels(data.train_from(done), model),
        validation_data=None if data.validation is None else repeat_labels(data.validation, model),
        initial_epoch=done,
        epochs=epochs,
        shuffle=False,  # the data set shuffles itself
        callbacks=[EpochSeeds(seed), MainHeadLogs(), monitor, *callbacks, watch, keep, *bar],
        verbose=verbose,
    )
    return _describe_failure(model, progress, watch.step) if keep.failed else None


def _describe_failure(model: keras.Model, progress: Progress, step: int | None) -> NonFiniteLossError:
    """Says where the loss, or else a weight, became non-finite, and which gradient did first."""
    # An optimizer that scales its loss has skipped earlier overflows: they are not the cause.
    suspects = progress.norms.iloc[step or 0 :] if skips_overflow(model.optimizer) else progress.norms
    place = first_nonfinite(suspects)
    where = f"the first layer with a non-finite gradient is {place[1]!r}, at step {place[0]}" if place else None
    what = f"the loss is NaN or infinite at step {step}" if step is not None else "a weight became NaN or infinite"
    return NonFiniteLossError(
        f"{what}; {where or 'every gradient before it is finite'}. A lower `learning_rate` is the usual cure."
    )


def _save(folder: RunFolder | None, model: keras.Model, progress: Progress) -> None:
    if folder is None:
        return
    folder.write_table(HISTORY, progress.history)
    folder.write_checkpoint(pack(model, progress))


def _finish(model, data, progress, folder, config, patience, failure) -> TrainingRun:
    """Restores the best weights if they were asked for, evaluates, writes the report; raises a failure after that."""
    if patience is not None and progress.best_weights:
        set_weights_of(model, progress.best_weights)
    norms = main_head_last(progress.norms, model)
    gradients = judge_gradients(norms, progress.updates, skips_overflow=skips_overflow(model.optimizer))
    config = {**config, "training_seconds": round(sum(row["seconds"] for row in progress.rows), 1)}
    if failure:
        _write(folder, config, progress, gradients, title="the loss is not finite")
        raise failure
    evaluation = evaluate_classifier(model, data.test, data.class_names) if data.test_size else None
    if folder is not None:
        folder.write_model(model)
        mistakes = evaluation and select_images(data.test, evaluation.worst_mistakes(WORST_MISTAKES))
        _write(folder, config, progress, gradients, evaluation=evaluation, mistakes=mistakes)
    return TrainingRun(
        model=model,
        history=progress.history,
        gradient_norms=progress.norms,
        gradient_report=gradients,
        evaluation=evaluation,
        best_epoch=progress.best_epoch if patience is not None else progress.epochs - 1,
        config=config,
        run_dir=None if folder is None else folder.path,
    )


def _write(folder: RunFolder | None, config, progress: Progress, gradients, *, title="", **results) -> None:
    if folder is None:
        return
    folder.write_config(config)
    folder.write_table(NORMS, progress.norms)
    write_report(
        folder.path,
        title=f"{config['model']} on {config['data']}" + (f": {title}" if title else ""),
        config={name: value for name, value in config.items() if name != "layers_digest"},
        history=progress.history,
        gradient_norms=progress.norms,
        gradient_report=gradients,
        **results,
    )
