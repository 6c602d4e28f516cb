"""What the page asks of the server, and the page in a real browser where there is one."""

import base64
import contextlib
import io
import json
import os
import shutil
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import requests
from browser import chromium
from PIL import Image
from served import PIXELS, error_of, post, serving

from keras_course import train_recipe
from keras_course.applications.style_transfer import transfer_style
from keras_course.export import load_saved_model
from keras_course.locks import claimed
from keras_course.runs import export_run
from keras_course.serve import RunView

SAVED_MODELS = Path(__file__).parents[2] / "saved_models"
# Strokes of digits, in shares of the drawing area.
SEVEN = [(0.25, 0.14), (0.74, 0.14), (0.5, 0.5), (0.38, 0.88)]
ONE = [(0.5, 0.1), (0.5, 0.9)]


def png_of(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def pixels_of(address):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,")))))


def look(address, name, content, **fields):
    return post(f"{address}/page/models/{name}", files={"images": ("a.png", content)}, data=fields)


def test_a_picture_is_looked_at_as_in_python(address, classifier):
    saved, image = load_saved_model(classifier), PIXELS[0]
    said = look(address, "shapes", png_of(image[..., 0])).json()
    np.testing.assert_allclose(said["probabilities"], saved.predict(image).probabilities[0], rtol=1e-6)
    np.testing.assert_array_equal(pixels_of(said["received"]["picture"]), image[..., 0])
    assert [maps["layer"] for maps in said["maps"]] == ["conv1", "pool1", "conv2"]
    assert said["maps"][0]["shape"] == [8, 8, 4]
    (heat,) = saved.inspect(image).grad_cam
    opacity = pixels_of(said["grad_cam"])[..., 3]
    assert np.corrcoef(opacity.ravel(), heat.ravel())[0, 1] > 0.999


def test_what_the_network_received_is_resized_and_inverted_as_asked(address):
    picture = np.zeros((32, 32), np.uint8)
    picture[:, 16:] = 255
    for inverted, left in (("false", 0), ("true", 255)):
        said = look(address, "shapes", png_of(picture), resize="true", invert=inverted).json()
        received = pixels_of(said["received"]["picture"])
        assert received.shape == (8, 8) and received[4, 0] == left


def test_a_picture_of_the_other_polarity_is_noticed(address):
    strokes = np.full((8, 8), 255, np.uint8)
    strokes[2:6, 3] = 0
    assert look(address, "shapes", png_of(strokes)).json()["received"]["inverted"]
    assert not look(address, "shapes", png_of(255 - strokes)).json()["received"]["inverted"]


def test_models_that_take_no_pictures_say_so(address):
    response = look(address, "sensors", png_of(PIXELS[0, ..., 0]))
    assert response.status_code == 400 and "takes no pictures" in error_of(response)
    told = {model["name"]: model for model in requests.get(f"{address}/page/models", timeout=30).json()["models"]}
    assert told["sensors"]["task"] == "unknown" and told["sensors"]["inputs"]["signal"]["shape"] == [None, 5]
    assert told["shapes"] | {"task": "classifier", "inspects": True, "polarity": "light on dark"} == told["shapes"]


def test_other_tasks_are_shown(tmp_path):
    from keras_course.applications.detection import DETECTION
    from keras_course.export import SEGMENTATION, export_saved_model
    from keras_course.models import build_centernet, build_unet

    unet = build_unet((16, 16, 1), 3, depth=1, base_filters=2, padding="same")
    export_saved_model(unet, tmp_path / "parts", task=SEGMENTATION, class_names=["background", "cat", "dog"])
    export_saved_model(build_centernet((32, 32, 1), 3, width=0.05), tmp_path / "things", task=DETECTION)
    with serving([tmp_path / "parts", tmp_path / "things"]) as address:
        picture = png_of(np.tile(PIXELS[0, ..., 0], (4, 5)))
        parts, things = (look(address, name, picture, resize="true").json() for name in ("parts", "things"))
        assert pixels_of(parts["mask"]).shape == (16, 16, 4)
        assert sum(entry["share"] for entry in parts["legend"]) == pytest.approx(1)
        for entry in parts["legend"]:
            assert (entry["color"][-2:] == "00") == (entry["name"] == "background")  # clear, as in the mask
        assert isinstance(things["boxes"], list) and things["received"]["shape"] == [32, 32, 1]


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """The export of a GANimation for drawn faces, as small as they get and untrained."""
    from keras_course.applications.ganimation import export_animator
    from keras_course.data.faces import UNITS
    from keras_course.models import build_ganimation_generator

    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("faces")
    generator = build_ganimation_generator((16, 16, 3), len(UNITS), base_filters=4, blocks=1)
    generator.set_weights([weight + 0.1 * np.sign(weight) for weight in generator.get_weights()])  # units show
    return export_animator(generator, folder, "faces", unit_names=UNITS).parent


def test_a_face_is_changed_as_in_python(faces, address):
    saved = load_saved_model(faces)
    face = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    with serving([faces]) as served:
        told = requests.get(f"{served}/page/models", timeout=30).json()["models"][0]
        assert told["task"] == "animator" and told["unit_names"] == saved.unit_names
        assert pixels_of(told["example"]).shape == (16, 16, 3)
        for units in ([0, 0, 0, 0], [1, 0.25, 0, 0.5]):
            said = look(served, "faces", png_of(face), units=",".join(map(str, units))).json()
            np.testing.assert_array_equal(pixels_of(said["changed"]), saved.change(face, units)[0])
        bad = {
            "1,0": "'units'",
            "1,0,0,2": "in [0, 1]",
            "1,0,0,nan": "finite",
            "a": "numbers with commas",
            "": "numbers",
        }
        for units, why in bad.items():
            response = look(served, "faces", png_of(face), units=units)
            assert response.status_code == 400 and why in error_of(response), units
        form = {"files": {"images": ("a.png", png_of(face))}, "data": {"units": "1,0,0,0"}}
        response = post(f"{served}/v1/models/faces:predict", **form)
        assert response.status_code == 400 and "send JSON" in error_of(response)
    response = look(address, "shapes", png_of(PIXELS[0, ..., 0]), units="1")
    assert response.status_code == 400 and "models that change faces" in error_of(response)


def test_nothing_of_the_page_is_from_elsewhere(address):
    for path, media in (("/", "text/html"), ("/page/page.css", "text/css"), ("/page/page.js", "text/javascript")):
        response = requests.get(address + path, timeout=30)
        assert response.headers["Content-Type"].startswith(media)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        text = response.text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
        assert "http:" not in text and "https:" not in text and "@import" not in text


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "lenet-digits-1"
    train_recipe("lenet", run_dir=folder, epochs=2, verbose=0)
    return folder


def test_a_run_is_shown_as_far_as_it_is(run, tmp_path):
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "model.keras").rename(tmp_path / "model.keras")  # as during the training
    before = sorted((tmp_path / "run").rglob("*"))
    with serving([], run=RunView(tmp_path / "run", tmp_path / "scratch")) as address:
        so_far = requests.get(f"{address}/page/run", timeout=30).json()
        assert so_far["epochs"] == 2 and so_far["history"]["epoch"] == [0, 1] and not so_far["finished"]
        assert so_far["stopped"]
        with claimed(tmp_path / "run", "run_dir"):
            claimed_by_training = requests.get(f"{address}/page/run", timeout=30).json()
        assert (claimed_by_training["going"], claimed_by_training["stopped"]) == (True, False)
        assert len(so_far["history"]["val_accuracy"]) == 2 and len(so_far["gradient_norms"]) > 3
        assert requests.get(f"{address}/page/models", timeout=30).json() == {"models": [], "run": True}
        (tmp_path / "model.keras").rename(tmp_path / "run" / "model.keras")
        deadline = time.monotonic() + 60
        while not (models := requests.get(f"{address}/page/models", timeout=30).json()["models"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert models[0]["name"] == "lenet_digits" and models[0]["inspects"]
        assert requests.get(f"{address}/page/run", timeout=30).json()["finished"]
    assert sorted(path for path in (tmp_path / "run").rglob("*") if path.name != "model.keras") == before


@pytest.fixture(scope="module")
def painting(tmp_path_factory):
    """The run folder of a style transfer."""
    layers = [keras.layers.Conv2D(4, 3, activation="relu", name=name) for name in ("edges", "corners")]
    net = keras.Sequential([keras.Input((None, None, 3)), *layers])
    pictures = np.random.default_rng(0).integers(0, 256, (2, 24, 32, 3), dtype=np.uint8)
    folder = tmp_path_factory.mktemp("runs") / "painting"
    names = {"content_layers": ["corners"], "style_layers": ["edges", "corners"]}
    transfer_style(*pictures, features=net, steps=4, run_dir=folder, **names)
    return folder


def test_a_style_transfer_is_shown_with_its_film(painting, tmp_path):
    with serving([], run=RunView(painting, tmp_path)) as address:
        so_far = requests.get(f"{address}/page/run", timeout=30).json()
        assert so_far["kind"] == "style-transfer" and so_far["finished"] and so_far["gradient_norms"] == {"step": []}
        assert so_far["history"]["step"] == [1, 2, 3, 4] and len(so_far["history"]["style"]) == 4
        response = requests.get(f"{address}/page/run/film", timeout=30)
        assert response.headers["Content-Type"] == "image/gif" and so_far["film"]
        frames = Image.open(io.BytesIO(response.content))
        assert frames.size == (32, 24) and 2 <= frames.n_frames <= 5


def test_a_gan_is_shown_by_its_last_picture_until_there_is_a_film(tmp_path):
    folder = tmp_path / "gan"
    (folder / "samples").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"kind": "gan", "epochs": 12}))
    with serving([], run=RunView(folder, tmp_path / "scratch")) as address:

        def shown():
            so_far = requests.get(f"{address}/page/run", timeout=30).json()
            return so_far["film"], so_far["film_epoch"], requests.get(f"{address}/page/run/film", timeout=30)

        assert shown()[:2] == (None, None) and shown()[2].status_code == 404
        seen = set()
        for epoch in (9, 10):  # of which epoch_9 is the last by name
            picture = png_of(np.full((4, 4), epoch, np.uint8))
            (folder / "samples" / f"epoch_{epoch}.png").write_bytes(picture)
            written, number, response = shown()
            seen.add(written)
            assert number == epoch and response.content == picture and response.headers["Content-Type"] == "image/png"
        (folder / "samples.gif").write_bytes(b"GIF89a")
        written, number, response = shown()
        assert number is None and response.content == b"GIF89a" and response.headers["Content-Type"] == "image/gif"
        assert len(seen | {written}) == 3  # a new address each, so that the browser asks again


