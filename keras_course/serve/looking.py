"""What the page shows of a picture: what the network received, what it says, and where it looks."""

import base64
import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
import numpy as np
from PIL import Image

from keras_course.data.faces import UNITS, draw_face, draw_identity
from keras_course.export import (
    SavedAnimator,
    SavedCaptioner,
    SavedClassifier,
    SavedDetector,
    SavedGenerator,
    SavedPainter,
    SavedSegmenter,
)
from keras_course.export.images import as_batch, image_polarity, is_inverted
from keras_course.export.saved_detector import SHOWN
from keras_course.export.saved_segmenter import in_frame
from keras_course.serve.errors import bad_request
from keras_course.serve.models import ServedModel
from keras_course.visualization.heat_maps import heat_overlay, top_of_saliency
from keras_course.visualization.masks import class_colors
from keras_course.visualization.tiles import MAP_COLORS, tile_images

MOST_MAPS, MOST_SIDE, MAPS_PER_ROW = 32, 64, 8  # maps of a layer, pixels of a side, maps in a row
TASKS = {
    SavedClassifier: "classifier",
    SavedDetector: "detector",
    SavedSegmenter: "segmenter",
    SavedCaptioner: "captioner",
    SavedPainter: "painter",
    SavedAnimator: "animator",
    SavedGenerator: "generator",
}


def describe(model: ServedModel) -> dict[str, Any]:
    """Returns what the page must know of a model before it shows anything."""
    version = model.current
    saved: Any = version.saved
    return {
        "name": model.name,
        "version": version.number,
        "task": TASKS.get(type(saved), "unknown"),
        "image_shape": getattr(saved, "image_shape", None),
        "class_names": getattr(saved, "class_names", None),
        "polarity": getattr(saved, "polarity", None),
        "latent_dim": getattr(saved, "latent_dim", None),
        "unit_names": getattr(saved, "unit_names", None),
        "example": _example(saved),
        "inspects": getattr(saved, "inspector", None) is not None,
        "inputs": {
            name: {"dtype": spec.dtype.name, "shape": None if spec.shape.rank is None else spec.shape.as_list()}
            for name, spec in version.default.inputs.items()
        },
    }


def look(saved: Any, image: np.ndarray, units: Sequence[float] | None = None) -> dict[str, Any]:
    """Returns what a model says of a picture, as JSON with pictures in it.

    Args:
        saved: The export, one that takes pictures.
        image: uint8 (height, width, channels) as the model takes it.
        units: Numbers in [0, 1] for a GANimation, one per action unit; None for all at 0.

    Raises:
        RefusedError: If the units don't fit the model.
    """
    if units is not None and not isinstance(saved, SavedAnimator):
        raise bad_request("The form's field 'units' is for models that change faces.")
    polarity = getattr(saved, "polarity", None)
    received = {
        "picture": _picture(image),
        "shape": image.shape,
        "polarity": image_polarity(image[np.newaxis]),
        "inverted": is_inverted(image[np.newaxis], polarity),
    }
    tell = _TELL[type(saved)]
    return {"received": received} | (tell(saved, image) if units is None else tell(saved, image, units))


def _classes(saved: SavedClassifier, image: np.ndarray) -> dict[str, Any]:
    (probabilities,) = saved.predict(image).probabilities.tolist()
    return {"probabilities": probabilities} | ({} if saved.inspector is None else _inside(saved, image))


def _inside(saved: SavedClassifier, image: np.ndarray) -> dict[str, Any]:
    found = saved.inspect(image)
    (saliency,) = found.saliency
    shown = {"saliency": _picture(heat_overlay(saliency, top_of_saliency(saliency)))}
    if found.grad_cam is not None:
        shown["grad_cam"] = _picture(heat_overlay(found.grad_cam[0], 1.0))
    return shown | {"maps": [_maps(layer, values[0]) for layer, values in found.maps.items()]}


def _maps(layer: str, maps: np.ndarray) -> dict[str, Any]:
    step = -(-max(maps.shape[:2]) // MOST_SIDE)
    few = np.moveaxis(maps[::step, ::step, :MOST_MAPS], -1, 0)
    least, most = float(few.min()), float(few.max())
    scaled = (few - least) / ((most - least) or 1.0)
    mosaic = tile_images(scaled, columns=min(MAPS_PER_ROW, len(few)), fill=np.nan)
    colored = matplotlib.colormaps[MAP_COLORS](np.ma.masked_invalid(mosaic))
    return {"layer": layer, "shape": maps.shape, "shown": len(few), "picture": _picture(colored)}


def _boxes(saved: SavedDetector, image: np.ndarray) -> dict[str, Any]:
    found = saved.predict(image)
    rows = zip(found.boxes[0].tolist(), found.class_name[0], found.scores[0].tolist(), strict=False)
    return {"boxes": [{"box": box, "name": name, "score": score} for box, name, score in rows if score >= SHOWN]}


def _mask(saved: SavedSegmenter, image: np.ndarray) -> dict[str, Any]:
    mask, names = in_frame(saved.predict(image).class_id[0], image.shape[:2]), saved.class_names
    colors = class_colors(names)
    seen, counts = np.unique(mask, return_counts=True)
    legend = [
        {
            "name": names[k],
            "color": matplotlib.colors.to_hex(colors[k], keep_alpha=True),
            "share": int(count) / mask.size,
        }
        for k, count in zip(seen, counts, strict=True)
        if k < len(names)
    ]
    return {"mask": _picture(colors[np.minimum(mask, len(names))]), "legend": legend}


def _caption(saved: SavedCaptioner, image: np.ndarray) -> dict[str, Any]:
    return {"caption": saved.predict(image).caption[0]}


def _painted(saved: SavedPainter, image: np.ndarray) -> dict[str, Any]:
    return {"painted": _picture(saved.paint(image))}


def _changed(saved: SavedAnimator, image: np.ndarray, units: Sequence[float] | None = None) -> dict[str, Any]:
    try:
        changed = saved.change(image, [0.0] * len(saved.unit_names) if units is None else units)
    except ValueError as error:
        raise bad_request(str(error).replace("`units`", "The form's field 'units'")) from error
    return {"changed": _picture(changed[0])}


def _example(saved: Any) -> str | None:
    """Returns a picture to begin with where a drawing would be none: a face, for a GANimation of drawn ones."""
    if not isinstance(saved, SavedAnimator) or tuple(saved.unit_names) != UNITS:
        return None
    face = Image.fromarray(draw_face(draw_identity("test", 0)[0], np.zeros(len(UNITS))))
    return _picture(as_batch(face, saved.image_shape, resize=True)[0])


_TELL: dict[type, Callable[..., dict[str, Any]]] = {
    SavedClassifier: _classes,
    SavedDetector: _boxes,
    SavedSegmenter: _mask,
    SavedCaptioner: _caption,
    SavedPainter: _painted,
    SavedAnimator: _changed,
}


def takes_pictures(saved: Any) -> bool:
    """Tells whether `look` can show what an export says."""
    return type(saved) in _TELL


def _picture(pixels: np.ndarray) -> str:
    """Returns a PNG as an address that an <img> takes; floats in [0, 1] become bytes."""
    if pixels.dtype != np.uint8:
        pixels = (pixels * 255).round().astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
