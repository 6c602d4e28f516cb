"""Schematic faces, drawn with anti-aliasing: who it is and what the face does are independent numbers.

Only sums, products, quotients and square roots of float64, which every machine rounds alike, make the pixels.
"""

from typing import NamedTuple

import numpy as np

from keras_course.data.scenes import SIDE, SPLITS, photograph_crop

UNITS = ("smile", "open_mouth", "raised_brows", "closed_eyes")
PLACES = (np.arange(SIDE) + 0.5)[np.newaxis], (np.arange(SIDE) + 0.5)[:, np.newaxis]  # x, y of the pixels' centres
RANGES = {  # of what makes an identity, in pixels unless said
    "x": (29.0, 35.0),
    "y": (32.0, 36.0),
    "width": (17.0, 21.0),  # half axes of the head
    "height": (21.5, 25.0),
    "squareness": (0.0, 0.6),  # 0 an ellipse, 1 nearly a rectangle
    "hairline": (14.0, 18.0),  # above the middle of the head
    "hair_volume": (1.5, 5.0),
    "hair_length": (0.0, 22.0),  # below the middle of the head
    "eye_distance": (7.2, 9.2),  # of an eye from the middle
    "eye_width": (4.0, 5.2),
    "eye_height": (2.8, 3.8),
    "iris": (1.7, 2.4),
    "brow_height": (6.2, 7.4),  # above the eye, at rest
    "brow_thickness": (0.8, 1.5),
    "nose_width": (1.6, 3.2),
    "nose_length": (5.0, 8.0),
    "mouth_height": (11.0, 13.0),  # below the middle of the head
    "mouth_width": (7.0, 9.0),
    "lip_thickness": (0.9, 1.5),
    "light_x": (-0.35, 0.35),  # brightness gained across half a face
    "light_y": (-0.25, 0.1),
}
SKINS = np.array([[250.0, 214, 190], [226, 172, 130], [178, 120, 82], [112, 72, 48]])
HAIRS = np.array([[30.0, 24, 22], [88, 52, 28], [196, 150, 80], [150, 60, 30], [150, 148, 146]])
IRISES = np.array([[70.0, 110, 170], [70, 130, 80], [96, 60, 30]])
LIPS = np.array([0.86, 0.5, 0.52])  # of the skin
MOUTH, TEETH, EYE_WHITE, PUPIL = (
    np.array(x, float) for x in ((70, 14, 22), (240, 236, 226), (246, 246, 244), (16,) * 3)
)


class Identity(NamedTuple):
    """Who it is.

    Attributes:
        sizes: What `RANGES` lists, by name.
        skin: float64, shape `(3,)`, RGB in 0..255, like the next three.
        hair: Of hair and brows.
        iris: Of the eyes.
        shirt: Of what covers the shoulders.
        background: int64, shape `(64, 64, 3)`, a crop of a photograph.
    """

    sizes: dict[str, float]
    skin: np.ndarray
    hair: np.ndarray
    iris: np.ndarray
    shirt: np.ndarray
    background: np.ndarray


def draw_identity(split: str, index: int) -> tuple[Identity, np.ndarray, np.ndarray]:
    """Draws who face `index` of a split is, what it does, and what else it might do.

    Args:
        split: `"train"` or `"test"`, which share neither identities nor photographs.
        index: Integer >= 0.

    Returns:
        The identity, and twice float64 `(4,)` in [0, 1], uniform and independent of it and each other: the units of the
        face, and those of its true picture.

    Example:
        >>> from keras_course.data.faces import draw_identity
        >>> identity, units, others = draw_identity("train", 0)
        >>> round(identity.sizes["width"], 1), units.shape, others.shape
        (20.8, (4,), (4,))
    """
    random = np.random.RandomState([2 + SPLITS.index(split), index])  # a frozen stream: every NumPy gives the same
    sizes = {name: low + (high - low) * random.random_sample() for name, (low, high) in RANGES.items()}
    skin, hair, iris = (_mixed(random, palette) for palette in (SKINS, HAIRS, IRISES))
    shirt = 40 + 190 * random.random_sample(3)
    units, others = random.random_sample((2, len(UNITS)))
    return Identity(sizes, skin, hair, iris, shirt, photograph_crop(random, split, 3)), units, others


