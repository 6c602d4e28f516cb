"""BLEU of a corpus (Papineni et al. 2002): n-grams that sentences share with references, and a penalty for brevity."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from keras_course.array_arguments import Array, FloatArray

ORDERS = 4  # BLEU-1 to BLEU-4
MATCHES, TOTALS = slice(0, ORDERS), slice(ORDERS, 2 * ORDERS)  # columns of the counts
LENGTH, REFERENCE_LENGTH = 2 * ORDERS, 2 * ORDERS + 1


def count_ngrams(words: Sequence[str], references: Sequence[Sequence[str]]) -> Array:
    """Counts what the BLEU of a corpus adds up of one sentence.

    An n-gram matches at most as often as it occurs in the reference that has it most often. The reference length is
    that of the reference closest in length, the shorter of two that are equally close.

    Args:
        words: Of the sentence.
        references: The words of each reference, one at least.

    Returns:
        Integers of shape (10,): matching n-grams for n = 1, 2, 3, 4; all n-grams of the sentence; the sentence's
        length; the reference length.

    Example:
        >>> count_ngrams(["a", "small", "cat"], [["a", "cat"], ["a", "small", "dog"]]).tolist()
        [3, 1, 0, 0, 3, 2, 1, 0, 3, 3]
    """
    counts = np.zeros(2 * ORDERS + 2, np.int64)
    for n in range(1, ORDERS + 1):
        most: Counter[tuple[str, ...]] = Counter()
        for reference in references:
            most |= ngrams(reference, n)
        found = ngrams(words, n)
        counts[n - 1], counts[ORDERS + n - 1] = (found & most).total(), found.total()
    counts[LENGTH] = len(words)
    counts[REFERENCE_LENGTH] = min((abs(len(one) - len(words)), len(one)) for one in references)[1]
    return counts


def ngrams(words: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """Counts the runs of n words.

    Example:
        >>> ngrams(["a", "a", "b"], 1)
        Counter({('a',): 2, ('b',): 1})
    """
    return Counter(tuple(words[start : start + n]) for start in range(len(words) - n + 1))


def bleu_of_counts(counts: FloatArray | Array) -> FloatArray:
    """Computes BLEU-n = bp exp(1/n Σᵢ log pᵢ) with the precisions pᵢ of i-grams and bp = min(1, exp(1 - r / c)).

    Where no i-gram matches, pᵢ is 1 / (2ᵏ total), k being the number of such orders up to i, as NIST's mteval smooths;
    where the sentences are too short for an i-gram, or share no word with their references, BLEU is 0.

    Args:
        counts: Sums of what `count_ngrams` returns over the sentences of a corpus, shape (..., 10).

    Returns:
        BLEU-1 to BLEU-4 in [0, 1], shape (..., 4).

    Example:
        >>> import numpy as np
        >>> bleu_of_counts(np.array([3, 1, 0, 0, 3, 2, 1, 0, 3, 3])).round(3)
        array([1.   , 0.707, 0.63 , 0.   ])

    Source: Papineni et al. (2002), "BLEU: a method for automatic evaluation of machine translation"; the smoothing:
        Chen and Cherry (2014), method 3.
    """
    values = np.asarray(counts, np.float64)
    matches, totals = values[..., MATCHES], values[..., TOTALS]
    length, reference = values[..., LENGTH, np.newaxis], values[..., REFERENCE_LENGTH, np.newaxis]
    nothing = (matches == 0) & (totals > 0)
    smoothed = np.where(nothing, 0.5 ** np.cumsum(nothing, axis=-1), matches)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithms = np.where(totals > 0, np.log(smoothed) - np.log(totals), -np.inf)
        penalty = np.where(length > 0, np.minimum(0.0, 1 - reference / length), -np.inf)
        bleu = np.exp(penalty + np.cumsum(logarithms, axis=-1) / np.arange(1, ORDERS + 1))
    return np.where(matches[..., :1] > 0, bleu, 0.0)
