#!/usr/bin/env bash
# matplotlib 3.11.2, Animation.to_jshtml(): the frames are embedded, the player's buttons are not. Their signs are letters of
# Font Awesome 4.4, whose style sheet the HTML loads from a content network, so in a notebook without a network, or under a
# content security policy of 'self', an "embedded" film plays but its nine buttons are blank.
# Seen: one <link> to an https address, and every button an empty <i class="fa ...">; embed_limit and the writer don't matter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "matplotlib==3.11.2"
MPLBACKEND=Agg "$folder/venv/bin/python" - <<'PY'
import re

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation

fig, ax = plt.subplots()
(line,) = ax.plot([0, 1])
html = FuncAnimation(fig, lambda k: line.set_ydata([0, k]), frames=3).to_jshtml()
links = re.findall(r'<link[^>]*href="(https://[^"]*font-awesome[^"]*)', html)
frames = len(re.findall(r"data:image/png;base64", html))
signs = re.findall(r'<i class="fa [^"]*"></i>', html)
print(f"matplotlib {matplotlib.__version__}: {frames} frames embedded, {len(signs)} signs of buttons from {links}")
assert frames == 3 and len(links) == 1 and len(signs) == 9
PY
