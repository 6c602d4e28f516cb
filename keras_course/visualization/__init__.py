"""Figures from arrays and tables.

Each `plot_` function takes data, draws on `ax` or a new figure, and returns the figure. Nothing imports TensorFlow.
"""

from keras_course import missing
from keras_course.visualization.class_shares import plot_class_shares
from keras_course.visualization.computation_graph import plot_computation_graph
from keras_course.visualization.confusion import plot_confusion_matrix
from keras_course.visualization.curves import plot_curves, plot_learning_rate
from keras_course.visualization.decision_regions import plot_decision_regions
from keras_course.visualization.evolution import plot_evolution
from keras_course.visualization.features import plot_class_features, plot_keypoints, plot_oriented_gradients
from keras_course.visualization.fold_scores import plot_differences, plot_fold_scores
from keras_course.visualization.gan_training import (
    plot_discriminator,
    plot_gan_gradients,
    plot_gan_losses,
    plot_scores,
    plot_value,
)
from keras_course.visualization.gradient_norms import plot_gradient_norms
from keras_course.visualization.heat_maps import plot_grad_cam, plot_saliency
from keras_course.visualization.image_grid import draw_grid
from keras_course.visualization.images import mistake_title, plot_images, plot_neighbors
from keras_course.visualization.precision_recall import plot_precision_recall_curves
from keras_course.visualization.reliability import plot_reliability_diagram
from keras_course.visualization.tiles import (
    MaximizedFilters,
    plot_activation_maximization,
    plot_feature_maps,
    plot_filters,
    tile_images,
)

__all__ = [
    "MaximizedFilters",
    "draw_grid",
    "mistake_title",
    "plot_activation_maximization",
    "plot_class_features",
    "plot_class_shares",
    "plot_computation_graph",
    "plot_confusion_matrix",
    "plot_curves",
    "plot_decision_regions",
    "plot_differences",
    "plot_discriminator",
    "plot_evolution",
    "plot_feature_maps",
    "plot_filters",
    "plot_fold_scores",
    "plot_gan_gradients",
    "plot_gan_losses",
    "plot_grad_cam",
    "plot_gradient_norms",
    "plot_images",
    "plot_keypoints",
    "plot_learning_rate",
    "plot_neighbors",
    "plot_oriented_gradients",
    "plot_precision_recall_curves",
    "plot_reliability_diagram",
    "plot_saliency",
    "plot_scores",
    "plot_value",
    "tile_images",
]


def __getattr__(name: str):
    raise missing(__name__, name)
