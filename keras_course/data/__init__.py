"""Images for classification: tfds data sets, folders of pictures and arrays -> tf.data; offline mirrors."""

from keras_course.data.image_data import ImageData
from keras_course.data.loading import load_images, open_images
from keras_course.data.pixels import Examples
from keras_course.data.source import ImageSource

__all__ = ["Examples", "ImageData", "ImageSource", "load_images", "open_images"]
