"""Deep dream (deck, chapter 8): a picture that is changed until the layers of a network respond more to it."""

from keras_course import publish
from keras_course.applications.deep_dream.dreaming import Dream as Dream
from keras_course.applications.deep_dream.dreaming import deep_dream as deep_dream
from keras_course.applications.deep_dream.objective import guided_strength as guided_strength
from keras_course.applications.deep_dream.objective import strength as strength
from keras_course.applications.deep_dream.octaves import octave_sizes as octave_sizes

publish(globals())
