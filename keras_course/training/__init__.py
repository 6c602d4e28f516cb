"""Trains a classifier, network or classical pipeline, to a report."""

from keras_course import publish
from keras_course.runs import NonFiniteLossError as NonFiniteLossError
from keras_course.training.classifier import TrainingRun as TrainingRun
from keras_course.training.classifier import train_classifier as train_classifier
from keras_course.training.muon import Muon as Muon
from keras_course.training.pipelines import PipelineRun as PipelineRun
from keras_course.training.pipelines import train_pipeline as train_pipeline
from keras_course.training.recipes import RECIPES as RECIPES
from keras_course.training.report import write_report as write_report
from keras_course.training.settings import Recipe as Recipe

publish(globals())
