import numpy as np
import pandas as pd
import pytest

from keras_course.numerics.losses import Loss, absolute_loss, huber_loss
from keras_course.visualization import plot_losses, plot_range_test

ERROR = np.linspace(-3, 3, 31)


def test_values_are_on_the_left_and_gradients_on_the_right():
    losses = {"absolute": absolute_loss(ERROR, 0 * ERROR), "Huber": huber_loss(ERROR, 0 * ERROR)}
    left, right = plot_losses(ERROR, losses, xlabel="error").axes
    for ax, part in ((left, "value"), (right, "gradient")):
        drawn = {line.get_label(): line.get_xydata() for line in ax.lines if line.get_label() in losses}
        for name, loss in losses.items():
            np.testing.assert_array_equal(drawn[name], np.stack([ERROR, getattr(loss, part)], axis=1))
    assert left.get_xlabel() == right.get_xlabel() == "error"
    styles = {(line.get_color(), line.get_linestyle()) for line in left.lines[:2]}
    assert len(styles) == len(losses)


def test_no_two_of_eight_losses_look_alike():
    losses = {str(n): Loss(ERROR + n, ERROR) for n in range(8)}
    lines = [line for line in plot_losses(ERROR, losses, xlabel="x").axes[0].lines if line.get_label() in losses]
    assert len({line.get_color() for line in lines}) == 8


def table(**columns):
    return pd.DataFrame(
        {"learning_rate": [0.01, 0.1, 1.0], "loss": [2.0, 1.0, 9.0], "smoothed_loss": [2.0, 1.5, 6.0]} | columns
    )


def test_a_range_test_that_diverges_keeps_its_valley_in_view():
    figure = plot_range_test(table(), 0.05)
    assert figure.axes[0].get_ylim() == (0, 5.0)
    assert figure.axes[0].get_xscale() == "log"
    tame = plot_range_test(table(loss=[2.0, 1.0, 1.7], smoothed_loss=[2.0, 1.5, 1.6])).axes[0]
    assert tame.get_ylim()[1] < 3
    assert "suggested" not in "".join(line.get_label() for line in tame.lines)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plot_losses(ERROR, {}, xlabel="x"), "`losses` must be a mapping with 1 to 8"),
        (lambda: plot_losses(ERROR, {"a": Loss(ERROR[1:], ERROR)}, xlabel="x"), r"`losses\['a'\].value` must be"),
        (lambda: plot_range_test(table().drop(columns="loss")), "`table` must be .* with the columns learning_rate"),
    ],
)
def test_bad_losses_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
