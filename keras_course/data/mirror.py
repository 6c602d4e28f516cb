"""Original files from a local folder instead of the network, for any tfds builder."""

import os
from pathlib import Path, PurePosixPath
from urllib.parse import urlparse

import tensorflow as tf
import tensorflow_datasets as tfds

from keras_course.data.integrity import MissingFileError, check_known, check_original
from keras_course.name_arguments import require_path

ENVIRONMENT_VARIABLE = "KERAS_COURSE_MIRROR"


def find_mirror(name: str, mirror: str | os.PathLike | None) -> Path | None:
    """Finds the folder with the original files of a data set.

    Args:
        name: tfds name; a configuration or version behind it is ignored.
        mirror: Folder of mirrors. `None` takes the environment variable `KERAS_COURSE_MIRROR`.

    Returns:
        `MIRROR/<name>`, spelled with `_` or `-`, or `None` where the variable is unset or its folder has none.

    Raises:
        ValueError: If `mirror` is no folder.
        FileNotFoundError: If `mirror` was given and has no folder for the data set.
    """
    root = require_mirror(mirror) if mirror is not None else _mirror_of_environment()
    if root is None:
        return None
    dataset = dataset_of(name)
    candidates = [root / spelling for spelling in dict.fromkeys([dataset, dataset.replace("_", "-")])]
    found = next((folder for folder in candidates if folder.is_dir()), None)
    if found is None and mirror is not None:
        raise MissingFileError(f"`mirror` has no folder for {dataset!r}. Looked for: {', '.join(map(str, candidates))}")
    return found


def dataset_of(name: str) -> str:
    """Returns the data set's part of a tfds name: `"emnist"` of `"emnist/letters:3.1.0"`."""
    return name.split("/")[0].split(":")[0]


def require_mirror(mirror: str | os.PathLike) -> Path:
    """Returns `mirror` as a path.

    Args:
        mirror: Folder of mirrors.

    Returns:
        The folder.

    Raises:
        ValueError: If it is no folder.
    """
    root = require_path("mirror", mirror).expanduser()
    if not root.is_dir():
        raise ValueError(f"`mirror` must be an existing folder. Received: mirror={str(mirror)!r}")
    return root


def _mirror_of_environment() -> Path | None:
    folder = os.environ.get(ENVIRONMENT_VARIABLE)
    if not folder:
        return None
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise ValueError(f"{ENVIRONMENT_VARIABLE} must name an existing folder. Received: {folder!r}")
    return root


class MirrorDownloadManager(tfds.download.DownloadManager):
    """Hands a builder the files of a local folder for the addresses that it asks for; never opens a connection.

    Files are found by the name that the data set's authors gave them. They need not be byte for byte
    those that tfds knows (Debian, for one, packs Fashion-MNIST anew), so what counts is the content:
    `check_original`.

    Args:
        manual_dir: Folder with the original files.
        **kwargs: Forwarded to `tfds.download.DownloadManager`.
    """

    def __init__(self, *, manual_dir: Path, **kwargs):
        super().__init__(manual_dir=manual_dir, **kwargs)
        self._folder = manual_dir
        self.files: list[Path] = []

    def download(self, url_or_urls):
        """Returns the local files for one address or a structure of addresses."""
        return tf.nest.map_structure(self._local_file, url_or_urls)

    def download_and_extract(self, url_or_urls):
        """Returns the unpacked local files for one address or a structure of addresses."""
        return self.extract(tf.nest.map_structure(self._local_resource, url_or_urls))

    def download_kaggle_data(self, competition_or_dataset):
        """Raises: what Kaggle serves has no files of a fixed name."""
        raise MissingFileError(f"`mirror` cannot stand in for the Kaggle data set {competition_or_dataset!r}")

    def _local_resource(self, url):
        resource = url if isinstance(url, tfds.download.Resource) else tfds.download.Resource(url=url)
        resource.path = tfds.core.Path(self._local_file(url))
        return resource

    def _local_file(self, url) -> Path:
        url = url.url if isinstance(url, tfds.download.Resource) else url
        known = self._url_infos.get(url)
        filename = known.filename if known and known.filename else PurePosixPath(urlparse(url).path).name
        path = self._folder / filename
        self.files.append(path)
        check_original(path)
        check_known(path, known)
        return path
