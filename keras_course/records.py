"""The former place of `keras_course.runs`."""

import keras_course

raise keras_course.missing("keras_course", "records")