@pytest.mark.parametrize(
    ("kind", "result", "before"),
    [("gan", "model.keras", (False, True)), ("comparison", "comparison.csv", (False, True))]
    + [("cross-validation", None, (False, False))],
)
def test_a_run_of_each_kind_is_finished_by_its_result(tmp_path, kind, result, before):
    (tmp_path / "config.json").write_text(json.dumps({"kind": kind}))
    view = RunView(tmp_path, tmp_path)

    def shown():
        so_far = view.so_far()
        assert not so_far["going"]
        return so_far["finished"], so_far["stopped"]

    assert shown() == before
    if result is not None:
        (tmp_path / result).write_bytes(b"")
        assert shown() == (True, False)


def test_a_run_without_a_film_says_so(run, tmp_path, address):
    with serving([], run=RunView(run, tmp_path)) as shown:
        assert requests.get(f"{shown}/page/run", timeout=30).json()["film"] is None
        response = requests.get(f"{shown}/page/run/film", timeout=30)
        assert response.status_code == 404 and "no film" in error_of(response)
    assert requests.get(f"{address}/page/run/film", timeout=30).status_code == 404


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`run_dir` must hold a run"):
        RunView(tmp_path, tmp_path)


def test_without_a_run_there_is_none(address):
    assert requests.get(f"{address}/page/run", timeout=30).status_code == 404


