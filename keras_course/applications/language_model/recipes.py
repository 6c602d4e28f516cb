"""One recipe per language model: how `keras-course train language-model` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

LANGUAGE_MODEL_RECIPES: dict[str, Recipe] = {
    "language-model": Recipe(
        epochs=8,
        small_epochs=8,
        optimizer="adam",
        learning_rate=4e-3,
        decay="cosine",
        decay_factor=20.0,
        batch_size=32,
        options={"units": 256, "dropout": 0.1},
    )
}
