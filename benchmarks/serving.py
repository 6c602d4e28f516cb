"""Requests per second over HTTP: our server against LitServe, with one SavedModel; overload; many requests.

Needs LitServe (extra `bench`) and wrk. Both servers get the same bytes, on the same cores, in turn, each in one process
of its own besides what it starts itself. LitServe runs with the best of `SEARCHED`, each tried for `SEARCH_SECONDS`.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.table import Row
from keras_course.export import export_saved_model
from keras_course.models import build_lenet

BAR, SECONDS, ROUNDS, CONNECTIONS = 1.5, 60, 3, 32
SEARCHED, SEARCH_SECONDS = ((1, 4, 8, 16, 32), (0.0, 0.001, 0.005, 0.01)), 5  # LitServe's batch size and wait in s
REQUESTS = 500_000
OVERLOAD, OVERLOADED_CONNECTIONS, KEPT, MEGABYTES = 4, 512, 0.9, 50
PATH = "/v1/models/lenet:predict"
BODY = json.dumps({"instances": np.random.default_rng(0).integers(0, 256, (1, 28, 28, 1)).tolist()})


class Load(NamedTuple):
    """What wrk saw: answers per second, 99th percentile in ms, answers, and those that failed."""

    rate: float
    slowest: float
    answers: int
    failed: int


def run() -> list[Row]:
    """Measures the three bars."""
    if shutil.which("wrk") is None:
        raise ImportError("this benchmark needs wrk, a program that makes HTTP requests")
    with tempfile.TemporaryDirectory() as scratch:
        version = export_saved_model(build_lenet((28, 28, 1), 10), Path(scratch, "lenet"))
        return [_against_litserve(version), _many(version), _overloaded(version)]


def _against_litserve(version: Path) -> Row:
    best = max(itertools.product(*SEARCHED), key=lambda setting: _rate_of_litserve(version, *setting))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        with _our_server(version) as (port, _):
            ours.append(_load(port, SECONDS))
        with _litserve(version, *best) as port:
            theirs.append(_load(port, SECONDS))
    rate, other = (statistics.median(load.rate for load in loads) for loads in (ours, theirs))
    slow, slower = (statistics.median(load.slowest for load in loads) for loads in (ours, theirs))
    measured = (
        f"{rate / other:.2f} times ({rate:.0f} against {other:.0f} requests/s; 99th percentile {slow:.1f} against "
        f"{slower:.1f} ms; LitServe with max_batch_size={best[0]}, batch_timeout={best[1]})"
    )
    bar = f"at least {BAR} times LitServe's, 99th percentile no worse, no failure"
    failed = sum(load.failed for load in (*ours, *theirs))
    met = rate / other >= BAR and slow <= slower and failed == 0
    return Row(f"LeNet, a 28x28 picture a request, {CONNECTIONS} connections", measured, bar, met)


def _many(version: Path) -> Row:
    answers = failed = 0
    with _our_server(version) as (port, _):
        while answers < REQUESTS:
            load = _load(port, SECONDS)
            answers, failed = answers + load.answers, failed + load.failed
    return Row("the same, many requests", f"{failed} failed of {answers}", f"0 of {REQUESTS}", failed == 0)


def _overloaded(version: Path) -> Row:
    with _our_server(version) as (port, process):
        best = _load(port, SECONDS).rate
        before, memory = _answered(port), _memory(process.pid)
        pause = 1000 * OVERLOADED_CONNECTIONS / (OVERLOAD * best)  # ms, of each connection after each answer
        load = _load(port, SECONDS, connections=OVERLOADED_CONNECTIONS, pause=pause)
        counts = {status: count - before.get(status, 0) for status, count in _answered(port).items()}
        grown = _memory(process.pid) - memory
    kept = counts["200"] / SECONDS / best
    others = {status: count for status, count in counts.items() if status not in ("200", "503") and count}
    measured = (
        f"{load.rate / best:.1f} times the best rate ({best:.0f}/s) asked for; {kept:.2f} of it answered with 200, "
        f"{counts.get('503', 0)} with 503, {others or 'none'} otherwise; memory {grown:+.0f} MB"
    )
    bar = f"at least {KEPT} of the best rate answered, the rest 503, memory within {MEGABYTES} MB"
    return Row(f"overload, up to {OVERLOAD} times", measured, bar, kept >= KEPT and not others and grown <= MEGABYTES)


@contextlib.contextmanager
def _our_server(version: Path) -> Iterator[tuple[int, subprocess.Popen]]:
    command = [sys.executable, "-m", "keras_course.cli.app", "serve", str(version.parent), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            port = int(re.search(r":(\d+);", line)[1])  # type: ignore[index]
            _load(port, 3)  # warm
            yield port, process
        finally:
            process.terminate()


@contextlib.contextmanager
def _litserve(version: Path, batch: int, wait: float) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.litserve_server", str(version), str(port), str(batch), str(wait)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            _wait_for(port)
            _load(port, 3)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # its workers outlive a SIGTERM, and go on polling


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}{PATH}", BODY.encode(), {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(request, timeout=10).read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def _rate_of_litserve(version: Path, batch: int, wait: float) -> float:
    with _litserve(version, batch, wait) as port:
        return _load(port, SEARCH_SECONDS).rate


def _load(port: int, seconds: int, *, connections: int = CONNECTIONS, pause: float = 0) -> Load:
    """Runs wrk, each connection with `pause` ms between answer and next request."""
    script = f"wrk.method, wrk.body = 'POST', '{BODY}'\nwrk.headers['Content-Type'] = 'application/json'\n"
    if pause:
        script += f"function delay() return math.random() * {2 * pause:.3f} end\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", file.name]
        said = subprocess.run([*command, f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True)
    return _read(said.stdout)


def _read(said: str) -> Load:
    """Reads what wrk prints."""
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said).groups()  # type: ignore[union-attr]
    slowest = float(value) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
    answers, rate = re.search(r"(\d+) requests in", said)[1], re.search(r"Requests/sec:\s+([\d.]+)", said)[1]  # type: ignore[index]
    failures = re.findall(r"Non-2xx or 3xx responses: (\d+)", said)
    failures += re.findall(r"(?:connect|read|write|timeout) (\d+)", said)
    return Load(float(rate), slowest, int(answers), sum(map(int, failures)))


def _answered(port: int) -> dict[str, int]:
    """Returns how many requests our server has answered, by status."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as response:
        text = response.read().decode()
    return {status: int(count) for status, count in re.findall(r'requests_total\{.*status="(\d+)"\} (\d+)', text)}


def _memory(process: int) -> float:
    """Returns the memory of a process in MB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) / 1024  # type: ignore[index]
