"""Data sets of a few tiny pictures for the command line."""

import numpy as np
from PIL import Image


def write_noise(path, shape=(8, 8, 1), names=("cat", "dog"), count=40, test=True):
    """Writes images of random pixels, the same for training and test, as a file for `--data`; returns the images."""
    images = np.random.default_rng(0).integers(0, 256, (count, *shape), np.uint8)
    labels = np.arange(count) % len(names)
    tests = {"test_images": images, "test_labels": labels} if test else {}
    np.savez(path, images=images, labels=labels, **tests, class_names=names)
    return images


def stripes(count=60):
    """Returns RGB pictures of varying size, of noise with stripes: down, across, or none; and their labels."""
    random = np.random.default_rng(1)
    pictures, labels = [], np.arange(count) % 3
    for label in labels:
        height, width = random.integers(14, 25, 2)
        rows, columns = np.indices((height, width))
        wave = (columns // 4 % 2, rows // 4 % 2, np.full((height, width), 0.5))[label]
        picture = 60 + 120 * wave[..., np.newaxis] + random.integers(-40, 40, (height, width, 3))
        pictures.append(picture.astype(np.uint8))
    return pictures, labels


def write_folder(root, pictures, labels, names=("across", "down", "plain")):
    """Writes `root/NAME/000.png`, ..., one sub-folder per class."""
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        folder = root / names[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / f"{index:03}.png")
    return root
