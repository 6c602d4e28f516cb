"""Trains a network for one style from start, or from where it was interrupted, to a report."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_course.applications.pictures import as_uint8, unit_picture
from keras_course.applications.style_transfer.crop_losses import losses_of_crops, mean_losses, weighted_loss
from keras_course.applications.style_transfer.crops import CropData, load_crops
from keras_course.applications.style_transfer.objective import StyleFeatures, check_weights, loaded_features
from keras_course.applications.style_transfer.pictures import digest_of, with_as_many_pixels
from keras_course.applications.style_transfer.report import write_style_report
from keras_course.arguments import require_integer
from keras_course.callbacks import ExponentialDecay, LearningRateDecay
from keras_course.models import build_style_network
from keras_course.runs.exports import weights_digest
from keras_course.runs.kinds import owning_run_dir
from keras_course.runs.seeds import own_seed
from keras_course.training.supervised import NORMS, SupervisedRun, SupervisedSettings, fit_watched

FALL = 10.0  # of the learning rate, over the whole training, unless another decay is given


@dataclass(frozen=True, kw_only=True)
class StyleNetworkSettings(SupervisedSettings):
    """The arguments of `train_style_network`, which explains them."""

    features: Any = None
    content_layers: Sequence[str] | None = None
    style_layers: Sequence[str] | None = None
    content_weight: float = 1.0
    style_weight: float = 1.0
    total_variation: float = 0.01
    style_size: int = 256

    def __post_init__(self):
        super().__post_init__()
        check_weights(self.weights)
        require_integer("style_size", self.style_size, at_least=1)

    @property
    def weights(self) -> tuple[float, float, float]:
        """Of content, style and total variation."""
        return self.content_weight, self.style_weight, self.total_variation

    def check(self, model: Any, data: Any) -> None:
        """Raises a ValueError unless `model` maps pictures to pictures, and `data` are crops."""
        shape = tuple(getattr(model, "output_shape", ()) or ())
        if not isinstance(model, keras.Model) or len(shape) != 4 or shape[-1] != 3:
            raise ValueError(f"`model` must map RGB pictures to RGB pictures. Received: model={model!r}")
        if not isinstance(data, CropData):
            raise ValueError(f"`data` must come from `load_crops`, or be a folder or None. Received: data={data!r}")


@dataclass(frozen=True, eq=False, kw_only=True)
class StyleNetworkRun(SupervisedRun):
    """The outcome of `train_style_network`.

    Args:
        model: The trained network, from pictures in [0, 1] to pictures.
        history: Index = epoch (0-based); loss, that of the validation crops, learning_rate and seconds.
        evaluation: Index = content, style, total_variation, loss; the means over the validation crops, of the crops as
            they are and as they are painted.
        style: The style, uint8 (height, width, 3).

    Example:
        >>> from keras_course.applications.style_transfer import StyleNetworkRun
        >>> StyleNetworkRun.__mro__[1].__name__
        'SupervisedRun'
    """

    evaluation: pd.DataFrame | None
    style: np.ndarray


def train_style_network(
    style: Any,
    data: CropData | str | os.PathLike | None = None,
    *,
    epochs: int = 3,
    model: keras.Model | None = None,
    features: keras.Model | str | None = None,
    content_layers: Sequence[str] | None = None,
    style_layers: Sequence[str] | None = None,
    content_weight: float = 1.0,
    style_weight: float = 1.0,
    total_variation: float = 0.01,
    style_size: int = 256,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    learning_rate: float | None = 2e-3,
    decay: LearningRateDecay | None = None,
    patience: int | None = None,
    weight_decay: float | None = None,
    seed: int = 0,
    run_dir: str | os.PathLike | None = None,
    resume: bool = False,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 1,
) -> StyleNetworkRun:
    """Trains a network that repaints any picture in one style, in one pass where `transfer_style` takes minutes.

    Its loss is that of `transfer_style`, a mean over the crops. All else is as in `train_classifier`: a run that was
    killed and started again with `resume=True` ends with the weights of the uninterrupted one.

    Args:
        style: A picture as for `transfer_style`.
        data: From `load_crops`; a folder of pictures, or None for the bundled photographs, of which it takes the crops.
        epochs: Integer >= 1, in all: a resumed run does what is left of them.
        model: From `build_style_network`, whose first weights are the caller's to seed; None takes one of `seed`.
        features: As for `transfer_style`, like the layers and weights that follow.
        content_layers: As there.
        style_layers: As there.
        content_weight: As there.
        style_weight: As there.
        total_variation: As there.
        style_size: Int >= 1. Side of a square of as many pixels as the style gets: the strokes are as large as they are
            in that picture.
        optimizer: Name of a Keras optimizer, or one, of which a fresh copy is used.
        learning_rate: Float > 0 in epoch 0; None takes the optimizer's.
        decay: One of `keras_course.callbacks`' decays; None takes an exponential one, to a tenth in all epochs.
        patience: As in `train_classifier`, like what follows.
        weight_decay: As there.
        seed: As there.
        run_dir: As there.
        resume: As there.
        callbacks: As there.
        verbose: As there.

    Returns:
        The run.

    Raises:
        ValueError: If an argument is out of range, or `run_dir` holds a run and `resume` is false or its settings
            differ.
        FileNotFoundError: If the features are not there.
        NonFiniteLossError: If the loss, or a weight, turns NaN or infinite.

    Example:
        >>> import keras, numpy as np
        >>> from keras_course.applications.style_transfer import load_crops, train_style_network
        >>> from keras_course.models import build_style_network
        >>> layers = [keras.layers.Conv2D(4, 3, activation="relu", name=name) for name in ("edges", "corners")]
        >>> net = keras.Sequential([keras.Input((None, None, 3)), *layers])
        >>> run = train_style_network(
        ...     np.random.default_rng(0).random((32, 32, 3)),
        ...     load_crops(count=20, image_size=32, batch_size=4),
        ...     model=build_style_network(width=0.1, blocks=1),
        ...     features=net, content_layers=["corners"], style_layers=["edges"], epochs=1, verbose=0,
        ... )
        >>> list(run.history), list(run.evaluation)
        (['loss', 'val_loss', 'learning_rate', 'seconds'], ['as they are', 'painted'])

    Source: deck, chapter 8, "Style transfer"; Johnson et al. (2016), arXiv:1603.08155.
    """
    settings = {name: value for name, value in locals().items() if name not in ("style", "data", "model")}
    picture = unit_picture("style", style)
    data = data if isinstance(data, CropData) else load_crops(data, seed=seed)
    if model is None:
        with own_seed(seed):
            model = build_style_network()
    if decay is None and isinstance(epochs, int) and epochs > 0:
        settings["decay"] = ExponentialDecay(decay_rate=float(np.log(FALL) / epochs))
    return run_style_network(model, picture, data, StyleNetworkSettings(**settings))


@owning_run_dir
def run_style_network(
    model: keras.Model, style: np.ndarray, data: CropData, settings: StyleNetworkSettings
) -> StyleNetworkRun:
    """Trains with settings that are checked already, see `train_style_network`."""
    optimizer, decay = settings.prepare(model, data)
    net = loaded_features(settings.features)
    features = StyleFeatures(net, settings.content_layers, settings.style_layers)
    style = with_as_many_pixels(style, settings.style_size**2)
    config = settings.describe(
        "style-network",
        model,
        data,
        optimizer,
        decay,
        **dict(zip(("content_weight", "style_weight", "total_variation"), settings.weights, strict=True)),
        features=features.name,
        features_digest=weights_digest(net, {})[:16],
        content_layers=[call.name for call in features.content],
        style_layers=[call.name for call in features.style],
        style_digest=digest_of(style),
        crops_digest=digest_of(data.train_examples.images),
    )
    losses = losses_of_crops(features, style)
    model.compile(optimizer, weighted_loss(losses, settings.weights), jit_compile=False)
    fitted, watched = fit_watched(model, data, settings, config=config, decay=decay)
    run = StyleNetworkRun(
        model=model,
        history=fitted.history,
        evaluation=None if fitted.failure else mean_losses(model, data, losses, settings.weights),
        config=fitted.config,
        run_dir=fitted.run_dir,
        data=data,
        style=as_uint8(style),
        **watched,
    )
    title = f"{model.name} on {data.name}{': the loss is not finite' if fitted.failure else ''}"
    fitted.close(partial(write_style_report, run, title), {NORMS: run.gradient_norms})
    return run
