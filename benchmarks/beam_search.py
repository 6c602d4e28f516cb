"""Beam search of 5 against greedy search on 1,000 images, with captioners that have learned to write sentences."""

import numpy as np

from benchmarks.clock import ROUNDS, alternate
from benchmarks.table import Row

BEAMS, EPOCHS = 5, 2
BAR = 3.0


def run() -> list[Row]:
    """Describes the 1,000 test scenes both ways in turn, once per decoder."""
    from keras_course.data import load_captions

    data = load_captions("digit_scenes", batch_size=16)
    return [compare(kind, data) for kind in ("gru", "transformer")]


def compare(kind: str, data) -> Row:
    """Times the functions that an export holds, compiled before the clock starts."""
    from keras_course import train_recipe
    from keras_course.applications.captioning import captioning_task
    from keras_course.export.serving import serving_function

    model = train_recipe("captioner", data, decoder=kind, epochs=EPOCHS, verbose=0).model
    images = data.test_examples.images
    functions = [serving_function(model, captioning_task(beams)).get_concrete_function() for beams in (1, BEAMS)]
    ratio, searched, greedy = alternate(lambda: describe(functions[1], images), lambda: describe(functions[0], images))
    scores = [describe(function, images) for function in functions]
    better = float(np.mean(scores[1] > scores[0] + 1e-4))
    return Row(
        f"beam search of {BEAMS} / greedy, {len(images):,} images of 64x64, {kind} decoder",
        f"{ratio:.2f} ({searched:.2f} s against {greedy:.2f} s, {ROUNDS} rounds); finds a caption of higher "
        f"probability for {better:.1%}",
        f"<= {BAR:g}",
        ratio <= BAR,
    )


def describe(function, images: np.ndarray) -> np.ndarray:
    """Returns the log-probability of the caption of each image, 50 images at a time as `caption` takes them."""
    import tensorflow as tf

    parts = [function(images=tf.constant(images[first : first + 50])) for first in range(0, len(images), 50)]
    return np.concatenate([part["log_probability"].numpy() for part in parts])
