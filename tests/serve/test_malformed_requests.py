"""300 requests that are wrong in one way each: every one gets 4xx and a sentence, and the next good one its answer."""

import base64
import io
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
import requests
from PIL import Image
from served import PIXELS, error_of, post

from keras_course.export import load_saved_model

GOOD = {"instances": PIXELS[:1].tolist()}
BODY = json.dumps(GOOD).encode()
PREDICT = "/v1/models/shapes:predict"
Request = tuple[str, str, dict]  # method, path, keywords of requests


def broken_json() -> Iterator[Request]:
    for length in np.linspace(0, len(BODY) - 1, 30).astype(int):
        yield "POST", PREDICT, {"data": BODY[:length]}
    random = np.random.default_rng(0)
    for size in (1, 10, 100, 1000):
        yield "POST", PREDICT, {"data": b"\xff" + random.bytes(size)}
    for depth in (2_000, 100_000):
        yield "POST", PREDICT, {"data": b'{"instances": ' + b"[" * depth}
        yield "POST", PREDICT, {"data": b'{"instances": ' + b"[" * depth + b"]" * depth + b"}"}
    for text in ("{'instances': [1]}", '{"instances": [01]}', '{"instances": [1,]}', "nan", '{"instances": [1]} x'):
        yield "POST", PREDICT, {"data": text}


def other_json() -> Iterator[Request]:
    for content in ([], [1], 1, "text", None, True, {}, {"instance": GOOD["instances"]}, {**GOOD, "inputs": [1]}):
        yield "POST", PREDICT, {"json": content}
    for name in ("unknown", "", " ", "x" * 1000, 7, [], {"a": 1}):
        yield "POST", PREDICT, {"json": {**GOOD, "signature_name": name or "\x00"}}
    for key in ("instances", "inputs"):
        for value in (None, 1, "text", [], [[]], {}, {"image": [1]}, {"images": [1], "more": [2]}, True, 1.5):
            yield "POST", PREDICT, {"json": {key: value}}
    for instance in (None, 1, "text", {}, {"image": GOOD["instances"][0]}, {"images": None}):
        yield "POST", PREDICT, {"json": {"instances": [{"images": GOOD["instances"][0]}, instance]}}


def sizes() -> Iterator[Request]:
    for height in (0, 1, 7, 8, 9):
        for width in (0, 7, 8, 9):
            for channels in (0, 1, 2, 3):
                if (height, width, channels) != (8, 8, 1):
                    yield "POST", PREDICT, {"json": {"instances": np.zeros((1, height, width, channels), int).tolist()}}
    for shape in ((8, 8), (8, 8, 1), (1, 1, 8, 8, 1)):
        yield "POST", PREDICT, {"json": {"inputs": np.zeros(shape, int).tolist()}}
    for row in (0, 3, 7):
        ragged = PIXELS[:1].tolist()
        ragged[0][row] = ragged[0][row][:-1]
        yield "POST", PREDICT, {"json": {"instances": ragged}}


def types() -> Iterator[Request]:
    for value in ("7", None, 0.5, -1, 256, 1e300, 2**63, 2**64, {}, [], {"a": 1}, True, "NaN", "\ud800"):
        for place in (0, 63):
            images = PIXELS[:1].reshape(-1).tolist()
            images[place] = value
            if value is not True:  # which is 1 among other numbers
                rows = [[[pixel] for pixel in images[start : start + 8]] for start in range(0, 64, 8)]
                yield "POST", PREDICT, {"data": json.dumps({"instances": [rows]})}
        yield "POST", PREDICT, {"data": json.dumps({"instances": [[[[value]] * 8] * 8]})}


