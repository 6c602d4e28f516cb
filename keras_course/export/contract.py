"""What an export and its readers agree on: the names of its signature, and the texts that travel beside the function.

`class_names.txt` is UTF-8, one name per line in the order of the class ids. `training_images.json` says whether the
training images were light on dark; exports whose maker doesn't know have none.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from keras_course.arguments import require_choice

SIGNATURE = "serving_default"
IMAGES, PROBABILITIES, CLASS_ID = "images", "probabilities", "class_id"
LATENTS, LABELS = "latents", "labels"
CLASS_NAMES, TRAINING_IMAGES = "class_names.txt", "training_images.json"
LIGHT_ON_DARK, DARK_ON_LIGHT, MIXED = POLARITIES = ("light on dark", "dark on light", "mixed")
LARGEST_TEXT = 16 * 1024**2  # bytes


def travelling_texts(class_names: Sequence[str] | None, num_classes: int, polarity: str | None) -> dict[str, str]:
    """Returns the texts that travel with a classifier, by file name.

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
    for name in class_names:
        if not isinstance(name, str) or name.splitlines() != [name]:
            raise ValueError(
                f"`class_names` must be non-empty strings without line breaks. Received: {name!r} among them"
            )
    return "".join(f"{name}\n" for name in class_names)


def read_text(file: Path) -> str:
    """Reads a small UTF-8 file.

    Raises:
        ValueError: If it is missing, no regular file, larger than `LARGEST_TEXT` bytes, or not UTF-8.
    """
    if not file.is_file():  # a named pipe, for instance, would block forever
        raise ValueError(f"{file} is no regular file")
    with file.open("rb") as stream:
        content = stream.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise ValueError(f"{file} has more than {LARGEST_TEXT} bytes")
    return content.decode("utf-8")


def reason(error: Exception) -> str:
    """Returns the first line of an error of another library, or the name of its class if it says nothing."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
