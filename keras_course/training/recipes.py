"""One recipe per model: how `keras-course train MODEL` builds and trains it unless told otherwise."""

from typing import Any

from keras_course.training.settings import Recipe

DEEP: dict[str, Any] = {
    "optimizer": "sgd",
    "momentum": 0.9,
    "weight_decay": 5e-3,
    "decay": "exponential",
    "decay_factor": 100.0,
    "batch_size": 64,
    "augment": ("flip",),
    "smallest_size": 16,
}
LENET_OF_TODAY = {"activation": "elu", "pooling": "average", "batch_norm": True, "dropout": 0.2, "width": 1.5}

RECIPES: dict[str, Recipe] = {
    "perceptron": Recipe(epochs=20, small_epochs=40, learning_rate=3e-3),
    "mlp": Recipe(epochs=20, small_epochs=30, learning_rate=2e-3, options={"batch_norm": True, "dropout": 0.3}),
    "recurrent": Recipe(
        epochs=12, small_epochs=40, learning_rate=3e-3, decay="cosine", options={"cell": "gru", "dropout": 0.2}
    ),
    "lenet": Recipe(epochs=10, small_epochs=30, learning_rate=3e-3, options=LENET_OF_TODAY),
    # As many epochs as take less time than twelve of Keras's "simple convnet"; in bfloat16 an
    # epoch takes 0.72 of the time and short trainings are as accurate; whole ones were not compared.
    "fast": Recipe(
        epochs=6,
        small_epochs=30,
        learning_rate=8e-3,
        optimizer="muon",
        weight_decay=0.05,
        decay="cosine",
        decay_factor=1000.0,
        augment=("flip",),
    ),
    # The deep nets at a quarter or three eighths of their width: SGD with momentum, as in the papers, but for ResNet-18
    # and 34.
    "alexnet": Recipe(
        epochs=6, small_epochs=25, learning_rate=0.03, **DEEP, options={"normalization": "batch", "width": 0.25}
    ),
    **{
        f"vgg{depth}": Recipe(
            epochs=10,
            small_epochs=25,
            learning_rate=0.05,
            **DEEP,
            options={"batch_norm": True, "dropout": 0.2, "width": 0.25},
        )
        for depth in (11, 13, 16, 19)
    },
    "googlenet": Recipe(
        epochs=4,
        small_epochs=5,
        learning_rate=0.05,
        **DEEP,
        options={"batch_norm": True, "dropout": 0.2, "width": 0.25},
    ),
    # By Muon in bfloat16, see benchmarks/fast_recipe.py.
    **{
        f"resnet{depth}": Recipe(
            epochs=6,
            small_epochs=20,
            learning_rate=8e-3,
            optimizer="muon",
            weight_decay=0.05,
            decay="cosine",
            decay_factor=1000.0,
            batch_size=64,
            augment=("flip",),
            smallest_size=16,
            precision="bfloat16",
            options={"width": 0.25},
        )
        for depth in (18, 34)
    },
    **{
        f"resnet{depth}": Recipe(epochs=5, small_epochs=20, learning_rate=0.05, **DEEP, options={"width": 0.25})
        for depth in (50, 101, 152)
    },
}
