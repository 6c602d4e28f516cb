"""Generative adversarial networks (deck, chapter 9): trained, judged and explained."""

from keras_course.gan.judging.cache import load_reference, reference_classifier
from keras_course.gan.judging.classifier import Classified, ReferenceClassifier, train_reference_classifier
from keras_course.gan.judging.feature_clouds import (
    Gaussian,
    PrecisionRecall,
    fit_gaussian,
    frechet_distance,
    neighbor_radii,
    precision_recall,
)
from keras_course.gan.judging.nearest import NearestImages, nearest_images
from keras_course.gan.judging.reference import Reference, make_reference
from keras_course.gan.judging.scores import class_shares, classifier_score, scorecard, scorecard_table, uniform_distance
from keras_course.gan.model.gan import GAN
from keras_course.gan.model.latents import draw_latents, interpolate_latents
from keras_course.gan.model.networks import (
    build_conditional_dcgan_discriminator,
    build_conditional_dcgan_generator,
    build_gan_discriminator,
    build_gan_generator,
)
from keras_course.gan.model.optimum import optimal_discriminator
from keras_course.gan.training.collapse_alarm import CollapseAlarm
from keras_course.gan.training.collapse_signs import Finding
from keras_course.gan.training.recipes import GAN_RECIPES, GANRecipe
from keras_course.gan.training.sample_grid import InterpolationGrid, SampleGrid, make_gif
from keras_course.gan.training.train import FollowGeneratorRate, GANRun, train_gan

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
