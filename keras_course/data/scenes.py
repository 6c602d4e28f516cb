"""Scenes of digits in photographs, composed with integers alone, so that every machine makes the same bytes."""

import functools
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from keras_course.data.digits import LARGEST_VALUE, split_digits
from keras_course.data.pixels import with_channels

SIDE = 64  # pixels of a scene
SIZES = (11, 28)  # pixels of a digit, smallest and largest
CROWDED_SIZES = (11, 20)
APART = 4  # digits in a scene, above which they may touch
CONTRAST = 64  # of 255, at least, between a digit and what it covers
BRIGHTNESS = (77, 204)  # of 256: what a photograph keeps
TRIES = 40  # places for a digit, before a scene does with fewer
LEAST_SEEN = (1, 2)  # a digit shows at least half of its ink
CLEARLY_SEEN = (3, 4)  # below three quarters it is a crowd
PHOTOGRAPHS = {  # PNG files that scikit-image's wheel holds: JPEG decoders differ in the last bit
    "train": ("astronaut", "brick", "camera", "clock_motion", "coffee", "coins", "grass", "motorcycle_left"),
    "test": ("chelsea", "gravel", "ihc", "moon"),
}
SPLITS = ("train", "test")


class Scene(NamedTuple):
    """A scene.

    Attributes:
        image: uint8, shape `(64, 64, 1 or 3)`.
        mask: uint8, shape `(64, 64)`: 0 where there is no digit, else 1 + the digit.
        boxes: int64, shape `(k, 4)`: `(x_min, y_min, x_max, y_max)`, tight around the ink that is seen; a digit's
            ink is where it covers more than half of a pixel.
        digits: int64, shape `(k,)`, 0 to 9.
        is_crowd: bool, shape `(k,)`: less than three quarters of the ink is seen.
    """

    image: np.ndarray
    mask: np.ndarray
    boxes: np.ndarray
    digits: np.ndarray
    is_crowd: np.ndarray


class _Digit(NamedTuple):
    digit: int
    coverage: np.ndarray  # of 4 size² LARGEST_VALUE
    full: int
    top: int
    left: int
    ink: np.ndarray  # bool (64, 64), all of it
    box: tuple[int, int, int, int]


def compose_scene(split: str, index: int, *, channels: int = 1, counts: tuple[int, int] = (1, 4)) -> Scene:
    """Composes scene `index` of a split, whatever others there are.

    Args:
        split: `"train"` or `"test"`, which share neither digits nor photographs.
        index: Integer >= 0.
        channels: 1 (grey) or 3 (RGB): the same scene in colour.
        counts: The fewest and the most digits. Above four they are smaller, and may touch
            and hide each other by up to a half.

    Returns:
        The scene, a function of these arguments alone.

    Example:
        >>> scene = compose_scene("train", 0)
        >>> scene.image.shape, scene.digits, scene.boxes.tolist()
        ((64, 64, 1), array([7]), [[5, 45, 15, 62]])
    """
    random = np.random.RandomState([SPLITS.index(split), index])  # a frozen stream: every NumPy gives the same
    image = photograph_crop(random, split, channels)
    apart = counts[1] <= APART
    placed: list[_Digit] = []
    for _ in range(_draw(random, *counts)):
        found = _place(random, split, placed, apart)
        if found is not None:
            placed.append(found)
    for each in placed:
        _paint(random, image, each)
    seen = _seen(placed)
    order = [number for number, ink in enumerate(seen) if ink.any()]
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for number in order:
        mask[seen[number]] = 1 + placed[number].digit
    return Scene(
        image.astype(np.uint8),
        mask,
        np.array([_box(seen[number]) for number in order]),
        np.array([placed[number].digit for number in order]),
        np.array([_less(seen[number], CLEARLY_SEEN, placed[number].ink) for number in order]),
    )


def _draw(random: np.random.RandomState, low: int, high: int) -> int:
    """Draws an integer from `low` to `high`, both possible."""
    return int(random.randint(low, high + 1, dtype=np.int64))


@functools.cache
def _photographs(split: str) -> list[np.ndarray]:
    """Reads the photographs of a split as RGB, grey ones with three equal channels, summed along both axes.

    The sum over any rectangle is then the difference of four numbers: int64, shape `(height + 1, width + 1, 3)`.
    """
    folder = files("skimage") / "data"
    summed = []
    for name in PHOTOGRAPHS[split]:
        with (folder / f"{name}.png").open("rb") as file, Image.open(file) as image:
            pixels = np.asarray(image)
        pixels = pixels.reshape(1, *pixels.shape[:2], -1)[..., :3]
        rows = with_channels(pixels, 3)[0].cumsum(axis=0, dtype=np.int64)
        summed.append(np.pad(rows.cumsum(axis=1), [(1, 0), (1, 0), (0, 0)]))
    return summed


