"""Requests that wait are computed together; more than the bounds allow are told to come again."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import requests
import tensorflow as tf
from served import PIXELS, HalfPlusThree, error_of, post, serving, write_version

from keras_course.export import load_saved_model
from keras_course.serve import Limits


def all_at_once(count, send):
    """Calls `send(0)` ... `send(count - 1)` in threads that start together."""
    barrier = threading.Barrier(count)

    def begin(number):
        barrier.wait()
        return send(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def metric(address, name):
    text = requests.get(f"{address}/metrics", timeout=30).text
    return float(re.search(rf"^keras_course_{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def test_requests_are_joined_and_each_gets_its_own_answer(classifier):
    expected = load_saved_model(classifier).predict(PIXELS).probabilities
    with serving([classifier], Limits(max_batch=5, max_wait_ms=10_000)) as address:  # starts when five are there

        def send(number):
            body = {"inputs": PIXELS[number : number + 1].tolist()}
            return post(f"{address}/v1/models/shapes:predict", json=body).json()["outputs"]["probabilities"][0]

        np.testing.assert_allclose(all_at_once(5, send), expected, rtol=1e-5)
        assert metric(address, 'batch_rows_count{model="shapes"}') == 1
        assert metric(address, 'batch_rows_sum{model="shapes"}') == 5


def test_a_request_of_more_than_a_batch_is_split(half_plus_three):
    with serving([half_plus_three], Limits(max_batch=4)) as address:
        answer = post(f"{address}/v1/models/half_plus_three:predict", json={"instances": [*range(11)]})
        assert answer.json() == {"predictions": [x / 2 + 3 for x in range(11)]}
        assert metric(address, 'batch_rows_count{model="half_plus_three"}') == 3


def test_too_many_requests_are_told_to_come_again(half_plus_three):
    with serving([half_plus_three], Limits(max_waiting=4, max_wait_ms=1500)) as address:

        def send(number):
            return post(f"{address}/v1/models/half_plus_three:predict", json={"instances": [number]})

        answers = all_at_once(16, send)
        refused = [answer for answer in answers if answer.status_code == 503]
        good = {number: answer.json() for number, answer in enumerate(answers) if answer.status_code == 200}
        assert len(good) == 4 and len(refused) == 12
        assert good == {number: {"predictions": [number / 2 + 3]} for number in good}
        assert all(answer.headers["Retry-After"] == "1" and "later" in error_of(answer) for answer in refused)
        assert metric(address, "waiting") == 0
        assert metric(address, 'requests_total{model="half_plus_three",status="503"}') == 12
        assert send(1).status_code == 200


def receive_until(connection, end):
    """Returns what arrives on a connection, to the bytes that are waited for."""
    received = b""
    while not received.endswith(end):
        chunk = connection.recv(4096)
        assert chunk, received
        received += chunk
    return received


def test_a_refusal_waits_for_no_body_and_leaves_the_connection_in_use(half_plus_three):
    path, body = "/v1/models/half_plus_three:predict", b'{"instances": [5.0, 7.0]}'
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving([half_plus_three], Limits(max_waiting=1, max_batch=2, max_wait_ms=3000)) as address:
        host, port = address.removeprefix("http://").split(":")
        with ThreadPoolExecutor(1) as pool, socket.create_connection((host, int(port)), timeout=30) as connection:
            first = pool.submit(post, address + path, json={"instances": [1.0]})  # waits for another one
            while metric(address, "waiting") != 1:  # GET is answered all the while
                time.sleep(0.02)
            connection.sendall(head)
            refusal = receive_until(connection, b'later."}')
            assert refusal.startswith(b"HTTP/1.1 503 ") and b"\r\nretry-after: 1\r\n" in refusal
            assert post(f"{address}/no/such/address").status_code == 503
            assert metric(address, 'requests_total{model="",status="503"}') == 1
            assert first.result().json() == {"predictions": [3.5]}
            connection.sendall(body + head + body)  # the body of what was refused, and the request once more
            assert receive_until(connection, b'{"predictions":[5.5,6.5]}').startswith(b"HTTP/1.1 200 ")
        assert metric(address, 'requests_total{model="half_plus_three",status="503"}') == 1


def test_one_bad_request_of_a_batch_spoils_no_other(tmp_path):
    class Root(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
        def predict(self, x):
            with tf.control_dependencies([tf.debugging.assert_non_negative(x, "x must be >= 0")]):
                return {"root": tf.sqrt(x)}

    write_version(Root(), tmp_path / "root", 1)
    with serving([tmp_path / "root"], Limits(max_batch=3, max_wait_ms=10_000)) as address:

        def send(number):
            return post(f"{address}/v1/models/root:predict", json={"instances": [[4.0], [-1.0], [9.0]][number]})

        first, bad, last = all_at_once(3, send)
        assert first.json() == {"predictions": [2.0]} and last.json() == {"predictions": [3.0]}
        assert bad.status_code == 400 and "can't compute" in error_of(bad)


def test_bytes_of_waiting_requests_are_bounded(half_plus_three):
    limits = Limits(max_body=2000, max_wait_ms=1500)  # eight times 2,000 bytes for all
    body = json.dumps({"instances": [0.0] * 300})
    with serving([half_plus_three], limits) as address:
        answers = all_at_once(16, lambda number: post(f"{address}/v1/models/half_plus_three:predict", data=body))
        assert {answer.status_code for answer in answers} == {200, 503}
        assert post(f"{address}/v1/models/half_plus_three:predict", data=body).ok


def test_a_new_version_under_load_fails_no_request(tmp_path):
    class Seven(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="x")])
        def predict(self, x):
            return {"y": x / 2 + 7}

    folder = write_version(HalfPlusThree(), tmp_path / "half", 1)
    with serving([folder]) as address, requests.Session() as session:
        seen, failed, stop = [], [], threading.Event()

        def load():
            while not stop.is_set():
                answer = session.post(f"{address}/v1/models/half:predict", json={"instances": [2.0]}, timeout=30)
                (seen if answer.ok else failed).append(answer.json())

        thread = threading.Thread(target=load)
        thread.start()
        try:
            write_version(Seven(), tmp_path / "later", 2)
            (tmp_path / "later" / "2").rename(folder / "2")
            began = time.monotonic()
            while {"predictions": [8.0]} not in seen[-1:] and time.monotonic() < began + 30:
                time.sleep(0.05)
        finally:
            stop.set()
            thread.join()
        assert not failed and seen[0] == {"predictions": [4.0]} and seen[-1] == {"predictions": [8.0]}
        status = requests.get(f"{address}/v1/models/half", timeout=30).json()["model_version_status"]
        assert [state["version"] for state in status] == ["2"]


def test_a_version_that_cannot_be_loaded_leaves_the_old_one(half_plus_three, tmp_path):
    from keras_course.serve.models import ServedModel

    folder = write_version(HalfPlusThree(), tmp_path / "half", 1)
    model = ServedModel(folder, Limits(), lambda name, rows: None)
    (folder / "2").mkdir()
    assert not model.refresh()  # an empty folder is no version yet
    (folder / "2" / "saved_model.pb").write_bytes(b"damaged")
    assert not model.refresh() and model.current.number == 1 and 2 in model.failed
    write_version(HalfPlusThree(), tmp_path / "half", 3)
    assert model.refresh() and model.current.number == 3
    model.executor.shutdown()


def test_sigterm_lets_a_request_end(half_plus_three):
    command = [sys.executable, "-m", "keras_course.cli.app", "serve", str(half_plus_three)]
    options = ["--port", "0", "--max-wait-ms", "2500"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        address = re.search(r"http://127.0.0.1:\d+", process.stdout.readline())[0]
        with ThreadPoolExecutor(1) as pool:
            url = f"{address}/v1/models/half_plus_three:predict"
            answer = pool.submit(post, url, json={"instances": [1.0]})
            while metric(address, "waiting") != 1:
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            assert answer.result().json() == {"predictions": [3.5]}
        assert process.wait(30) == 0 and process.stdout.read() == ""
    with pytest.raises(requests.ConnectionError):
        post(url, json={"instances": [1.0]})


def test_two_models_of_one_name_are_refused(half_plus_three, capsys):
    from keras_course.cli.app import main

    with pytest.raises(SystemExit) as ended:
        main(["serve", str(half_plus_three), str(half_plus_three / "123")])
    assert ended.value.code == 2
    assert (
        "`EXPORT` must be folders of different names. Received: two named 'half_plus_three'" in capsys.readouterr().err
    )


def test_what_is_no_export_is_refused(tmp_path, capsys):
    from keras_course.cli.app import main

    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(SystemExit):
            main(["serve", str(path)])
        assert "`EXPORT` must" in capsys.readouterr().err


def test_a_port_that_is_taken_is_refused(half_plus_three, address):
    from keras_course.serve import serve

    with pytest.raises(ValueError, match="`port` must be free"):
        serve([half_plus_three], port=int(address.rsplit(":", 1)[1]))
