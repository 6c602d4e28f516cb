"""Picture files in requests: checked before they are decoded, and made what a model takes."""

import io
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from keras_course.data.pictures import FORMATS
from keras_course.export.framed import framed
from keras_course.export.images import as_batch, inverted
from keras_course.export.saved_animator import SavedAnimator
from keras_course.export.saved_classifier import SavedClassifier
from keras_course.export.saved_painter import SavedPainter
from keras_course.reading import reason
from keras_course.serve.errors import RefusedError, bad_request

FIELDS = ("resize", "invert", "signature_name", "units")
YES, NO = ("true", "1"), ("false", "0", "")


class Form(NamedTuple):
    """A form of pictures and of how to take them.

    Attributes:
        pictures: Contents of the files.
        resize: Whether pictures of every size and colour mode are taken.
        invert: Whether x becomes 255 - x.
        signature: Name of the signature; "" for the default one.
        units: Numbers, of the action units of a GANimation; None where the form has none.
    """

    pictures: list[bytes]
    resize: bool
    invert: bool
    signature: str = ""
    units: list[float] | None = None


def read_form(files: Iterable[bytes], fields: dict[str, str]) -> Form:
    """Returns a form whose fields are checked, or raises RefusedError."""
    pictures = [*files]
    if not pictures:
        raise bad_request("The form must have at least one picture file. Received: none")
    unknown = sorted(fields.keys() - set(FIELDS))
    if unknown:
        raise bad_request(f"The form's fields must be out of {', '.join(FIELDS)}. Received: {unknown[0]!r:.60}")
    switches = {name: _switch(name, fields.get(name, "")) for name in ("resize", "invert")}
    return Form(pictures, **switches, signature=fields.get("signature_name", ""), units=_units(fields.get("units")))


class PictureReader:
    """Decodes the picture files of one request.

    Args:
        saved: The export, or None of an unknown task: then pictures stay as their files have them.
        max_pixels: Of all pictures together.
        resize: As in `Form`.
        invert: As in `Form`.
    """

    def __init__(self, saved: Any, *, max_pixels: int, resize: bool = False, invert: bool = False):
        self._saved, self._image_shape = saved, getattr(saved, "image_shape", (None, None, None))
        self._left = self._most = max_pixels
        self._resize, self._invert = resize, invert

    def __call__(self, content: bytes) -> np.ndarray:
        """Returns a picture as the model takes it, uint8 (height, width, channels).

        Raises:
            RefusedError: If it is none that Pillow can read, has too many pixels, or doesn't fit the model.
        """
        picture = self._open(content)
        try:
            if isinstance(self._saved, SavedClassifier | SavedPainter | SavedAnimator) or self._saved is None:
                batch = as_batch(picture, self._image_shape, resize=self._resize)
            else:
                batch = framed(picture, self._image_shape, resize=self._resize).batch
        except ValueError as error:
            raise bad_request(str(error).replace("`resize=True`", "the form's field resize=true")) from error
        return (inverted(batch) if self._invert else batch)[0]

    def _open(self, content: bytes) -> Image.Image:
        try:
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        except Exception as error:  # Pillow raises nearly anything
            why = _without_address(error)
            raise bad_request(
                f"A picture must be a {', '.join(FORMATS)} file. Received: {len(content)} bytes ({why})"
            ) from error
        self._left -= picture.width * picture.height
        if self._left < 0:
            raise RefusedError(
                413,
                f"The pictures of a request must have at most {self._most} pixels. "
                f"Received: one of {picture.width} x {picture.height} pixels among them",
            )
        try:
            picture.load()
        except Exception as error:
            raise bad_request(f"A picture must be whole. Received: {_without_address(error)}") from error
        return picture


def _without_address(error: BaseException) -> str:
    return "not a picture" if "0x" in str(error) else reason(error)


def _switch(name: str, value: str) -> bool:
    if value.lower() not in YES + NO:
        raise bad_request(f"The form's field '{name}' must be true or false. Received: {value!r:.60}")
    return value.lower() in YES


def _units(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise bad_request(f"The form's field 'units' must be numbers with commas. Received: {text!r:.60}") from error
