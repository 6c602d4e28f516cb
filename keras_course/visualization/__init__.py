"""Figures from arrays and tables. Each function takes data, draws on `ax` or a new figure, and returns the figure."""

from keras_course.visualization.confusion import plot_confusion_matrix
from keras_course.visualization.curves import plot_curves, plot_learning_rate
from keras_course.visualization.gradient_norms import plot_gradient_norms
from keras_course.visualization.images import plot_images

__all__ = ["plot_confusion_matrix", "plot_curves", "plot_gradient_norms", "plot_images", "plot_learning_rate"]
