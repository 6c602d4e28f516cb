"""Folders of pictures for the tests: 60 of 3 classes, of varying size."""

import numpy as np
from PIL import Image
from skimage import data as skimage_data

CLASSES = ("cat", "coin", "rocket")  # sorted, as the folder's classes are


def pictures_of(count=60, seed=0):
    """Returns cut-outs of three photographs, RGB, each of a size of its own, and their labels."""
    random = np.random.default_rng(seed)
    photographs = [skimage_data.cat(), np.stack([skimage_data.coins()] * 3, axis=-1), skimage_data.rocket()]
    pictures, labels = [], []
    for index in range(count):
        photograph = photographs[index % 3]
        height, width = random.integers(20, 40, 2)
        top, left = (random.integers(0, side - 40) for side in photograph.shape[:2])
        pictures.append(photograph[top : top + height, left : left + width])
        labels.append(index % 3)
    return pictures, np.array(labels)


def write_folder(root, pictures, labels, classes=CLASSES, suffix=".png"):
    """Writes `root/CLASS/000.png`, ..., numbered through all classes."""
    for index, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        save(picture, root / classes[label] / f"{index:03}{suffix}")
    return root


def save(picture, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, **options)


def by_class(pictures, labels):
    """Orders pictures as a folder has them: by class, then by name."""
    order = np.argsort(labels, kind="stable")
    return [pictures[index] for index in order], labels[order]
