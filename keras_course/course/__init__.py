"""The course as a table: every equation and topic of the deck with its code, tutorial, tests and corrections.

The deck is "Deep learning introduction" by Gianni Franchi, Master 2 Image Mining Course, 01/10/2020: ten chapters, from
linear regression to generative adversarial networks, with 49 numbered equations.

The table names functions by dotted path and imports none of them; `course.toml` is the table.
"""

from keras_course import publish
from keras_course.course.entries import CHAPTERS as CHAPTERS
from keras_course.course.entries import DECK as DECK
from keras_course.course.entries import Entry as Entry
from keras_course.course.entries import Erratum as Erratum
from keras_course.course.entries import find_entries as find_entries
from keras_course.course.entries import load_course as load_course

publish(globals())
