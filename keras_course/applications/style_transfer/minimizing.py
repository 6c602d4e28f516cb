"""The two ways downhill, in segments: L-BFGS, which SciPy has, and Adam, each from a picture to a better one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from keras_course.applications.style_transfer.objective import StyleObjective
from keras_course.numerics.optimizers import AdamState, adam_step

SEGMENT = 160  # iterations between two checkpoints; L-BFGS begins each without memory, interrupted or not
MEMORY = 5  # pairs of steps and changes of the gradient that L-BFGS keeps, 13 MB each at 512x512; 20 get no further
COARSE = 2.0  # cycles per picture: what is coarser moves freely, what is finer the less the finer it is
TINT = 0.25  # moves of the colour at equal brightness, over those of the brightness
OUTSIDE = 10.0  # weight of the mean square by which pixels leave [0, 1]
ADAM = {"learning_rate": 0.02, "beta_1": 0.9, "epsilon": 1e-12}  # a mean loss has gradients of 1e-6 per pixel

Moments = AdamState | None
Note = Callable[[np.ndarray, np.ndarray], None]  # told the losses and the picture after each iteration


def lbfgs_segment(
    objective: StyleObjective, picture: np.ndarray, iterations: int, moments: Moments, note: Note
) -> tuple[np.ndarray, Moments]:
    """Takes up to so many iterations of L-BFGS from a picture.

    It moves coarse parts of the picture more than fine ones, and brightness more than colour, along which the loss is
    curved less. Pixels that leave [0, 1] are computed with as if they were at its border, at the cost of the square of
    their distance.

    Args:
        objective: What is minimised.
        picture: float32 (height, width, 3).
        iterations: Int >= 1.
        moments: Passed on; of Adam alone.
        note: Called after each iteration.

    Returns:
        The picture, float32 (height, width, 3), and `moments`.
    """
    scale = _scale(picture.shape[:2])
    latest: list[Any] = []

    def loss_and_gradient(moves: np.ndarray) -> tuple[float, np.ndarray]:
        wanted = picture + _filtered(moves.astype(np.float32).reshape(picture.shape), scale)
        inside = np.clip(wanted, 0, 1)
        outside = wanted - inside
        losses, gradient = objective.losses_and_gradient(inside)
        latest[:] = losses, inside
        total = objective.weighted(losses) + OUTSIDE * float(np.mean(outside**2))
        gradient = np.where(outside == 0, gradient, np.float32(2 * OUTSIDE / outside.size) * outside)
        return total, _filtered(gradient, scale).ravel().astype(np.float64)

    def tell(intermediate_result: Any) -> None:
        note(*latest)

    with threadpool_limits(1, user_api="blas"):  # its threads wait awake, in the way of those of TensorFlow
        found = minimize(
            loss_and_gradient,
            np.zeros(picture.size),
            jac=True,
            method="L-BFGS-B",
            callback=tell,
            options={"maxiter": iterations, "maxfun": 20 * iterations, "maxcor": MEMORY, "ftol": 0, "gtol": 0},
        )
    return picture + _filtered(found.x.astype(np.float32).reshape(picture.shape), scale), moments


def adam_segment(
    objective: StyleObjective, picture: np.ndarray, iterations: int, moments: Moments, note: Note
) -> tuple[np.ndarray, Moments]:
    """Takes so many steps of Adam from a picture, clipped to [0, 1] after each; see `lbfgs_segment`."""
    for _ in range(iterations):
        losses, gradient = objective.losses_and_gradient(picture)
        note(losses, picture)
        moved, moments = adam_step(picture, gradient, moments, **ADAM)
        picture = np.clip(moved, 0, 1).astype(np.float32)
    return picture, moments


SEGMENTS = {"lbfgs": lbfgs_segment, "adam": adam_segment}


def _scale(size: tuple[int, int]) -> np.ndarray:
    """Returns (1 + (f / COARSE)²)^(-3/8) for the frequencies f of a picture's spectrum, in cycles per picture."""
    height, width = size
    rows, columns = scipy.fft.fftfreq(height)[:, np.newaxis], scipy.fft.rfftfreq(width)[np.newaxis]
    cycles = np.hypot(rows, columns) * np.sqrt(height * width)
    return ((1 + (cycles / COARSE) ** 2)[..., np.newaxis] ** (-3 / 8)).astype(np.float32)


def _filtered(values: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Scales spectrum and colours; a symmetric map, its own transpose, so it takes moves and gradients alike."""
    grey = np.mean(values, axis=-1, keepdims=True)
    spectrum = scipy.fft.rfft2(grey + TINT * (values - grey), axes=(0, 1)) * scale
    return scipy.fft.irfft2(spectrum, s=values.shape[:2], axes=(0, 1), overwrite_x=True)
