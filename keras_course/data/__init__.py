"""Image data sets: tfds builders of our own, tfds -> tf.data pipelines, offline mirrors."""

from keras_course.data.image_data import Examples, ImageData
from keras_course.data.loading import load_images

__all__ = ["Examples", "ImageData", "load_images"]
