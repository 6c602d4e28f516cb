"""The course as a table: every equation and topic of the deck with its code, tutorial, tests and corrections.

It names functions by dotted path and imports none of them; `course.toml` is the table.
"""

from keras_course.course.entries import CHAPTERS, Entry, Erratum, find_entries, load_course

__all__ = ["CHAPTERS", "Entry", "Erratum", "find_entries", "load_course"]
