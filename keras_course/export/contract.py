"""What an export and its readers agree on: the names of its signature, and the texts that travel beside the function.

`class_names.txt` is UTF-8, one name per line in the order of the class ids. `training_images.json` says whether the
training images were light on dark; exports whose maker doesn't know have none. `layers.txt` names the layers whose
feature maps the signature `inspect` returns, in the order of the network.
"""

import json
from collections.abc import Sequence

from keras_course.arguments import require_choice
from keras_course.name_arguments import require_class_names

SIGNATURE, INSPECT = "serving_default", "inspect"
IMAGES, PROBABILITIES, CLASS_ID = "images", "probabilities", "class_id"
LATENTS, LABELS = "latents", "labels"
PAINTED = "painted"
UNITS, CHANGED = "units", "changed"
PROMPT, LENGTH, TEMPERATURE, TOP_P, SEED, TEXT = "prompt", "length", "temperature", "top_p", "seed", "text"
BOXES, SCORES, COUNT = "boxes", "scores", "count"
MAPS, GRADIENT, GRAD_CAM = "maps/", "gradient", "grad_cam"  # the first with the name of a layer behind it
WORD_ID, LOG_PROBABILITY, ATTENTION = "word_id", "log_probability", "attention"
CLASS_NAMES, TRAINING_IMAGES, LAYERS = "class_names.txt", "training_images.json", "layers.txt"
VOCABULARY = "vocabulary.json"
SUMS = "assets.extra/sha256.json"  # TensorFlow Serving leaves `assets.extra` alone
LIGHT_ON_DARK, DARK_ON_LIGHT, MIXED = POLARITIES = ("light on dark", "dark on light", "mixed")


def travelling_texts(class_names: Sequence[str] | None, num_classes: int, polarity: str | None) -> dict[str, str]:
    """Returns the texts that travel with a model of classes, by file name.

    Args:
        class_names: As for `class_names_text`.
        num_classes: Int >= 1.
        polarity: "light on dark", "dark on light" or "mixed", as `image_polarity` says of the training images; `None`
            where it isn't known.

    Raises:
        ValueError: If an argument isn't as above.
    """
    texts = {CLASS_NAMES: class_names_text(class_names, num_classes)}
    if polarity is not None:
        require_choice("polarity", polarity, POLARITIES)
        texts[TRAINING_IMAGES] = json.dumps({"polarity": polarity}) + "\n"
    return texts


def class_names_text(class_names: Sequence[str] | None, num_classes: int) -> str:
    r"""Returns the names as text, one per line, each line ended by `"\n"`; `splitlines()` gets them back.

    Args:
        class_names: Sequence of `num_classes` strings, each one non-empty line; a name may occur twice (ImageNet has
            two "crane"). `None` names the classes "0" to "num_classes - 1".
        num_classes: Int >= 1.

    Raises:
        ValueError: If `class_names` isn't such a sequence.
    """
    if class_names is None:
        class_names = [str(index) for index in range(num_classes)]
    if isinstance(class_names, str | bytes) or not isinstance(class_names, Sequence):
        raise ValueError(
            f"`class_names` must be a sequence of {num_classes} strings or None. Received: class_names={class_names!r}"
        )
    if len(class_names) != num_classes:
        raise ValueError(
            f"`class_names` must have a name for each of the model's {num_classes} classes. "
            f"Received: class_names={list(class_names)!r}, {len(class_names)} names"
        )
    require_class_names(class_names)
    return "".join(f"{name}\n" for name in class_names)
