"""One recipe per detector: how `keras-course train centernet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

DETECTOR_RECIPES: dict[str, Recipe] = {
    # Batches count a quarter below 10,000 images. Objects of a few cells need no map coarser than 8 pixels.
    "centernet": Recipe(
        epochs=6,
        small_epochs=6,
        optimizer="muon",
        learning_rate=7e-3,
        decay="cosine",
        decay_factor=30.0,
        batch_size=16,
        augment=("flip", "crop", "colour"),
        multiple=8,
        fewest_steps=1200,
        options={"stem": "convolutions", "coarsest": 8},
    )
}
