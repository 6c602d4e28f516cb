"""A sentence about a scene: how many digits, which, how large, and where one is seen from another."""

import numpy as np

NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
TIE = 4  # pixels between centres, below which no side is named
SMALL, LARGE = 16, 23  # pixels of height: up to, from


def describe_scene(boxes: np.ndarray, digits: np.ndarray) -> str:
    """Describes a scene in reading order, by centre from left to right.

    The grammar, where each thing is seen from the next one: `COUNT digit(s): THING`, then ` RELATION THING` once and
    `, RELATION THING` for all others. A thing is `a`, `a small` (at most 16 pixels high) or `a large` (at least 23) and
    the name of the digit. A relation is `left of`, `above`, `below`, `left of and above`, `left of and below`, or `and`
    where centres are less than 4 pixels apart in both directions; a direction of less than 4 is not named.

    Args:
        boxes: `(x_min, y_min, x_max, y_max)` in pixels, shape `(k, 4)`, 1 to 12 of them.
        digits: Integers 0 to 9, shape `(k,)`.

    Returns:
        The sentence, of 24 different words and two marks at most.

    Example:
        >>> import numpy as np
        >>> describe_scene(np.array([[40, 2, 50, 20], [2, 2, 12, 17], [38, 30, 52, 56]]), np.array([2, 7, 9]))
        'three digits: a small seven left of a two, above a large nine'
    """
    doubled = np.asarray(boxes)[:, :2] + np.asarray(boxes)[:, 2:]  # twice the centre, whole pixels
    order = np.lexsort([doubled[:, 1], doubled[:, 0]])
    words = f"{NUMBERS[len(order)]} digit{'s' if len(order) > 1 else ''}: "
    for position, index in enumerate(order.tolist()):
        if position:
            relation = _relation(*(doubled[index] - doubled[order[position - 1]]).tolist())
            words += f"{', ' if position > 1 else ' '}{relation} "
        words += _thing(int(digits[index]), int(boxes[index][3] - boxes[index][1]))
    return words


def _thing(digit: int, height: int) -> str:
    size = "small " if height <= SMALL else "large " if height >= LARGE else ""
    return f"{'an' if NUMBERS[digit] == 'eight' and not size else 'a'} {size}{NUMBERS[digit]}"


def _relation(right: int, down: int) -> str:
    """Names where a thing is from the next one, which lies so many half pixels to the right and down."""
    sides = ["left of"] if right >= 2 * TIE else []
    if abs(down) >= 2 * TIE:
        sides.append("above" if down > 0 else "below")
    return " and ".join(sides) or "and"
