"""Losses of an overlap of two masks: Tversky's index with Dice and intersection over union as cases."""

import numpy as np
from numpy.typing import ArrayLike

from keras_course.arguments import require_number
from keras_course.array_arguments import float_array
from keras_course.numerics.losses.errors import Loss, like


def tversky_loss(prediction: ArrayLike, target: ArrayLike, *, alpha: float, beta: float) -> Loss:
    """Computes 1 - TP / (TP + α FP + β FN), with TP = Σ p y, FP = Σ p (1 - y) and FN = Σ (1 - p) y.

    Args:
        prediction: p in [0, 1], of shape (samples, ...): the probability of each pixel.
        target: y in [0, 1], of the same shape.
        alpha: Float >= 0. α, the weight of pixels that are wrongly taken.
        beta: Float >= 0. β, the weight of pixels that are missed.

    Returns:
        Values in [0, 1], of shape (samples,), and the gradient of their sum, of the shape of `prediction`. Two empty
        masks are equal: value and gradient 0.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.losses import tversky_loss
        >>> masks = [[1.0, 1.0, 1.0, 0.0]], [[0.0, 1.0, 1.0, 1.0]]  # TP = 2, FP = FN = 1
        >>> tversky_loss(*masks, alpha=0.0, beta=1.0).value.round(4)  # 1 - 2/3
        array([0.3333])

    Source: deck, chapter 10, "loss functions"; Salehi et al. (2017), arXiv:1706.05721, eq. (3).

    Note: `keras.losses.Tversky` has them the other way round: its `alpha` weights the missed pixels and its `beta`
        the wrongly taken ones, although its documentation says the opposite.
    """
    require_number("alpha", alpha, at_least=0)
    require_number("beta", beta, at_least=0)
    p = float_array("prediction", prediction)
    y = like("target", target, p)
    for name, mask in (("prediction", p), ("target", y)):
        if not (mask.ndim > 1 and mask.min() >= 0 and mask.max() <= 1):
            raise ValueError(
                f"`{name}` must have the shape (samples, ...) and values in [0, 1]. "
                f"Received: {name}.shape={mask.shape}, in [{mask.min()}, {mask.max()}]"
            )
    axes = tuple(range(1, p.ndim))
    common = (p * y).sum(axis=axes, keepdims=True)
    whole = common + (alpha * p * (1 - y) + beta * (1 - p) * y).sum(axis=axes, keepdims=True)
    share = np.divide(common, whole, out=np.ones_like(whole), where=whole > 0)
    # the derivative of common / whole is (common' - share whole') / whole
    slope = np.divide(y - share * (y + alpha * (1 - y) - beta * y), whole, out=np.zeros_like(p), where=whole > 0)
    return Loss(1 - share.reshape(len(p)), 0 - slope)


def dice_loss(prediction: ArrayLike, target: ArrayLike) -> Loss:
    """Computes 1 - 2 Σ p y / (Σ p + Σ y), Tversky's loss with α = β = 1/2.

    Args:
        prediction: p in [0, 1], of shape (samples, ...): the probability of each pixel.
        target: y in [0, 1], of the same shape.

    Returns:
        Values in [0, 1], of shape (samples,), and the gradient of their sum, of the shape of `prediction`. Two empty
        masks are equal: value and gradient 0.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.losses import dice_loss
        >>> dice_loss([[0.5, 0.5, 0.0]], [[1.0, 0.0, 0.0]])  # 1 - 2 · 0.5 / (1 + 1)
        Loss(value=array([0.5]), gradient=array([[-0.75,  0.25,  0.25]]))

    Source: deck, chapter 10, "loss functions"; Dice (1945); Milletari et al. (2016), arXiv:1606.04797, which has
        squares in the denominator.

    Note: `keras.losses.Dice` takes the sums over the whole batch unless `axis` says otherwise, and two empty masks
        have the loss 1: the 1e-7 that it adds below the fraction is not added above.
    """
    return tversky_loss(prediction, target, alpha=0.5, beta=0.5)


def iou_loss(prediction: ArrayLike, target: ArrayLike) -> Loss:
    """Computes 1 - Σ p y / (Σ p + Σ y - Σ p y), one minus the soft intersection over union: Tversky with α = β = 1.

    Args:
        prediction: p in [0, 1], of shape (samples, ...): the probability of each pixel.
        target: y in [0, 1], of the same shape.

    Returns:
        Values in [0, 1], of shape (samples,), and the gradient of their sum, of the shape of `prediction`. Two empty
        masks are equal: value and gradient 0.

    Raises:
        ValueError: If the shapes differ or a number is outside its interval.

    Example:
        >>> from keras_course.numerics.losses import iou_loss
        >>> iou_loss([[1.0, 1.0, 1.0, 0.0]], [[0.0, 1.0, 1.0, 1.0]]).value  # 1 - 2/4
        array([0.5])

    Source: deck, chapter 10, "loss functions"; Rahman and Wang (2016), https://doi.org/10.1007/978-3-319-50835-1_22.
    """
    return tversky_loss(prediction, target, alpha=1.0, beta=1.0)
