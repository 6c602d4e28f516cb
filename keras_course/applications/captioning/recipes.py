"""One recipe per captioner: how `keras-course train captioner` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

CAPTIONER_RECIPES: dict[str, Recipe] = {
    # Batches count a quarter below 10,000 images.
    "captioner": Recipe(
        epochs=30,
        small_epochs=30,
        optimizer="muon",
        learning_rate=9e-3,
        decay="cosine",
        decay_factor=30.0,
        batch_size=64,
        augment=("shift", "colour", "invert"),
        multiple=8,
        fewest_steps=1200,
        options={"decoder": "transformer", "stem": "convolutions", "width": 0.5},
    )
}
