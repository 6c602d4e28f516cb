"""Losses with their gradients: of errors, margins, probabilities, overlaps and embeddings (deck, chapter 10).

Each returns a `Loss`: the values, one per element or per sample and never averaged, and the gradient of their sum.
"""

from keras_course import publish
from keras_course.numerics.losses.embeddings import EmbeddingLoss as EmbeddingLoss
from keras_course.numerics.losses.embeddings import contrastive_loss as contrastive_loss
from keras_course.numerics.losses.embeddings import info_nce_loss as info_nce_loss
from keras_course.numerics.losses.embeddings import triplet_loss as triplet_loss
from keras_course.numerics.losses.entropy import binary_cross_entropy as binary_cross_entropy
from keras_course.numerics.losses.entropy import categorical_cross_entropy as categorical_cross_entropy
from keras_course.numerics.losses.entropy import kl_divergence as kl_divergence
from keras_course.numerics.losses.errors import Loss as Loss
from keras_course.numerics.losses.errors import absolute_loss as absolute_loss
from keras_course.numerics.losses.errors import huber_loss as huber_loss
from keras_course.numerics.losses.errors import log_cosh_loss as log_cosh_loss
from keras_course.numerics.losses.errors import squared_loss as squared_loss
from keras_course.numerics.losses.focal import binary_focal_loss as binary_focal_loss
from keras_course.numerics.losses.focal import categorical_focal_loss as categorical_focal_loss
from keras_course.numerics.losses.hinge import categorical_hinge_loss as categorical_hinge_loss
from keras_course.numerics.losses.hinge import hinge_loss as hinge_loss
from keras_course.numerics.losses.hinge import squared_hinge_loss as squared_hinge_loss
from keras_course.numerics.losses.overlap import dice_loss as dice_loss
from keras_course.numerics.losses.overlap import iou_loss as iou_loss
from keras_course.numerics.losses.overlap import tversky_loss as tversky_loss

publish(globals())
