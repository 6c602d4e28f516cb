"""The GAN itself: two nets, their losses, one training step."""

from keras_course.gan.model.gan import GAN

__all__ = ["GAN"]
