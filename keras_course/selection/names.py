"""Names of contenders, each of which gets a folder beside the files of the comparison, on any file system."""

import re
import unicodedata
from collections.abc import Sequence

from keras_course.runs.kinds import COMMON_FILES, KINDS

FOLDER_NAME = re.compile(r"[\w+-]([\w.+ -]*[\w+-])?")
LONGEST = 100  # characters: file systems end at 255 bytes
FIGURES = "figures"
# Devices in Windows, with any extension.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def check_names(names: Sequence[object]) -> None:
    """Raises a ValueError if two names would share a folder, or one can't have its own beside the files of the run.

    Some file systems take "Net" for "net", and one way to write an accent for another.
    """
    for name in names:
        fits = isinstance(name, str) and len(name) <= LONGEST and FOLDER_NAME.fullmatch(name)
        if not fits or RESERVED.fullmatch(str(name)):
            raise ValueError(
                "`contenders` must have names fit for folders: letters, digits, spaces and . _ + -, at most "
                f"{LONGEST} in all, the last no space or full stop, and no device of Windows. Received: {name!r}"
            )
    taken = [FIGURES, *COMMON_FILES, *(file for kind in KINDS.values() for file in kind.files)]
    folded = [_folded(str(name)) for name in names]
    for name, same in zip(names, folded, strict=True):
        if same in taken:
            raise ValueError(
                f"`contenders` must have names other than the files of a run, {', '.join(taken)}. Received: {name!r}"
            )
    if len(set(folded)) < len(folded):
        raise ValueError(
            f"`contenders` must have different names. Received: {', '.join(map(str, names))}; case makes no difference"
        )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