def pictures() -> Iterator[Request]:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS[0, ..., 0]).save(buffer, "PNG")
    png = buffer.getvalue()
    for length in np.linspace(0, len(png) - 30, 12).astype(int):
        yield "POST", PREDICT, {"json": {"instances": [{"b64": base64.b64encode(png[:length]).decode()}]}}
        yield "POST", PREDICT, {"files": {"images": ("a.png", png[:length])}}
    for text in ("!", "abc", "ab=c", "é", "a" * 1001, " ", "=", "\n"):
        yield "POST", PREDICT, {"json": {"instances": [{"b64": text}]}}
    for value in (None, 1, [], {}, True):
        yield "POST", PREDICT, {"json": {"instances": [{"b64": value}]}}
    for size in ((8, 9), (9, 8), (100, 100), (1, 1)):
        yield "POST", PREDICT, {"files": {"images": ("a.png", encoded(Image.new("L", size)))}}
    for mode in ("RGBA", "I;16"):
        yield "POST", PREDICT, {"files": {"images": ("a.png", encoded(Image.new(mode, (8, 8))))}}
    yield "POST", PREDICT, {"files": {"images": ("a.png", encoded(Image.new("1", (20_000, 20_000)))), "resize": "1"}}
    yield "POST", PREDICT, {"files": {"images": ("a.tif", encoded(Image.new("L", (8, 8)), "TIFF"))}}
    yield "POST", PREDICT, {"files": {"images": ("a.png", png)}, "data": {"resize": "perhaps"}}
    yield "POST", PREDICT, {"files": {"images": ("a.png", png)}, "data": {"size": "8"}}
    yield "POST", PREDICT, {"files": {"images": ("a.png", png)}, "data": {"signature_name": "unknown"}}
    yield "POST", PREDICT, {"files": [("images", (f"{i}.png", png)) for i in range(300)]}
    yield "POST", "/v1/models/half_plus_three:predict", {"files": {"images": ("a.png", png)}}


def encoded(image: Image.Image, format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format)
    return buffer.getvalue()


def headers() -> Iterator[Request]:
    for encoding in ("gzip", "deflate", "br", "x"):
        yield "POST", PREDICT, {"data": BODY, "headers": {"Content-Encoding": encoding}}
    for media in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=x",
        "Multipart/Form-Data; boundary=" + "x" * 300,
    ):
        yield "POST", PREDICT, {"data": BODY, "headers": {"Content-Type": media}}
    yield "POST", PREDICT, {"data": b" " * (17 * 2**20)}
    yield "POST", PREDICT, {"data": iter([b" " * 2**20] * 17)}  # chunked


def methods_and_paths() -> Iterator[Request]:
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PREDICT"):
        yield method, PREDICT, {}
        yield method if method != "GET" else "POST", "/v1/models/shapes/metadata", {}
    for name in (
        "unknown",
        "Shapes",
        "..",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "%00",
        "shapes%2f1",
        "%F0%9F%92%A5",
        "x" * 2000,
    ):
        yield "POST", f"/v1/models/{name}:predict", {"data": BODY}
    for version in ("0", "2", "-1", "x", "1.0", "9" * 100, ""):
        yield "POST", f"/v1/models/shapes/versions/{version}:predict", {"data": BODY}
    for path in (
        "/v1",
        "/v1/models",
        "/v2/models/shapes:predict",
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/etc/passwd",
    ):
        yield "GET", path, {}


KINDS = (broken_json, other_json, sizes, types, pictures, headers, methods_and_paths)


def test_there_are_three_hundred_of_them():
    assert sum(len([*kind()]) for kind in KINDS) >= 300


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_one_gets_a_sentence(kind, address, classifier):
    expected = load_saved_model(classifier).predict(PIXELS[0]).probabilities[0]
    with requests.Session() as session:
        for method, path, keywords in kind():
            request = requests.Request(method, address, **keywords).prepare()
            request.url = address + path  # as it is, without any repair
            response = session.send(request, timeout=30)
            assert 400 <= response.status_code < 500, (method, path[:80], str(keywords)[:200], response.text[:200])
            error_of(response)
    good = post(address + PREDICT, data=BODY)
    np.testing.assert_allclose(good.json()["predictions"][0]["probabilities"], expected, rtol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST " + PREDICT.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST " + PREDICT.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST " + PREDICT.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 70_000,
        b"GET /" + b"x" * 70_000,
    ],
    ids=["words", "no path", "version", "length", "negative length", "chunks", "header", "long header", "long path"],
)
def test_what_is_no_http_gets_400_and_the_server_goes_on(text, address):
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(text)
        answer = connection.recv(65536)
    assert answer.split(b" ")[1].startswith(b"4"), answer[:200]
    assert post(address + PREDICT, data=BODY).ok


def test_a_body_that_never_comes_gets_408(classifier):
    from served import serving

    from keras_course.serve import Limits

    with serving([classifier], Limits(body_seconds=0.3)) as address:
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
            connection.sendall(b"POST " + PREDICT.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            assert connection.recv(65536).startswith(b"HTTP/1.1 408")
        assert post(address + PREDICT, data=BODY).ok
