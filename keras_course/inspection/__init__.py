"""A look inside a network: what its layers cost, what they see and what they respond to.

Each function computes arrays or a table; `keras_course.visualization` draws them.
"""

from keras_course.inspection.ascent import activation_maximization
from keras_course.inspection.attribution import grad_cam, saliency_map
from keras_course.inspection.filters import feature_maps, layer_filters
from keras_course.inspection.layer_costs import ledger, ledger_totals

__all__ = [
    "activation_maximization",
    "feature_maps",
    "grad_cam",
    "layer_filters",
    "ledger",
    "ledger_totals",
    "saliency_map",
]
