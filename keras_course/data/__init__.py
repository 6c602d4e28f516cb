"""Images for classification: tfds data sets, folders of pictures and arrays -> tf.data; offline mirrors."""

from keras_course import publish
from keras_course.data.image_data import ImageData as ImageData
from keras_course.data.loading import load_images as load_images
from keras_course.data.loading import open_images as open_images
from keras_course.data.pixels import Examples as Examples
from keras_course.data.source import ImageSource as ImageSource

publish(globals())
