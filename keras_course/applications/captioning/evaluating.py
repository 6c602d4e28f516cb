"""What a captioner writes about images, a model or an export, and how good that is."""

from collections.abc import Sequence

import keras
import numpy as np

from keras_course.applications.captioning.exporting import captioning_task, check_captioner
from keras_course.data import CaptionExamples
from keras_course.data.captions import vocabulary_of
from keras_course.evaluation import CaptionEvaluation
from keras_course.export import CaptionerPrediction, SavedCaptioner
from keras_course.export.contract import ATTENTION, LOG_PROBABILITY, WORD_ID
from keras_course.export.serving import run_on_images


def caption(
    captioner: keras.Model | SavedCaptioner, images: np.ndarray, class_names: Sequence[str], *, beams: int | None = None
) -> CaptionerPrediction:
    """Describes images: the function that an export holds.

    Args:
        captioner: From `build_captioner`, or an export from `load_saved_model`.
        images: uint8 in 0..255, shape (n, height, width, channels) as the captioner takes them.
        class_names: The name of each word's id, such as `CaptionData.class_names`.
        beams: Integer in [1, 1000]: sentences kept at each step of the search. 1, the default, is greedy: the most
            probable word at each step. An export has its own number.

    Returns:
        Captions, words, log-probabilities and attention of the n images.

    Raises:
        ValueError: If `captioner` is none, images or names don't fit, or `beams` is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.captioning import caption
        >>> from keras_course.models import build_captioner
        >>> model = build_captioner((32, 32, 1), 6, units=8, length=4, width=0.1)
        >>> names = ["<padding>", "<unknown>", "<start>", "<end>", "a", "cat"]
        >>> caption(model, np.zeros((2, 32, 32, 1), np.uint8), names, beams=3).attention.shape
        (2, 4, 4, 4)

    Source: deck, chapter 8, "Image captioning"; Xu et al. (2015), arXiv:1502.03044.
    """
    if beams is not None and isinstance(captioner, SavedCaptioner):
        raise ValueError(f"`beams` must be None for an export, which has its own. Received: beams={beams}")
    vocabulary = vocabulary_of(class_names)
    if isinstance(captioner, keras.Model) and (known := check_captioner(captioner)) != len(class_names):
        raise ValueError(
            f"`class_names` must have a name for each of the {known} ids of words. Received: {len(class_names)} names"
        )
    batches = list(run_on_images("captioner", captioner, captioning_task(1 if beams is None else beams), images))
    found = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    return CaptionerPrediction(
        [vocabulary.decode(row) for row in found[WORD_ID]],
        [vocabulary.words_of(row) for row in found[WORD_ID]],
        found[LOG_PROBABILITY],
        found[ATTENTION],
    )


def evaluate_on(
    captioner: keras.Model | SavedCaptioner,
    examples: CaptionExamples,
    class_names: Sequence[str],
    *,
    beams: int | None = None,
) -> CaptionEvaluation:
    """Evaluates a captioner, a model or an export, on images with captions.

    Args:
        captioner: As for `caption`, like the other arguments.
        examples: Such as `CaptionData.test_examples`.
        class_names: The name of each id, of the captioner's words.
        beams: As for `caption`.

    Returns:
        The evaluation.

    Raises:
        ValueError: If the captioner doesn't fit the images or the words.

    Example:
        >>> import numpy as np
        >>> from keras_course.applications.captioning import evaluate_on
        >>> from keras_course.data import CaptionExamples
        >>> from keras_course.models import build_captioner
        >>> examples = CaptionExamples(np.zeros((1, 32, 32, 1), np.uint8), np.array([["a cat"]], object))
        >>> names = ["<padding>", "<unknown>", "<start>", "<end>", "a", "cat"]
        >>> evaluate_on(build_captioner((32, 32, 1), 6, units=8, length=4, width=0.1), examples, names).num_images
        1
    """
    found = caption(captioner, examples.images, class_names, beams=beams)
    return CaptionEvaluation(tuple(found.caption), tuple(map(tuple, examples.references())))
