import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.colors import LogNorm
from scipy.stats import gmean

from keras_course.visualization import plot_gradient_norms
from keras_course.visualization.gradient_norms import INFINITE, NAN, ZERO, bin_norms


def table(values, steps=None):
    values = np.asarray(values, dtype=float)
    names = [f"layer{i + 1}" for i in range(values.shape[1])]
    return pd.DataFrame(values, index=steps, columns=names)


def random_table(steps, layers):
    return table(10.0 ** np.random.default_rng(0).uniform(-6, 1, (steps, layers)))


def meshes(figure):
    return [artist for artist in figure.axes[0].collections if isinstance(artist, QuadMesh)]


def legend_texts(figure):
    legend = figure.axes[0].get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def test_mesh_holds_the_norms_layers_by_steps_on_a_log_scale():
    norms = random_table(30, 4)
    (mesh,) = meshes(plot_gradient_norms(norms))
    np.testing.assert_allclose(mesh.get_array(), norms.to_numpy().T)
    assert isinstance(mesh.norm, LogNorm)
    assert (mesh.norm.vmin, mesh.norm.vmax) == pytest.approx((norms.to_numpy().min(), norms.to_numpy().max()))


def test_first_layer_is_on_top_and_every_layer_is_named():
    figure = plot_gradient_norms(random_table(5, 3))
    figure.canvas.draw()
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["layer1", "layer2", "layer3"]
    heights = [ax.transData.transform((0, tick))[1] for tick in ax.get_yticks()]
    assert heights == sorted(heights, reverse=True)


def test_axes_and_colour_bar_are_labelled():
    figure = plot_gradient_norms(random_table(5, 3))
    assert figure.axes[0].get_xlabel() == "step"
    assert figure.axes[1].get_ylabel() == "gradient L2 norm"


def test_cells_are_centred_on_their_steps():
    (mesh,) = meshes(plot_gradient_norms(table([[1], [2], [3]], steps=[0, 10, 20])))
    np.testing.assert_allclose(mesh.get_coordinates()[0, :, 0], [-5, 5, 15, 25])


def test_long_runs_are_binned_in_the_geometric_mean():
    norms = random_table(1200, 3)
    figure = plot_gradient_norms(norms)
    (mesh,) = meshes(figure)
    expected = gmean(norms.to_numpy().reshape(400, 3, 3), axis=1)
    np.testing.assert_allclose(mesh.get_array(), expected.T, rtol=1e-12)
    assert "geometric mean of up to 3 steps" in figure.axes[0].get_xlabel()
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (-0.5, 1199.5))


@pytest.mark.parametrize(("steps", "layers"), [(401, 2), (100_000, 12)])
def test_every_step_falls_into_exactly_one_bin(steps, layers):
    (mesh,) = meshes(plot_gradient_norms(random_table(steps, layers)))
    assert mesh.get_array().shape == (layers, 400)
    edges = mesh.get_coordinates()[0, :, 0]
    assert edges[0] == -0.5 and edges[-1] == steps - 0.5 and np.all(np.diff(edges) >= 1)


def test_bins_tell_zero_infinite_and_nan_apart():
    nan, inf = np.nan, np.inf
    values = np.array([[0, 0, 1, 2.0, nan], [0, inf, nan, 8, inf]]).T.reshape(5, 2)
    means, kinds = bin_norms(values, np.arange(5))
    np.testing.assert_array_equal(kinds.T, [[ZERO, ZERO, 0, 0, NAN], [ZERO, INFINITE, NAN, 0, INFINITE]])
    np.testing.assert_allclose(means[kinds == 0], [1, 2, 8])


def test_one_nonfinite_step_shows_through_its_bin_and_a_zero_does_not():
    values = np.array([[1.0, 1, 0], [4, np.inf, 4], [2, np.nan, 9], [2, 1, 0]])
    means, kinds = bin_norms(values, np.array([0, 2]))
    np.testing.assert_array_equal(kinds, [[0, INFINITE, 0], [0, NAN, 0]])
    np.testing.assert_allclose(means[:, [0, 2]], [[2, 4], [2, 9]])


def test_special_entries_get_their_own_explained_colours():
    values = np.full((6, 4), 0.1)
    values[2:, 0], values[3, 1], values[4, 2] = 0, np.inf, np.nan
    figure = plot_gradient_norms(table(values))
    _, special = meshes(figure)
    shown = special.get_array()
    assert (shown[0, 2], shown[1, 3], shown[2, 4]) == (ZERO, INFINITE, NAN)
    assert shown.mask.sum() == 24 - 6
    assert legend_texts(figure) == ["zero", "infinite", "not a number (NaN)"]
    figure.canvas.draw()
    colors = {tuple(special.to_rgba(kind)) for kind in (ZERO, INFINITE, NAN)}
    patches = figure.axes[0].get_legend().get_patches()
    assert len(colors) == 3 and colors == {patch.get_facecolor() for patch in patches}


