"""Generative adversarial networks (deck, chapter 9): trained, judged and explained."""

# Imported here, not on first use: modules of the same names (`scorecard`) would otherwise hide the functions.
from keras_course.gan.classifier import reference_classifier, train_reference_classifier
from keras_course.gan.collapse_alarm import CollapseAlarm, Finding
from keras_course.gan.frechet import Gaussian, fit_gaussian, frechet_distance
from keras_course.gan.judge import Classified, ReferenceClassifier
from keras_course.gan.latents import draw_latents, interpolate_latents
from keras_course.gan.model import GAN
from keras_course.gan.nearest import NearestImages, nearest_images
from keras_course.gan.networks import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.gan.optimum import optimal_discriminator
from keras_course.gan.precision_recall import PrecisionRecall, neighbor_radii, precision_recall
from keras_course.gan.rate import FollowGeneratorRate
from keras_course.gan.recipes import GAN_RECIPES, GANRecipe
from keras_course.gan.reference import Reference, load_reference, make_reference
from keras_course.gan.run import GANRun
from keras_course.gan.sample_grid import InterpolationGrid, SampleGrid, make_gif
from keras_course.gan.scorecard import class_shares, classifier_score, scorecard, scorecard_table, uniform_distance
from keras_course.gan.training import train_gan

__all__ = [
    "GAN",
    "GAN_RECIPES",
    "Classified",
    "CollapseAlarm",
    "Finding",
    "FollowGeneratorRate",
    "GANRecipe",
    "GANRun",
    "Gaussian",
    "InterpolationGrid",
    "NearestImages",
    "PrecisionRecall",
    "Reference",
    "ReferenceClassifier",
    "SampleGrid",
    "build_conditional_dcgan_discriminator",
    "build_conditional_dcgan_generator",
    "build_gan_discriminator",
    "build_gan_generator",
    "class_shares",
    "classifier_score",
    "draw_latents",
    "fit_gaussian",
    "frechet_distance",
    "interpolate_latents",
    "load_reference",
    "make_gif",
    "make_reference",
    "nearest_images",
    "neighbor_radii",
    "optimal_discriminator",
    "precision_recall",
    "reference_classifier",
    "scorecard",
    "scorecard_table",
    "train_gan",
    "train_reference_classifier",
    "uniform_distance",
]
