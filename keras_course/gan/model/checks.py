"""Checks of a pair of nets, their optimizers and their loss."""

from typing import Any

import keras

from keras_course.arguments import require_choice, require_integer, require_number
from keras_course.gan.model.clusters import clusters_of
from keras_course.gan.model.losses import LOSSES


def check_nets(generator: Any, discriminator: Any) -> None:
    """Checks that the discriminator takes what the generator makes.

    Raises:
        ValueError: If one is not a functional model or has other inputs or outputs than a GAN's, or they don't fit.
    """
    for name, net in {"generator": generator, "discriminator": discriminator}.items():
        if not isinstance(net, keras.Model) or len(getattr(net, "outputs", None) or ()) != 1:
            raise ValueError(
                f"`{name}` must be a functional or sequential keras.Model with one output. Received: {name}={net!r}"
            )
    latents, *labels = [tuple(tensor.shape) for tensor in generator.inputs]
    if len(latents) != 2 or latents[1] is None or labels not in ([], [(None,)]):
        raise ValueError(
            "`generator` must take latents (batch, latent_dim), or [latents, labels (batch,)]. "
            f"Received: inputs {[latents, *labels]}"
        )
    if clusters_of(generator) is not None:
        labels = [(None,)]  # which it draws itself
    images, *seen = [tuple(tensor.shape) for tensor in discriminator.inputs]
    if images != tuple(generator.outputs[0].shape) or seen != labels:
        raise ValueError(
            f"`discriminator` must take the images of the generator {tuple(generator.outputs[0].shape)}"
            f"{' and the labels (None,)' if labels else ''}. Received: inputs {[images, *seen]}"
        )
    if tuple(discriminator.outputs[0].shape) != (None, 1):
        raise ValueError(
            "`discriminator` must output one logit per image, (None, 1). "
            f"Received: an output {tuple(discriminator.outputs[0].shape)}"
        )


def class_count(generator: keras.Model, discriminator: keras.Model, num_classes: Any) -> int:
    """Returns the number of classes of a conditional pair, from the generator's embedding of labels if None is given.

    Raises:
        ValueError: If it is no integer >= 2, none is given and there is no embedding, or an embedding of labels in one
            of the nets has another number of rows.
    """
    sizes = [_label_embeddings(net) for net in (generator, discriminator)]
    if num_classes is None and len(sizes[0]) == 1:
        num_classes = sizes[0][0]
    require_integer("num_classes", num_classes, at_least=2)
    for net, found in zip((generator, discriminator), sizes, strict=True):
        if len(found) == 1 and found[0] != num_classes:
            raise ValueError(
                "`num_classes`, `generator` and `discriminator` must agree. "
                f"Received: num_classes={num_classes}, and {net.name} for {found[0]} classes"
            )
    return int(num_classes)


def _label_embeddings(net: keras.Model) -> list[int]:
    return [layer.input_dim for layer in net._flatten_layers() if isinstance(layer, keras.layers.Embedding)]


def check_loss(loss: Any, label_smoothing: Any, gradient_penalty: Any, discriminator: keras.Model) -> None:
    """Raises a ValueError that names the first setting of the loss that is out of range."""
    require_choice("loss", loss, tuple(LOSSES))
    require_number("label_smoothing", label_smoothing, at_least=0, below=0.5)
    require_number("gradient_penalty", gradient_penalty, at_least=0)
    if label_smoothing and not LOSSES[loss].smooths:
        raise ValueError(
            f"`label_smoothing` must be 0 for the loss {loss!r}. Received: label_smoothing={label_smoothing}"
        )
    if LOSSES[loss].penalizes:
        norms = [x.name for x in discriminator._flatten_layers() if isinstance(x, keras.layers.BatchNormalization)]
        if norms:
            raise ValueError(
                f"`loss` {loss!r} needs a discriminator without batch normalisation: its penalty is on the gradient at "
                f"one image, which must not depend on the others. Received: layers {', '.join(norms)}"
            )
