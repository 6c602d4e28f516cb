"""What the site makes of docstrings, of the course and of words."""

import importlib
import pkgutil
import re
from pathlib import Path

import keras_course
from keras_course.course import load_course

ROOT = Path(__file__).parents[2]


def test_docstrings_get_sections_tables_and_escapes():
    from docs.docstrings import prepare

    lines = ["|x| of `a|b` and x_", "", "Source: deck,", "    eq. 4.", "", "Example:", "    >>> a | b * c"]
    sections = ["Source:", "    deck,", "    eq. 4.", "", "Example:", "    >>> a | b * c"]
    assert prepare(lines) == [r"\|x\| of `a|b` and x\_", "", *sections]
    table = prepare(["| what | here |", "| --- | --- |", "| a*b | `c` |"])
    rows = ["   * - what", "     - here", r"   * - a\*b", "     - `c`", ""]
    assert table == [".. list-table::", "   :header-rows: 1", "", *rows]


def test_words_are_checked_and_code_is_not():
    from docs.spelling import unknown_words

    assert unknown_words("The colour of teh gradients, its Jacobian's and Keras's") == ["teh"]
    assert unknown_words('keras.ops.psnr, xyzzy_1, "lbfgs", conv2d, LeNet and of_abcd at https://abcd.org/efgh') == []


def test_functions_lead_back_to_their_equations():
    from docs.docstrings import course_links

    assert course_links("keras_course.numerics.initialization.he_std") == [
        "",
        "In the course: :ref:`eq. 47 <eq-47>`.",
        "",
    ]
    assert course_links("keras_course.data.load_images") == []


def test_every_equation_is_on_the_page_with_all_that_belongs_to_it():
    from docs.equations import equations_page, slips_page
    from docs.reading import label

    page, slips = equations_page(), slips_page()
    for entry in load_course():
        (section,) = re.findall(rf"^\({label(entry)}\)=\n(.*?)(?=^\((?:eq|topic)-|\Z)", page, re.MULTILINE | re.DOTALL)
        for part in (
            *(f"`~keras_course.{path}`" for path in entry.functions),
            *entry.tests,
            entry.tutorial,
            entry.latex,
        ):
            name = part.partition("::")[2].partition("[")[0] or part.removesuffix(".py")
            assert name in section, f"{entry.name}: {part}"
        for slip in entry.errata:
            assert slip.printed in section and slip.right.replace("|", "\\|") in slips


def test_every_test_that_proves_something_has_a_place():
    from docs.proofs import tested

    for path, names in tested().items():
        source = (ROOT / path).read_text(encoding="utf-8")
        for name in names:
            assert f"\ndef {name}(" in source


def test_the_api_has_every_public_name():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs/api").rglob("*.md"))
    shown = set(re.findall(r"automodule:: (\S+)", pages))
    for found in pkgutil.walk_packages(keras_course.__path__, "keras_course."):
        if found.ispkg and not re.search(r"\.cli|exercises\.", found.name):
            if "__all__" in vars(importlib.import_module(found.name)):
                assert found.name in shown, f"docs/api lacks {found.name}"


def test_the_front_page_lists_every_tutorial():
    from docs.gallery import CHOSEN
    from docs.reading import load_tutorials

    paths = {str(path.relative_to(ROOT / "tutorials")) for path in ROOT.glob("tutorials/*/[0-9]*.py")}
    assert {one.path for one in load_tutorials()} == paths
    assert set(CHOSEN) <= paths


def test_notebooks_are_complete_and_the_same_each_time(tmp_path):
    import nbformat

    from docs.notebooks import write_archive, write_notebooks
    from docs.reading import load_tutorials

    archives = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        written = write_notebooks(load_tutorials(), folder)
        archives.append(write_archive(written, folder, folder / "all.zip").read_bytes())
    assert archives[0] == archives[1]
    notebooks = [path for path in written if path.suffix == ".ipynb"]
    assert len(notebooks) == len(load_tutorials())
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata.kernelspec.name == "python3" and "__file__" not in notebook.cells[-1].source
        assert not any(cell.get("outputs") for cell in notebook.cells)
        for name in re.findall(r'folder / "([\w.]+)"', path.read_text(encoding="utf-8").replace("\\", "")):
            assert (path.parent / name).is_file(), f"{path.name} lacks {name}"
