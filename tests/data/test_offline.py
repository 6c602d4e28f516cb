import http.server
import os
import socket
import subprocess
import sys
import threading
import zlib
from types import SimpleNamespace

import pytest
from synthetic import write_cifar_mirror

from keras_course.data import load_images, network
from keras_course.data.network import NetworkUnavailableError, require_answer

BLOCK_SOCKETS = """
import os, socket, sys
attempts = []
def blocked(*args, **kwargs):
    attempts.append(args[-2:])
    raise OSError("the network is blocked")
socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = blocked
from keras_course.data import load_images
folder, mirror = sys.argv[1:]
"""


PROCESS = """
import zlib
print("ready", flush=True)
data = load_images(data_dir=folder + "/race", augment=True)
print(zlib.crc32(b"".join(images.numpy().tobytes() for images, _ in data.train_from(5))))
for name, source in [("digits", None), ("digits", None), ("cifar10", mirror), ("cifar10", None)]:
    print(load_images(name, data_dir=folder, mirror=source).train_size)
try:
    load_images("no_such_data_set", data_dir=folder)
except ValueError:
    print("unknown")
print(attempts)
try:
    load_images("mnist", data_dir=folder + "/nothing")
except FileNotFoundError as error:
    print(len(attempts) > 0, error, sep="\\n")
print(os.path.exists(folder + "/nothing"))
"""


def checksum_of_epoch_five(folder):
    train = load_images(data_dir=folder, augment=True).train_from(5)
    return zlib.crc32(b"".join(images.numpy().tobytes() for images, _ in train))


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """A process without a network loads data with what it needs on the disk, then without; the first while we do too.

    `lines` is what it prints then, `folder` where it and we prepare, `checksum` that of what we read.
    """
    folder = tmp_path_factory.mktemp("offline")
    write_cifar_mirror(folder / "mirror/cifar10")
    code, arguments = BLOCK_SOCKETS + PROCESS, [str(folder / "tfds"), str(folder / "mirror")]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_COURSE_MIRROR"}
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", code, *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:
        process.stdout.readline()
        checksum = checksum_of_epoch_five(folder / "tfds/race")
        stdout, stderr = process.communicate(timeout=180)
    assert process.returncode == 0, stderr
    return SimpleNamespace(lines=stdout.splitlines(), folder=folder / "tfds", checksum=checksum)


def test_two_processes_prepare_at_once_and_read_in_the_same_order(process, digits_dir):
    assert process.checksum == int(process.lines[0]) == checksum_of_epoch_five(digits_dir)
    assert [path.name for path in (process.folder / "race").iterdir()] == ["digits"]
    assert [path.name for path in (process.folder / "race/digits").iterdir()] == ["1.0.0"]


def test_prepares_and_reads_without_touching_the_network(process):
    assert process.lines[1:7] == ["1293", "1293", "90", "90", "unknown", "[]"]


def test_without_anything_two_lines_say_what_to_do(process):
    asked, what, advice, left = process.lines[7:]
    assert asked == "True"
    assert "'mnist' is not prepared" in what
    assert "the network is blocked" in what
    assert "train-images-idx3-ubyte.gz" in advice
    assert "MIRROR/mnist/" in advice
    assert "KERAS_COURSE_MIRROR" in advice
    assert left == "False"


def test_download_false_asks_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(network, "require_answer", lambda url: pytest.fail(f"asked {url}"))
    with pytest.raises(FileNotFoundError, match=r"download=False\.\nGo online once, or put .*cifar-10-binary\.tar\.gz"):
        load_images("cifar10", data_dir=tmp_path / "tfds", download=False)
    assert not (tmp_path / "tfds").exists()


def test_mirror_of_the_environment_without_the_data_set_is_no_hindrance(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_COURSE_MIRROR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no mirror has it"):
        load_images("mnist", data_dir=tmp_path / "tfds", download=False)


def test_data_that_must_be_asked_for_say_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="on request only"):
        load_images("imagenet2012", data_dir=tmp_path / "tfds", image_size=8)


@pytest.fixture
def server():
    """A local web server that answers 404 to everything."""
    handler = type("Handler", (http.server.BaseHTTPRequestHandler,), {})
    handler.do_HEAD = lambda self: self.send_error(404)
    handler.log_message = lambda *args: None
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/data.gz"
        server.shutdown()
        thread.join()


def test_any_answer_is_a_sign_of_life(server):
    require_answer(server)
    require_answer("ftp://192.0.2.1/not/tried")


def test_a_silent_server_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/data.gz"
        with pytest.raises(NetworkUnavailableError, match="127.0.0.1"):
            require_answer(url, patience=0.4)


def test_a_name_that_takes_for_ever_to_look_up_is_given_up(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(network, "_reason_of_silence", lambda url, timeout: release.wait(30) and None)
    with pytest.raises(NetworkUnavailableError, match=r"no answer in 0\.1 s"):
        require_answer("https://example.org/data.gz", patience=0.1)
    release.set()


def test_downloads_that_arrive_damaged_leave_nothing(tmp_path, monkeypatch):
    """Plays a server that answers, but with the wrong bytes."""
    from tensorflow_datasets.core.download import checksums, downloader

    def wrong_bytes(self, url, destination_path, verify=True):
        path = destination_path / "file.gz"
        path.write_bytes(b"wrong")
        return downloader.DownloadResult(path=path, url_info=checksums.compute_url_info(path))

    monkeypatch.setattr(network, "require_answer", lambda url: None)
    monkeypatch.setattr(downloader._Downloader, "_sync_download", wrong_bytes)
    with pytest.raises(FileNotFoundError, match=r"the download failed \(Artifact .* has wrong checksum"):
        load_images("mnist", data_dir=tmp_path / "tfds")
    assert not (tmp_path / "tfds/mnist").exists()
