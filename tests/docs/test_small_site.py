"""A small site is built as the real one is: executed once, kept, checked."""

import shutil

import numpy as np
import pytest
from jupyter_cache import get_cache
from PIL import Image
from small_site import TUTORIAL, build

PAGE = "tutorials/01_linear_regression/1_parabola"


def test_pages_show_what_the_tutorial_printed_and_drew(site):
    assert site.result.returncode == 0, site.result.stderr
    page = (site.html / f"{PAGE}.html").read_text(encoding="utf-8")
    assert "largest = 1.0" in page and "__file__" not in page
    assert 'alt="Figure to “Question 1: what does it look like?”; the text after it says what to see."' in page
    assert 'href="../../notebooks/01_linear_regression/1_parabola.ipynb"' in page


def test_the_gallery_has_picture_and_question(site):
    front = (site.html / "index.html").read_text(encoding="utf-8")
    assert "<strong>What is a parabola?</strong>" in front and "1 Linear regression" in front
    with Image.open(site.html / "_static/gallery/01_linear_regression-1_parabola.png") as picture:
        assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 10


def test_nothing_is_dead_or_from_elsewhere(site):
    from docs.links import outside_links, problems

    assert list(problems(site.html)) == []
    assert all("sphinx-doc" in link or "pydata" in link for link in outside_links(site.html))


@pytest.fixture
def copy(site, tmp_path):
    """A copy of the small site, to change."""
    shutil.copytree(site.folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_what_was_executed_is_kept_until_its_code_changes(copy):
    def records():
        return {record.pk: record.created for record in get_cache(str(copy / "cache")).list_cache_records()}

    tutorial, first = copy / "pages" / f"{PAGE}.py", records()
    tutorial.write_text(TUTORIAL.replace("What is a parabola?", "What, then, is a parabola?"), encoding="utf-8")
    assert build(copy).returncode == 0 and records() == first
    assert "What, then, is a parabola?" in (copy / "html" / f"{PAGE}.html").read_text(encoding="utf-8")
    tutorial.write_text(TUTORIAL.replace("x**2).max()", "x**4).min()"), encoding="utf-8")
    assert build(copy).returncode == 0 and len(records()) == len(first) + 1


def test_a_misspelt_word_is_reported(copy):
    with (copy / "pages" / "numbers.md").open("a", encoding="utf-8") as page:
        page.write("\nA grdient.\n")
    result = build(copy)
    assert result.returncode != 0 and "unknown word: grdient" in result.stderr


def test_a_cell_that_fails_is_reported(copy):
    failing = TUTORIAL.replace("ax.plot(x, x**2)", "ax.plot(x, nothing)")
    (copy / "pages" / f"{PAGE}.py").write_text(failing, encoding="utf-8")
    result = build(copy)
    assert result.returncode != 0 and "nothing" in result.stderr
