"""Hand-crafted features and the classifiers that they were made for (deck, chapter 3), as scikit-learn pipelines.

Importing this package imports neither Keras nor TensorFlow, so the processes that compute features start quickly.
"""

from keras_course import publish
from keras_course.classical.hog import HOG as HOG
from keras_course.classical.images import ImageTransformer as ImageTransformer
from keras_course.classical.pipeline import CLASSIFIERS as CLASSIFIERS
from keras_course.classical.pipeline import FEATURES as FEATURES
from keras_course.classical.pipeline import kernel_pixels as kernel_pixels
from keras_course.classical.pipeline import polynomial_pixels as polynomial_pixels
from keras_course.classical.pipeline import recognition_pipeline as recognition_pipeline
from keras_course.classical.pixels import Pixels as Pixels
from keras_course.classical.sift_words import Keypoints as Keypoints
from keras_course.classical.sift_words import SIFTWords as SIFTWords
from keras_course.classical.softmax import SoftmaxOfScores as SoftmaxOfScores

publish(globals())
