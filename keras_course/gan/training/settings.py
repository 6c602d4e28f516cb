"""The arguments of `train_gan`: checked, and described for `config.json`."""

from typing import Any

import keras

from keras_course.arguments import require_integer
from keras_course.callbacks import LearningRateDecay
from keras_course.data import ImageData
from keras_course.gan.model.gan import GAN
from keras_course.runs.description import (
    data_settings,
    layers_digest,
    optimizer_settings,
    package_versions,
    parameters,
    rounded,
)


def check(gan, data, epochs, reference, score_every, score_count, run_dir, resume, seed) -> None:
    """Raises a ValueError that names the first argument of `train_gan` that is out of range."""
    if not isinstance(gan, GAN) or not gan.compiled:
        raise ValueError(f"`gan` must be a compiled keras_course.gan.GAN. Received: gan={gan!r}")
    if not isinstance(data, ImageData):
        raise ValueError(f"`data` must be the ImageData that load_images returns. Received: data={data!r}")
    made = tuple(gan.generator.outputs[0].shape)[1:]
    if made != tuple(data.input_shape):
        raise ValueError(
            f"`gan` must make images {tuple(data.input_shape)} like those of {data.name!r}. Received: one of {made}"
        )
    if gan.conditional and gan.num_classes != data.num_classes:
        raise ValueError(
            f"`gan` must know the {data.num_classes} classes of {data.name!r}. Received: one of {gan.num_classes}"
        )
    if reference is not None and not hasattr(reference, "classifier"):
        raise ValueError(
            f"`reference` must be a Reference, from load_reference, or None. Received: reference={reference!r}"
        )
    if reference is not None and reference.classifier.input_shape != tuple(data.input_shape):
        raise ValueError(
            f"`reference` must be for images {tuple(data.input_shape)}. "
            f"Received: one for {reference.classifier.input_shape}"
        )
    require_integer("epochs", epochs, at_least=1)
    require_integer("seed", seed, at_least=0)
    require_integer("score_count", score_count, at_least=4)
    if score_every is not None:
        require_integer("score_every", score_every, at_least=1)
    if resume and run_dir is None:
        raise ValueError("`resume` needs the folder of the run. Received: resume=True and run_dir=None")


def with_initial_rate(decay: LearningRateDecay | None, gan: GAN) -> LearningRateDecay | None:
    """Returns a copy of the decay that knows λ₀, so that a resumed run doesn't take it from a decayed optimizer.

    Raises:
        ValueError: If `decay` is none of ours, or an optimizer has a schedule object.
    """
    if decay is None:
        return None
    if not isinstance(decay, LearningRateDecay):
        raise ValueError(f"`decay` must be a decay of keras_course.callbacks or None. Received: decay={decay!r}")
    if not all(isinstance(x.learning_rate, keras.Variable) for x in _optimizers(gan)):
        raise ValueError(
            "`decay` needs optimizers with a number as their rate. Received: a learning-rate schedule object"
        )
    rate = decay.initial_rate or rounded(gan.generator_optimizer.learning_rate)
    return type(decay)(**{**decay.get_config(), "initial_rate": rate})


def describe(gan: GAN, data: ImageData, epochs: int, decay: LearningRateDecay | None, seed: int) -> dict[str, Any]:
    """Returns what makes a run, JSON-serialisable: what a resumed run must have in common with the first."""
    generator, discriminator = _optimizers(gan)
    return {
        "model": gan.name,
        "generator": gan.generator.name,
        "discriminator": gan.discriminator.name,
        "parameters": {"generator": parameters(gan.generator), "discriminator": parameters(gan.discriminator)},
        "layers_digest": {
            "generator": layers_digest(gan.generator),
            "discriminator": layers_digest(gan.discriminator),
        },
        "conditional": gan.conditional,
        "averaging": gan.averaging,
        "loss": gan.loss_name,
        "label_smoothing": gan.label_smoothing,
        "gradient_penalty": gan.gradient_penalty,
        **data_settings(data),
        "epochs": epochs,
        "generator_optimizer": optimizer_settings(generator),
        "discriminator_optimizer": optimizer_settings(discriminator),
        "decay": None if decay is None else {"law": type(decay).__name__, **decay.get_config()},
        "seed": seed,
        "versions": package_versions(),
    }


def _optimizers(gan: GAN) -> tuple[keras.optimizers.Optimizer, keras.optimizers.Optimizer]:
    return gan.generator_optimizer, gan.discriminator_optimizer
