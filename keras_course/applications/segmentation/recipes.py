"""One recipe per segmenter: how `keras-course train unet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

SEGMENTER_RECIPES: dict[str, Recipe] = {
    "unet": Recipe(
        epochs=8,
        small_epochs=8,
        learning_rate=1e-2,
        decay_factor=20.0,
        batch_size=64,  # a quarter of it for data sets of fewer than 10,000 images
        multiple=8,
        fewest_steps=120,
        options={"depth": 3, "base_filters": 16, "padding": "same", "batch_norm": True, "dropout": 0.0},
    ),
    "fcn": Recipe(
        epochs=12,
        small_epochs=12,
        learning_rate=2e-3,
        decay_factor=20.0,
        batch_size=64,
        multiple=32,
        fewest_steps=120,
        options={"backbone": "vgg11", "width": 0.25, "hidden": ()},
    ),
}
