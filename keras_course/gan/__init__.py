"""Generative adversarial networks (deck, chapter 9): trained, judged and explained."""

from keras_course import publish
from keras_course.adversarial import Finding as Finding
from keras_course.adversarial import FollowGeneratorRate as FollowGeneratorRate
from keras_course.adversarial import make_gif as make_gif
from keras_course.gan.judging.cache import load_reference as load_reference
from keras_course.gan.judging.cache import reference_classifier as reference_classifier
from keras_course.gan.judging.classifier import Classified as Classified
from keras_course.gan.judging.classifier import ReferenceClassifier as ReferenceClassifier
from keras_course.gan.judging.classifier import train_reference_classifier as train_reference_classifier
from keras_course.gan.judging.feature_clouds import Gaussian as Gaussian
from keras_course.gan.judging.feature_clouds import PrecisionRecall as PrecisionRecall
from keras_course.gan.judging.feature_clouds import fit_gaussian as fit_gaussian
from keras_course.gan.judging.feature_clouds import frechet_distance as frechet_distance
from keras_course.gan.judging.feature_clouds import neighbor_radii as neighbor_radii
from keras_course.gan.judging.feature_clouds import precision_recall as precision_recall
from keras_course.gan.judging.nearest import NearestImages as NearestImages
from keras_course.gan.judging.nearest import nearest_images as nearest_images
from keras_course.gan.judging.reference import Reference as Reference
from keras_course.gan.judging.reference import make_reference as make_reference
from keras_course.gan.judging.scores import class_shares as class_shares
from keras_course.gan.judging.scores import classifier_score as classifier_score
from keras_course.gan.judging.scores import scorecard as scorecard
from keras_course.gan.judging.scores import scorecard_table as scorecard_table
from keras_course.gan.judging.scores import uniform_distance as uniform_distance
from keras_course.gan.model.clusters import ImageClusters as ImageClusters
from keras_course.gan.model.clusters import build_clustered_dcgan_generator as build_clustered_dcgan_generator
from keras_course.gan.model.gan import GAN as GAN
from keras_course.gan.model.latents import draw_latents as draw_latents
from keras_course.gan.model.latents import interpolate_latents as interpolate_latents
from keras_course.gan.model.networks import (
    build_conditional_dcgan_discriminator as build_conditional_dcgan_discriminator,
)
from keras_course.gan.model.networks import build_conditional_dcgan_generator as build_conditional_dcgan_generator
from keras_course.gan.model.networks import build_gan_discriminator as build_gan_discriminator
from keras_course.gan.model.networks import build_gan_generator as build_gan_generator
from keras_course.gan.model.optimum import optimal_discriminator as optimal_discriminator
from keras_course.gan.training.collapse_alarm import CollapseAlarm as CollapseAlarm
from keras_course.gan.training.recipes import GAN_RECIPES as GAN_RECIPES
from keras_course.gan.training.recipes import GANRecipe as GANRecipe
from keras_course.gan.training.sample_grid import InterpolationGrid as InterpolationGrid
from keras_course.gan.training.sample_grid import SampleGrid as SampleGrid
from keras_course.gan.training.train import GANRun as GANRun
from keras_course.gan.training.train import train_gan as train_gan

publish(globals())
