"""Latent vectors and the great circle between two of them."""

import numpy as np
import pytest

from keras_course.gan import draw_latents, interpolate_latents

A, B = draw_latents(2, 50, seed=3)


def test_draws_are_normal_and_repeat():
    latents = draw_latents(400, 100, seed=1)
    assert latents.dtype == np.float32 and latents.shape == (400, 100)
    assert abs(latents.mean()) < 5 / np.sqrt(latents.size)
    assert abs(latents.std() - 1) < 5 / np.sqrt(2 * latents.size)
    np.testing.assert_array_equal(latents, draw_latents(400, 100, seed=1))
    assert not np.array_equal(latents, draw_latents(400, 100, seed=2))


def test_path_goes_from_start_to_end_in_equal_angles():
    path = interpolate_latents(A, B, 7).astype(np.float64)
    np.testing.assert_allclose(path[[0, -1]], [A, B], rtol=1e-5)
    directions = path / np.linalg.norm(path, axis=1, keepdims=True)
    angles = np.arccos(np.sum(directions[1:] * directions[:-1], axis=1))
    np.testing.assert_allclose(angles, angles[0], rtol=1e-4)
    assert angles.sum() == pytest.approx(np.arccos(directions[0] @ directions[-1]), rel=1e-4)


def test_length_goes_evenly_and_stays_away_from_zero():
    lengths = np.linalg.norm(interpolate_latents(A, B, 5), axis=1)
    np.testing.assert_allclose(lengths, np.linspace(np.linalg.norm(A), np.linalg.norm(B), 5), rtol=1e-5)
    assert np.linalg.norm((A + B) / 2) < 0.8 * lengths[2], "the straight line comes closer to 0"


def test_parallel_vectors():
    np.testing.assert_allclose(interpolate_latents(A, 3 * A, 3), np.outer([1, 2, 3], A), rtol=1e-5)


@pytest.mark.parametrize(
    ("start", "end", "steps", "message"),
    [
        (A, B[:3], 3, "`end` must have the shape of `start`"),
        (A, 0 * B, 3, "must have a direction"),
        (A, -A, 3, "`end` must not be opposite"),
        (A, B, 1, "`steps` must be"),
        (A, [np.nan], 3, "`end` must be finite"),
    ],
)
def test_bad_arguments_are_named(start, end, steps, message):
    with pytest.raises(ValueError, match=message):
        interpolate_latents(start, end, steps)
