"""The page in headless Chromium: milliseconds from the moment a stroke begins to the first answer that is shown."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row
from tests.browser import Browser, chromium

EXPORT = Path(__file__).parents[1] / "saved_models" / "lenet_digits"
STROKES = 25
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]
PAUSE = 0.3  # seconds; the answers to the stroke before have come
BAR = 150  # milliseconds
WATCH = """
window.begun = null; window.answered = [];
const area = document.getElementById('cursor'), verdict = document.getElementById('verdict');
area.addEventListener('pointerdown', () => { window.begun = performance.now(); }, true);
new MutationObserver(() => {
    if (window.begun === null || !/^[0-9]:/.test(verdict.innerText)) return;
    window.answered.push(performance.now() - window.begun);
    window.begun = null;
}).observe(verdict, {childList: true, characterData: true, subtree: true});
"""


def run() -> list[Row]:
    """Serves the reference export in a process of its own and draws a seven on its page, again and again."""
    command = [sys.executable, "-m", "keras_course.cli.app", "serve", str(EXPORT), "--port", "0"]
    what = f"page of the reference export, first answer after a stroke began, {STROKES} strokes"
    with (
        tempfile.TemporaryDirectory() as profile,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        chromium(profile) as browser,
    ):
        try:
            if browser is None:
                return [Row(what, "no chromium here", f"<= {BAR} ms", False)]
            milliseconds = _answers(browser, _address(server))
        finally:
            server.terminate()
    median, longest = statistics.median(milliseconds), max(milliseconds)
    return [Row(what, f"median {median:.0f} ms, at most {longest:.0f} ms", f"<= {BAR} ms", longest <= BAR)]


def _address(server: subprocess.Popen) -> str:
    for line in server.stdout or ():
        if found := re.search(r"http://\S+?:\d+", line):
            return found[0]
    raise RuntimeError("the server ended before it said where it listens")


def _answers(browser: Browser, address: str) -> list[float]:
    browser.open(address)
    _wait(lambda: browser.text("about").startswith(EXPORT.name))
    browser.run(WATCH)
    for count in range(1, STROKES + 1):
        browser.stroke("cursor", SEVEN)
        _wait(lambda count=count: len(browser.run("return window.answered")) == count)
        browser.click("clear")
        time.sleep(PAUSE)
    return [float(one) for one in browser.run("return window.answered")]


def _wait(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the page doesn't answer")
        time.sleep(0.02)
