"""One picture file: what its header says, and its pixels."""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from keras_course.data.pixels import with_channels

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
SUFFIXES = frozenset({".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"})
OTHER_SUFFIXES = frozenset(  # pictures that are refused by name, not passed over as if they were none
    {".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".j2k", ".ico", ".svg", ".ppm", ".pgm", ".pnm", ".tga", ".raw"}
)
MASK_FORMATS = ("PNG", "BMP")
GREY_STEPS = {"L;2": 85, "L;4": 17}  # between grey values, as Pillow has those of few bits
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
THREADS = min(8, os.cpu_count() or 1)  # Pillow decodes outside Python's lock
ORIENTATION = 0x0112  # EXIF tag; from 5 on the picture is turned by a quarter


class Header(NamedTuple):
    """What is known of a picture before it is decoded: its size upright, and the numbers of channels that suit it."""

    height: int
    width: int
    channels: tuple[int, ...]


def is_picture(path: Path) -> bool:
    """Tells from the suffix whether a file is meant to be a picture, of an accepted format or another.

    Example:
        >>> from pathlib import Path
        >>> is_picture(Path("cat.JPG")), is_picture(Path("Thumbs.db"))
        (True, False)
    """
    return path.suffix.lower() in SUFFIXES | OTHER_SUFFIXES


def read_header(path: Path) -> Header:
    """Reads the size, with EXIF's orientation obeyed, and the numbers of channels that suit the picture.

    One channel suits grey pictures (1, 8 or 16 bits), 4 those with transparency, 3 all others, 1 or 3 a palette of
    greys alone.

    Args:
        path: Path of the file.

    Returns:
        Its header.

    Raises:
        OSError: If the file cannot be read; whatever Pillow raises of damaged ones.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGB", (6, 4)).save(f"{folder}/a.png")
        ...     read_header(Path(folder, "a.png"))
        Header(height=4, width=6, channels=(3,))
    """
    with Image.open(path, formats=FORMATS) as image:
        width, height = image.size
        # Pillow decodes a PNG whole to look for EXIF behind the pixels.
        told = image.format != "PNG" or {"exif", "Raw profile type exif", "XML:com.adobe.xmp"} & image.info.keys()
        if told and image.getexif().get(ORIENTATION, 1) >= 5:
            width, height = height, width
        return Header(height, width, _channels(image))


def read_picture(path: Path, channels: int) -> np.ndarray:
    """Decodes a picture: upright, 8 bits; of an animation its first frame.

    16-bit grey v becomes round(255 v / 65535). Colours become grey by 0.299 R + 0.587 G + 0.114 B. Unless
    `channels` is 4, transparent pixels show a white page.

    Args:
        path: Path of the file.
        channels: 1 (grey), 3 (RGB) or 4 (RGBA).

    Returns:
        uint8 array in 0..255, shape `(height, width, channels)`.

    Raises:
        OSError: If the file cannot be read; whatever Pillow raises of damaged ones.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.new("RGB", (6, 4)).save(f"{folder}/a.png")
        ...     read_picture(Path(folder, "a.png"), channels=1).shape
        (4, 6, 1)
    """
    with Image.open(path, formats=FORMATS) as file:
        image = ImageOps.exif_transpose(file)
        if image.mode.startswith("I"):  # Pillow's own conversion clips at 255
            values = np.asarray(image).astype(np.int64).clip(0, 65535)
            image = Image.fromarray(((values * 255 + 32767) // 65535).astype(np.uint8))
        mode = "RGBA" if image.has_transparency_data else MODES[channels]
        pixels = np.asarray(image.convert(mode))
    return with_channels(pixels.reshape(1, *pixels.shape[:2], -1), channels)[0]


def read_mask(path: Path) -> np.ndarray:
    """Reads the numbers of a mask, upright: indices into its palette, or grey values.

    Grey values of 2 or 4 bits are what the file has; Pillow alone stretches them to 0..255.

    Args:
        path: Path of a PNG or BMP file: others lose numbers.

    Returns:
        uint8 array, shape `(height, width)`.

    Raises:
        ValueError: If it is neither grey nor has a palette, or has more than 8 bits.
        OSError: If the file cannot be read; whatever Pillow raises of damaged ones.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     image = Image.fromarray(np.uint8([[0, 7]])).convert("P")
        ...     image.save(f"{folder}/a.png")
        ...     read_mask(Path(folder, "a.png"))
        array([[0, 7]], dtype=uint8)
    """
    with Image.open(path, formats=MASK_FORMATS) as file:
        if file.mode not in ("1", "L", "P"):
            raise ValueError(f"a mask must be grey or have a palette, 8 bits at most. Received: mode {file.mode}")
        step = GREY_STEPS.get(file.tile[0].args, 1) if file.tile and isinstance(file.tile[0].args, str) else 1
        return np.asarray(ImageOps.exif_transpose(file)).astype(np.uint8) // np.uint8(step)


def _channels(image: Image.Image) -> tuple[int, ...]:
    if image.mode.startswith("I"):
        return (1,)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return (4,)
    if image.mode == "P" and _grey_palette(image):
        return (1, 3)
    return (1,) if image.mode in ("1", "L") else (3,)


def _grey_palette(image: Image.Image) -> bool:
    """Tells whether a palette has greys alone: its bytes come in RGB or, in BMP files, BGRX."""
    palette = image.palette
    if palette is None:
        return False
    colours = np.frombuffer(bytes(palette.palette), np.uint8)
    step = len(palette.rawmode or palette.mode)
    colours = colours[: len(colours) // step * step].reshape(-1, step)[:, :3]
    return bool((colours == colours[:, :1]).all())
