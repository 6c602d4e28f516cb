"""How far a GAN's training has come, as arrays: all that an uninterrupted run would have in memory after an epoch."""

import json
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from keras_course.gan.model.gan import GAN
from keras_course.gan.training.collapse_alarm import Finding
from keras_course.runs.state import (
    assign_all,
    pack_table,
    pack_variables,
    rows_of,
    unpack_numbered,
    unpack_table,
)


@dataclass
class GANProgress:
    """How far a training has come.

    Args:
        rows: One dict of logs an epoch.
        scores: Epoch (0-based) -> figures of its scorecard.
        findings: What the collapse alarm saw.
        streaks: For how many epochs it has seen what it sees now.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    scores: dict[int, dict[str, float]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    streaks: dict[str, int] = field(default_factory=dict)

    @property
    def epochs(self) -> int:
        """Finished epochs."""
        return len(self.rows)

    @property
    def history(self) -> pd.DataFrame:
        """The rows as a table, index = epoch (0-based)."""
        return pd.DataFrame(self.rows, index=pd.RangeIndex(len(self.rows), name="epoch"))

    @property
    def scorecard(self) -> pd.DataFrame:
        """The scores as a table, index = epoch (0-based)."""
        index = pd.Index(list(self.scores), name="epoch", dtype=np.int64)
        return pd.DataFrame(list(self.scores.values()), index=index)


def pack(gan: GAN, progress: GANProgress) -> dict[str, np.ndarray]:
    """Lays out both nets, the average, both optimizers and the progress as named arrays for `np.savez`."""
    arrays = pack_variables("model", gan.variables)
    arrays |= pack_variables("generator_optimizer", gan.generator_optimizer.variables)
    arrays |= pack_variables("discriminator_optimizer", gan.discriminator_optimizer.variables)
    arrays |= pack_table("history", progress.history) | pack_table("scores", progress.scorecard)
    alarm = json.dumps({"findings": progress.findings, "streaks": progress.streaks})
    return arrays | {"alarm": np.array(alarm, dtype=np.str_)}


def unpack(arrays: dict[str, np.ndarray], gan: GAN) -> GANProgress:
    """Puts the arrays of `pack` into a compiled GAN and its optimizers, and returns the progress.

    Raises:
        ValueError: If the arrays belong to another model.
    """
    targets = {
        "model": gan.variables,
        "generator_optimizer": gan.generator_optimizer.variables,
        "discriminator_optimizer": gan.discriminator_optimizer.variables,
    }
    values = {name: unpack_numbered(name, arrays) for name in targets}
    for name, variables in targets.items():
        if [value.shape for value in values[name]] != [tuple(variable.shape) for variable in variables]:
            raise ValueError("`gan` must be the one that the checkpoint was made with. Received: other weight shapes")
    for name, variables in targets.items():
        assign_all(variables, values[name])
    alarm = json.loads(str(arrays["alarm"]))
    scores = unpack_table("scores", arrays, "epoch")
    return GANProgress(
        rows=rows_of(unpack_table("history", arrays, "epoch")),
        scores=dict(zip(map(int, scores.index), rows_of(scores), strict=True)),
        findings=[Finding(*finding) for finding in alarm["findings"]],
        streaks=alarm["streaks"],
    )
