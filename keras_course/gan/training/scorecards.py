"""The scorecards of a training, made at regular intervals and remembered across a resume."""

import numpy as np
import pandas as pd

from keras_course.gan.judging.scores import scorecard
from keras_course.gan.model.gan import GAN
from keras_course.gan.training.settings import GANSettings
from keras_course.runs.state import State, pack_table, rows_of, unpack_table

SCORES = "scorecard.csv"
SCORES_A_RUN = 10


class Scorecards(State):
    """Judges images that the sample grid doesn't show.

    Args:
        gan: The model whose images are judged.
        settings: Settings of the training; without a reference nothing is judged.
    """

    def __init__(self, gan: GAN, settings: GANSettings):
        self.gan = gan
        self.settings = settings
        self.every = settings.score_every or max(1, settings.epochs // SCORES_A_RUN)
        self.cards: dict[int, dict[str, float]] = {}

    @property
    def table(self) -> pd.DataFrame:
        """One row per scorecard, index = epoch (0-based)."""
        return pd.DataFrame(list(self.cards.values()), index=pd.Index(list(self.cards), name="epoch", dtype=np.int64))

    @property
    def last(self) -> pd.Series | None:
        """The last scorecard, or None."""
        return self.table.iloc[-1].dropna() if self.cards else None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Returns the table by its file name, as soon as there is one."""
        return {SCORES: self.table} if self.cards else {}

    def keep(self, epoch, logs):
        """Makes the scorecard of an epoch, if one is due."""
        due = (epoch + 1) % self.every == 0 or epoch + 1 == self.settings.epochs
        if self.settings.reference is not None and due:
            count = self.settings.score_count
            labels = self.gan.labels_for(count)
            images = self.gan.generate(count, seed=self.settings.seed + 1, labels=labels)
            card = scorecard(images, self.settings.reference, labels=labels)
            self.cards[epoch] = {str(name): float(figure) for name, figure in card.items()}

    def pack(self):
        """Returns the table."""
        return pack_table("scores", self.table)

    def unpack(self, arrays):
        """Takes the cards."""
        table = unpack_table("scores", arrays, "epoch")
        self.cards = dict(zip(map(int, table.index), rows_of(table), strict=True))
