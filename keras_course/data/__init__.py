"""Images with labels, boxes, masks, captions or units, and texts: tfds, folders, arrays -> tf.data; mirrors."""

from keras_course import publish
from keras_course.arguments import IGNORE as IGNORE
from keras_course.data.caption_data import CaptionData as CaptionData
from keras_course.data.captions import CaptionExamples as CaptionExamples
from keras_course.data.face_data import FaceData as FaceData
from keras_course.data.face_examples import FaceExamples as FaceExamples
from keras_course.data.face_loading import TrueFaces as TrueFaces
from keras_course.data.face_loading import load_faces as load_faces
from keras_course.data.face_loading import load_true_faces as load_true_faces
from keras_course.data.face_loading import open_faces as open_faces
from keras_course.data.image_data import ImageData as ImageData
from keras_course.data.label_loading import load_captions as load_captions
from keras_course.data.label_loading import load_masks as load_masks
from keras_course.data.label_loading import load_objects as load_objects
from keras_course.data.label_loading import open_captions as open_captions
from keras_course.data.label_loading import open_masks as open_masks
from keras_course.data.label_loading import open_objects as open_objects
from keras_course.data.letterbox import Letterbox as Letterbox
from keras_course.data.loading import load_images as load_images
from keras_course.data.loading import open_images as open_images
from keras_course.data.mask_data import MaskData as MaskData
from keras_course.data.masks import MaskExamples as MaskExamples
from keras_course.data.object_data import ObjectData as ObjectData
from keras_course.data.objects import ObjectExamples as ObjectExamples
from keras_course.data.pixels import Examples as Examples
from keras_course.data.source import ImageSource as ImageSource
from keras_course.data.text import TextSource as TextSource
from keras_course.data.text import load_text as load_text
from keras_course.data.text import open_text as open_text
from keras_course.data.text_data import Document as Document
from keras_course.data.text_data import TextData as TextData
from keras_course.data.tokens import join_tokens as join_tokens
from keras_course.data.tokens import split_text as split_text
from keras_course.data.vocabulary import Vocabulary as Vocabulary

publish(globals())