@functools.cache
def _digits(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Returns the 8x8 digits of a split, int64 in 0..16, and what they are."""
    digits = load_digits()
    members = dict(zip(SPLITS, split_digits(digits.target), strict=True))[split]
    return digits.images[members].astype(np.int64), digits.target[members].astype(np.int64)


def photograph_crop(random: np.random.RandomState, split: str, channels: int) -> np.ndarray:
    """Cuts a square out of a photograph, shrinks it by a whole number, mirrors and darkens it.

    Args:
        random: Decides which square of which photograph.
        split: `"train"` or `"test"`, which share no photograph.
        channels: 1 (grey) or 3 (RGB).

    Returns:
        int64 in 0..255, shape `(64, 64, channels)`.

    Example:
        >>> import numpy as np
        >>> photograph_crop(np.random.RandomState(0), "train", 3).shape
        (64, 64, 3)
    """
    photographs = _photographs(split)
    photograph = photographs[_draw(random, 0, len(photographs) - 1)]
    height, width = photograph.shape[0] - 1, photograph.shape[1] - 1
    factor = _draw(random, 1, min(height, width) // SIDE)
    side = SIDE * factor
    top, left = _draw(random, 0, height - side), _draw(random, 0, width - side)
    corners = photograph[top : top + side + 1 : factor, left : left + side + 1 : factor]
    blocks = np.diff(np.diff(corners, axis=0), axis=1)
    crop = (blocks + factor * factor // 2) // (factor * factor)
    vertical, horizontal = _draw(random, 0, 1), _draw(random, 0, 1)
    crop = crop[:: 1 - 2 * vertical, :: 1 - 2 * horizontal]
    darkened = ((crop * _draw(random, *BRIGHTNESS) + 128) >> 8).astype(np.uint8)
    return with_channels(darkened[np.newaxis], channels)[0].astype(np.int64)


@functools.cache
def _weights(size: int) -> np.ndarray:
    """Returns the matrix, shape `(size, 8)`, that resizes a side of 8 linearly; its unit is 1 / (2 size).

    Beyond the border there is paper, as if the matrix had rows and columns of zeros around it.
    """
    weights = np.zeros((size, 10), np.int64)
    for row in range(size):
        before, rest = divmod(8 * (2 * row + 1) - size, 2 * size)  # of 2 size: where the new pixel's centre lies
        weights[row, before + 1] += 2 * size - rest
        weights[row, before + 2] += rest
    return weights[:, 1:9]


def _place(random: np.random.RandomState, split: str, placed: list[_Digit], apart: bool) -> _Digit | None:
    """Finds a place for one more digit, `None` after too many tries."""
    images, targets = _digits(split)
    for _ in range(TRIES):
        number, size = _draw(random, 0, len(targets) - 1), _draw(random, *(SIZES if apart else CROWDED_SIZES))
        top, left = _draw(random, 0, SIDE - size), _draw(random, 0, SIDE - size)
        weights = _weights(size)
        coverage = weights @ images[number] @ weights.T
        full = 4 * size * size * LARGEST_VALUE
        x_min, y_min, x_max, y_max = _box(2 * coverage > full)
        box = x_min + left, y_min + top, x_max + left, y_max + top
        if apart and any(_touch(box, other.box) for other in placed):
            continue
        ink = np.zeros((SIDE, SIDE), bool)
        ink[top : top + size, left : left + size] = 2 * coverage > full
        found = _Digit(int(targets[number]), coverage, full, top, left, ink, box)
        if apart or _all_show([*placed, found]):
            return found
    return None


def _all_show(placed: list[_Digit]) -> bool:
    """Tells whether enough is seen of each digit."""
    return not any(_less(part, LEAST_SEEN, each.ink) for part, each in zip(_seen(placed), placed, strict=True))


def _seen(placed: list[_Digit]) -> list[np.ndarray]:
    """Returns the ink of each digit that no later one hides."""
    seen, hidden = [], np.zeros((SIDE, SIDE), bool)
    for each in reversed(placed):
        seen.append(each.ink & ~hidden)
        hidden = hidden | each.ink
    return seen[::-1]


def _less(part: np.ndarray, share: tuple[int, int], ink: np.ndarray) -> bool:
    """Tells whether a part of the ink is less than a share of all of it."""
    return bool(share[1] * np.count_nonzero(part) < share[0] * np.count_nonzero(ink))


def _box(ink: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _touch(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Tells whether two boxes overlap or share a side: a pixel of photograph stays between digits."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _paint(random: np.random.RandomState, image: np.ndarray, each: _Digit) -> None:
    """Paints a digit, each channel lighter or darker than the mean of what its box covers by at least `CONTRAST`."""
    x_min, y_min, x_max, y_max = each.box
    covered = image[y_min:y_max, x_min:x_max]
    means = covered.sum(axis=(0, 1)) // (covered.shape[0] * covered.shape[1])
    lighter, share = _draw(random, 0, 1), _draw(random, 0, 255)
    ink = []
    for mean in means.tolist():
        up = mean + CONTRAST + 1 <= 255 if lighter or mean < CONTRAST else False
        lowest, highest = (mean + CONTRAST + 1, 255) if up else (0, mean - CONTRAST)
        ink.append(lowest + share * (highest - lowest) // 255)
    size = len(each.coverage)
    place = image[each.top : each.top + size, each.left : each.left + size]
    part = each.coverage[..., np.newaxis]
    place[:] = (place * (each.full - part) + np.array(ink) * part + each.full // 2) // each.full