def test_the_legend_names_only_what_occurs():
    values = np.full((6, 2), 0.1)
    assert legend_texts(plot_gradient_norms(table(values))) == []
    values[3, 1] = np.inf
    assert legend_texts(plot_gradient_norms(table(values))) == ["infinite"]


@pytest.mark.parametrize(("value", "name"), [(np.nan, "not a number (NaN)"), (np.inf, "infinite"), (0.0, "zero")])
def test_without_any_norm_there_is_no_colour_bar(value, name):
    figure = plot_gradient_norms(table(np.full((5, 3), value)))
    figure.canvas.draw()
    assert len(figure.axes) == 1
    assert legend_texts(figure) == [name]


@pytest.mark.parametrize("value", [1.0, 5e-324, 1e-300, np.finfo(float).max])
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (7, 1)])
def test_one_step_one_layer_and_extreme_constants_draw(value, shape):
    figure = plot_gradient_norms(table(np.full(shape, value)))
    figure.canvas.draw()
    (mesh,) = meshes(figure)
    assert mesh.get_array().shape == shape[::-1]
    assert 0 < mesh.norm.vmin < mesh.norm.vmax < np.inf


@pytest.mark.parametrize("layers", [12, 40, 150])
def test_layer_labels_are_thinned_until_none_overlap(layers):
    figure = plot_gradient_norms(random_table(20, layers))
    figure.canvas.draw()
    labels = figure.axes[0].get_yticklabels()
    assert labels[0].get_text() == "layer1"
    boxes = [label.get_window_extent() for label in labels]
    assert all(upper.y0 >= lower.y1 for upper, lower in zip(boxes, boxes[1:], strict=False))
    assert (len(labels) < layers) == (layers > 40)


def test_long_and_strange_layer_names_are_taken_literally():
    norms = random_table(3, 2)
    norms.columns = ["$x_{$", "a_very_long_name_of_a_layer_deep_inside_conv1"]
    figure = plot_gradient_norms(norms)
    figure.canvas.draw()
    first, second = (label.get_text() for label in figure.axes[0].get_yticklabels())
    assert first == "$x_{$"
    assert len(second) == 28 and second.endswith("_conv1")


def test_figures_with_the_same_limits_share_a_scale():
    limits = (1e-5, 1e3)
    for factor, extend in ((1, "min"), (100, "neither"), (1e6, "max")):  # norms from 1e-6 to 10, times the factor
        figure = plot_gradient_norms(random_table(30, 4) * factor, limits=limits)
        (mesh,) = meshes(figure)
        assert (mesh.norm.vmin, mesh.norm.vmax) == limits
        assert mesh.colorbar.extend == extend


@pytest.mark.parametrize(
    "limits", [(1, 0.1), (1, 1), (0, 1), (-1, 1), (1e-4, np.inf), (np.nan, 1), (1e-60, 1), (1e-4,), "ab", 3]
)
def test_bad_limits_are_refused(limits):
    with pytest.raises(ValueError, match=r"`limits` must be None or \(low, high\).* Received: limits="):
        plot_gradient_norms(random_table(5, 3), limits=limits)
    assert not plt.get_fignums()


def test_given_axes_are_drawn_on():
    figure, (_, ax) = plt.subplots(1, 2)
    assert plot_gradient_norms(random_table(5, 3), ax=ax) is figure
    assert len(ax.collections) == 1 and len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    ("norms", "message"),
    [
        (np.ones((3, 2)), "`norms` must be a pandas.DataFrame. Received: a ndarray"),
        (table(np.ones((0, 2))), r"at least one row and one column\. Received: norms.shape=\(0, 2\)"),
        (table(np.ones((3, 0))), r"at least one row and one column\. Received: norms.shape=\(3, 0\)"),
        (table([[1.0], [-0.5]]), "`norms` must be >= 0. Received: -0.5"),
        (table([[1.0], [1.0]], steps=[3, 3]), "`norms` must be indexed by increasing steps"),
        (table([[1.0], [1.0]], steps=[3, 2]), "`norms` must be indexed by increasing steps"),
        (pd.DataFrame({"layer1": ["a", "b"]}), "`norms` must hold numbers"),
    ],
)
def test_bad_norms_are_refused(norms, message):
    with pytest.raises(ValueError, match=message):
        plot_gradient_norms(norms)
    assert not plt.get_fignums()
