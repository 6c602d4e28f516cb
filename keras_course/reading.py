"""Files of others: read within bounds, checked against what was written, and told from damaged ones in one line."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LARGEST_TEXT = 16 * 1024**2  # bytes
LONGEST_REASON = 300  # characters


def read_text(file: Path) -> str:
    """Reads a small UTF-8 file.

    Raises:
        ValueError: If it is missing, no regular file, larger than `LARGEST_TEXT` bytes, or not UTF-8.

    Example:
        >>> from pathlib import Path
        >>> read_text(Path("no such file"))
        Traceback (most recent call last):
        ValueError: no such file is no regular file
    """
    if not file.is_file():  # a named pipe, for instance, would block forever
        raise ValueError(f"{file} is no regular file")
    with file.open("rb") as stream:
        content = stream.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise ValueError(f"{file} has more than {LARGEST_TEXT} bytes")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is no text in UTF-8 ({error.reason} at byte {error.start})") from error


def read_json(file: Path, kind: type = dict) -> Any:
    """Reads a small JSON file.

    Args:
        file: Path of the file.
        kind: dict or list, what it must hold.

    Raises:
        ValueError: If it can't be read, or holds something else.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "config.json")
        ...     _ = file.write_text('{"seed": 7}')
        ...     read_json(file)
        {'seed': 7}
    """
    try:
        content = json.loads(read_text(file))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(content, kind):
        raise ValueError(f"no JSON {'object' if kind is dict else 'array'}")
    return content


def check_types(
    values: Mapping[str, Any], types: Mapping[str, type | tuple[type, ...]], *, needed: bool = False
) -> None:
    """Raises a ValueError unless each value that is there is of its type; a boolean is no integer here.

    Args:
        values: From a file.
        types: Of some of them, by name.
        needed: Whether all of these must be there.

    Example:
        >>> check_types({"epochs": 3, "other": None}, {"epochs": int})
        >>> check_types({"epochs": "3"}, {"epochs": int})
        Traceback (most recent call last):
        ValueError: epochs is '3'
    """
    for name, kind in types.items():
        kinds = kind if isinstance(kind, tuple) else (kind,)
        value = values.get(name)
        if name not in values:
            if needed:
                raise ValueError(f"no {name}")
        elif not isinstance(value, kinds) or isinstance(value, bool) and bool not in kinds:
            raise ValueError(f"{name} is {value!r:.100}")


def reason(error: BaseException) -> str:
    r"""Returns the first line of an error of another library, cut short, or the name of its class if it says nothing.

    Example:
        >>> reason(KeyError()), reason(ValueError("damaged\nat byte 7"))
        ('KeyError', 'damaged')
    """
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]} ..."


def first_cause(error: BaseException) -> BaseException:
    """Returns the error that a chain of errors began with: Keras wraps it in its configurations.

    Example:
        >>> first_cause(KeyError("x"))
        KeyError('x')
    """
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def sha256(file: Path) -> str:
    """Returns the SHA-256 of a file's content, hexadecimal.

    Example:
        >>> import os
        >>> from pathlib import Path
        >>> sha256(Path(os.devnull))[:8]
        'e3b0c442'
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_sums(record: Path, files: Iterable[Path]) -> None:
    """Records length and SHA-256 of files below the folder of the record, or below the folder above that.

    Args:
        record: The file to write; its folder is made if missing.
        files: Which must be below `record.parent` or `record.parent.parent`.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from keras_course.reading import check_sums
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = Path(folder, "a.txt")
        ...     _ = file.write_text("right")
        ...     write_sums(Path(folder, "sums/sha256.json"), [file])
        ...     check_sums(Path(folder), Path(folder, "sums/sha256.json"))
        ...     _ = file.write_text("wrong")
        ...     check_sums(Path(folder), Path(folder, "sums/sha256.json"))
        Traceback (most recent call last):
        ValueError: a.txt is damaged or was changed: its SHA-256 is not that in sha256.json
    """
    files = [*files]
    root = record.parent if all(file.is_relative_to(record.parent) for file in files) else record.parent.parent
    record.parent.mkdir(exist_ok=True)
    record.write_text(f"{json.dumps(sums_of(root, files), indent=2)}\n", encoding="utf-8")


def sums_of(root: Path, files: Iterable[Path]) -> dict[str, list[Any]]:
    """Returns length and SHA-256 of files, by their path within `root`.

    Example:
        >>> from pathlib import Path
        >>> sums_of(Path("."), [])
        {}
    """
    return {file.relative_to(root).as_posix(): [file.stat().st_size, sha256(file)] for file in sorted(files)}


def check_sums(root: Path, record: Path) -> None:
    """Compares files with what `write_sums` recorded of them; passes where there is no record.

    Args:
        root: The folder that they are in.
        record: The file that `write_sums` wrote.

    Raises:
        ValueError: If one is missing or differs, or the record itself is damaged.

    Example:
        >>> from pathlib import Path
        >>> check_sums(Path("."), Path("no such record"))
    """
    if not record.exists():
        return
    try:
        sums = {name: (int(size), str(digest)) for name, (size, digest) in read_json(record).items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{record.name} is damaged ({reason(error)})") from error
    for name, (size, digest) in sums.items():
        file = root / name
        if not file.is_file():
            raise ValueError(f"{name} is missing")
        if file.stat().st_size != size or sha256(file) != digest:
            raise ValueError(f"{name} is damaged or was changed: its SHA-256 is not that in {record.name}")
    if not sums:
        raise ValueError(f"{record.name} is damaged: it is empty")
