"""The small site, built once for all tests; the package `docs` is imported from the project's folder."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_site import PAGES, build

sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    from docs.notebooks import write_notebooks
    from docs.reading import load_tutorials

    folder = tmp_path_factory.mktemp("site")
    for name, text in PAGES.items():
        path = folder / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    result = build(folder)
    tutorials = load_tutorials(folder / "pages" / "tutorials")
    write_notebooks(tutorials, folder / "html" / "notebooks")
    return SimpleNamespace(
        folder=folder, html=folder / "html", cache=folder / "cache", result=result, tutorials=tutorials
    )
