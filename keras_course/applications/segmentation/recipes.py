"""One recipe per segmenter: how `keras-course train unet` builds and trains it unless told otherwise."""

from keras_course.training import Recipe

SEGMENTER_RECIPES: dict[str, Recipe] = {
    # Batches count a quarter below 10,000 images. No flip: digits have a left and a right. Negatives make up for few
    # photographs.
    "unet": Recipe(
        epochs=13,
        small_epochs=13,
        optimizer="muon",
        learning_rate=8e-3,
        weight_decay=0.1,
        decay="cosine",
        decay_factor=30.0,
        batch_size=64,
        augment=("crop", "colour", "invert"),
        multiple=8,
        fewest_steps=300,
        precision="bfloat16",
        options={
            "depth": 3,
            "base_filters": 24,
            "convolutions": (1, 2, 2),
            "stem": "strided",
            "padding": "same",
            "batch_norm": True,
            "dropout": 0.0,
        },
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
