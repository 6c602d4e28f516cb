"""Prepared tfds data sets: all or nothing, from the network or a mirror."""

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import tensorflow_datasets as tfds

from keras_course.data.digit_scenes import DigitScenes
from keras_course.data.digits import Digits
from keras_course.data.integrity import DamagedFileError, MissingFileError
from keras_course.data.mirror import ENVIRONMENT_VARIABLE, MirrorDownloadManager, dataset_of
from keras_course.data.network import PromptDownloadManager
from keras_course.data.schematic_faces import SchematicFaces
from keras_course.disk import disk_failures_by_name
from keras_course.files import flush, private_folder
from keras_course.locks import claimed
from keras_course.name_arguments import require_path
from keras_course.reading import check_sums, write_sums

logger = logging.getLogger(__name__)

DOWNLOAD_ERRORS = (
    OSError,  # all that `requests` raises, and NetworkUnavailableError
    tfds.download.DownloadError,
    tfds.download.download_manager.NonMatchingChecksumError,
)


SUMS = "sha256.json"
DESCRIPTIONS = (".json", ".txt")  # of the files that have no checksum of their own, as records have


def data_folder(data_dir: str | os.PathLike | None) -> Path:
    """Returns the folder of prepared data: `data_dir`, else `TFDS_DATA_DIR`, else `~/tensorflow_datasets`."""
    chosen = data_dir if data_dir is not None else os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return require_path("data_dir", chosen).expanduser()


def is_prepared(builder: tfds.core.DatasetBuilder) -> bool:
    """Returns whether the data set's files are there; tfds's own question takes a folder `[a]` for a pattern."""
    return Path(builder.data_dir, "dataset_info.json").is_file()


def is_bundled(builder: tfds.core.DatasetBuilder) -> bool:
    """Returns whether the data set comes with this package's dependencies, so that it needs no files."""
    return isinstance(builder, Digits | DigitScenes | SchematicFaces)


def damaged_data(folder: str | os.PathLike, name: str, what: str) -> ValueError:
    """Returns the error for prepared data that can't be read."""
    return ValueError(f"The prepared data in {folder} is damaged; remove that folder and load {name!r} again ({what})")


def check_prepared(builder: tfds.core.DatasetBuilder) -> None:
    """Compares the descriptions of a prepared data set with what `prepare` recorded of them, if it did.

    Raises:
        ValueError: If they differ, or describe no split.
    """
    folder = Path(builder.data_dir)
    try:
        check_sums(folder, folder / SUMS)
        if not builder.info.splits:
            raise ValueError("no splits")
    except ValueError as error:
        raise damaged_data(folder, builder.name, str(error)) from error


def prepare(builder: tfds.core.DatasetBuilder, mirror: Path | None, download: bool) -> None:
    """Prepares a data set where its builder expects it; does nothing if it is there.

    The work is done in a hidden folder beside the place, handed to the disk, and renamed into the place at the end, so
    that a failure leaves nothing. Of several processes at once, one prepares and the others wait for it.

    Args:
        builder: A tfds builder.
        mirror: Folder with the original files of this data set, or `None`.
        download: Whether the network may be asked where there is no mirror.

    Raises:
        FileNotFoundError: If the files can be had from nowhere, or the mirror lacks one.
        ValueError: If a file of the mirror is damaged, or the place cannot be written.
        OSError: If the disk is full or write-protected, or a file may not be read, with that reason.
    """
    if is_prepared(builder):
        return
    root, target = Path(builder.data_dir_root), Path(builder.data_dir)
    if mirror is None and not download and not is_bundled(builder):
        raise FileNotFoundError(_advice(builder, root, "download=False"))
    logger.info("Preparing %s in %s", builder.info.full_name, target)
    with _workspace(root, builder.name) as folder, disk_failures_by_name():
        if is_prepared(builder):  # by the process that was waited for
            return
        private = type(builder)(data_dir=folder, config=builder.builder_config, version=str(builder.version))
        if is_bundled(builder):
            _run(private, _manager(tfds.download.DownloadManager, private, folder))
        elif mirror is not None:
            _generate_from_mirror(private, mirror, folder)
        else:
            _generate_from_network(private, root)
        _move(Path(private.data_dir), target, builder)


