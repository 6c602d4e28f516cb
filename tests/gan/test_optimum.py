"""The best discriminator against a numerical maximisation of the reward."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from keras_course.gan import optimal_discriminator


@pytest.mark.parametrize(("p", "q"), [(3.0, 1.0), (0.02, 0.9), (0.4, 0.4), (1e-5, 2e-5)])
def test_no_other_answer_earns_more(p, q):
    def loss(d):
        return -(p * np.log(d) + q * np.log(1 - d)) / max(p, q)

    found = minimize_scalar(loss, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-10})
    assert optimal_discriminator(p, q) == pytest.approx(found.x, abs=1e-6)


def test_ends_of_the_range():
    best = optimal_discriminator([[1.0, 0.0, 0.0]], [[0.0, 2.0, 0.0]])
    np.testing.assert_array_equal(best, [[1.0, 0.0, 0.5]])
    assert optimal_discriminator(3e-320, 1e-320) == pytest.approx(0.75, abs=1e-3)


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([-1.0, 1.0], [1.0, 1.0], "`real_density` must be >= 0. Received: values from -1.0"),
        ([1.0, 1.0], [1.0, np.nan], "`generated_density` must be finite"),
        (
            [1.0, 1.0],
            [1.0],
            r"`generated_density` must be .* of shape \(2,\). Received: generated_density.shape=\(1,\)",
        ),
    ],
)
def test_bad_arguments_are_named(p, q, message):
    with pytest.raises(ValueError, match=message):
        optimal_discriminator(p, q)
