"""SavedModel export of a language model: a prompt in, text out."""

import os
from pathlib import Path

import keras

from keras_course.applications.language_model.sampling import writing_function
from keras_course.data import Vocabulary
from keras_course.export.contract import SIGNATURE, VOCABULARY
from keras_course.export.saved_model import write_saved_model
from keras_course.export.saved_writer import SavedWriter
from keras_course.export.verification import open_signature
from keras_course.files import write_next_version
from keras_course.name_arguments import require_path

CHECKED = {"length": 20, "temperature": 1.0, "top_p": 0.9, "seed": 1}


def export_language_model(model: keras.Model, directory: str | os.PathLike, *, vocabulary: Vocabulary) -> Path:
    """Writes `directory/<next version>/`, a SavedModel that writes text and needs no Keras to run.

    The signature `serving_default` takes `prompt` string `(batch,)` and single numbers, `length` int32, `temperature`
    and `top_p` float32 and `seed` int32; it returns `text` string `(batch,)`, what follows the prompts. Splitting into
    tokens and drawing them are inside; the vocabulary travels in `assets/vocabulary.json`. `load_saved_model` reads it
    back, as a `SavedWriter`.

    Args:
        model: From `build_language_model`.
        directory: Folder that holds the versions; made if missing.
        vocabulary: That the model was trained with.

    Returns:
        The new folder, `directory/1` in an empty directory.

    Raises:
        ValueError: If the model doesn't fit the vocabulary.

    Example:
        >>> import tempfile
        >>> from keras_course.applications.language_model import export_language_model
        >>> from keras_course.data import Vocabulary
        >>> from keras_course.models import build_language_model
        >>> letters = Vocabulary("characters", ("a", "b"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export_language_model(build_language_model(6, units=4), folder, vocabulary=letters).name
        '1'
    """
    function = writing_function(model, vocabulary)

    def write(folder: Path) -> None:
        write_saved_model({SIGNATURE: function}, folder, {VOCABULARY: vocabulary.to_json()}, model)
        written, copied = (
            SavedWriter(folder, one, vocabulary).write("".join(vocabulary.tokens[:3]), **CHECKED)  # type: ignore[arg-type]
            for one in (function, open_signature(folder))
        )
        if written != copied:
            raise ValueError(
                f"`model` must write the same from a SavedModel. Received: model={model.name!r}, whose copy wrote "
                f"{copied!r} instead of {written!r}"
            )

    return write_next_version(require_path("directory", directory), write)
