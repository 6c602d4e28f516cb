import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.svm import SVC

from keras_course.visualization import plot_decision_regions

X = np.array([[-2.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [2.0, 1.0]])
LABELS = np.array([0, 0, 1, 1])
SETTINGS = {"resolution": 101}


def first(points):
    """Scores the points by twice their first coordinate."""
    return 2 * points[:, 0]


def sectors(points):
    """Scores three classes, each of which wins in a third of the plane."""
    angles = np.array([0, 2, 4]) * np.pi / 3
    return points @ np.stack([np.cos(angles), np.sin(angles)])


def lines(ax):
    """Returns the vertices of each contour drawn, and whether it is dashed."""
    contours = [item for item in ax.collections if isinstance(item, mpl.contour.ContourSet)]
    return [(np.concatenate([p.vertices for p in c.get_paths()]), c.linestyles == "--") for c in contours]


def scattered(ax):
    return [item for item in ax.collections if isinstance(item, mpl.collections.PathCollection)]


def color_at(ax, point):
    """Reads the colour of the region at a point."""
    (image,) = ax.images
    left, right, bottom, top = image.get_extent()
    pixels = image.get_array()
    assert bottom < top and image.origin == "lower"
    column = int((point[0] - left) / (right - left) * pixels.shape[1])
    row = int((point[1] - bottom) / (top - bottom) * pixels.shape[0])
    return pixels[row, column]


def tint(*classes):
    colors = np.array([to_rgb(color) for color in ("#0072B2", "#D55E00", "#009E73")])
    return 1 - 0.45 * (1 - colors[list(classes)].mean(axis=0))


def test_each_region_has_the_colour_of_the_class_that_wins():
    (ax,) = plot_decision_regions(first, X, LABELS, **SETTINGS).axes
    np.testing.assert_allclose(color_at(ax, (-1.5, 0.9)), tint(0))
    np.testing.assert_allclose(color_at(ax, (1.5, -0.9)), tint(1))
    (ax,) = plot_decision_regions(sectors, X, [0, 1, 2, 2], **SETTINGS).axes
    for point in [(1, 0), (-0.5, 0.8), (-0.5, -0.8)]:
        np.testing.assert_allclose(color_at(ax, point), tint(int(sectors(np.array([point])).argmax())))


def test_probabilities_mix_the_colours():
    def unsure(points):
        p = np.clip((points[:, 0] + 1) / 2, 0, 1)
        return np.stack([1 - p, p], axis=1)

    (ax,) = plot_decision_regions(unsure, X, LABELS, **SETTINGS).axes
    np.testing.assert_allclose(color_at(ax, (0, 0)), tint(0, 1), atol=1e-9)
    np.testing.assert_allclose(color_at(ax, (-1.5, 0)), tint(0))
    np.testing.assert_allclose(color_at(ax, (1.5, 0)), tint(1))


def test_boundary_is_where_the_score_changes_its_sign():
    (ax,) = plot_decision_regions(lambda points: (points**2).sum(axis=1) - 1, X, LABELS, **SETTINGS).axes
    ((circle, dashed),) = lines(ax)
    np.testing.assert_allclose(np.hypot(*circle.T), 1, atol=1e-3)
    assert not dashed


def test_boundary_of_three_classes_is_where_the_two_largest_scores_are_equal():
    (ax,) = plot_decision_regions(sectors, X, [0, 1, 2, 2], **SETTINGS).axes
    assert len(lines(ax)) == 3
    step = 4.64 / 100
    for vertices, _ in lines(ax):
        scores = np.sort(sectors(vertices), axis=1)
        assert np.max(scores[:, -1] - scores[:, -2]) < 2 * step


def test_margins_are_dashed_where_the_score_is_one():
    (ax,) = plot_decision_regions(first, X, LABELS, margins=True, **SETTINGS).axes
    (boundary, solid), *margins = lines(ax)
    np.testing.assert_allclose(boundary[:, 0], 0, atol=1e-9)
    assert not solid and [dashed for _, dashed in margins] == [True, True]
    for (vertices, _), place in zip(margins, (-0.5, 0.5), strict=True):
        np.testing.assert_allclose(vertices[:, 0], place, atol=1e-9)


def test_support_vectors_of_a_hard_margin_are_ringed_on_the_dashed_lines():
    svm = SVC(kernel="linear", C=1e6).fit(X, LABELS)
    figure = plot_decision_regions(
        svm.decision_function, X, LABELS, margins=True, support_vectors=svm.support_, **SETTINGS
    )
    *_, rings = scattered(figure.axes[0])
    np.testing.assert_array_equal(rings.get_offsets(), X[svm.support_])
    assert rings.get_facecolors().size == 0
    dashed = np.concatenate([vertices for vertices, dashed in lines(figure.axes[0]) if dashed])
    offset, normal = svm.intercept_[0], svm.coef_[0] / np.linalg.norm(svm.coef_)
    distances = np.abs(dashed @ normal + offset / np.linalg.norm(svm.coef_))
    np.testing.assert_allclose(distances, 1 / np.linalg.norm(svm.coef_), rtol=1e-3)
    for vector in svm.support_vectors_:  # the half-width of the margin is 1 / |w|
        assert np.hypot(*(dashed - vector).T).min() < 0.1


@pytest.mark.parametrize("nobody", [[], np.array([], int)])
def test_no_support_vector_is_no_ring(nobody):
    (ax,) = plot_decision_regions(first, X, LABELS, support_vectors=nobody, **SETTINGS).axes
    assert len(scattered(ax)[-1].get_offsets()) == 0


def test_one_region_has_no_boundary_and_a_score_within_one_no_margin():
    (ax,) = plot_decision_regions(lambda points: np.full(len(points), 0.5), X, LABELS, margins=True, **SETTINGS).axes
    assert not lines(ax)
    np.testing.assert_allclose(color_at(ax, (-2, 0)), tint(1))
    (ax,) = plot_decision_regions(lambda points: np.tile([1, 0], (len(points), 1)), X, LABELS, **SETTINGS).axes
    assert not lines(ax)


def test_one_column_is_a_score_as_keras_models_give_it():
    (ax,) = plot_decision_regions(lambda points: first(points)[:, np.newaxis], X, LABELS, **SETTINGS).axes
    np.testing.assert_allclose(lines(ax)[0][0][:, 0], 0, atol=1e-9)


def test_points_are_drawn_by_class_and_told_apart_without_colour():
    (ax,) = plot_decision_regions(first, X, LABELS, **SETTINGS).axes
    groups = scattered(ax)
    for label, group in enumerate(groups):
        np.testing.assert_array_equal(group.get_offsets(), X[LABELS == label])
        assert ax.get_xlim()[0] < group.get_offsets()[:, 0].min() and ax.get_ylim()[1] > group.get_offsets()[:, 1].max()
    assert len({group.get_paths()[0].vertices.tobytes() for group in groups}) == 2


def test_axes_and_legend_are_labelled_and_nothing_is_cut_off():
    figure = plot_decision_regions(
        first,
        X,
        LABELS,
        margins=True,
        support_vectors=[0, 2],
        class_names=["$a", "T-shirt/top"],
        feature_names=("ink ($)", "width (pixels)"),
        **SETTINGS,
    )
    figure.canvas.draw()
    (ax,) = figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("ink ($)", "width (pixels)")
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["$a", "T-shirt/top", "boundary", "margin, ±1", "support vector"]
    box = ax.get_legend().get_window_extent()
    assert box.y0 >= ax.get_window_extent().y1 and box.x0 >= 0
    assert box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1


def test_draws_on_axes_given_without_legend_and_leaves_rc_params():
    before = dict(mpl.rcParams)
    figure, axes = plt.subplots(1, 2)
    assert plot_decision_regions(first, X, LABELS, ax=axes[1], legend=False, **SETTINGS) is figure
    assert axes[1].images and not axes[0].images and axes[1].get_legend() is None
    assert dict(mpl.rcParams) == before


def test_a_feature_that_never_changes_has_a_region_all_the_same():
    (ax,) = plot_decision_regions(first, [[0, 3], [1, 3]], [0, 1], **SETTINGS).axes
    assert ax.get_ylim() == (2, 4)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((first, X[:, :1], LABELS), {}, r"`x` must be .*\(samples, 2\). Received: x.shape=\(4, 1\)"),
        ((first, X, [0, 0, 1]), {}, r"`labels` must be .*Received: labels.shape=\(3,\)"),
        ((first, X, [-1, -1, 1, 1]), {}, r"`labels` must be integers in \[0, 1\]. Received: labels of type .*-1, 1"),
        ((first, X, LABELS / 2), {}, r"`labels` must be integers in \[0, 1\]. Received: labels of type float64"),
        ((lambda points: points[:3, 0], X, LABELS), {}, r"`predict\(points\)` must be .*Received: .*\(3,\)"),
        ((lambda points: first(points) * np.nan, X, LABELS), {}, r"`predict\(points\)` must be finite"),
        ((lambda points: np.zeros((len(points), 8)), X, LABELS), {}, "`predict` must tell at most 7 .*8 columns"),
        ((sectors, X, LABELS), {"margins": True}, "`margins` must be False where `predict` gives 3 columns"),
        ((first, X, LABELS), {"support_vectors": [4]}, r"`support_vectors` must be integers in \[0, 3\]"),
        ((first, X, LABELS), {"class_names": ["one"]}, "`class_names` must hold 2 names.*Received: .*=1"),
        ((first, X, LABELS), {"resolution": 1}, "`resolution` must be an integer >= 2. Received: resolution=1"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        plot_decision_regions(*arguments, **options)
    assert not plt.get_fignums()
