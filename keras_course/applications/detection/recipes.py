"""One recipe per detector: how `keras-course train centernet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

DETECTOR_RECIPES: dict[str, Recipe] = {
    "centernet": Recipe(
        epochs=20,
        small_epochs=20,
        learning_rate=2e-3,
        decay_factor=100.0,
        batch_size=64,  # a quarter of it for data sets of fewer than 10,000 images
        augment=("flip", "crop", "colour"),
        options={"width": 0.25},
    )
}
