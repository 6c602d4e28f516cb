"""How well a language model predicts a text: nats per token, and perplexity."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from keras_course.array_arguments import FloatArray, finite_array
from keras_course.evaluation.resampling import draw_images, interval_table


@dataclass(frozen=True, eq=False)
class TextEvaluation:
    """What a language model loses on each token of some documents.

    Args:
        names: Of the documents.
        losses: Per document an array (tokens,): -ln of the probability of each token given those before it, in nats.

    Raises:
        ValueError: If there is no token, a loss is negative or not finite, or there are not as many names as arrays.

    Example:
        >>> import numpy as np
        >>> from keras_course.evaluation import TextEvaluation
        >>> coin = TextEvaluation(("one", "two"), (np.full(5, np.log(2)), np.full(3, np.log(2))))
        >>> round(coin.nats_per_token, 4), round(coin.perplexity, 4)
        (0.6931, 2.0)

    Source: deck, chapter 10, the recurrent networks that it did not show; Jelinek et al. (1977), "Perplexity".
    """

    names: tuple[str, ...]
    losses: tuple[FloatArray, ...]

    def __post_init__(self):
        object.__setattr__(self, "losses", tuple(np.asarray(one) for one in self.losses))
        if len(self.names) != len(self.losses) or not any(one.size for one in self.losses):
            raise ValueError(
                "`losses` must be an array of each name, not all of them empty. "
                f"Received: {len(self.names)} names and {len(self.losses)} arrays"
            )
        for name, one in zip(self.names, self.losses, strict=True):
            if one.size and finite_array("losses", one, ("tokens",)).min() < 0:
                raise ValueError(f"`losses` must be >= 0. Received: {one.min()} in {name!r}")

    @property
    def num_tokens(self) -> int:
        """The number of tokens."""
        return sum(len(one) for one in self.losses)

    @property
    def nats_per_token(self) -> float:
        """The mean loss over all tokens."""
        return float(sum(one.sum(dtype=np.float64) for one in self.losses) / self.num_tokens)

    @property
    def perplexity(self) -> float:
        """Exp of the nats per token: the number of equally probable tokens that would be as hard to predict."""
        return float(np.exp(self.nats_per_token))

    @property
    def per_document(self) -> pd.DataFrame:
        """Index = document; its tokens and nats per token, the worst predicted first; empty ones are left out."""
        judged = [(name, one) for name, one in zip(self.names, self.losses, strict=True) if len(one)]
        rows = [(len(one), float(one.mean(dtype=np.float64))) for _, one in judged]
        table = pd.DataFrame(rows, [name for name, _ in judged], columns=["tokens", "nats per token"])
        return table.sort_values("nats per token", ascending=False, kind="stable")

    def interval(self, *, confidence: float = 0.95, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
        """Bootstraps over documents, as tokens of one document are not independent.

        Args:
            confidence: Float in (0, 1).
            resamples: Integer >= 1.
            seed: Integer >= 0.

        Returns:
            Rows "nats per token" and "perplexity", columns value, low and high, which are NaN of a single document.

        Raises:
            ValueError: If an argument is out of range.

        Example:
            >>> import numpy as np
            >>> from keras_course.evaluation import TextEvaluation
            >>> two = TextEvaluation(("one", "two"), (np.ones(100), np.zeros(100)))
            >>> two.interval().loc["nats per token"].tolist()
            [0.5, 0.0, 1.0]
        """
        nats, tokens = np.array([(one.sum(dtype=np.float64), len(one)) for one in self.losses if len(one)]).T
        drawn = draw_images(len(nats), resamples, seed)
        means = drawn @ nats / (drawn @ tokens)
        values = {"nats per token": self.nats_per_token, "perplexity": self.perplexity}
        return interval_table(values, {"nats per token": means, "perplexity": np.exp(means)}, confidence, len(nats))
