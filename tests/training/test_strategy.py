"""Training on two replicas equals training on one device."""

import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

SCRIPT = """
import pickle, sys
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
sys.path.insert(0, sys.argv[1])
import test_strategy
with open(sys.argv[2], "wb") as file:
    pickle.dump(test_strategy.trainings(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])), file)
"""
RELATIVE = 1e-5


def images(count, batch_size, **options):
    from keras_course.data import Examples, ImageData

    rng = np.random.default_rng(5)
    parts = [
        Examples(rng.integers(0, 256, (n, 8, 8, 1), np.uint8), rng.integers(0, 3, n).astype(np.int64))
        for n in (count, 11, 9)
    ]
    return ImageData("noise", ("a", "b", "c"), *parts, batch_size=batch_size, **options)


def perceptron(**options):
    import keras

    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Dense(5, activation="tanh", kernel_regularizer="l2", name="hidden")(keras.layers.Flatten()(inputs))
    return keras.Model(inputs, keras.layers.Dense(3, name="logits", **options)(x), name="perceptron")


def normalised(dropout=0.0, dtype="float32"):
    import keras

    inputs = keras.Input((8, 8, 1), dtype=dtype)
    x = keras.layers.Conv2D(4, 3, strides=2, use_bias=False, name="conv", dtype=dtype)(inputs)
    x = keras.layers.ReLU(dtype=dtype)(keras.layers.BatchNormalization(name="norm", dtype=dtype)(x))
    x = keras.layers.Dropout(dropout, dtype=dtype)(keras.layers.Flatten(dtype=dtype)(x))
    return keras.Model(inputs, keras.layers.Dense(3, name="logits", dtype=dtype)(x), name="normalised")


def cases():
    """Yields name, model, data, and arguments of `train_classifier`."""
    import keras

    from keras_course.callbacks import WarmupCosine

    yield (
        "weighted, one image left over",
        perceptron(),
        images(25, 8, augment=("crop",)),
        {"class_weight": {"a": 3.0}, "weight_decay": 0.1, "decay": WarmupCosine(epochs=2, warmup=1), "patience": 1},
    )
    clipped = keras.optimizers.SGD(0.2, momentum=0.9, global_clipnorm=0.3, use_ema=True, ema_momentum=0.8)
    yield "clipped, averaged", perceptron(), images(27, 8), {"optimizer": clipped}
    accumulated = keras.optimizers.Nadam(0.01, clipnorm=0.05, gradient_accumulation_steps=2)
    constrained = perceptron(kernel_constraint=keras.constraints.MaxNorm(0.5))
    yield "each clipped, accumulated, constrained", constrained, images(27, 8), {"optimizer": accumulated}
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1), dynamic_growth_steps=2)
    yield "loss scaled", perceptron(), images(27, 8), {"optimizer": scaled}
    yield "synchronized", normalised(), images(25, 8), {"optimizer": "muon", "synchronized": True}
    exact = normalised(dtype="float64")
    yield "in float64", exact, images(25, 8), {"optimizer": keras.optimizers.SGD(0.1), "synchronized": True}


def figures(run):
    return {
        "history": run.history.drop(columns="seconds"),
        "norms": run.gradient_norms,
        "weights": run.model.get_weights(),
        "state": [variable.numpy() for variable in run.model.optimizer.variables],
        "accuracy": run.evaluation.accuracy,
        "config": run.config,
    }


def trainings(strategy):
    """Trains each case on one device and on the strategy; returns what the tests look at."""
    import keras

    from keras_course.training import train_classifier

    found = {}
    for name, model, data, options in cases():
        keras.config.set_floatx("float64" if name == "in float64" else "float32")  # of losses and metrics
        keras.utils.set_random_seed(1)
        start = [np.random.default_rng(2).normal(0, 0.3, w.shape) if w.ndim > 1 else w for w in model.get_weights()]
        model.set_weights(start)
        alone = {option: value for option, value in options.items() if option != "synchronized"}
        one = figures(train_classifier(model, data, epochs=2, verbose=0, **alone))
        model.set_weights(start)
        found[name] = one, figures(train_classifier(model, data, epochs=2, verbose=0, strategy=strategy, **options))
    keras.config.set_floatx("float32")
    return found | looked_at(strategy)


