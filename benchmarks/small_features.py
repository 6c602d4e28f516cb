"""Trains the small net of features that travels with the package, on patches of the bundled photographs.

    python -m benchmarks.small_features

writes `keras_course/models/features/`: the weights, the figure and the report. Two questions on each patch: which
photograph is it from, and how was it turned?
"""

import sys
import time
from importlib.resources import files
from io import BytesIO
from typing import NamedTuple

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image

from keras_course.inspection import activation_maximization, layer_filters
from keras_course.models import load_features
from keras_course.models.small_features import FILTERS, WEIGHTS, build_small_features, convolutions
from keras_course.quiet import quiet_tensorflow
from keras_course.visualization import tile_images

PHOTOGRAPHS = {
    "skimage/data": (
        *("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png"),
        *("coins.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "ihc.png", "moon.png"),
        *("motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg", "text.png"),
    ),
    "sklearn/datasets/images": ("china.jpg", "flower.jpg"),
}
SIDE = 48  # pixels of a patch
SIDES = (32, 96)  # of what it is cut from, in pixels of the photograph
HELD_OUT = 4  # the right quarter of each photograph is for the test
PLAIN = 10  # of 255, the standard deviation below which a patch shows nothing
TRIES = 20
STEPS, BATCH, RATE = 1000, 32, 3e-3
TEST_PATCHES = 100  # of each photograph
TURNS = 4
HEADS = ("photograph", "turn")
FOLDER = WEIGHTS.parent
FIGURE = FOLDER / "small_features.jpg"
LAYERS = {"stage2_conv1": 32, "stage3_conv1": 48, "stage4_conv2": 80}  # and the size of their images
COLUMNS = 8


class Patches(NamedTuple):
    """Images float32 in [0, 1] of shape (n, 48, 48, 3); photograph and quarter turns, int64 (n,)."""

    images: np.ndarray
    photographs: np.ndarray
    turns: np.ndarray


def photographs() -> dict[str, Image.Image]:
    """Reads the photographs, grey ones as RGB."""
    found = {}
    for folder, names in PHOTOGRAPHS.items():
        package, _, inside = folder.partition("/")
        for name in names:
            data = files(package).joinpath(inside, name).read_bytes()
            found[name.partition(".")[0]] = Image.open(BytesIO(data)).convert("RGB")
    return found


def cut(photograph: Image.Image, test: bool, random: np.random.Generator) -> np.ndarray:
    """Cuts a square that shows something out of the right quarter for the test, else out of the rest; uint8."""
    width, height = photograph.size
    border = width - width // HELD_OUT
    left, right = (border, width) if test else (0, border)
    for _ in range(TRIES):
        side = random.integers(SIDES[0], min(SIDES[1], right - left, height), endpoint=True)
        x = random.integers(left, right - side, endpoint=True)
        y = random.integers(0, height - side, endpoint=True)
        box = (x, y, x + side, y + side)
        patch = np.asarray(photograph.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box))
        if patch.std() >= PLAIN:
            break
    return patch


def make_patches(found: dict[str, Image.Image], which: np.ndarray, seed: list[int], test: bool = False) -> Patches:
    """Cuts, mirrors, turns and, for training, recolours a patch of each of the photographs `which`."""
    random = np.random.default_rng(seed)
    turns = random.integers(0, TURNS, len(which))
    images = []
    for photograph, turn in zip(which, turns, strict=True):
        patch = cut(list(found.values())[photograph], test, random)
        patch = patch[:, ::-1] if random.random() < 0.5 else patch
        images.append(np.rot90(patch, turn))
    pixels = np.stack(images).astype(np.float32) / 255
    return Patches(pixels if test else recolour(pixels, random), which, turns)


def recolour(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Changes contrast, brightness and each channel's share, and takes the colour out of a quarter of the images.

    Otherwise the colour alone would tell the photograph.
    """
    count = len(images)
    grey = images.mean(axis=-1, keepdims=True)
    color = np.where(random.random((count, 1, 1, 1)) < 0.25, 0, random.uniform(0.3, 1.5, (count, 1, 1, 1)))
    contrast = random.uniform(0.6, 1.3, (count, 1, 1, 1)) * random.uniform(0.8, 1.25, (count, 1, 1, 3))
    mean = grey.mean(axis=(1, 2), keepdims=True)
    images = (grey + color * (images - grey) - mean) * contrast + mean + random.uniform(-0.15, 0.15, (count, 1, 1, 1))
    return np.clip(images, 0, 1).astype(np.float32)


class Steps(keras.utils.PyDataset):
    """The training batches, each a function of its number."""

    def __init__(self, found: dict[str, Image.Image]):
        super().__init__()
        self.found = found

    def __len__(self) -> int:
        """Returns the number of steps."""
        return STEPS

    def __getitem__(self, step: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Returns the images of a step and what they are."""
        which = np.random.default_rng([1, step]).integers(0, len(self.found), BATCH)
        patches = make_patches(self.found, which, [0, step])
        return patches.images, {"photograph": patches.photographs, "turn": patches.turns}


def with_heads(features: keras.Model, count: int) -> keras.Model:
    """Adds the two questions to the mean of the last map."""
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(features.output)
    heads = {"photograph": count, "turn": TURNS}
    return keras.Model(
        features.input, {name: keras.layers.Dense(size, name=name)(mean) for name, size in heads.items()}
    )


def train(found: dict[str, Image.Image]) -> keras.Model:
    """Trains with batch normalisation, for one epoch of `STEPS` batches."""
    keras.utils.set_random_seed(0)
    model = with_heads(build_small_features(batch_norm=True), len(found))
    rate = keras.optimizers.schedules.CosineDecay(0.0, STEPS, warmup_target=RATE, warmup_steps=100)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=1e-2),
        {name: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for name in HEADS},
        metrics={name: ["accuracy"] for name in HEADS},
    )
    model.fit(Steps(found), epochs=1, shuffle=False, verbose=1 if sys.stdout.isatty() else 2)
    return model