# ---- in a browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as window:
        if window is None:
            pytest.skip("no chromium with its chromedriver")
        yield window


@pytest.fixture(scope="module")
def page(run, faces, tmp_path_factory):
    exports = tmp_path_factory.mktemp("exports")
    train_recipe("dcgan", run_dir=exports / "gan", epochs=1, verbose=0)
    made = export_run(exports / "gan", exports)
    shutil.copytree(SAVED_MODELS / "lenet_digits", exports / "reference")  # as the run's model has that name
    with serving([exports / "reference", made.parent, faces], run=RunView(run, exports / "scratch")) as address:
        wait_for(lambda: len(models_of(address)) == 4 or None)
        yield address


def models_of(page):
    return requests.get(f"{page}/page/models", timeout=30).json()["models"]


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it didn't happen"
        time.sleep(0.02)
    return found


def open_page(browser, page, model="reference"):
    browser.open(page)
    wait_for(lambda: browser.run("return [...document.getElementById('model').options].map((one) => one.value)"))
    script = "const all = document.getElementById('model'); all.value = arguments[0];"
    browser.run(script + "all.dispatchEvent(new Event('change'))", model)
    wait_for(lambda: browser.text("about").startswith(f"{model},"))


def sources(browser, selector):
    return browser.run("return [...document.querySelectorAll(arguments[0])].map((one) => one.src)", selector)


