"""Checks the finished site: inner links and files exist, and nothing is loaded from elsewhere.

`python -m docs.links FOLDER` prints what is wrong, and writes the outside links into `outside-links.txt`
beside FOLDER.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"img": "src", "script": "src", "link": "href", "source": "src", "video": "src", "iframe": "src"}
STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@dataclass
class Page(HTMLParser):
    """What a page names.

    Args:
        text: The page, HTML.
    """

    text: str
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes anchors, links and what is loaded."""
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif given.get(LOADED.get(tag, "")) and given.get("rel") not in ("next", "prev", "index", "search", "author"):
            self.loaded.append(given[LOADED[tag]])


def is_outside(address: str) -> bool:
    """Tells whether an address leads out of the site."""
    return bool(urlsplit(address).netloc) or urlsplit(address).scheme in ("http", "https", "ftp")


def problems(folder: Path) -> Iterator[str]:
    """Yields what is wrong with a site: dead links, missing files and anchors, and what is loaded from elsewhere.

    Args:
        folder: Of the site.
    """
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in _pages(folder)}
    if not pages:
        yield "no pages"
    for path, page in pages.items():
        for address in page.loaded:
            if is_outside(address):
                yield f"{path.relative_to(folder)}: loaded from elsewhere: {address}"
        for address in [*page.links, *page.loaded]:
            if not is_outside(address) and not address.startswith(("mailto:", "data:", "javascript:")):
                yield from _dead(folder, path, address, pages)
    for path in sorted(folder.rglob("*.css")):
        for match in STYLE.finditer(path.read_text(encoding="utf-8")):
            address = match[1] or match[2]
            if is_outside(address):
                yield f"{path.relative_to(folder)}: loaded from elsewhere: {address}"
            elif not address.startswith(("data:", "#")) and not _target(path, address).is_file():
                yield f"{path.relative_to(folder)}: no file: {address}"


def _pages(folder: Path) -> list[Path]:
    """Returns the pages of a site, without the templates that a theme leaves among its files."""
    return sorted(path for path in folder.rglob("*.html") if "_static" not in path.relative_to(folder).parts)


def _target(path: Path, address: str) -> Path:
    place = unquote(urlsplit(address).path)
    return (path.parent / place).resolve() if place else path


def _dead(folder: Path, path: Path, address: str, pages: dict[Path, Page]) -> Iterator[str]:
    target, anchor = _target(path, address), unquote(urlsplit(address).fragment)
    where = path.relative_to(folder)
    if not target.is_relative_to(folder.resolve()):
        yield f"{where}: outside the site's folder: {address}"
    elif not target.is_file():
        yield f"{where}: no file: {address}"
    elif anchor and target.suffix == ".html" and anchor not in pages[target].anchors:
        yield f"{where}: no anchor: {address}"


def outside_links(folder: Path) -> list[str]:
    """Returns the links that lead out of a site, in alphabetical order."""
    pages = (Page(path.read_text(encoding="utf-8")) for path in _pages(folder))
    return sorted({address for page in pages for address in page.links if is_outside(address)})


def main(folder: Path) -> int:
    """Prints the problems of a site and lists its outside links; returns the number of problems."""
    folder = folder.resolve()
    found = list(problems(folder))
    (folder.parent / "outside-links.txt").write_text("\n".join(outside_links(folder)) + "\n", encoding="utf-8")
    for line in found:
        sys.stderr.write(f"{line}\n")
    return len(found)


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