@contextlib.contextmanager
def _workspace(root: Path, name: str) -> Iterator[Path]:
    """Makes a hidden folder for the preparation; a place that cannot be written is a ValueError that names it."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(claimed(root / f".{name}-preparing", "data_dir", wait=True))
            folder = stack.enter_context(private_folder(root, f".{name}-preparing-"))
        except (OSError, ValueError) as error:
            raise ValueError(f"`data_dir` must be writable. Received: data_dir={str(root)!r} ({error})") from None
        yield folder


def _move(source: Path, target: Path, builder: tfds.core.DatasetBuilder) -> None:
    """Renames `source` to `target`, unless another process was faster, with the same result."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_sums(source / SUMS, [path for path in source.iterdir() if path.suffix in DESCRIPTIONS])
    flush(source)
    try:
        os.rename(source, target)
        flush(target.parent, deep=False)
    except OSError as error:
        if not is_prepared(builder):
            raise ValueError(
                f"`data_dir` holds something that is no prepared data set; remove it: {target} ({error})"
            ) from error


def _generate_from_mirror(builder: tfds.core.DatasetBuilder, mirror: Path, scratch: Path) -> None:
    manager = _manager(MirrorDownloadManager, builder, scratch, manual_dir=mirror)
    try:
        _run(builder, manager)
    except (DamagedFileError, MissingFileError):
        raise
    except Exception as error:  # whatever a builder makes of files that are not what it expects
        files = ", ".join(str(path) for path in manager.files) or str(mirror)
        raise DamagedFileError(f"`mirror` has files that are not {builder.name}'s: {files} ({error})") from error


def _generate_from_network(builder: tfds.core.DatasetBuilder, root: Path) -> None:
    downloads = root / "downloads"  # tfds's own place: what was downloaded stays for the next try
    manual = downloads / "manual"
    if builder.MANUAL_DOWNLOAD_INSTRUCTIONS and not manual.is_dir():
        raise FileNotFoundError(_advice(builder, root, "its authors hand the files out on request only"))
    try:
        _run(builder, _manager(PromptDownloadManager, builder, downloads, manual_dir=manual))
    except DOWNLOAD_ERRORS as error:
        raise FileNotFoundError(_advice(builder, root, f"the download failed ({error})")) from error
    finally:
        for folder in (downloads / "extracted", downloads):
            with contextlib.suppress(OSError):  # not empty
                folder.rmdir()


def _manager(kind: type, builder: tfds.core.DatasetBuilder, downloads: Path, **kwargs):
    return kind(
        download_dir=downloads,
        url_infos=builder.url_infos,
        manual_dir_instructions=builder.MANUAL_DOWNLOAD_INSTRUCTIONS,
        dataset_name=builder.name,
        max_simultaneous_downloads=builder.MAX_SIMULTANEOUS_DOWNLOADS,
        **kwargs,
    )


def _run(builder: tfds.core.DatasetBuilder, manager: tfds.download.DownloadManager) -> None:
    """Runs the builder's own preparation with the given source of files and without Google's bucket."""
    builder._make_download_manager = lambda **_: manager
    builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))


def _advice(builder: tfds.core.DatasetBuilder, root: Path, reason: str) -> str:
    """Writes the two lines for someone who has neither data, mirror nor network."""
    names = [info.filename for info in (builder.url_infos or {}).values() if info.filename]
    files = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "") or "its original files"
    return (
        f"The data set {builder.name!r} is not prepared in {root}, no mirror has it, and {reason}.\n"
        f"Go online once, or put {files} into MIRROR/{dataset_of(builder.name)}/ and pass mirror=MIRROR "
        f"(or set {ENVIRONMENT_VARIABLE}); 'digits', 'digit_scenes' and 'schematic_faces' need neither."
    )
