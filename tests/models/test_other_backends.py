"""Builders on another backend of Keras give the same numbers; what needs TensorFlow says so in one sentence."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_course.models import MODEL_BUILDERS, build_dcgan_discriminator, build_dcgan_generator

BUILD = {
    "mlp": lambda: MODEL_BUILDERS["mlp"]((8, 8, 1), 3, hidden=(4,), batch_norm=True),
    "recurrent": lambda: MODEL_BUILDERS["recurrent"]((8, 8, 1), 3, units=4, cell="gru", bidirectional=True),
    "lenet": lambda: MODEL_BUILDERS["lenet"]((8, 8, 1), 3),
    "fast": lambda: MODEL_BUILDERS["fast"]((8, 8, 1), 3, width=0.25),
    "alexnet": lambda: MODEL_BUILDERS["alexnet"]((67, 67, 3), 3, width=0.05, groups=2),
    "vgg11": lambda: MODEL_BUILDERS["vgg11"]((32, 32, 3), 3, width=0.05),
    "googlenet": lambda: MODEL_BUILDERS["googlenet"]((8, 8, 3), 3, width=0.0625, batch_norm=True),
    "resnet18": lambda: MODEL_BUILDERS["resnet18"]((8, 8, 3), 3, width=0.0625),
    "generator": lambda: build_dcgan_generator((8, 8, 1), 4, 2),
    "discriminator": lambda: build_dcgan_discriminator((8, 8, 1), 2),
}
# Variables without values, and one compilation per net: JAX compiles every operation for every shape.
ON_JAX = """
import json
import jax
import keras
import numpy as np
from test_other_backends import BUILD

for name, build in BUILD.items():
    with keras.StatelessScope(initialize_variables=False):
        model = build()
        inputs, *weights = np.load(name + ".npz").values()
        count = len(model.trainable_variables)
        call = jax.jit(lambda *values: model.stateless_call(*values)[0])
        np.save(name, call(weights[:count], weights[count:], inputs))
keras.utils.clear_session(free_memory=False)
refused = {}
import keras_course
from keras_course.callbacks import GradientNormMonitor
from keras_course.evaluation import evaluate
from keras_course.export import export_saved_model
from keras_course.gan import GAN
from keras_course.inspection import activation_maximization, grad_cam, ledger, saliency_map
from keras_course.data import Examples, ImageData

net, image = BUILD["lenet"](), np.zeros((2, 8, 8, 1), "float32")
examples = Examples(np.zeros((8, 8, 8, 1), "uint8"), np.arange(8) % 2)
data = ImageData.from_arrays(*examples)
assert len(ledger(net)) > 5
for name, action in {
    "training": lambda: keras_course.training.train_classifier(net, data, epochs=1),
    "GradientNormMonitor": lambda: GradientNormMonitor().record([], net),
    "evaluation of a network": lambda: evaluate(net, examples),
    "an export": lambda: export_saved_model(net, "exports"),
    "attribution": lambda: saliency_map(net, image),
    "activation maximisation": lambda: activation_maximization(net, "stage1_conv1"),
    "a GAN": lambda: GAN(BUILD["generator"](), BUILD["discriminator"]()),
}.items():
    try:
        action()
    except ValueError as error:
        refused[name] = str(error)
print(json.dumps(refused))
"""


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory):
    """The outputs of a process that computes with JAX from the weights of this one; and what it refused."""
    folder = tmp_path_factory.mktemp("jax")
    expected = {}
    for name, build in BUILD.items():
        model = build()
        random = np.random.default_rng(0)
        for variable in model.non_trainable_variables:  # moving statistics
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        values = [variable.numpy() for variable in model.trainable_variables + model.non_trainable_variables]
        inputs = random.random((2, *model.input_shape[1:]), np.float32)
        expected[name] = np.asarray(model(inputs, training=False))
        np.savez(folder / f"{name}.npz", inputs, *values)
    code = f"import sys\nsys.path.insert(0, {os.path.dirname(__file__)!r})\n{ON_JAX}"
    environment = {**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_backend_optimization_level=0"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return expected, {name: np.load(folder / f"{name}.npy") for name in BUILD}, done.stdout


@pytest.mark.parametrize("name", BUILD)
def test_builders_give_the_same_on_jax(name, on_jax):
    expected, found, _ = on_jax
    np.testing.assert_allclose(found[name], expected[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "name",
    ["training", "GradientNormMonitor", "evaluation of a network", "an export", "attribution", "a GAN"]
    + ["activation maximisation"],
)
def test_what_needs_tensorflow_says_so(name, on_jax):
    assert keras.backend.backend() == "tensorflow"
    sentence = f"{name} needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow before Keras is imported. "
    assert sentence + "Received: backend='jax'" in on_jax[2]
