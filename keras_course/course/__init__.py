"""The course as a table: every equation and topic of the deck with its code, tutorial, tests and corrections.

The deck is "Deep learning introduction" by Gianni Franchi, Master 2 Image Mining Course, 01/10/2020: ten chapters, from
linear regression to generative adversarial networks, with 49 numbered equations.

The table names functions by dotted path and imports none of them; `course.toml` is the table.
"""

from keras_course.course.entries import CHAPTERS, DECK, Entry, Erratum, find_entries, load_course

__all__ = ["CHAPTERS", "DECK", "Entry", "Erratum", "find_entries", "load_course"]
