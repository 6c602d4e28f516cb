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
MUON: dict[str, Any] = {
    "optimizer": "muon",
    "learning_rate": 8e-3,
    "weight_decay": 0.05,
    "decay": "cosine",
    "decay_factor": 1000.0,
    "augment": ("flip",),
}
LENET_OF_TODAY = {"activation": "elu", "pooling": "average", "batch_norm": True, "dropout": 0.2, "width": 1.5}

RECIPES: dict[str, Recipe] = {
    "perceptron": Recipe(epochs=20, small_epochs=40, learning_rate=3e-3),
    "mlp": Recipe(epochs=20, small_epochs=30, learning_rate=2e-3, options={"batch_norm": True, "dropout": 0.3}),
    "recurrent": Recipe(
        epochs=12, small_epochs=40, learning_rate=3e-3, decay="cosine", options={"cell": "gru", "dropout": 0.2}
    ),
    "lenet": Recipe(epochs=10, small_epochs=30, learning_rate=3e-3, options=LENET_OF_TODAY),
    # More epochs are no better. In bfloat16 whole trainings take 0.71 of the time, but their validation accuracy is
    # 0.9270 in the place of 0.9312, mean of three seeds.
    "fast": Recipe(epochs=6, small_epochs=30, **MUON),
    # The deep nets at a quarter or three eighths of their width: SGD with momentum, as in the papers, save ResNet-18.
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
    # See benchmarks/fast_recipe.py.
    "resnet18": Recipe(
        epochs=6,
        small_epochs=20,
        **MUON,
        batch_size=64,
        smallest_size=16,
        precision="bfloat16",
        options={"width": 0.25},
    ),
    **{
        f"resnet{depth}": Recipe(epochs=5, small_epochs=20, learning_rate=0.05, **DEEP, options={"width": 0.25})
        for depth in (34, 50, 101, 152)
    },
}
