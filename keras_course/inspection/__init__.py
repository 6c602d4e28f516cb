"""A look inside a network: what its layers cost, what they see and what they respond to.

Each function computes arrays or a table; `keras_course.visualization` draws them.
"""

from keras_course import publish
from keras_course.inspection.ascent import activation_maximization as activation_maximization
from keras_course.inspection.attribution import grad_cam as grad_cam
from keras_course.inspection.attribution import saliency_map as saliency_map
from keras_course.inspection.filters import feature_maps as feature_maps
from keras_course.inspection.filters import layer_filters as layer_filters
from keras_course.inspection.layer_costs import ledger as ledger
from keras_course.inspection.layer_costs import ledger_totals as ledger_totals

publish(globals())