def test_a_drawn_seven_is_called_seven(browser, page):
    open_page(browser, page)
    browser.stroke("cursor", SEVEN)
    wait_for(lambda: browser.text("verdict").startswith("7:"))
    browser.click("clear")
    browser.stroke("cursor", ONE, pointer="touch")
    wait_for(lambda: browser.text("verdict").startswith("1:"))
    assert "8 × 8 pixels, grey" in browser.text("pixels")
    messages = [json.loads(entry["message"])["message"] for entry in browser.log("performance")]
    sent = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert sent and all(one.startswith((page, "data:", "blob:", "chrome:")) for one in sent)
    assert [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"] == []


def test_feature_maps_change_while_drawing(browser, page):
    open_page(browser, page, next(model["name"] for model in models_of(page) if model["inspects"]))
    empty = wait_for(lambda: sources(browser, "#maps img"))
    browser.stroke("cursor", SEVEN[:2])
    begun = wait_for(lambda: (maps := sources(browser, "#maps img")) != empty and maps)
    browser.stroke("cursor", SEVEN[1:])
    wait_for(lambda: sources(browser, "#maps img") != begun)
    assert len(begun) == 4 and len(sources(browser, "#views img")) == 5  # received, and two over what was received


def test_keyboard_alone_draws(browser, page):
    open_page(browser, page)
    before = wait_for(lambda: browser.text("bars"))
    for _ in range(12):
        browser.press("tab")
        if browser.run("return document.activeElement.id") == "cursor":
            break
    browser.press("space", *["down"] * 10)
    wait_for(lambda: browser.text("bars") != before)


def test_a_generator_has_sliders_and_a_walk(browser, page):
    open_page(browser, page, "dcgan_digits")

    def image():
        return browser.run("return document.getElementById('generated').toDataURL()")

    first = wait_for(lambda: browser.run("return document.getElementById('generated').width > 1") and image())
    browser.run("document.querySelector('#sliders input').focus()")
    browser.press(*["right"] * 20)
    second = wait_for(lambda: (now := image()) != first and now)
    browser.click("walk")
    wait_for(lambda: image() != second)


def test_a_face_has_dials_that_play(browser, page):
    open_page(browser, page, "faces")

    def changed():
        return sources(browser, "#views img")[1:]

    first = wait_for(changed)
    browser.run("document.querySelector('#dial-rows input').focus()")
    browser.press(*["right"] * 20)
    second = wait_for(lambda: (now := changed()) != first and now)
    assert browser.run("return document.querySelector('#dial-rows input').value") == "1"
    browser.click("play")
    wait_for(lambda: changed() not in (first, second))
    browser.click("rest")
    wait_for(lambda: changed() == first)


def test_the_page_says_what_it_waits_for(browser, run, tmp_path):
    """First an answer, then the first epoch, then the model; each in a line that a screen reader says. Then no more."""
    folder = shutil.copytree(run, tmp_path / "run")
    for name in ("model.keras", "history.csv"):
        (folder / name).rename(tmp_path / name)
    view, asked, answering = RunView(folder, tmp_path / "scratch"), threading.Event(), threading.Event()
    answer = view.so_far

    def so_far():
        asked.set()
        assert answering.wait(60)
        return answer()

    view.so_far = so_far
    with serving([], run=view) as address, contextlib.ExitStack() as training:
        training.enter_context(claimed(folder, "run_dir"))
        assert '<p id="waiting" class="note" role="status">Waiting for' in requests.get(address, timeout=30).text
        browser.open(address)
        assert asked.wait(30)
        assert browser.text("waiting") == "Waiting for what the run has written so far ..."
        keep_screenshot(browser, "waiting")
        answering.set()
        wait_for(
            lambda: browser.text("waiting") == "Waiting for the end of the first epoch, where the curves begin ..."
        )
        (tmp_path / "history.csv").rename(folder / "history.csv")
        wait_for(lambda: browser.text("waiting") == "Waiting for the model ...")
        training.close()  # as if it were killed
        wait_for(lambda: browser.text("progress").endswith("2 of 2 epochs, stopped before its end"))
        assert browser.run("return document.getElementById('waiting').hidden")
        (tmp_path / "model.keras").rename(folder / "model.keras")
        wait_for(lambda: browser.text("progress").endswith("finished"))


def test_a_film_plays(browser, painting, tmp_path):
    with serving([], run=RunView(painting, tmp_path)) as address:
        browser.open(address)
        wait_for(lambda: browser.run("return document.getElementById('film-picture').naturalWidth") == 32)
        assert browser.text("progress") == "painting: style-transfer, 4 steps, finished"
        assert (
            len(browser.run("return [...document.querySelectorAll('#curves figcaption')].map((one) => one.innerText)"))
            == 4
        )
        assert browser.run("return document.getElementById('film').hidden") is False
        keep_screenshot(browser, "film")


def test_the_last_picture_stands_in_for_the_film(browser, tmp_path):
    (tmp_path / "samples").mkdir()
    (tmp_path / "config.json").write_text(json.dumps({"kind": "gan", "epochs": 12}))
    (tmp_path / "samples" / "epoch_007.png").write_bytes(png_of(np.full((4, 6), 99, np.uint8)))
    with serving([], run=RunView(tmp_path, tmp_path / "scratch")) as address:
        browser.open(address)
        wait_for(lambda: browser.run("return document.getElementById('film-picture').naturalWidth") == 6)
        assert browser.text("film-caption") == "What the run makes after epoch 7; the film of all follows at the end"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways(browser, page, width, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.chrome("Emulation.setEmulatedMedia", features=features)
    mobile = width < 500
    browser.chrome("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=mobile)
    for model in models_of(page):
        open_page(browser, page, model["name"])
        wait_for(lambda: browser.run("return document.querySelectorAll('#curves svg').length"))
        if model["task"] == "classifier":
            browser.stroke("cursor", SEVEN)
            wait_for(lambda: sources(browser, "#views img"))
        assert browser.run("return document.documentElement.scrollWidth") <= width
        keep_screenshot(browser, f"{model['name']}-{width}-{scheme}")
    browser.chrome("Emulation.clearDeviceMetricsOverride")


def keep_screenshot(browser, name):
    """Writes a screenshot of the whole page into the folder KERAS_COURSE_SCREENSHOTS, if that is set, to look at."""
    folder = os.environ.get("KERAS_COURSE_SCREENSHOTS")
    if folder:
        shown = browser.chrome("Page.captureScreenshot", captureBeyondViewport=True)
        Path(folder, f"{name}.png").write_bytes(base64.b64decode(shown["data"]))
