"""Writes the tutorials as notebooks, and an archive of them."""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from docs.execution import CACHE, executed
from docs.reading import ROOT, Tutorial, read_notebook


def write_notebooks(
    tutorials: Iterable[Tutorial], folder: Path, *, outputs: bool = False, cache: Path = CACHE
) -> list[Path]:
    """Writes notebooks to `folder`/CHAPTER/NAME.ipynb, with the data files that they read beside them.

    Args:
        tutorials: Those to write.
        folder: Where to.
        outputs: Whether to keep what they printed and drew; the cache must have them then.
        cache: Folder of jupyter-cache.

    Returns:
        The files written.

    Raises:
        ValueError: If outputs are asked for and the cache lacks a tutorial.
    """
    written = []
    for tutorial in tutorials:
        notebook = executed(tutorial, cache) if outputs else read_notebook(tutorial.source)
        if notebook is None:
            raise ValueError(f"`outputs` needs each tutorial to have been executed. Received: {tutorial.path}")
        notebook.metadata.kernelspec.pop("code", None)
        path = folder / f"{tutorial.path.removesuffix('.py')}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        written.append(path)
        for data in (ROOT / "tutorials" / tutorial.path).parent.glob("*.*"):
            if data.suffix != ".py" and f'"{data.name}"' in tutorial.source:
                written.append(Path(shutil.copy(data, path.parent)))
    return written


def write_archive(paths: Iterable[Path], folder: Path, archive: Path) -> Path:
    """Writes files of a folder into a zip archive, which is the same whenever the files are; returns its path."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(set(paths)):
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(entry, path.read_bytes())
    return archive
