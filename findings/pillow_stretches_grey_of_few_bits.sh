#!/usr/bin/env bash
# Pillow 13.0.0: a grey PNG of 2 or 4 bits per pixel comes as mode "L" with its values stretched to 0..255, so that a mask
# of the classes 0, 1, 2, 3 is read as 0, 85, 170, 255. A palette of as many bits, and grey of 8 bits, keep the numbers
# of the file. pypng gives the numbers of the file each time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "pillow==13.0.0" "pypng==0.20220715.0"
"$folder/venv/bin/python" - "$folder" <<'PY'
import sys

import PIL
import png
from PIL import Image

CLASSES = [0, 1, 2, 3]


def read(name, **kind):
    path = f"{sys.argv[1]}/{name}.png"
    with open(path, "wb") as file:
        png.Writer(4, 1, **kind).write(file, [CLASSES])
    with Image.open(path) as picture:
        by_pillow = picture.mode, list(picture.tobytes())
    _, _, rows, _ = png.Reader(filename=path).read()
    return by_pillow, [list(row) for row in rows][0]


two = read("two", greyscale=True, bitdepth=2)
four = read("four", greyscale=True, bitdepth=4)
eight = read("eight", greyscale=True, bitdepth=8)
palette = read("palette", bitdepth=2, palette=[(0, 0, 0), (9, 9, 9), (90, 0, 0), (255, 255, 255)])
print(f"Pillow {PIL.__version__}, then pypng: 2 bits {two}; 4 bits {four}; 8 bits {eight}; palette {palette}")
assert two == (("L", [0, 85, 170, 255]), CLASSES) and four == (("L", [0, 17, 34, 51]), CLASSES)
assert eight == (("L", CLASSES), CLASSES) and palette == (("P", CLASSES), CLASSES)
PY
