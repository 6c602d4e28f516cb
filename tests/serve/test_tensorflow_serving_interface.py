"""A client written from TensorFlow Serving's public documentation of its REST interface, and that page's examples."""

import base64
import json
import urllib.error
import urllib.request

import numpy as np
import pytest
from served import PIXELS, error_of, post

from keras_course.export import load_saved_model


def call(address, content=None):
    """Returns status and JSON of what the documentation's `curl -d` sends: a form by its header, JSON by its body."""
    body = None if content is None else content.encode() if isinstance(content, str) else json.dumps(content).encode()
    try:
        with urllib.request.urlopen(address, body, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_status(models):
    expected = [{"version": "123", "state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}]
    assert call(f"{models}/half_plus_three") == (200, {"model_version_status": expected})
    assert call(f"{models}/half_plus_three/versions/123") == (200, {"model_version_status": expected})


def test_row_format_of_one_input_and_one_output(models):
    for version in ("", "/versions/123"):
        answer = call(f"{models}/half_plus_three{version}:predict", '{"instances": [1.0,2.0,5.0]}')
        assert answer == (200, {"predictions": [3.5, 4.0, 5.5]})
    assert call(f"{models}/half_plus_three:predict", {"instances": [{"x": 1}, {"x": 4}]})[1] == {
        "predictions": [3.5, 5]
    }


def test_column_format_of_one_input_and_one_output(models):
    for inputs in ([1.0, 2.0, 5.0], {"x": [1.0, 2.0, 5.0]}):
        assert call(f"{models}/half_plus_three:predict", {"inputs": inputs}) == (200, {"outputs": [3.5, 4.0, 5.5]})


def test_signature_by_name(models):
    body = {"signature_name": "serving_default", "instances": [1.0]}
    assert call(f"{models}/half_plus_three:predict", body) == (200, {"predictions": [3.5]})


def test_unknown_model_has_the_documented_answer(models):
    answer = call(f"{models}/half:predict", '{"instances": [1.0,5.0]}')
    assert answer == (404, {"error": "Servable not found for request: Latest(half)"})
    assert call(f"{models}/half_plus_three/versions/7:predict", '{"instances": [1.0]}')[0] == 404
    assert call(f"{models}/half_plus_three/versions/7")[0] == 404


ROWS = [
    {"tag": "foo", "signal": [1, 2, 3, 4, 5], "sensor": [[1, 2], [3, 4]]},
    {"tag": "bar", "signal": [3, 4, 1, 2, 5], "sensor": [[4, 5], [6, 8]]},
]


def test_row_format_of_several_inputs_and_outputs(models):
    predictions = [
        {"total": 15, "trace": 5.0, "tag": "FOO", "raw_bytes": {"b64": "Zm9v"}},
        {"total": 15, "trace": 12.0, "tag": "BAR", "raw_bytes": {"b64": "YmFy"}},
    ]
    assert call(f"{models}/sensors:predict", {"instances": ROWS}) == (200, {"predictions": predictions})


def test_column_format_of_several_inputs_and_outputs(models):
    inputs = {name: [row[name] for row in ROWS] for name in ROWS[0]}
    outputs = {"total": [15, 15], "trace": [5.0, 12.0], "tag": ["FOO", "BAR"]}
    outputs["raw_bytes"] = [{"b64": "Zm9v"}, {"b64": "YmFy"}]
    assert call(f"{models}/sensors:predict", {"inputs": inputs}) == (200, {"outputs": outputs})


def test_base64_stands_for_bytes(models):
    raw = bytes(range(256))
    encoded = {"b64": base64.b64encode(raw).decode()}
    _, answer = call(f"{models}/sensors:predict", {"instances": [{**ROWS[0], "tag": encoded}]})
    assert answer["predictions"][0]["raw_bytes"] == encoded


def test_numbers_that_json_lacks(models):
    status, answer = call(f"{models}/half_plus_three:predict", '{"instances": [NaN, Infinity, -Infinity, 1e2]}')
    assert status == 200
    np.testing.assert_equal(answer["predictions"], [np.nan, np.inf, -np.inf, 53.0])


def test_metadata_are_those_of_the_saved_model(models):
    status, answer = call(f"{models}/half_plus_three/metadata")
    assert status == 200
    assert answer["model_spec"] == {"name": "half_plus_three", "signature_name": "", "version": "123"}
    definition = answer["metadata"]["signature_def"]["signature_def"]["serving_default"]
    assert definition["method_name"] == "tensorflow/serving/predict"
    x = definition["inputs"]["x"]
    assert (x["dtype"], x["name"]) == ("DT_FLOAT", "serving_default_x:0")
    assert x["tensor_shape"] == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert definition["outputs"]["y"]["dtype"] == "DT_FLOAT"
    assert call(f"{models}/half_plus_three/versions/123/metadata") == (status, answer)


def test_an_export_answers_as_it_does_in_python(models, classifier):
    expected = load_saved_model(classifier).predict(PIXELS)
    _, rows = call(f"{models}/shapes:predict", {"instances": PIXELS.tolist()})
    _, columns = call(f"{models}/shapes:predict", {"inputs": {"images": PIXELS.tolist()}})
    assert [row["class_id"] for row in rows["predictions"]] == expected.class_id.tolist()
    for found in ([row["probabilities"] for row in rows["predictions"]], columns["outputs"]["probabilities"]):
        np.testing.assert_allclose(found, expected.probabilities, rtol=1e-6)


def test_another_signature_of_an_export(models, classifier):
    expected = load_saved_model(classifier).inspect(PIXELS)
    _, answer = call(f"{models}/shapes:predict", {"signature_name": "inspect", "inputs": PIXELS.tolist()})
    assert set(answer["outputs"]) == {"maps/conv1", "maps/pool1", "maps/conv2", "gradient", "grad_cam"}
    np.testing.assert_allclose(answer["outputs"]["maps/conv2"], expected.maps["conv2"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("part", [":classify", ":regress", "/labels/stable", "/labels/stable:predict"])
def test_what_is_not_there_says_so(models, part):
    response = post(f"{models}/half_plus_three{part}", json={"instances": [1.0]})
    assert response.status_code in (404, 405) and "Malformed request" in error_of(response)
