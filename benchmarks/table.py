"""The row that every benchmark returns."""

from typing import NamedTuple


class Row(NamedTuple):
    """One bar: what was measured, what is asked for, and whether it is met."""

    name: str
    measured: str
    bar: str
    met: bool
