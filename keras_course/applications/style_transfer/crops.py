"""Crops of photographs, on which a style network is trained."""

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_course.applications.pictures import as_uint8
from keras_course.applications.style_transfer.pictures import resized
from keras_course.arguments import require_integer
from keras_course.data.in_memory import InMemoryData
from keras_course.data.pictures import SUFFIXES, read_picture
from keras_course.data.pipeline import Elements, unit_interval
from keras_course.name_arguments import require_path

BUNDLED = (  # photographs in the wheels of scikit-image and scikit-learn; others of theirs stay unseen
    *(("skimage", f"data/{name}.png") for name in ("astronaut", "brick", "coins", "grass", "gravel", "ihc")),
    ("skimage", "data/motorcycle_left.png"),
    *(("sklearn", f"datasets/images/{name}.jpg") for name in ("china", "flower")),
)
ZOOM = (1.0, 3.0)  # shorter side of a photograph over that of a crop, at random between these
VALIDATION = 0.1  # of the crops


class Pictures(NamedTuple):
    """Pictures without labels, uint8 (n, height, width, 3)."""

    images: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class CropData(InMemoryData):
    """Crops of photographs in memory; a batch is `(pictures, pictures)`, float32 in [0, 1].

    `load_crops` makes it.

    Example:
        >>> from keras_course.applications.style_transfer import load_crops
        >>> data = load_crops(count=20, image_size=32, batch_size=4)
        >>> data.input_shape, data.train_size, data.validation_size
        ((32, 32, 3), 18, 2)
    """

    _kind = Pictures

    @staticmethod
    def _check(name: str, examples: Any, shape: tuple[int, ...], num_classes: int) -> None:
        """Accepts the crops of `load_crops`."""

    @staticmethod
    def _batch(elements: Elements) -> tuple[Any, Any]:
        """Returns the pictures, twice."""
        pictures = unit_interval(elements["images"])
        return pictures, pictures


def load_crops(
    folder: str | os.PathLike | None = None,
    *,
    image_size: int = 64,
    count: int = 2000,
    batch_size: int = 2,
    seed: int = 0,
) -> CropData:
    """Cuts random squares out of photographs, each at a random scale.

    Args:
        folder: With pictures in it and below it; None takes nine photographs that scikit-image and scikit-learn bring.
        image_size: Int >= 16. Side of a crop in pixels.
        count: Int >= 10. Crops, of which a tenth is for validation.
        batch_size: Int >= 1.
        seed: Int >= 0. Of the crops, and of their order.

    Returns:
        The crops, in memory. In training half of them are mirrored.

    Raises:
        ValueError: If an argument is out of range, the folder holds no picture, or one can't be read.

    Example:
        >>> from keras_course.applications.style_transfer import load_crops
        >>> next(iter(load_crops(count=20, image_size=32, batch_size=4).train))[0].shape
        TensorShape([4, 32, 32, 3])
    """
    require_integer("image_size", image_size, at_least=16)
    require_integer("count", count, at_least=10)
    require_integer("seed", seed, at_least=0)
    photographs = [_read(path) for path in _files(folder)]
    random = np.random.default_rng(seed)
    crops = np.stack([_crop(photographs[random.integers(len(photographs))], image_size, random) for _ in range(count)])
    known = count - int(VALIDATION * count)
    return CropData(
        "photographs" if folder is None else Path(folder).name,
        (),
        Pictures(crops[:known]),
        Pictures(crops[known:]),
        Pictures(crops[:0]),
        batch_size=batch_size,
        seed=seed,
        augment=("flip",),
    )


def _files(folder: str | os.PathLike | None) -> list[Path]:
    if folder is None:
        return [Path(str(files(package) / name)) for package, name in BUNDLED]
    root = require_path("folder", folder)
    found = sorted(path for path in root.rglob("*") if path.suffix.lower() in SUFFIXES) if root.is_dir() else []
    if not found:
        raise ValueError(f"`folder` must be a folder with pictures in it. Received: folder={str(folder)!r}")
    return found


def _read(path: Path) -> np.ndarray:
    try:
        return read_picture(path, 3)
    except Exception as error:  # Pillow raises nearly anything at damaged files
        raise ValueError(f"`folder` must hold pictures that can be read. Received: {path} ({error})") from error


def _crop(photograph: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """Returns a square of a photograph, uint8 (side, side, 3), at a random place and scale."""
    scale = side * random.uniform(*ZOOM) / min(photograph.shape[:2])
    width = min(*photograph.shape[:2], max(1, round(side / scale)))  # of the square in the photograph
    top, left = (int(random.integers(whole - width + 1)) for whole in photograph.shape[:2])
    return as_uint8(resized(photograph[top : top + width, left : left + width] / np.float32(255), side, side))
