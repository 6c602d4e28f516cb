"""What the export of a captioner holds beside the network: the search for the caption."""

from functools import partial
from typing import Any

import keras
import tensorflow as tf

from keras_course.applications.captioning.searching import Found, search_captions
from keras_course.arguments import require_integer
from keras_course.data.vocabulary import SPECIALS
from keras_course.export.contract import ATTENTION, LOG_PROBABILITY, WORD_ID
from keras_course.export.saved_captioner import SavedCaptioner
from keras_course.export.tasks import Task
from keras_course.models.captioner import decoder_of
from keras_course.models.conventions import check_logits, require_tensorflow

HEADS = ("logits", "not_shown")
MOST_BEAMS = 1000


def check_captioner(model: keras.Model) -> int:
    """Checks that a model is a captioner of `build_captioner`.

    Args:
        model: Functional `keras.Model` of images and words.

    Returns:
        The size of its vocabulary.

    Raises:
        ValueError: If it isn't.

    Example:
        >>> from keras_course.models import build_captioner
        >>> check_captioner(build_captioner((32, 32, 1), 9, units=8, width=0.1))
        9
    """
    require_tensorflow("an export")
    shapes = [tuple(tensor.shape) for tensor in getattr(model, "inputs", None) or ()]
    output: Any = getattr(model, "output", None)
    outputs = {name: tuple(one.shape) for name, one in output.items()} if isinstance(output, dict) else {}
    ranks = [*map(len, shapes), *map(len, outputs.values())]
    if set(outputs) != {*HEADS} or ranks != [4, 2, 3, 2] or outputs["logits"][-1] <= SPECIALS:
        raise ValueError(
            "`model` must be a captioner of `build_captioner`, from images (batch, height, width, channels) and words "
            "(batch, length) to a dict of logits (batch, length, vocabulary_size) and not_shown (batch, "
            f"vocabulary_size). Received: inputs {shapes}, outputs {outputs}"
        )
    decoder_of(model)
    check_logits(model, output["logits"])
    return outputs["logits"][-1]


def captioning_task(beams: int = 1) -> Task:
    """Returns the task of writing captions with so many beams; `CAPTIONING` is that of one, greedy.

    Args:
        beams: Integer in [1, 1000].

    Raises:
        ValueError: If `beams` is out of range.

    Example:
        >>> from keras_course.applications.captioning import captioning_task
        >>> captioning_task(beams=5).name
        'image captioner'

    Source: deck, chapter 8, "Image captioning"; beam search: Sutskever et al. (2014), arXiv:1409.3215, section 3.2.
    """
    require_integer("beams", beams, at_least=1, at_most=MOST_BEAMS)
    return Task("image captioner", check_captioner, _finished, SavedCaptioner, run=partial(_searched, beams=beams))


def _searched(model: keras.Model, images: Any, *, beams: int) -> Found:
    found = search_captions(model, images, beams=beams)
    rows, columns = map_size(model)
    return found._replace(attention=tf.reshape(found.attention, (-1, found.attention.shape[1], rows, columns)))


def map_size(model: keras.Model) -> tuple[int, int]:
    """Returns rows and columns of the cells that a captioner attends to; (1, 1) if to the mean of the image alone."""
    names = [layer.name for layer in model.layers]
    if "image_mean" in names:
        return 1, 1
    rows, columns = model.get_layer("cells").input.shape[1:3]
    return rows, columns


def _finished(found: Found, image_size: tuple[int, int]) -> dict[str, tf.Tensor]:
    return {WORD_ID: found.words, LOG_PROBABILITY: found.log_probability, ATTENTION: found.attention}


CAPTIONING = captioning_task()
