"""Style transfer (deck, chapter 8): losses, descent on the pixels of one picture, a network for one style."""

from keras_course import publish
from keras_course.applications.style_transfer.crops import CropData as CropData
from keras_course.applications.style_transfer.crops import load_crops as load_crops
from keras_course.applications.style_transfer.exporting import export_style_network as export_style_network
from keras_course.applications.style_transfer.losses import content_loss as content_loss
from keras_course.applications.style_transfer.losses import gram_matrix as gram_matrix
from keras_course.applications.style_transfer.losses import style_loss as style_loss
from keras_course.applications.style_transfer.training import StyleNetworkRun as StyleNetworkRun
from keras_course.applications.style_transfer.training import train_style_network as train_style_network
from keras_course.applications.style_transfer.transfer import StyleTransfer as StyleTransfer
from keras_course.applications.style_transfer.transfer import transfer_style as transfer_style

publish(globals())
