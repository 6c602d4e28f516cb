"""How good captions are: the whole sentence, BLEU, and single words, each with an interval."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from keras_course.array_arguments import Array
from keras_course.data import split_text
from keras_course.evaluation.bleu import LENGTH, ORDERS, bleu_of_counts, count_ngrams
from keras_course.evaluation.resampling import draw_images, interval_table

EXACT, TOKENS = "exact match", "token accuracy"
BLEUS = tuple(f"BLEU-{n}" for n in range(1, ORDERS + 1))


@dataclass(frozen=True, eq=False)
class CaptionEvaluation:
    """Captions of n images beside the sentences that people, or a grammar, wrote about them.

    Sentences are compared word by word in lower case, marks counting as words. Exact match is the share of images whose
    caption is one of their references; BLEU-1 to 4 are those of all captions together, not means over images; token
    accuracy is the share of places, of the longer sentence, at which caption and reference have the same word, with the
    reference that agrees best.

    Args:
        captions: n sentences.
        references: Of each image one sentence at least.

    Raises:
        ValueError: If there is no image, numbers differ, an image has no reference, or one is not a string.

    Example:
        >>> from keras_course.evaluation import CaptionEvaluation
        >>> evaluation = CaptionEvaluation(["one digit: a two", "one digit: a six"], [["one digit: a two"]] * 2)
        >>> evaluation.summary.round(3).to_dict()
        {'exact match': 0.5, 'BLEU-1': 0.9, 'BLEU-2': 0.887, 'BLEU-3': 0.869, 'BLEU-4': 0.838, 'token accuracy': 0.9}

    Source: deck, chapter 8, "Image captioning"; Papineni et al. (2002).
    """

    captions: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]

    def __post_init__(self):
        object.__setattr__(self, "captions", tuple(self.captions))
        object.__setattr__(self, "references", tuple(map(_sentences, self.references)))
        if not self.captions or len(self.captions) != len(self.references) or not all(self.references):
            raise ValueError(
                "`captions` must be a sentence per image, `references` one or several, of one image at least. "
                f"Received: {len(self.captions)} captions, {len(self.references)} images with references, "
                f"{sum(not one for one in self.references)} of them without any"
            )
        for text in (*self.captions, *(one for own in self.references for one in own)):
            if not isinstance(text, str):
                raise ValueError(f"`captions` and `references` must be strings. Received: {text!r:.100} among them")

    @property
    def num_images(self) -> int:
        """N."""
        return len(self.captions)

    @cached_property
    def exact(self) -> Array:
        """Bools of shape (n,): whether the caption is one of the references."""
        return np.array([words in own for words, own in self._words])

    @cached_property
    def counts(self) -> Array:
        """What BLEU adds up of each image, integers of shape (n, 10), see `count_ngrams`."""
        return np.array([count_ngrams(words, own) for words, own in self._words])

    @cached_property
    def token_hits(self) -> Array:
        """Of each image, the words that are right, and all of the longer sentence: integers of shape (n, 2)."""
        return np.array([max((_hits(words, one) for one in own), key=_share) for words, own in self._words])

    @cached_property
    def summary(self) -> pd.Series:
        """Exact match, BLEU-1 to 4 and token accuracy, each in [0, 1]."""
        return pd.Series(
            {name: float(values[0]) for name, values in self._figures(np.ones((1, self.num_images))).items()}
        )

    @property
    def exact_match(self) -> float:
        """The share of images whose caption is one of their references."""
        return float(self.summary[EXACT])

    @cached_property
    def commonest(self) -> tuple[str, float]:
        """The sentence that most images have as a reference, and its share: the exact match of always saying it."""
        seen = Counter(text for own in self.references for text in dict.fromkeys(own))
        text, count = seen.most_common(1)[0]
        return text, count / self.num_images

    def interval(self, confidence: float = 0.95, *, resamples: int = 1000, seed: int = 0) -> pd.DataFrame:
        """Resamples the images to see how far the figures would differ on others like these.

        Args:
            confidence: Float in (0, 1), default 0.95.
            resamples: Int >= 1. How many times to draw as many images with replacement.
            seed: Int >= 0.

        Returns:
            A row for each figure of `summary` and columns value, low, high: the figure and quantiles of its resamples,
            NaN of a single image.

        Raises:
            ValueError: If an argument is out of range.
        """
        weights = draw_images(self.num_images, resamples, seed)
        values = {str(name): float(value) for name, value in self.summary.items()}
        return interval_table(values, self._figures(weights), confidence, self.num_images)

    @cached_property
    def per_image(self) -> pd.DataFrame:
        """Of each image the caption, its first reference, whether it is exact, and its words that are right."""
        return pd.DataFrame(
            {
                "caption": self.captions,
                "reference": [own[0] for own in self.references],
                "exact": self.exact,
                "words": self.counts[:, LENGTH],
                "right words": self.token_hits[:, 0],
            }
        ).rename_axis("image")

    @cached_property
    def _words(self) -> list[tuple[list[str], list[list[str]]]]:
        return [
            (split_text(caption.lower()), [split_text(text.lower()) for text in own])
            for caption, own in zip(self.captions, self.references, strict=True)
        ]

    def _figures(self, weights: Array) -> dict[str, Array]:
        """Returns the figures of corpora in which images count so often, weights (corpora, n), shape (corpora,)."""
        bleu = bleu_of_counts(weights @ self.counts)
        hits = weights @ self.token_hits
        return {
            EXACT: weights @ self.exact / weights.sum(axis=1),
            **dict(zip(BLEUS, bleu.T, strict=True)),
            TOKENS: hits[:, 0] / hits[:, 1],
        }


def _sentences(references: str | Sequence[str]) -> tuple[str, ...]:
    return (references,) if isinstance(references, str) else tuple(references)


def _hits(words: list[str], reference: list[str]) -> tuple[int, int]:
    return sum(map(str.__eq__, words, reference)), max(len(words), len(reference), 1)


def _share(hits: tuple[int, int]) -> float:
    return hits[0] / hits[1]
