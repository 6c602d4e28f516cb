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
from keras_course.visualization.gradient_norms import plot_gradient_norms
from keras_course.visualization.heat_maps import plot_grad_cam, plot_saliency
from keras_course.visualization.images import plot_images
from keras_course.visualization.maximized import MaximizedFilters, plot_activation_maximization
from keras_course.visualization.neighbors import plot_neighbors
from keras_course.visualization.precision_recall import plot_precision_recall_curves
from keras_course.visualization.reliability import plot_reliability_diagram
from keras_course.visualization.tiles import plot_feature_maps, plot_filters, tile_images

__all__ = [
    "MaximizedFilters",
    "plot_activation_maximization",
    "plot_class_features",
    "plot_class_shares",
    "plot_computation_graph",
    "plot_confusion_matrix",
    "plot_curves",
    "plot_decision_regions",
    "plot_differences",
    "plot_evolution",
    "plot_feature_maps",
    "plot_filters",
    "plot_fold_scores",
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
    "tile_images",
]


def __getattr__(name: str):
    raise missing(__name__, name)
