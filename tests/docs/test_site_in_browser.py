"""The site in a real browser, from its folder: with KERAS_COURSE_SITE=FOLDER that site, else the small one."""

import base64
import json
import os
import re
import time
from pathlib import Path

import pytest
from browser import chromium

FOLDER = os.environ.get("KERAS_COURSE_SITE")
LOW_CONTRAST = Path(__file__).with_name("low_contrast.js").read_text(encoding="utf-8")
# Things that scroll sideways and that no key reaches: neither they nor anything inside takes the focus.
OUT_OF_REACH = """
const scrolls = (element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
  && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
return [...document.querySelectorAll("main *")].filter(scrolls)
  .filter((element) => element.tabIndex < 0 && !element.querySelector("a[href], button, [tabindex='0']"))
  .map((element) => element.outerHTML.slice(0, 100));
"""


BROKEN_IMAGES = "return [...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"
FOCUS = "const it = document.activeElement; return it.closest('.gallery') ? 'card' : it.className"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as window:
        if window is None:
            pytest.skip("no chromium with its chromedriver")
        yield window


@pytest.fixture(scope="module")
def folder(request):
    return Path(FOLDER).resolve() if FOLDER else request.getfixturevalue("site").html


@pytest.fixture(scope="module")
def pages(folder):
    """Addresses of the pages of a small site; of a large one some of each kind."""
    paths = [path for path in sorted(folder.rglob("*.html")) if not {"_static", "_modules"} & set(path.parts)]
    few = [path for path in paths if "tutorials" not in path.parts and "tests" not in path.parts]
    return (
        few
        + [path for path in paths if "tutorials" in path.parts]
        + [path for path in paths if "tests" in path.parts][:3]
    )


def open_page(browser, path, width=1280, scheme="light"):
    browser.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    mobile = width < 500
    browser.chrome("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=mobile)
    browser.open(path.as_uri())
    wait_for(lambda: browser.run("return document.readyState") == "complete")
    wait_for(
        lambda: browser.run("return !document.querySelector('.math') || !!document.querySelector('mjx-container svg')")
    )


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_are_readable_and_within_reach(browser, pages, width, scheme):
    wrong = {}
    for path in pages:
        open_page(browser, path, width, scheme)
        wide = browser.run("return document.documentElement.scrollWidth")
        wrong[path.stem] = [
            *([f"{wide} pixels wide"] if wide > width else []),
            *browser.run(LOW_CONTRAST),
            *browser.run(OUT_OF_REACH),
            *browser.run(
                "return [...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"
            ),
            *[entry["message"] for entry in browser.log("browser") if entry["level"] == "SEVERE"],
        ]
        keep_screenshot(browser, f"{path.stem}-{width}-{scheme}")
    assert {name: problems for name, problems in wrong.items() if problems} == {}


def test_nothing_is_asked_of_the_network(browser, folder, pages):
    browser.log("performance")
    for path in pages:
        open_page(browser, path)
    messages = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
    asked = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert asked and [one for one in asked if not one.startswith((folder.as_uri(), "data:", "blob:"))] == []


def test_dark_is_dark(browser, folder):
    def background():
        return browser.run("return getComputedStyle(document.body).backgroundColor")

    open_page(browser, folder / "index.html", scheme="dark")
    dark = background()
    open_page(browser, folder / "index.html", scheme="light")
    light = background()
    assert [sum(map(int, re.findall(r"\d+", colour)[:3])) // 3 for colour in (dark, light)] == [
        pytest.approx(20, abs=20),
        255,
    ]


def test_the_keyboard_reaches_the_gallery_and_the_search(browser, folder):
    open_page(browser, folder / "index.html")
    reached = []
    for _ in range(60):
        browser.press("tab")
        reached.append(browser.run(FOCUS))
        if reached[-1] == "card":
            break
    assert (
        reached[-1] == "card" and any("search" in name for name in reached) and any("theme" in name for name in reached)
    )
    outline = "const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.boxShadow"
    assert browser.run(outline) != "nonenone", "the card that has the focus looks like the others"
    browser.press("enter")
    wait_for(lambda: "tutorials/" in browser.run("return location.href"))


def test_the_search_needs_no_server(browser, folder):
    open_page(browser, folder / "search.html")
    browser.open((folder / "search.html").as_uri() + "?q=parabola")
    wait_for(lambda: browser.run("return document.querySelectorAll('#search-results li a').length"))
    assert [entry["message"] for entry in browser.log("browser") if entry["level"] == "SEVERE"] == []


def keep_screenshot(browser, name):
    """Writes a screenshot of the whole page into the folder KERAS_COURSE_SCREENSHOTS, if that is set, to look at."""
    if target := os.environ.get("KERAS_COURSE_SCREENSHOTS"):
        shot = browser.chrome("Page.captureScreenshot", captureBeyondViewport=True)
        Path(target, f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
