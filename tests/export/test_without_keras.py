"""Exports of both kinds are read in a process without Keras."""

import json
import subprocess
import sys

import keras
import numpy as np
import pytest
import scipy.special

from keras_course.export import export_generator, export_saved_model, load_saved_model
from keras_course.models import build_dcgan_generator

NAMES = ["null", "eins", "zwei", "drei", "fünf"]
CODE = """
import json, sys
sys.modules["keras"] = None  # as on a machine without Keras
import numpy as np
import tensorflow as tf
classifier_path, images_path, generator_path = sys.argv[1:]
images = np.load(images_path)
raw = tf.saved_model.load(classifier_path).signatures["serving_default"](images=tf.constant(images))
assert not [name for name in sys.modules if name.startswith("keras_course")]
from keras_course.export import load_saved_model
prediction = load_saved_model(classifier_path).predict(images)
sampled = load_saved_model(generator_path).sample(2, seed=7)
assert not [name for name in sys.modules if name.split(".")[0] == "keras" and sys.modules[name]]
assert (raw["probabilities"].numpy() == prediction.probabilities).all()
classified = [prediction.probabilities.tolist(), prediction.class_id.tolist(), prediction.class_name]
print(json.dumps([classified, sampled.tolist()]))
"""


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    keras.utils.set_random_seed(0)
    return export_generator(build_dcgan_generator((8, 8, 1), 5, 2), tmp_path_factory.mktemp("exports") / "plain")


@pytest.fixture(scope="module")
def answers(convnet, images, generator, tmp_path_factory):
    """What a fresh process makes of the convnet and of the generator."""
    folder = tmp_path_factory.mktemp("classifier")
    path = export_saved_model(convnet, folder / "convnet", class_names=NAMES)
    np.save(folder / "images.npy", images)
    command = [sys.executable, "-c", CODE, str(path), str(folder / "images.npy"), str(generator)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_classifier_classifies_as_the_model(answers, convnet, images):
    probabilities, class_id, class_name = answers[0]
    logits = np.asarray(convnet(images.astype(np.float32) / np.float32(255), training=False), np.float64)
    expected = scipy.special.softmax(logits, axis=1)
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    assert class_id == expected.argmax(axis=1).tolist()
    assert class_name == [NAMES[index] for index in class_id]
    assert len(set(class_id)) > 1  # else the comparison says little


def test_generator_draws_the_same_images(answers, generator):
    np.testing.assert_array_equal(answers[1], load_saved_model(generator).sample(2, seed=7))
