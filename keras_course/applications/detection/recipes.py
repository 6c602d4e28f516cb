"""One recipe per detector: how `keras-course train centernet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

DETECTOR_RECIPES: dict[str, Recipe] = {
    # Batches count a quarter below 10,000 images. Objects of a few cells need no map coarser than 8 pixels.
    "centernet": Recipe(
        epochs=14,
        small_epochs=14,
        learning_rate=3e-3,
        decay_factor=50.0,
        batch_size=64,
        augment=("flip", "crop", "colour"),
        options={"width": 0.5, "coarsest": 8},
    )
}
