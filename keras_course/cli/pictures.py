"""Picture files that are named on a command line."""

from pathlib import Path
from typing import TYPE_CHECKING

from keras_course.quiet import quiet_tensorflow

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image


def open_picture(argument: str, file: Path) -> "Image.Image":
    """Returns a picture with its pixels read, turned as EXIF says; a file that Pillow can't read is an error.

    Args:
        argument: As it is called on the command line, for the message.
        file: Path of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If Pillow can't read it.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(file) as picture:
            return ImageOps.exif_transpose(picture)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"`{argument}` must exist. Received: {argument}={file}") from error
    except Exception as error:  # Pillow's decoders raise nearly anything at damaged files
        raise ValueError(
            f"`{argument}` must be a picture that Pillow can read. Received: {argument}={file} ({error})"
        ) from error


def read_rgb(argument: str, file: Path) -> "np.ndarray":
    """Returns a picture of any size and colour mode as uint8 (height, width, 3).

    Args:
        argument: As it is called on the command line, for the message.
        file: Path of the file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If Pillow can't read it.
    """
    picture = open_picture(argument, file)
    quiet_tensorflow()
    from keras_course.export.images import pil_to_array

    return pil_to_array(picture, 3, convert=True)


def longest_side(picture: "np.ndarray", size: int | None) -> "np.ndarray":
    """Returns a picture resized to a longer side of `size` pixels, or as it is for None.

    Args:
        picture: uint8 (height, width, channels).
        size: Int >= 1, or None.
    """
    if size is None:
        return picture
    from keras_course.export.images import resized

    height, width = (max(1, round(side * size / max(picture.shape[:2]))) for side in picture.shape[:2])
    return resized(picture[None], height, width)[0]
