"""A small site, built by the settings of the real one."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

TUTORIAL = '''# %% [markdown]
r"""# What is a parabola?

```
python tutorials/01_linear_regression/1_parabola.py
```

Measured with that command in 2 s on 2 CPU cores. Here it is, $x^2$; and longer than a phone is wide:

$$ y = x^2 + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x + 0 x $$
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(-1, 1, 50)
print("largest =", (x**2).max(), "." * 200)

# %% [markdown]
# ## Question 1: what does it look like?

# %%
fig, ax = plt.subplots()
ax.plot(x, x**2)

# %%
if "__file__" in globals():  # run as a script; a notebook has shown its figures already
    raise SystemExit
'''
INDEX = """# Small

```{toctree}
:hidden:
tutorials/01_linear_regression/1_parabola
functions
numbers
```

<!-- gallery -->
"""
API = """# Looking things up

```{eval-rst}
.. autofunction:: keras_course.course.find_entries
```
"""
PAGES = {
    "index.md": INDEX,
    "functions.md": API,
    "numbers.md": f"# Numbers\n\n| what | bar |\n| --- | --- |\n| {'a_long_name_' * 6} | <= 2 of the same |\n",
    "tutorials/README.md": "| `01_linear_regression/1_parabola.py` | What is a parabola? | 1 |\n",
    "tutorials/01_linear_regression/1_parabola.py": TUTORIAL,
}


def build(folder):
    """Builds the site in `folder`/html from `folder`/pages."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-q",
        "-E",
        "-c",
        str(ROOT / "docs"),
        "-d",
        str(folder / "doctrees"),
    ]
    command += ["-D", f"nb_execution_cache_path={folder / 'cache'}", str(folder / "pages"), str(folder / "html")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
