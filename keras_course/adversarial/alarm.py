"""The base of alarms that tell when two nets that train each other have stopped learning, and how."""

import abc
import json
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_course.arguments import require_integer
from keras_course.runs import State
from keras_course.runs.engine import losses_are_finite

logger = logging.getLogger(__name__)

NOT_FINITE = "NaN"


class Finding(NamedTuple):
    """What the alarm saw.

    Attributes:
        epoch: 0-based, the epoch after which it was seen.
        kind: In a few words, such as "NaN" or "one class".
        message: What exactly, with figures.

    Example:
        >>> from keras_course.adversarial import Finding
        >>> Finding(epoch=3, kind="one class", message="90 % of the generated images are of class '1'").kind
        'one class'
    """

    epoch: int
    kind: str
    message: str


class Alarm(State, keras.callbacks.Callback, abc.ABC):
    """Looks at a model after each epoch and reports each kind of failure that lasts, once until it is over.

    Findings are logged as warnings and kept in `findings`; `logs["collapse"]` gets the number of alarms that ring. What
    is not finite rings at once, and ends the training.

    Args:
        patience: Integer >= 1, epochs in a row after which all but that is reported.

    Raises:
        ValueError: If `patience` is out of range.

    Example:
        >>> class Always(Alarm):
        ...     def look(self, model, logs):
        ...         return {"late": "it is late"}
        >>> alarm = Always(patience=2)
        >>> alarm.on_epoch_end(0)
        >>> alarm.ringing
        []
    """

    def __init__(self, *, patience: int = 2):
        super().__init__()
        require_integer("patience", patience, at_least=1)
        self.patience = patience
        self.findings: list[Finding] = []
        self.streaks: dict[str, int] = {}

    @abc.abstractmethod
    def look(self, model: Any, logs: dict[str, Any]) -> dict[str, str]:
        """Returns what can be seen now: a message for each kind of failure.

        Args:
            model: The model, with its two nets.
            logs: Its figures of an epoch.
        """

    @property
    def ringing(self) -> list[str]:
        """The kinds that have lasted long enough, now."""
        return [kind for kind, streak in self.streaks.items() if streak >= self._needed(kind)]

    def on_train_batch_end(self, batch, logs=None):
        """Ends an epoch whose losses are NaN or infinite."""
        if not losses_are_finite(logs):
            self.model.stop_training = True

    def on_epoch_end(self, epoch, logs=None):
        """Looks at the logs, the weights and some generated images."""
        seen = self.look(self.model, logs or {})
        for kind in [kind for kind in self.streaks if kind not in seen]:
            del self.streaks[kind]
        for kind, message in seen.items():
            streak = self.streaks[kind] = self.streaks.get(kind, 0) + 1
            if streak == self._needed(kind):
                self.findings.append(Finding(epoch, kind, message))
                logger.warning("epoch %d: %s: %s", epoch + 1, kind, message)
        if logs is not None:
            logs["collapse"] = float(len(self.ringing))
        if NOT_FINITE in seen:
            self.model.stop_training = True

    def explain(self, step):
        """Says what is not finite."""
        return next(
            (f"epoch {epoch + 1}: {message}" for epoch, kind, message in self.findings if kind == NOT_FINITE), None
        )

    def pack(self):
        """Returns findings and streaks as JSON."""
        return {"alarm": np.array(json.dumps({"findings": self.findings, "streaks": self.streaks}), dtype=np.str_)}

    def unpack(self, arrays):
        """Takes them back."""
        state = json.loads(str(arrays["alarm"]))
        self.findings, self.streaks = [Finding(*finding) for finding in state["findings"]], state["streaks"]

    def _needed(self, kind: str) -> int:
        return 1 if kind == NOT_FINITE else self.patience


def nonfinite_part(model: Any, logs: dict[str, Any]) -> str | None:
    """Names the first figure of the logs, or else the first weight, that is NaN or infinite; None if all are finite."""
    for name, figure in logs.items():
        if not np.isfinite(figure):
            return f"`{name}`"
    for net in (model.generator, model.discriminator):
        for weight in net.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
                return f"weight {weight.path} of {net.name}"
    return None


def what_is_not_finite(model: Any, logs: dict[str, Any]) -> dict[str, str]:
    """Returns the finding of a figure or a weight that is NaN or infinite, as `look` does; none if all are finite.

    Args:
        model: With a `generator` and a `discriminator`.
        logs: Figures by name.

    Example:
        >>> from keras_course.adversarial import what_is_not_finite
        >>> from keras_course.gan import GAN, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> model = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> len(what_is_not_finite(model, {"loss": 1.0})), len(what_is_not_finite(model, {"loss": float("nan")}))
        (0, 1)
    """
    broken = nonfinite_part(model, logs)
    return {NOT_FINITE: f"{broken} is NaN or infinite. A lower learning rate is the usual cure."} if broken else {}


def collapse_verdict(findings: Sequence[Finding], ringing: bool) -> str:
    """Sums up what an alarm saw.

    Args:
        findings: All of them.
        ringing: Whether an alarm still rings at the end.

    Example:
        >>> from keras_course.adversarial import Finding, collapse_verdict
        >>> collapse_verdict([Finding(3, "one image", "all images are grey")], ringing=False)
        'recovered: one image from epoch 4, over at the end'
    """
    if not findings:
        return "no collapse: the alarm saw nothing"
    kinds = ", ".join(f"{kind} from epoch {epoch + 1}" for epoch, kind, _ in findings)
    return f"collapsed: {kinds}" if ringing else f"recovered: {kinds}, over at the end"