def looked_at(strategy):
    """Returns what a model trained on the strategy looks like from inside, and what is refused."""
    import keras
    import tensorflow as tf

    from keras_course.training import train_classifier

    seen = {}

    @keras.saving.register_keras_serializable()
    class Watched(keras.layers.Layer):
        def call(self, x, training=False):
            context = tf.distribute.get_replica_context()
            if training and context is not None and context.num_replicas_in_sync > 1:
                tf.numpy_function(self.note, [context.replica_id_in_sync_group, x], [])
            return x

        @staticmethod
        def note(replica, x):
            seen.setdefault(int(replica), []).append(x)

    class Inside(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            variables = [*self.model.variables, *self.model.optimizer.variables]
            seen["copies"] = [len(strategy.experimental_local_results(variable.value)) for variable in variables]

    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Dropout(0.5)(Watched(name="before")(keras.layers.Flatten()(inputs)))
    x = keras.layers.BatchNormalization(name="norm")(Watched(name="after")(x))
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    data = images(8, 8)
    run = train_classifier(model, data, epochs=2, strategy=strategy, callbacks=[Inside()], verbose=0)
    moving = [variable.numpy() for variable in model.get_layer("norm").non_trainable_variables]
    assert np.isfinite(run.history.to_numpy()).all()
    return {"seen": seen, "moving": moving, "refused": refused(strategy)}


def refused(strategy):
    import keras
    import tensorflow as tf

    from keras_course.callbacks import GradientNormMonitor
    from keras_course.training import train_classifier

    class Plain(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units

        def call(self, x):
            return x

    def attempt(model=None, **options):
        try:
            train_classifier(model or perceptron(), images(8, 8), epochs=1, verbose=0, **options)
        except ValueError as error:
            return str(error)
        return None

    @keras.saving.register_keras_serializable()
    class Own(keras.layers.BatchNormalization):
        pass

    inputs = keras.Input((8, 8, 1))
    own = keras.Sequential([Own(name="own"), keras.layers.Flatten(), keras.layers.Dense(3)])
    lost = keras.Model(inputs, keras.layers.Dense(3)(Plain(4)(keras.layers.Flatten()(inputs))))
    messages = {
        "rebuilt": attempt(lost, strategy=strategy),
        "kind": attempt(strategy="mirrored"),
        "synchronized": attempt(synchronized=True),
        "own normalisation": attempt(keras.Sequential([inputs, own]), strategy=strategy, synchronized=True),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, before, after in (("more", None, strategy), ("fewer", strategy, None)):
            attempt(strategy=before, run_dir=f"{folder}/{name}")
            messages[name] = attempt(strategy=after, run_dir=f"{folder}/{name}", resume=True)
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=["cpu:0", "cpu:1"]))
    messages["distribution"] = attempt()
    keras.distribution.set_distribution(None)
    with strategy.scope():
        messages["scope"] = attempt(strategy=strategy)
        model = perceptron()
    model.compile("sgd", "sparse_categorical_crossentropy")
    try:
        model.fit(tf.zeros((4, 8, 8, 1)), tf.zeros(4), callbacks=[GradientNormMonitor()], verbose=0)
    except ValueError as error:
        messages["monitor"] = str(error)
    return messages


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    file = tmp_path_factory.mktemp("replicas") / "found"
    subprocess.run([sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(file)], check=True)
    return pickle.loads(file.read_bytes())


EQUAL = (
    "weighted, one image left over",
    "clipped, averaged",
    "each clipped, accumulated, constrained",
    "loss scaled",
    "synchronized",
    "in float64",
)


@pytest.mark.parametrize("case", EQUAL)
def test_two_replicas_equal_one_device(found, case):
    one, two = found[case]
    assert list(one["history"].columns) == list(two["history"].columns)
    np.testing.assert_allclose(two["history"], one["history"], rtol=RELATIVE)
    np.testing.assert_allclose(two["norms"], one["norms"], rtol=RELATIVE)
    for part in ("weights", "state"):
        for got, want in zip(two[part], one[part], strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
    assert two["accuracy"] == one["accuracy"]


def test_they_are_equal_to_float64_where_no_rounding_hides_a_difference(found):
    one, two = found["in float64"]
    np.testing.assert_allclose(two["norms"], one["norms"], rtol=1e-10)
    for got, want in zip(two["weights"], one["weights"], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10)


def test_every_case_is_tested(found):
    assert {*found} - {"seen", "moving", "refused"} == {*EQUAL}


def test_every_variable_is_on_both_replicas(found):
    assert {*found["seen"]["copies"]} == {2}


def test_replicas_see_other_images_and_drop_other_units(found):
    first, second = (found["seen"][replica] for replica in (0, 1))
    assert first[0].shape == second[0].shape == (4, 64)
    assert not (first[0] == second[0]).all(axis=1).any()
    dropped = [np.array(part[1] == 0) & (part[0] > 0) for part in (first, second)]
    assert all(0.3 < part.mean() < 0.7 for part in dropped)
    assert 0.3 < (dropped[0] != dropped[1]).mean() < 0.7


def test_moving_averages_are_means_over_the_replicas(found):
    shares = [found["seen"][replica] for replica in (0, 1)]
    mean, variance = 0.0, 1.0
    for epoch in range(2):
        after = [share[2 * epoch + 1] for share in shares]
        mean = 0.99 * mean + 0.01 * np.mean([part.mean(0) for part in after], axis=0)
        variance = 0.99 * variance + 0.01 * np.mean([part.var(0) for part in after], axis=0)
    np.testing.assert_allclose(found["moving"][0], mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["moving"][1], variance, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("rebuilt", "`strategy` needs a model whose layers can be made anew from their configuration"),
        ("distribution", "Keras on TensorFlow accepts a keras.distribution and trains on one device"),
        ("kind", "`strategy` must be None or one of tf.distribute's"),
        ("synchronized", "`synchronized` needs a `strategy`"),
        ("own normalisation", "synchronized=True and 'own', a Own"),
        ("more", "replicas was 1, now 2 (replicas: how many devices or `workers` train)"),
        ("fewer", "replicas was 2, now 1 (replicas: how many devices or `workers` train)"),
        ("scope", "`strategy` must be given outside of `with strategy.scope():`"),
        ("monitor", "GradientNormMonitor watches one replica"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(found, what, words):
    assert words in found["refused"][what]


def test_config_says_on_how_many_replicas(found):
    one, two = found["synchronized"]
    assert "replicas" not in one["config"]
    assert (two["config"]["replicas"], two["config"]["synchronized"]) == (2, True)


def test_the_normalisation_of_our_own_nets_is_synchronized_too():
    from outlines import outline

    from keras_course.models import MODEL_BUILDERS
    from keras_course.runs.mirrored import rebuilt

    model = outline(MODEL_BUILDERS["resnet18"], (8, 8, 1), 3, width=0.0625)
    copy = rebuilt(model, synchronized=True)
    kinds = [type(layer).__name__ for layer in copy.layers if "Normalization" in type(layer).__name__]
    assert len(kinds) == 20  # one behind each convolution: 1 + 16 + 3 shortcuts
    assert set(kinds) == {"SynchronizedNormalization"}
