import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyBboxPatch

from keras_course.numerics import autodiff as ad
from keras_course.numerics.computation_graph import sigmoid_chain
from keras_course.visualization import plot_computation_graph


def chain():
    output = sigmoid_chain(1.5, [0.8, -0.5, 0.9])
    ad.backward(output)
    return output


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def boxes(ax):
    return [patch for patch in ax.patches if isinstance(patch, FancyBboxPatch)]


def test_nodes_hold_formula_value_and_gradient():
    ax = plot_computation_graph(chain()).axes[0]
    shown = texts(ax)
    assert len(boxes(ax)) == 10
    for line in ("x", "w1", "u1 = w1 × x", "u2 = σ(u1)", "ŷ = σ(u5)", "-0.384", "∂ 0.0525", "∂ gradient of ŷ"):
        assert line in shown


def test_arrows_lead_from_parents_to_results():
    ax = plot_computation_graph(chain()).axes[0]
    arrows = [text for text in ax.texts if not text.get_text()]
    assert len(arrows) == 9  # three products of two, three sigmoids of one
    assert all(arrow.xyann[0] < arrow.xy[0] for arrow in arrows)


def test_text_stays_in_its_box_and_boxes_apart():
    figure = plot_computation_graph(chain())
    figure.canvas.draw()
    ax = figure.axes[0]
    extents = [box.get_window_extent() for box in boxes(ax)]
    assert not any(a.overlaps(b) for a, b in itertools.combinations(extents, 2))
    inside = [text for text in ax.texts if text.get_text() and text.get_ha() == "center"]
    assert len(inside) == 30
    for text in inside:
        box = text.get_window_extent()
        assert any(e.x0 <= box.x0 and box.x1 <= e.x1 and e.y0 <= box.y0 and box.y1 <= e.y1 for e in extents)
        assert text.get_fontsize() >= 14


def test_before_backward_there_are_no_gradients():
    output = sigmoid_chain(1.5, [0.8])
    assert not any("∂" in text for text in texts(plot_computation_graph(output).axes[0]))


def test_gradients_of_another_output_do_not_show():
    output = sigmoid_chain(1.5, [0.8])
    ad.backward(output)
    ad.backward(ad.exp(output))
    assert not any("∂" in text for text in texts(plot_computation_graph(output).axes[0]))


def test_arrays_show_shape_and_largest_magnitude_and_constants_no_box():
    x = ad.Variable([[1.0, -4.0]], "$x")
    output = ad.mean(x**2)
    ad.backward(output)
    figure = plot_computation_graph(output)
    figure.canvas.draw()
    shown = texts(figure.axes[0])
    assert "(1, 2) max 4" in shown and "∂ max 4" in shown and "v1 = $x ^ 2" in shown
    assert len(boxes(figure.axes[0])) == 3


def test_arrows_that_climb_pass_between_the_boxes():
    x = ad.Variable(2.0, "x")
    ax = plot_computation_graph((x**2) * (3 * x)).axes[0]
    (climbing,) = (text for text in ax.texts if not text.get_text() and text.xyann[1] < text.xy[1])
    way = np.linspace(climbing.xyann, climbing.xy, 50)[1:-1]
    for box in boxes(ax):
        inside = (way > [box.get_x(), box.get_y()]) & (
            way < [box.get_x() + box.get_width(), box.get_y() + box.get_height()]
        )
        assert not inside.all(axis=1).any()


def test_arrows_that_pass_a_column_go_around():
    x = ad.Variable(2.0, "x")
    figure = plot_computation_graph(x * x + ad.exp(x) / x)
    figure.canvas.draw()
    ax = figure.axes[0]
    heights = [text.xyann[1] for text in ax.texts if not text.get_text()]
    assert min(heights) < 0  # from below the box of x
    assert ax.get_ylim()[0] < -0.5


def test_a_single_variable_draws():
    figure = plot_computation_graph(ad.Variable(np.float64(3)))
    assert texts(figure.axes[0]) == ["3", "3"]


def test_given_axes_are_drawn_on():
    figure, axes = plt.subplots(1, 2, figsize=(20, 4))
    assert plot_computation_graph(chain(), ax=axes[1]) is figure
    assert len(boxes(axes[1])) == 10 and not axes[0].texts


def test_deep_graphs_are_refused():
    with pytest.raises(ValueError, match="`output` must be at most 20 operations deep .* Received: output.depth=22"):
        plot_computation_graph(sigmoid_chain(1.0, [1.0] * 11))
    assert not plt.get_fignums()
