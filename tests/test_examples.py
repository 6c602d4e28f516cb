"""Every public function and class has an `Example:` in its docstring, and each example gives what it prints."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import keras_course

EXAMPLE = re.compile(r"^Example:\n(?: {4}.*\n|\n)*? {4}>>> ", re.MULTILINE)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def modules():
    """Yields every module of the package, a package before what is in it."""
    yield keras_course
    for module in pkgutil.walk_packages(keras_course.__path__, "keras_course."):
        if module.name != "keras_course.records":  # says where it has moved
            yield importlib.import_module(module.name)


def documented(module, names):
    """Yields the functions and classes among the names of a module; constants, tables and aliases have no docstring."""
    for name in names:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isroutine(value) or hasattr(value, "__wrapped__"):
            yield name, value


def is_public(module):
    """Tells whether users import from a module: the command line is none, nor what is below a package's `__all__`."""
    parents = module.__name__.split(".")[:-1]
    packages = [importlib.import_module(".".join(parents[: depth + 1])) for depth in range(len(parents))]
    exporting = any(hasattr(package, "__all__") for package in packages)
    return not module.__name__.startswith("keras_course.cli") and (hasattr(module, "__all__") or not exporting)


def public_names():
    """Returns each public function and class once, by its dotted path below `keras_course`."""
    found = {}
    for module in filter(is_public, modules()):
        names = getattr(module, "__all__", None) or [name for name in vars(module) if not name.startswith("_")]
        for name, value in documented(module, names):
            if hasattr(module, "__all__") or value.__module__ == module.__name__:
                found.setdefault(value, f"{module.__name__}.{name}".removeprefix("keras_course."))
    return {path: value for value, path in found.items()}


def further_examples(public):
    """Returns the functions and classes that are not public and have an example all the same."""
    known = set(public.values())
    return {
        f"{module.__name__}.{name}".removeprefix("keras_course."): value
        for module in modules()
        for name, value in documented(module, vars(module))
        if getattr(value, "__module__", None) == module.__name__
        and value not in known
        and EXAMPLE.search(docstring(value))
    }


def docstring(value):
    return inspect.cleandoc(value.__doc__ or "")


PUBLIC = public_names()
EXAMPLES = {**PUBLIC, **further_examples(PUBLIC)}


def run(name, value):
    """Runs the example of a function or a class that knows its own name and nothing else; returns what went wrong."""
    test = doctest.DocTestParser().get_doctest(docstring(value), {value.__name__: value}, name, None, None)
    said = []
    doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(test, out=said.append)
    return "".join(said)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_gives_what_it_prints(name, digits_dir, tmp_path, monkeypatch, decoded_once, no_figures):
    value = EXAMPLES[name]
    if not EXAMPLE.search(docstring(value)):
        pytest.fail("its docstring has no section `Example:` with a line that begins with >>>")
    monkeypatch.setenv("TFDS_DATA_DIR", str(digits_dir))
    monkeypatch.chdir(tmp_path)
    with decoded_once():
        assert run(name, value) == ""


def test_names_come_from_every_kind_of_module():
    assert {"files.write_file", "numerics.schedules.step_decay", "models.build_lenet"} <= set(PUBLIC)
    assert {"numerics.convolution.output_size", "models.layers.GroupedConv2D"} <= set(PUBLIC)
    assert not {"numerics.convolution.geometry.windows", "models.blocks.conv_block"} & set(PUBLIC)


def test_examples_that_are_wrong_or_borrow_names_are_noticed():
    def wrong():
        """Gives 1.

        Example:
            >>> 1 + 1
            3
        """

    def borrowing():
        """Uses a name of its module.

        Example:
            >>> inspect.isclass(int)
            True
        """

    assert "Expected:\n    3\nGot:\n    2" in run("wrong", wrong)
    assert "NameError: name 'inspect' is not defined" in run("borrowing", borrowing)
