"""Dead links, missing files and what is loaded from elsewhere are found."""

import pytest

PAGES = {
    "index.html": '<a href="a/page.html#there">x</a><link rel="stylesheet" href="s.css"><h1 id="top">t</h1>',
    "a/page.html": '<p id="there"><a href="../index.html#top">x</a><a href="#there">x</a><a href="https://a.org">x</a>',
    "s.css": "p { background: url(data:image/png;base64,AA) } q { background: url('p.png') }",
    "p.png": "",
}


@pytest.fixture
def site(tmp_path):
    for name, text in PAGES.items():
        path = tmp_path / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "html"


def test_a_whole_site_has_no_problems_and_lists_what_leads_outside(site):
    from docs.links import main

    assert main(site) == 0
    assert (site.parent / "outside-links.txt").read_text() == "https://a.org\n"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("index.html", '<a href="b.html">x</a>', "index.html: no file: b.html"),
        ("index.html", '<a href="a/page.html#here">x</a>', "index.html: no anchor: a/page.html#here"),
        ("index.html", '<a href="../../secret.html">x</a>', "index.html: outside the site's folder: ../../secret.html"),
        ("index.html", '<img src="b.png">', "index.html: no file: b.png"),
        ("index.html", '<script src="//a.org/x.js"></script>', "index.html: loaded from elsewhere: //a.org/x.js"),
        ("s.css", "@import 'https://a.org/x.css';", "s.css: loaded from elsewhere: https://a.org/x.css"),
        ("s.css", "p { src: url(f.woff2) }", "s.css: no file: f.woff2"),
    ],
)
def test_each_problem_is_named(site, name, content, problem, capsys):
    from docs.links import main

    (site / name).write_text((site / name).read_text() + content)
    assert main(site) == 1
    assert capsys.readouterr().err == f"{problem}\n"


def test_a_folder_without_pages_is_no_site(tmp_path):
    from docs.links import problems

    assert list(problems(tmp_path)) == ["no pages"]
