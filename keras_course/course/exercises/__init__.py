"""Exercises that check themselves: a stub to fill in, and an answer that says which mistake it was.

`keras-course exercise` lists them; in a notebook, `print(check(my_function, "least_squares"))`.

The names load on first use: naming the exercises needs no more than the standard library.
"""

from typing import TYPE_CHECKING

from keras_course import publish

if TYPE_CHECKING:
    from keras_course.course.exercises.checking.catalogue import Exercise as Exercise
    from keras_course.course.exercises.checking.catalogue import find_exercise as find_exercise
    from keras_course.course.exercises.checking.catalogue import load_exercises as load_exercises
    from keras_course.course.exercises.checking.class_report import Result as Result
    from keras_course.course.exercises.checking.class_report import class_results as class_results
    from keras_course.course.exercises.checking.class_report import results_csv as results_csv
    from keras_course.course.exercises.checking.process import Limits as Limits
    from keras_course.course.exercises.checking.progress import Progress as Progress
    from keras_course.course.exercises.checking.progress import read_progress as read_progress
    from keras_course.course.exercises.checking.progress import record as record
    from keras_course.course.exercises.checking.progress import start as start
    from keras_course.course.exercises.checking.submitting import check as check
    from keras_course.course.exercises.checking.submitting import check_file as check_file
    from keras_course.course.exercises.checking.submitting import check_source as check_source
    from keras_course.course.exercises.checking.submitting import exercise_of as exercise_of
    from keras_course.course.exercises.checking.verdict import Kind as Kind
    from keras_course.course.exercises.checking.verdict import Verdict as Verdict

publish(
    globals(),
    {
        "checking.catalogue": ["Exercise", "find_exercise", "load_exercises"],
        "checking.class_report": ["Result", "class_results", "results_csv"],
        "checking.progress": ["Progress", "read_progress", "record", "start"],
        "checking.process": ["Limits"],
        "checking.submitting": ["check", "check_file", "check_source", "exercise_of"],
        "checking.verdict": ["Kind", "Verdict"],
    },
)
