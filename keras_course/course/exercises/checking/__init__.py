"""The checker of the exercises: `keras_course.course.exercises` publishes what users call."""