def draw_face(identity: Identity, units: np.ndarray) -> np.ndarray:
    """Draws a face.

    Args:
        identity: Who it is.
        units: Floats in [0, 1], shape `(4,)`: how much it smiles, opens the mouth, raises the brows, closes the eyes.

    Returns:
        uint8, shape `(64, 64, 3)`.

    Example:
        >>> from keras_course.data.faces import draw_face, draw_identity
        >>> identity, units, _ = draw_identity("train", 0)
        >>> draw_face(identity, units).shape
        (64, 64, 3)
    """
    sizes = identity.sizes
    x, y = PLACES[0] - sizes["x"], PLACES[1] - sizes["y"]
    image = identity.background.astype(float)
    smile, opened, raised, closed = map(float, units)
    _draw_head(image, identity, x, y)
    for side in (-1, 1):
        part, across, down = _window(image, x - side * sizes["eye_distance"], y + 2, 7, (-18, 6))
        _draw_eye(part, identity, across, down, closed)
        _draw_brow(part, identity, side * across, down, raised)
    _draw_nose(*_window(image, x, y, 5, (-4, 11)), identity)
    part, across, down = _window(image, x, y - sizes["mouth_height"], 12, (-9, 14))
    _draw_mouth(part, identity, across, down, smile, opened)
    return (np.clip(image, 0, 255) + 0.5).astype(np.uint8)


def _mixed(random: np.random.RandomState, palette: np.ndarray) -> np.ndarray:
    """Returns a colour between two neighbours of a palette, a little off."""
    place = random.random_sample() * (len(palette) - 1)
    first = int(place)
    colour = palette[first] + (place - first) * (palette[first + 1] - palette[first])
    return colour * (0.94 + 0.12 * random.random_sample(3))


def _paint(image: np.ndarray, coverage: np.ndarray, colour: np.ndarray) -> None:
    """Paints a colour, `(3,)` or one per pixel, over the part of each pixel that is covered."""
    image += coverage[..., np.newaxis] * (colour - image)


