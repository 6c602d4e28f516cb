"""Figures from arrays and tables.

Each `plot_` function takes data, draws on `ax` or a new figure, and returns the figure. Nothing imports TensorFlow.
"""

from keras_course import publish
from keras_course.visualization.boxes import plot_box_grid as plot_box_grid
from keras_course.visualization.boxes import plot_boxes as plot_boxes
from keras_course.visualization.boxes import plot_detection_mistakes as plot_detection_mistakes
from keras_course.visualization.captions import plot_captions as plot_captions
from keras_course.visualization.class_shares import plot_class_shares as plot_class_shares
from keras_course.visualization.computation_graph import plot_computation_graph as plot_computation_graph
from keras_course.visualization.confusion import plot_confusion_matrix as plot_confusion_matrix
from keras_course.visualization.curves import plot_curves as plot_curves
from keras_course.visualization.curves import plot_learning_rate as plot_learning_rate
from keras_course.visualization.decision_regions import plot_decision_regions as plot_decision_regions
from keras_course.visualization.edits import plot_edits as plot_edits
from keras_course.visualization.evolution import plot_evolution as plot_evolution
from keras_course.visualization.features import plot_class_features as plot_class_features
from keras_course.visualization.features import plot_keypoints as plot_keypoints
from keras_course.visualization.features import plot_oriented_gradients as plot_oriented_gradients
from keras_course.visualization.fold_scores import plot_differences as plot_differences
from keras_course.visualization.fold_scores import plot_fold_scores as plot_fold_scores
from keras_course.visualization.gan_training import plot_discriminator as plot_discriminator
from keras_course.visualization.gan_training import plot_gan_gradients as plot_gan_gradients
from keras_course.visualization.gan_training import plot_gan_losses as plot_gan_losses
from keras_course.visualization.gan_training import plot_history as plot_history
from keras_course.visualization.gan_training import plot_scores as plot_scores
from keras_course.visualization.gan_training import plot_value as plot_value
from keras_course.visualization.gradient_norms import plot_gradient_norms as plot_gradient_norms
from keras_course.visualization.heat_maps import plot_grad_cam as plot_grad_cam
from keras_course.visualization.heat_maps import plot_saliency as plot_saliency
from keras_course.visualization.image_grid import draw_grid as draw_grid
from keras_course.visualization.images import mistake_title as mistake_title
from keras_course.visualization.images import plot_images as plot_images
from keras_course.visualization.images import plot_neighbors as plot_neighbors
from keras_course.visualization.losses import plot_losses as plot_losses
from keras_course.visualization.losses import plot_range_test as plot_range_test
from keras_course.visualization.masks import plot_masks as plot_masks
from keras_course.visualization.precision_recall import plot_precision_recall_curves as plot_precision_recall_curves
from keras_course.visualization.reliability import plot_reliability_diagram as plot_reliability_diagram
from keras_course.visualization.tiles import MaximizedFilters as MaximizedFilters
from keras_course.visualization.tiles import plot_activation_maximization as plot_activation_maximization
from keras_course.visualization.tiles import plot_feature_maps as plot_feature_maps
from keras_course.visualization.tiles import plot_filters as plot_filters
from keras_course.visualization.tiles import tile_images as tile_images
from keras_course.visualization.word_attention import plot_word_attention as plot_word_attention

publish(globals())
