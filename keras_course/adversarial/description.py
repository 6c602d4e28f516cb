"""What a run of two nets that train each other records of them."""

from typing import Any

from keras_course.callbacks import LearningRateDecay
from keras_course.data.in_memory import InMemoryData
from keras_course.runs import RunSettings
from keras_course.runs.description import describe_run, layers_digest, model_name, optimizer_settings, parameters


def describe_two_nets(
    kind: str, model: Any, data: InMemoryData, settings: RunSettings, decay: LearningRateDecay | None, **own: Any
) -> dict[str, object]:
    """Returns what makes a run, JSON-serialisable, see `describe_run`.

    Args:
        kind: Of the run.
        model: With a `generator` and a `discriminator`, and an optimizer of each.
        data: What it is trained on.
        settings: Of the run.
        decay: Of the generator's rate, or None.
        **own: What only this kind records.
    """
    nets = {"generator": model.generator, "discriminator": model.discriminator}
    return describe_run(
        kind,
        data,
        settings,
        decay=decay,
        model=model_name(model),
        **{role: model_name(net) for role, net in nets.items()},
        parameters={role: parameters(net) for role, net in nets.items()},
        layers_digest={role: layers_digest(net) for role, net in nets.items()},
        averaging=model.averaging,
        **own,
        **{f"{role}_optimizer": optimizer_settings(getattr(model, f"{role}_optimizer")) for role in nets},
    )