def _window(
    image: np.ndarray, x: np.ndarray, y: np.ndarray, reach: float, rows: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the part of an image around x = y = 0 that a feature can reach, a view, with its x and y."""
    columns = np.flatnonzero(np.abs(x[0]) < reach)
    lines = np.flatnonzero((y[:, 0] > rows[0]) & (y[:, 0] < rows[1]))
    inside = slice(lines[0], lines[-1] + 1), slice(columns[0], columns[-1] + 1)
    return image[inside], x[:, inside[1]], y[inside[0]]


def _band(y: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Computes how much of each pixel lies between two curves: exactly, where they are flat within a pixel."""
    return np.clip(np.minimum(y + 0.5, bottom) - np.maximum(y - 0.5, top), 0, 1)


def _inside(x: np.ndarray, y: np.ndarray, width: float, height: float, squareness: float = 0.0) -> np.ndarray:
    """Computes how much of each pixel lies within a rounded shape around 0, from its distance to the edge."""
    u, v = x / width, y / height
    level = (1 - squareness) * (u * u + v * v) + squareness * (u * u * u * u + v * v * v * v) - 1
    across = ((1 - squareness) * 2 * u + squareness * 4 * u * u * u) / width
    down = ((1 - squareness) * 2 * v + squareness * 4 * v * v * v) / height
    slope = np.sqrt(across * across + down * down)
    return np.clip(0.5 - level / np.maximum(slope, 1e-6), 0, 1)


def _skin(identity: Identity, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Computes the colour of the skin at each pixel, as the light falls on it."""
    sizes = identity.sizes
    light = 0.95 + sizes["light_x"] * x / (2 * sizes["width"]) + sizes["light_y"] * y / (2 * sizes["height"])
    return light[..., np.newaxis] * identity.skin


def _draw_head(image: np.ndarray, identity: Identity, x: np.ndarray, y: np.ndarray) -> None:
    sizes = identity.sizes
    width, height, square = sizes["width"], sizes["height"], sizes["squareness"]
    skin, volume = _skin(identity, x, y), sizes["hair_volume"]
    above = np.clip(sizes["hair_length"] - y + 0.5, 0, 1)
    _paint(image, _inside(x, y + 1, width + volume, height + volume, square) * above, identity.hair)
    _paint(image, _inside(x, y - height - 9, 1.5 * width, 12.0), identity.shirt)
    _paint(image, _inside(x, y - height, 0.45 * width, 9.0) * np.clip(y - 8.5, 0, 1), 0.82 * skin)
    fringe = -sizes["hairline"] + x * x * (sizes["hairline"] / (1.3 * width * width))
    _paint(image, _inside(x, y, width, height, square) * np.clip(y - fringe + 0.5, 0, 1), skin)


def _draw_eye(image: np.ndarray, identity: Identity, x: np.ndarray, y: np.ndarray, closed: float) -> None:
    """Draws an eye whose upper lid comes down to the lower one."""
    sizes = identity.sizes
    arch = np.maximum(1 - (x / sizes["eye_width"]) ** 2, 0) * sizes["eye_height"]
    lower = 0.7 * arch
    upper = -arch + closed * (arch + lower)
    _paint(image, _band(y, upper, lower), EYE_WHITE)
    for radius, colour in ((sizes["iris"], identity.iris), (0.5 * sizes["iris"], PUPIL)):
        disc = np.sqrt(np.maximum(radius * radius - x * x, 0))
        _paint(image, _band(y, np.maximum(upper, -disc), np.minimum(lower, disc)), colour)
    lash = 0.6 * np.clip(sizes["eye_width"] + 0.5 - np.abs(x), 0, 1)
    _paint(image, _band(y, upper - lash, upper + lash), 0.35 * identity.skin)


def _draw_brow(image: np.ndarray, identity: Identity, x: np.ndarray, y: np.ndarray, raised: float) -> None:
    """Draws a brow, which rises and bends; positive x is outward."""
    sizes = identity.sizes
    reach = sizes["eye_width"] + 1
    bend = (0.6 + 1.4 * raised) * (1 - (x / reach) ** 2)
    middle = -sizes["brow_height"] + 1.5 - 5.5 * raised - bend
    half = sizes["brow_thickness"] * np.clip(reach + 0.5 - np.abs(x), 0, 1)
    _paint(image, _band(y, middle - half, middle + half), 0.7 * identity.hair)


def _draw_nose(image: np.ndarray, x: np.ndarray, y: np.ndarray, identity: Identity) -> None:
    sizes = identity.sizes
    wing = np.clip(sizes["nose_width"] + 0.5 - np.abs(x), 0, 1)
    tip = sizes["nose_length"] - 0.25 * x * x / sizes["nose_width"]
    _paint(image, _band(y, tip - 0.7 * wing, tip + 0.7 * wing), 0.62 * identity.skin)
    ridge = np.clip(1.2 - np.abs(x + np.where(sizes["light_x"] > 0, 1.0, -1.0)), 0, 1)
    _paint(image, 0.35 * ridge * np.clip(sizes["nose_length"] - y, 0, 1) * np.clip(y + 2, 0, 1), 0.7 * identity.skin)


def _draw_mouth(
    image: np.ndarray, identity: Identity, x: np.ndarray, y: np.ndarray, smile: float, opened: float
) -> None:
    """Draws a mouth: a smile lifts and widens its corners, opening it lowers the lower lip."""
    sizes = identity.sizes
    across = x / (sizes["mouth_width"] * (0.85 + 0.3 * smile))
    arch = np.maximum(1 - across * across, 0)
    middle = (1 - arch) * (2.5 - 7.0 * smile) + 1.5 * smile - 1
    upper, lower = middle - 1.5 * opened * arch, middle + 7.5 * opened * arch
    inside = np.clip((1 - np.abs(across)) * sizes["mouth_width"] + 0.5, 0, 1)  # without a step at the corners
    lip = sizes["lip_thickness"] * (0.25 + 0.75 * arch) * inside
    lips = identity.skin * LIPS
    _paint(image, _band(y, upper - lip, lower + 1.2 * lip), lips)
    _paint(image, _band(y, upper, lower), MOUTH)
    _paint(image, _band(y, upper, upper + np.minimum(2.2, 0.5 * (lower - upper))), TEETH)
