"""The last step of a three-way split: the test images, looked at once, and a record of it."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from keras_course.data import ImageData
from keras_course.evaluation import ClassifierEvaluation
from keras_course.files import write_file
from keras_course.reading import check_types, read_json, reason
from keras_course.runs.kinds import folder_of_run, owning_run_dir
from keras_course.selection.contenders import evaluate_contender

RECORD = "final_evaluation.json"
TYPES: dict[str, type | tuple[type, ...]] = {  # of a look, as JSON has them
    **dict.fromkeys(("model", "data", "when"), str),
    **dict.fromkeys(("accuracy", "low", "high"), (float, int)),
    **dict.fromkeys(("images", "look"), int),
    "loss": (float, int, type(None)),
}


@dataclass(frozen=True)
class Look:
    """One look at the test images, as the record keeps it.

    Args:
        model: Its name.
        data: Name of the data set.
        accuracy: In [0, 1].
        low: Lower end of the accuracy's 95 % Wilson interval, for the spread of the test images alone.
        high: Its upper end.
        loss: Mean cross-entropy in nats, None without probabilities.
        images: How many.
        when: Date and time.
        look: 1 if these test images had not been looked at in this folder; else which look it was.
    """

    model: str
    data: str
    accuracy: float
    low: float
    high: float
    loss: float | None
    images: int
    when: str
    look: int


@dataclass(frozen=True, eq=False, kw_only=True)
class FinalEvaluation(ClassifierEvaluation):
    """The evaluation of the chosen model on the test images.

    Args:
        record: The look that it was: which one, when, and of which model.

    Example:
        >>> import numpy as np
        >>> from keras_course.selection.looks import Look
        >>> record = Look("lenet", "digits", 0.5, 0.09, 0.91, 0.7, 2, "2026-01-01 10:00 UTC", look=1)
        >>> final = FinalEvaluation(np.array([0, 1]), np.eye(2)[[0, 0]], ("a", "b"), 0.7, record=record)
        >>> final.accuracy, final.look, final.when
        (0.5, 1, '2026-01-01 10:00 UTC')
    """

    record: Look

    @property
    def look(self) -> int:
        """1 if these test images had not been looked at in this folder; else which look it was."""
        return self.record.look

    @property
    def when(self) -> str:
        """Date and time."""
        return self.record.when


@owning_run_dir
def final_evaluation(
    model: Any, data: ImageData, *, run_dir: str | os.PathLike, name: str | None = None, again: bool = False
) -> FinalEvaluation:
    """Evaluates a trained model on the test images, once: the folder remembers, and a second time is refused.

    A choice made by the test images makes their accuracy too good: among several models the luckiest wins. So all
    choices come first, by validation or cross-validation, which take data `without_test`.

    Args:
        model: Trained: a Keras model with logits, or an estimator with `predict`.
        data: With its test images.
        run_dir: Folder of the study, which gets or has `final_evaluation.json`; made if missing.
        name: Of the model, default its own.
        again: Whether to look again. The record then counts one look more, and says so for good.

    Returns:
        The evaluation, which the folder holds before it is returned.

    Raises:
        ValueError: If the folder's record shows an evaluation and `again` is false, the record is damaged, `run_dir` is
            a file, `data` has no test images, or `model` doesn't predict.

    Example:
        >>> import tempfile
        >>> from keras_course.classical import recognition_pipeline
        >>> from keras_course.data import load_images
        >>> data = load_images("digits")
        >>> tree = recognition_pipeline("pixels", "tree").fit(*data.train_examples)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     final = final_evaluation(tree, data, run_dir=folder)
        >>> final.look, len(final.labels), final.accuracy > 0.7
        (1, 360, True)

    Source: deck, chapter 7, "Solution: Cross validation": "Use test only to report final performance".
    """
    if not isinstance(data, ImageData) or not data.test_size:
        raise ValueError(f"`data` must be the ImageData that load_images returns, with test images. Received: {data!r}")
    if not hasattr(model, "predict"):
        raise ValueError(
            f"`model` must be a trained Keras model, or an estimator with predict. Received: a {type(model).__name__}"
        )
    folder = Path(run_dir)
    earlier = read_looks(folder)
    if not again:
        refuse_second_look(folder, earlier)
    folder.mkdir(parents=True, exist_ok=True)
    scored = evaluate_contender(model, data)
    low, high = scored.accuracy_interval()
    record = Look(
        model=name or getattr(model, "name", None) or type(model).__name__,
        data=data.name,
        accuracy=scored.accuracy,
        low=low,
        high=high,
        loss=None if np.isnan(scored.loss) else scored.loss,
        images=data.test_size,
        when=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        look=len(earlier) + 1,
    )
    text = json.dumps([asdict(one) for one in (*earlier, record)], indent=2, ensure_ascii=False)
    write_file(folder / RECORD, f"{text}\n".encode())
    return FinalEvaluation(**{part.name: getattr(scored, part.name) for part in fields(scored)}, record=record)


def refuse_second_look(run_dir: str | os.PathLike, earlier: Sequence[Look]) -> None:
    """Raises a ValueError if there was an evaluation on the test images.

    Args:
        run_dir: The folder, for the message.
        earlier: What its record shows.
    """
    if earlier:
        first = earlier[0]
        raise ValueError(
            f"`run_dir` must be a folder whose test images have not been used: they are looked at once, at the end. "
            f"Received: run_dir={str(run_dir)!r}, where {first.model!r} was evaluated on them on {first.when}, with "
            f"accuracy {first.accuracy:.4f}. In Python, again=True looks once more, and the record will say so"
        )


def read_looks(run_dir: str | os.PathLike) -> list[Look]:
    """Reads how often, and with what result, test images were looked at in a folder.

    Args:
        run_dir: The folder; it may be missing.

    Returns:
        The evaluations, the first one first; empty if there was none.

    Raises:
        ValueError: If `run_dir` is a file or the record is damaged.
    """
    path = folder_of_run(run_dir) / RECORD
    if not path.exists():
        return []
    try:
        looks = read_json(path, list)
        for values in looks:
            check_types(values, TYPES, needed=True)
        return [Look(**values) for values in looks]
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            "`run_dir` must have a whole record of its looks at the test images. "
            f"Received: {path}, damaged ({reason(error)})"
        ) from error
