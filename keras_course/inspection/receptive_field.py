"""Receptive fields along one axis: which pixels of the input the units of a map see, and how layers change that."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

NOTHING = (math.inf, -math.inf)  # the window of a unit that sees no pixel


@dataclass(frozen=True)
class Field:
    """The windows of all units along an axis: unit `i + len(windows)` sees what unit `i` sees, `step` pixels further.

    Args:
        step: Integer >= 0, in pixels of the input; 0 where every unit sees the same.
        windows: (first, last) pixel of the input that each unit of one period sees; more than one only behind
            upsampling. Pixels below 0 or beyond the image are padding.
    """

    step: int = 1
    windows: tuple[tuple[float, float], ...] = ((0, 0),)

    @property
    def size(self) -> int:
        """The receptive field in pixels, that of the unit that sees most; 0 if none sees anything."""
        return max(0, *(0 if last < first else int(last - first + 1) for first, last in self.windows))

    @property
    def stride(self) -> float:
        """Pixels of the input from one unit to the next; 0 where every unit sees the same."""
        return self.step / len(self.windows)

    def window(self, unit: int) -> tuple[float, float]:
        """Returns the first and the last pixel that a unit sees."""
        periods, place = divmod(unit, len(self.windows))
        first, last = self.windows[place]
        return first + periods * self.step, last + periods * self.step


BLIND = Field(0, (NOTHING,))  # what does not depend on the image, such as a class label


def everything(field: Field, size: int) -> Field:
    """Returns the field of units each of which sees all `size` units of a map: Flatten, global pooling."""
    return Field(0, (_hull(field.window(unit) for unit in range(size)),))


def through_kernel(field: Field, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> Field:
    """Returns the field behind a convolution or pooling: its unit o sees units o·stride - padding + t·dilation.

    Args:
        field: The field before.
        kernel_size: Integer >= 1; t runs from 0 to kernel_size - 1.
        stride: Integer >= 1.
        padding: Units added before the first one; negative where units are cropped.
        dilation: Integer >= 1.
    """
    return _resample(
        field, lambda o: (o * stride - padding + t * dilation for t in range(kernel_size)), down=stride, up=1
    )


def through_transposed_kernel(field: Field, kernel_size: int, *, stride: int, crop: int, dilation: int = 1) -> Field:
    """Returns the field behind a transposed convolution: unit i reaches units i·stride - crop + t·dilation."""

    def sources(o: int) -> Iterable[int]:
        reached = (o + crop - t * dilation for t in range(kernel_size))
        return (position // stride for position in reached if position % stride == 0)

    return _resample(field, sources, down=1, up=stride)


def through_upsampling(field: Field, size: int, *, bilinear: bool) -> Field:
    """Returns the field behind an upsampling that repeats units, or blends the two whose centres are next."""

    def sources(o: int) -> Iterable[int]:
        centre = 2 * o + 1 - size  # in halves of the new units
        return (centre // (2 * size), -(-centre // (2 * size))) if bilinear else (o // size,)

    return _resample(field, sources, down=1, up=size)


def merged(fields: Sequence[Field], sizes: Sequence[int]) -> Field:
    """Returns the field of units that see all that the units in their place in several maps see.

    Where the maps have different strides (a map of one unit that is broadcast over another, say) each unit is taken
    to see all that any of them sees.
    """
    seeing = [(field, size) for field, size in zip(fields, sizes, strict=True) if field.size]
    if not seeing:
        return BLIND
    if len({field.stride for field, _ in seeing}) > 1:
        return Field(0, (_hull(everything(field, size).windows[0] for field, size in seeing),))
    period = math.lcm(*(len(field.windows) for field, _ in seeing))
    windows = tuple(_hull(field.window(unit) for field, _ in seeing) for unit in range(period))
    return Field(round(seeing[0][0].stride * period), windows)


def _resample(field: Field, sources: Callable[[int], Iterable[int]], *, down: int, up: int) -> Field:
    """Returns the field of units that see `sources(unit)`, where `down` new units make as long a way as `up` old."""
    shared = math.gcd(down, up * len(field.windows))
    period = up * len(field.windows) // shared
    windows = tuple(_hull(field.window(source) for source in sources(unit)) for unit in range(period))
    return Field(field.step * down // shared, windows)


def _hull(windows: Iterable[tuple[float, float]]) -> tuple[float, float]:
    return reduce(lambda a, b: (min(a[0], b[0]), max(a[1], b[1])), windows, NOTHING)