def save(model: keras.Model) -> None:
    """Writes the convolutions as float16, with the normalisation folded in, and the two heads."""
    arrays = {}
    for layer in convolutions(model):
        norm = model.get_layer(f"{layer.name}_bn")
        gain = norm.gamma / keras.ops.sqrt(norm.moving_variance + norm.epsilon)
        arrays[f"{layer.name}/kernel"] = layer.kernel * gain
        arrays[f"{layer.name}/bias"] = norm.beta - norm.moving_mean * gain
    for name in HEADS:
        layer = model.get_layer(name)
        arrays |= {f"{name}/kernel": layer.kernel, f"{name}/bias": layer.bias}
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, **{name: np.asarray(array, np.float16) for name, array in arrays.items()})


def accuracies(found: dict[str, Image.Image], patches: int = TEST_PATCHES) -> pd.DataFrame:
    """Judges what is saved on the areas held out: a row per photograph, a column per question."""
    model = with_heads(load_features("small"), len(found))
    with np.load(WEIGHTS) as saved:
        for name in HEADS:
            model.get_layer(name).set_weights([saved[f"{name}/kernel"], saved[f"{name}/bias"]])
    which = np.repeat(np.arange(len(found)), patches)
    test = make_patches(found, which, [2], test=True)
    answers = model.predict(test.images, batch_size=200, verbose=0)
    right = {
        "photograph": answers["photograph"].argmax(axis=-1) == test.photographs,
        "turn": answers["turn"].argmax(axis=-1) == test.turns,
    }
    return pd.DataFrame(right).groupby(np.array(list(found))[which], sort=False).mean()


def draw() -> None:
    """Draws the first filters, and for a layer of each later stage what its filters respond to most."""
    model = load_features("small")
    rows = {"stage1_conv1: the filters": tile_images(layer_filters(model), columns=2 * COLUMNS, fill=1.0)}
    for layer, size in LAYERS.items():
        found = activation_maximization(model, layer, range(COLUMNS), steps=100, image_size=size)
        title = f"{layer}: what filters 0 to {COLUMNS - 1} respond to most"
        rows[title] = tile_images(found.images, columns=COLUMNS, gap=2, fill=1.0)
    fig, axes = plt.subplots(len(rows), 1, figsize=(6, 3.8), layout="constrained", height_ratios=[1, 2, 2, 2])
    for ax, (title, picture) in zip(axes, rows.items(), strict=True):
        ax.imshow(picture, interpolation="nearest")
        ax.set_title(title, fontsize=8)
        ax.set_axis_off()
    fig.savefig(FIGURE, dpi=90, pil_kwargs={"quality": 70})


def report(table: pd.DataFrame, seconds: float) -> str:
    """Writes what the net is, how it was made and how well it answers."""
    mean = table.mean()
    rows = [f"| {name} | {row.photograph:.2f} | {row.turn:.2f} |" for name, row in table.iterrows()]
    return f"""# The small features

`load_features("small")`: four stages of a narrow VGG ({", ".join(map(str, FILTERS))} filters, two 3x3 convolutions
each) that have seen the {len(table)} photographs which come with scikit-image and scikit-learn. Style transfer, deep
dream and the tutorials run with it where no better features are installed. Made in {seconds:.0f} s on one CPU core by

```
python -m benchmarks.small_features
```

which trains it to answer two questions on patches of {SIDE}x{SIDE} pixels: which photograph is it from, and how was it
turned (0, 90, 180 or 270 degrees)? {STEPS:,} batches of {BATCH} patches, mirrored, enlarged or shrunk, and recoloured,
from the left three quarters of each photograph. Below are the accuracies on {TEST_PATCHES} patches each from the right
quarters, which it has never seen (chance: {1 / len(table):.2f} and {1 / TURNS}). Few patches show where the top is, and
gravel, cells and stars have none: the turn is much the harder question.

| photograph | which photograph | which turn |
| --- | --- | --- |
{chr(10).join(rows)}
| **mean** | **{mean.photograph:.3f}** | **{mean.turn:.3f}** |

`{WEIGHTS.name}` ({WEIGHTS.stat().st_size / 1000:.0f} kB) holds kernels and biases as float16, with the batch
normalisation of the training folded in, and the two heads.

![Filters of the first convolution, and images that filters of later ones respond to most]({FIGURE.name})
"""


def main() -> None:
    """Trains, saves, judges, draws and reports."""
    quiet_tensorflow()
    start = time.perf_counter()
    found = photographs()
    save(train(found))
    seconds = time.perf_counter() - start
    draw()
    FOLDER.joinpath("README.md").write_text(report(accuracies(found), seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
