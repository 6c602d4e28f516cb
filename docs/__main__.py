"""`python -m docs` builds the site, `python -m docs notebooks` writes the tutorials as notebooks."""

import argparse
import shutil
import subprocess
import sys

from docs import links
from docs.execution import execute, times
from docs.notebooks import write_archive, write_notebooks
from docs.reading import ROOT, load_tutorials
from keras_course import __version__

BUILT = ROOT / "docs" / "_build"


def main() -> int:
    """Runs one of the two, and returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["site", "notebooks", "times"], default="site")
    parser.add_argument("--jobs", type=int, default=2, help="tutorials, or pages, at the same time (default: 2)")
    parser.add_argument("--outputs", choices=["strip", "keep"], default="strip", help="of notebooks (default: strip)")
    parser.add_argument("--without-execution", action="store_true", help="a quick look at the pages, without figures")
    chosen = parser.parse_args()
    if chosen.what == "times":
        return tell_times()
    wants_outputs = chosen.outputs == "keep" if chosen.what == "notebooks" else not chosen.without_execution
    if wants_outputs and (failures := execute(load_tutorials(), jobs=chosen.jobs)):
        sys.stderr.write("\n".join(failures))
        return 1
    if chosen.what == "notebooks":
        return notebooks(outputs=wants_outputs)
    return site(jobs=chosen.jobs, executed=wants_outputs)


def site(*, jobs: int, executed: bool) -> int:
    """Builds the site in `docs/_build/html`; whatever Sphinx warns of, and every dead link, makes it fail.

    All pages are read again, so that none is older than what it shows, and no warning is given once only.
    """
    pages = BUILT / "html"
    shutil.rmtree(BUILT, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--fail-on-warning",
        "-q",
        "-j",
        str(jobs),
        "-d",
        str(BUILT / "doctrees"),
    ]
    mode = [] if executed else ["-D", "nb_execution_mode=off"]
    code = subprocess.run([*command, *mode, str(ROOT / "docs"), str(pages)], cwd=ROOT, check=False).returncode
    if code:
        return code
    write_notebooks(load_tutorials(), pages / "notebooks")
    if links.main(pages):
        return 1
    print(f"{pages / 'index.html'}; outside links: {BUILT / 'outside-links.txt'}")
    return 0


def notebooks(*, outputs: bool) -> int:
    """Writes `notebooks/`, and the archive that goes with a release to `dist/`."""
    folder = ROOT / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    written = write_notebooks(load_tutorials(), folder, outputs=outputs)
    print(write_archive(written, folder, ROOT / "dist" / f"keras_course-{__version__}-notebooks.zip"))
    return 0


def tell_times() -> int:
    """Prints how long the execution of each tutorial took."""
    sums = [0.0, 0.0]
    for tutorial, seconds, cpu in times(load_tutorials()):
        sums = [sums[0] + seconds, sums[1] + cpu]
        print(f"{tutorial.path}: {seconds:.0f} s, {cpu:.0f} s of CPU time")
    print(f"sum: {sums[0]:.0f} s, {sums[1]:.0f} s of CPU time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
