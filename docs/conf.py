"""Sphinx's settings for the site; `python -m docs` (or `make docs`) builds it."""

import sys
from importlib.metadata import files
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from docs.execution import CACHE, set_kernel_environment  # noqa: E402
from keras_course import __version__  # noqa: E402

set_kernel_environment()

project = "keras_course"
author = "the authors of keras_course"
copyright = "MIT licence"
version = release = __version__
language = "en-GB"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "docs.docstrings",
    "docs.equations",
    "docs.gallery",
    "docs.proofs",
    "docs.spelling",
]
exclude_patterns = ["*.py", "_build", "_cache", "**/README.md", "tutorials/figures"]
smartquotes = False  # `--option` stays what it is
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!keras_course).*"),  # Python's own names, and other libraries'
    ("py:class", r"keras_course.export.inspector.Inspector"),  # the type of a field, which nobody makes themselves
]

# Tutorials, read as notebooks. Whatever the cache lacks is executed.
nb_custom_formats = {".py": "docs.reading.read_for_site"}
nb_execution_mode = "cache"
nb_execution_cache_path = str(CACHE)
nb_execution_timeout = -1
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_output_stderr = "remove"  # as docs/execution.py does
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "attrs_block", "deflist"]
myst_heading_anchors = 3

# The API, from docstrings.
default_role = "literal"  # what docstrings mean by `x`
autodoc_default_options = {"members": True}
autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # docstrings give type, interval and shape
autodoc_preserve_defaults = True
add_module_names = False
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = ["Returns", "Source", "Yields"]  # prose, not "type: text"
viewcode_line_numbers = True

# Pages that work from a folder, without a network.
mathjax_package = files("sphinx-mathjax-offline") or []
(mathjax,) = [str(file.locate()) for file in mathjax_package if file.name == "tex-svg-full.js"]
mathjax_path = Path(mathjax).name
mathjax3_config = {"options": {"enableMenu": False}, "svg": {"mtextInheritFont": True}}
SINGLE_PAGES = ("index", "equations", "slips", "measured", "teachers", "engineers", "tests/**", "_modules/**")
html_theme = "pydata_sphinx_theme"
html_title = "keras_course"
html_static_path = ["static", mathjax]
html_css_files = ["site.css"]
html_js_files = ["reach.js"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # reads pages, which browsers forbid where there is no server
html_context = {"default_mode": "auto"}  # light or dark as the system is
html_theme_options = {
    "navbar_persistent": ["search-button"],
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 8,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars: dict[str, list[str]] = {page: [] for page in SINGLE_PAGES}
