import contextlib
import errno
import gzip
import os
import resource

import pytest
import requests
import tensorflow as tf
from synthetic import write_cifar_mirror, write_mnist_mirror

from keras_course.data import load_images, network
from keras_course.disk import disk_failure


@contextlib.contextmanager
def largest_file(size):
    """Limits the size of files in bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("name", "size"), [("digits", 20_000), ("cifar10", 20_000), ("cifar10", 100_000)])
def test_a_real_limit_of_the_disk_is_said_as_it_is(name, size, tmp_path):
    """At 20 kB cifar10 fails while unpacking, at 100 kB while tfds writes what it read."""
    write_cifar_mirror(tmp_path / "mirror/cifar10")
    mirror = tmp_path / "mirror" if name == "cifar10" else None
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)) as raised, largest_file(size):
        load_images(name, data_dir=tmp_path / "tfds", mirror=mirror)
    assert raised.type is OSError
    assert raised.value.errno == errno.EFBIG
    assert raised.value.filename.startswith(str(tmp_path / "tfds"))
    assert not (tmp_path / "tfds").exists()


def test_a_mirror_that_may_not_be_read_is_said_as_it_is(small_mnist, tmp_path, monkeypatch):
    write_mnist_mirror(tmp_path / "mirror/mnist")

    def forbidden(path, *args, **kwargs):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(gzip, "open", forbidden)
    with pytest.raises(PermissionError, match="Permission denied: .*ubyte.gz"):
        load_images("mnist", data_dir=tmp_path / "tfds", mirror=tmp_path / "mirror")


def test_a_disk_that_fills_up_during_a_download_is_said_as_it_is(tmp_path, monkeypatch):
    from tensorflow_datasets.core.download import downloader

    def full(self, url, destination_path, verify=True):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(network, "require_answer", lambda url: None)
    monkeypatch.setattr(downloader._Downloader, "_sync_download", full)
    with pytest.raises(OSError, match="No space left on device") as raised:
        load_images("mnist", data_dir=tmp_path / "tfds")
    assert raised.value.errno == errno.ENOSPC


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_tensorflows_errors_are_understood(number):
    failure = disk_failure(tf.errors.ResourceExhaustedError(None, None, f"/data/a; b; {os.strerror(number)}"))
    assert (failure.errno, failure.filename) == (number, "/data/a; b")


def test_a_network_that_says_no_is_not_the_disk():
    refused = requests.ConnectionError("no route")
    refused.__cause__ = PermissionError(errno.EACCES, "Permission denied")  # a firewall's
    assert disk_failure(refused) is None
    assert disk_failure(tf.errors.DataLossError(None, None, "/data/a; corrupted record")) is None
    assert disk_failure(FileNotFoundError(errno.ENOENT, "No such file", "/data/a")) is None


def test_something_else_in_the_place_is_named(tmp_path):
    (tmp_path / "digits/1.0.0").mkdir(parents=True)
    (tmp_path / "digits/1.0.0/notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"remove it: .*digits/1\.0\.0"):
        load_images(data_dir=tmp_path)
    assert (tmp_path / "digits/1.0.0/notes.txt").read_text() == "mine"
