"""One recipe per detector: how `keras-course train centernet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

DETECTOR_RECIPES: dict[str, Recipe] = {
    # Batches count a quarter below 10,000 images. Objects of a few cells need no map coarser than 8 pixels.
    # No flip: digits have a left and a right.
    "centernet": Recipe(
        epochs=22,
        small_epochs=22,
        optimizer="muon",
        learning_rate=1e-2,
        weight_decay=0.1,
        decay="cosine",
        decay_factor=30.0,
        batch_size=64,
        augment=("crop", "colour"),
        multiple=8,
        fewest_steps=300,
        precision="bfloat16",
        options={"stem": "convolutions", "coarsest": 8, "width": 1.5},
    )
}
