"""One recipe per language model: how `keras-course train language-model` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

LANGUAGE_MODEL_RECIPES: dict[str, Recipe] = {
    # n-grams learn in one epoch what they can, and memorize from then on: half of them are left out at each step.
    "language-model": Recipe(
        epochs=4,
        small_epochs=4,
        fewest_steps=1000,
        optimizer="adam",
        learning_rate=5e-3,
        decay="cosine",
        decay_factor=20.0,
        batch_size=64,
        options={"units": 384, "embedding": 48, "dropout": 0.25, "ngrams": 6, "ngram_dropout": 0.5},
    )
}
