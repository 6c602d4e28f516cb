"""Chromium driven by chromedriver, which speaks W3C WebDriver: JSON over HTTP."""

import contextlib
import shutil
import socket
import subprocess
import time

import requests

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key that the standard gives elements
KEYS = {"enter": "\ue007", "tab": "\ue004", "space": " ", "down": "\ue015", "right": "\ue014"}


class Browser:
    """A window without a head.

    Args:
        session: Address of the session of chromedriver.
    """

    def __init__(self, session):
        self._session = session

    def call(self, path, **body):
        answer = requests.post(f"{self._session}/{path}", json=body, timeout=60).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def open(self, address):
        self.call("url", url=address)

    def run(self, script, *arguments):
        """Returns what JavaScript returns."""
        return self.call("execute/sync", script=script, args=list(arguments))

    def chrome(self, command, **parameters):
        """Sends a command of Chrome's own protocol."""
        return self.call("goog/cdp/execute", cmd=command, params=parameters)

    def log(self, kind):
        return self.call("se/log", type=kind)

    def text(self, identity):
        return self.run("return document.getElementById(arguments[0]).innerText", identity)

    def click(self, identity):
        element = self.call("element", using="css selector", value=f"#{identity}")[ELEMENT]
        self.call(f"element/{element}/click")

    def press(self, *keys):
        """Presses keys, wherever the focus is."""
        strokes = [{"type": kind, "value": KEYS[key]} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("actions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def stroke(self, identity, points, pointer="mouse"):
        """Draws a line through points, in shares of an element's width and height."""
        self.run("document.getElementById(arguments[0]).scrollIntoView({block: 'center'})", identity)
        box = self.run("return document.getElementById(arguments[0]).getBoundingClientRect().toJSON()", identity)
        places = [(round(box["x"] + x * box["width"]), round(box["y"] + y * box["height"])) for x, y in points]
        moves = [{"type": "pointerMove", "duration": 40, "x": x, "y": y} for x, y in places]
        moves[0]["duration"] = 0
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        parameters = {"pointerType": pointer}
        self.call("actions", actions=[{"type": "pointer", "id": pointer, "parameters": parameters, "actions": actions}])

    def screenshot(self):
        """Returns a PNG, base64."""
        return requests.get(f"{self._session}/screenshot", timeout=60).json()["value"]


@contextlib.contextmanager
def chromium(profile):
    """Yields a `Browser`, or None where there is no chromium with its chromedriver.

    Args:
        profile: Empty folder.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if program is None or driver is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/session"
    with subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            session = f"{address}/{_begun(address, program, profile)}"
            yield Browser(session)
            requests.delete(session, timeout=60)
        finally:
            process.terminate()


def _begun(address, program, profile):
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
    options = {"binary": program, "args": arguments}
    wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
    for _ in range(100):
        with contextlib.suppress(requests.ConnectionError):
            answer = requests.post(address, json={"capabilities": {"alwaysMatch": wanted}}, timeout=60)
            return answer.json()["value"]["sessionId"]
        time.sleep(0.1)
    raise TimeoutError("chromedriver doesn't answer")
