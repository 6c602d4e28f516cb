"""Losses of distances between embeddings: pull together what belongs together, push the rest apart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import Array, float_array, require_array
from keras_course.numerics.losses.entropy import categorical_cross_entropy
from keras_course.numerics.losses.errors import like


class EmbeddingLoss(NamedTuple):
    """The values of a loss, one per pair, triplet or query, and the gradients of their sum, one per argument.

    Example:
        >>> from keras_course.numerics.losses import triplet_loss
        >>> loss = triplet_loss([[0.0]], [[2.0]], [[1.0]])
        >>> len(loss.gradients), loss.gradients[0]
        (3, array([[-2.]]))
    """

    value: Array
    gradients: tuple[Array, ...]


def contrastive_loss(first: ArrayLike, second: ArrayLike, same: ArrayLike, *, margin: float = 1.0) -> EmbeddingLoss:
    """Computes D²/2 for a pair that belongs together and max(0, m - D)²/2 for another, with D = |first - second|.

    Args:
        first: Embeddings of shape (pairs, features).
        second: Embeddings of the same shape.
        same: Booleans, or 0 and 1, of shape (pairs,).
        margin: Float > 0. m, in the unit of the embeddings, default 1: how far apart is far enough.

    Returns:
        Values of shape (pairs,), and the gradients with respect to `first` and `second`. Of different things in one
        place, where no direction leads apart, they are 0.

    Raises:
        ValueError: If a shape is wrong, `same` holds anything else, or `margin` is not positive.

    Example:
        >>> from keras_course.numerics.losses import contrastive_loss
        >>> loss = contrastive_loss([[0.0], [0.0]], [[2.0], [0.5]], [True, False])
        >>> loss.value, loss.gradients[1].ravel()
        (array([2.   , 0.125]), array([ 2. , -0.5]))

    Source: deck, chapter 10, "loss functions"; Hadsell et al. (2006), https://doi.org/10.1109/CVPR.2006.100, eq. (4).
    """
    require_number("margin", margin, above=0)
    a = float_array("first", first, ("pairs", "features"))
    difference = like("second", second, a) - a
    together = require_array("same", same, (len(a),))
    if not np.all((together == 0) | (together == 1)):
        raise ValueError(f"`same` must be True or False, or 0 or 1. Received: same={same!r}")
    distance = np.linalg.norm(difference, axis=1)
    missing = np.maximum(margin - distance, 0)
    apart = -np.divide(missing, distance, out=np.zeros_like(distance), where=distance > 0)
    gradient = np.where(together == 1, 1, apart)[:, np.newaxis] * difference
    return EmbeddingLoss(np.where(together == 1, distance, missing) ** 2 / 2, (0 - gradient, gradient))


def triplet_loss(anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike, *, margin: float = 1.0) -> EmbeddingLoss:
    """Computes max(0, |a - p|² - |a - n|² + m): the positive should be nearer than the negative by a margin.

    Args:
        anchor: a, embeddings of shape (triplets, features).
        positive: p, of the same shape: of the anchor's class.
        negative: n, of the same shape: of another class.
        margin: Float > 0. m, in the squared unit of the embeddings, default 1.

    Returns:
        Values of shape (triplets,), and the gradients with respect to anchor, positive and negative.

    Raises:
        ValueError: If a shape is wrong or `margin` is not positive.

    Example:
        >>> from keras_course.numerics.losses import triplet_loss
        >>> loss = triplet_loss([[0.0]], [[2.0]], [[1.0]])  # 4 - 1 + 1
        >>> loss.value, *(gradient.item() for gradient in loss.gradients)
        (array([4.]), -2.0, 4.0, -2.0)

    Source: deck, chapter 10, "loss functions"; Schroff et al. (2015), arXiv:1503.03832, eq. (3).
    """
    require_number("margin", margin, above=0)
    a = float_array("anchor", anchor, ("triplets", "features"))
    to_positive, to_negative = like("positive", positive, a) - a, like("negative", negative, a) - a
    value = np.maximum((to_positive**2).sum(axis=1) - (to_negative**2).sum(axis=1) + margin, 0)
    counts = 2 * (value > 0)[:, np.newaxis]
    gradients = to_negative - to_positive, to_positive, -to_negative
    return EmbeddingLoss(value, tuple(counts * gradient for gradient in gradients))


def info_nce_loss(queries: ArrayLike, keys: ArrayLike, *, temperature: float = 0.1) -> EmbeddingLoss:
    """Computes -log(exp(qᵢ·kᵢ / τ) / Σⱼ exp(qᵢ·kⱼ / τ)): each query should find its key among all keys.

    It is the cross-entropy of the logits q kᵗ / τ, in which the right class of query i is key i. Most uses normalise
    the embeddings to length 1 before, so that q·k is a cosine.

    Args:
        queries: q, embeddings of shape (batch, features).
        keys: k, of the same shape: kᵢ belongs to qᵢ.
        temperature: Float > 0. τ, default 0.1; the smaller, the more the nearest wrong keys count.

    Returns:
        Values in nats, of shape (batch,), and the gradients of their sum with respect to queries and keys.

    Raises:
        ValueError: If a shape is wrong or `temperature` is not positive.

    Example:
        >>> import numpy as np
        >>> from keras_course.numerics.losses import info_nce_loss
        >>> one = np.zeros((4, 2))
        >>> info_nce_loss(one, one).value / np.log(4)  # nothing tells four keys apart
        array([1., 1., 1., 1.])

    Source: deck, chapter 10, "loss functions"; van den Oord et al. (2018), arXiv:1807.03748, eq. (4).
    """
    require_number("temperature", temperature, above=0)
    q = float_array("queries", queries, ("batch", "features"))
    k = like("keys", keys, q)
    loss = categorical_cross_entropy(q @ k.T / temperature, np.arange(len(q)))
    slope = loss.gradient / temperature
    return EmbeddingLoss(loss.value, (slope @ k, slope.T @ q))
