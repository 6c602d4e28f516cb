"""What a style network minimises, of batches of crops, and its means over the validation crops."""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from keras_course.applications.style_transfer.crops import CropData
from keras_course.applications.style_transfer.losses import content_loss, style_loss
from keras_course.applications.style_transfer.minimizing import OUTSIDE
from keras_course.applications.style_transfer.objective import TERMS, StyleFeatures
from keras_course.inspection.objective import total_variation

Losses = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def losses_of_crops(features: StyleFeatures, style: np.ndarray) -> Losses:
    """Returns the function of contents and pictures, (batch, height, width, 3), to losses (batch, 3) as in `TERMS`."""
    targets = features.measure(tf.constant(style[np.newaxis]))[1]

    def losses(contents: tf.Tensor, pictures: tf.Tensor) -> tf.Tensor:
        aims, starts = features.measure(contents)
        found, styles = features.measure(pictures)
        content = [content_loss(ours, tf.stop_gradient(aim)) for ours, aim in zip(found, aims, strict=True)]
        own = [
            style_loss(ours, target, tf.stop_gradient(start))
            for ours, target, start in zip(styles, targets, starts, strict=True)
        ]
        variation = total_variation(pictures) / total_variation(contents)
        return tf.stack([tf.add_n(content) / len(content), tf.add_n(own) / len(own), variation], axis=1)

    return losses


def weighted_loss(losses: Losses, weights: tuple[float, float, float]) -> Losses:
    """Returns the loss (batch,) of contents and pictures: the weighted sum, and a penalty of pixels outside [0, 1]."""

    def loss(contents: tf.Tensor, pictures: tf.Tensor) -> tf.Tensor:
        inside = tf.clip_by_value(pictures, 0, 1)
        outside = tf.reduce_mean(tf.square(pictures - inside), axis=[1, 2, 3])
        return tf.linalg.matvec(losses(contents, inside), tf.constant(weights)) + OUTSIDE * outside

    return loss


def mean_losses(
    model: keras.Model, data: CropData, losses: Losses, weights: tuple[float, float, float]
) -> pd.DataFrame:
    """Returns the mean losses of the validation crops, as they are and painted."""
    batches = [crops for crops, _ in data.validation or ()]
    found = {
        "as they are": [losses(crops, crops) for crops in batches],
        "painted": [losses(crops, tf.clip_by_value(model(crops, training=False), 0, 1)) for crops in batches],
    }
    table = pd.DataFrame({name: np.mean(np.concatenate(parts), axis=0) for name, parts in found.items()}, index=TERMS)
    table.loc["loss"] = np.asarray(weights) @ table
    return table
