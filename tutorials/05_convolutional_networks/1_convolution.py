# %% [markdown]
r"""# What is a convolution, and what does a network compute instead?

Chapter 5 of the deck begins with sums: eq. 12 to 14 in one dimension, eq. 15 to 17 in two. Here each equation becomes a
few lines of code, drawn window by window, compared with NumPy and SciPy, and finally applied to a photograph.

```
python tutorials/05_convolutional_networks/1_convolution.py
```

Measured with that command in 9 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| eq. 12, largest difference from np.convolve | 0 | ± 0 |
| eq. 14, outputs left for N = 6 and M = 4 | 0 | ± 0 |
| np.convolve, outputs for N = 6 and M = 4 | 3 | ± 0 |
| first window of the sliding kernel | 9 | ± 0 |
| eq. 15, largest difference from scipy.signal.convolve2d | 0 | ± 0 |
| eq. 17, largest difference from the sum of three | 0 | ± 1e-12 |
| photograph, largest difference from scipy.signal.correlate2d | 0 | ± 1e-12 |
| photograph, variance left after the blur | 0.887 | ± 0.002 |
| pattern, similarity of the second place | 0.86 | ± 0.01 |
"""

# %%
import base64
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import numpy as np
import scipy.signal
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.colors import ListedColormap
from sklearn.datasets import load_sample_image

from keras_course.numerics.convolution import convolve_1d, convolve_2d, cross_correlate_1d, cross_correlate_2d

plt.rc("font", size=12)  # readable from the back row
LIT = "#fdc086"
CELLS = ListedColormap(["white", LIT])

# %% [markdown]
# ## Question 1: what does a convolution add up?
#
# $$(f * g)[n] = \sum_m f[m] \, g[n - m] \quad (12) \qquad\qquad (f * g)[n] = \sum_m f[n - m] \, g[m] \quad (13)$$
#
# The sums run over all integers, but only terms in which neither factor is 0 contribute. Here $f$ is defined on $\{0,
# \ldots, N\}$ with $N = 6$, and $g$ on $\{-M, \ldots, M\}$ with $M = 1$.

# %%
f = np.array([2, 0, 0, 3, 1, 0, 2])  # f[0] to f[6]
g = np.array([1, 3, 2])  # g[-1], g[0], g[1]
N, M = len(f) - 1, len(g) // 2


def at(values, index, first=0):
    """Returns the value at an index of a function that starts at `first` and is 0 outside its values."""
    place = index - first
    return values[place] if 0 <= place < len(values) else 0


everywhere = range(-M, N + M + 1)  # where a term isn't 0
eq_12 = [sum(at(f, m) * at(g, n - m, -M) for m in range(N + 1)) for n in everywhere]
eq_13 = [sum(at(f, n - m) * at(g, m, -M) for m in range(-M, M + 1)) for n in everywhere]
print("n       ", *(f"{n:3d}" for n in everywhere))
print("(f*g)[n]", *(f"{value:3d}" for value in eq_12))
np.testing.assert_array_equal(eq_12, eq_13)
np.testing.assert_array_equal(eq_12, convolve_1d(f, g, mode="full"))
print("eq. 12, largest difference from np.convolve =", np.abs(eq_12 - np.convolve(f, g)).max())

# %% [markdown]
# Why are the two the same? The next figure shows all terms $f[m] \, g[n - m]$ in one table, with one row per $m$ and
# one column per $n$.


# %%
def draw_grid(ax, values, title, lit=None):
    """Draws an array as cells with numbers, those where `lit` holds coloured; NaN is an empty cell."""
    height, width = np.shape(values)
    ax.pcolormesh(np.zeros((height, width)) if lit is None else lit, cmap=CELLS, vmin=0, vmax=1, edgecolors="0.5")
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            ax.text(column + 0.5, row + 0.5, f"{value:g}".replace("-", "−"), ha="center", va="center", fontsize=14)
    ax.set(aspect="equal", title=title, xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])


terms = np.array([[at(f, m) * at(g, n - m, -M) for n in everywhere] for m in range(N + 1)])
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 4.8), layout="constrained")
draw_grid(left, np.vstack([terms, eq_12]), "f[m] g[n − m]", lit=np.vstack([terms > 0, np.zeros(len(eq_12))]))
left.set_xticks(np.arange(len(eq_12)) + 0.5, labels=everywhere)
left.set_yticks(np.arange(N + 2) + 0.5, labels=[*range(N + 1), "sum"])
left.set(xlabel="n", ylabel="m")
floor = np.zeros(len(eq_12))
for m, hatch in zip(np.flatnonzero(f), ["", "//", "xx", ".."], strict=True):
    label = f"from f[{m}] = {f[m]}"
    right.bar(everywhere, terms[m], bottom=floor, color=f"C{m}", hatch=hatch, edgecolor="k", label=label)
    floor += terms[m]
right.set(xlabel="n", ylabel="(f * g)[n]", title="Each f[m] contributes a scaled copy of g")
right.legend()

# %% [markdown]
# **What to see.** Read along a row: $f[m]$ contributes a copy of $g$, centred at $m$ and multiplied by $f[m]$. The sum
# of all copies is eq. 12. Read down a column: the output at $n$ is a weighted sum of its neighbours. Because the copies
# of $g$ lie along the rows, the kernel appears *flipped* down a column: 2, 3, 1 at $n = 4$ (3·2 + 1·3 + 0·1). That is
# eq. 13, and the flip that confuses everyone at first. Where copies overlap (at 3, 4 and 5), they add up.
#
# ## Question 2: where are all terms defined?
#
# At the ends, $n = -1$ for instance, the kernel reaches beyond $f$, and we used 0 for the missing values. Eq. 14 keeps
# only those $n$ for which every index lies within $f$: $n - M \geq 0$ and $n + M \leq N$, so $n \in [M, N - M]$.


# %%
def eq_14(f, g):
    """Computes (f * g)[n] = Σ f[n - m] g[m], m = -M..M, for n in [M, N - M]; the list begins with n = M."""
    last, half = len(f) - 1, len(g) // 2  # N and M
    offsets = range(-half, half + 1)
    return [sum(f[n - m] * g[m + half] for m in offsets) for n in range(half, last - half + 1)]


np.testing.assert_array_equal(eq_14(f, g), np.convolve(f, g, mode="valid"))
np.testing.assert_array_equal(eq_14(f, g), convolve_1d(f, g))
print("eq. 14, n = 1 to 5:", *eq_14(f, g))

# %% [markdown]
# How long can the kernel be? The deck prints $M \leq N$. This allows $N = 6$ and $M = 4$, so let's try that:

# %%
long = np.ones(9, int)  # on {-4, ..., 4}
print("eq. 14, outputs left for N = 6 and M = 4 =", len(eq_14(f, long)))
print("np.convolve, outputs for N = 6 and M = 4 =", len(np.convolve(f, long, mode="valid")))
try:
    convolve_1d(f, long)
except ValueError as error:
    print("keras_course:", error)

# %%
LAST = 10  # N
fig, ax = plt.subplots(figsize=(9, 4.8), layout="constrained")
for half in range(LAST + 1):
    inner = np.arange(half, LAST - half + 1)
    ax.plot(inner, np.full(len(inner), half), "C0o", markersize=9)
    ax.text(LAST + 0.7, half, f"outputs: {len(inner)}", va="center")
ax.axhline(LAST / 2 + 0.5, color="k", label="2M ≤ N: below this line")
ax.axhline(LAST + 0.5, color="C1", linestyle="--", label="M ≤ N, as printed: below this line")
ax.set(xlabel="n, where eq. 14 has all its terms", ylabel="M, half-width of the kernel", ylim=(-0.7, 14.4))
ax.set(xlim=(-0.6, 13), title="f on {0, ..., 10}, g on {−M, ..., M}")
ax.set_xticks(range(LAST + 1))
ax.set_yticks(range(0, LAST + 1, 2))
ax.legend(loc="upper right")

# %% [markdown]
# **What to see.** Each increase of $M$ by 1 costs one output at each end. At $2M = N$ one output is left; beyond that,
# the interval $[M, N - M]$ is empty. The correct condition is $2M \leq N$. (`np.convolve` doesn't complain about a
# kernel that is too long: convolution is commutative, so it silently treats the longer input as the signal and returns
# three numbers that nobody asked for. The package's function raises an error.)
#
# ## Question 3: what does a network compute instead?
#
# "Be careful, this is the cross-correlation", says the deck above its example, and eq. 17 has $f[n + m]$ where eq. 13
# has $f[n - m]$. Nothing is flipped: the kernel is placed on the signal as it is, multiplied element by element,
# summed, and moved by one.

# %%
SIGNAL = np.array([1, 4, -1, 0, 2, -2, 1, 3, 3, 1])
KERNEL = np.array([1, 2, 0, -1])
OUTPUT = [sum(SIGNAL[n + m] * KERNEL[m] for m in range(4)) for n in range(len(SIGNAL) - 4 + 1)]
np.testing.assert_array_equal(OUTPUT, np.correlate(SIGNAL, KERNEL, mode="valid"))
np.testing.assert_array_equal(OUTPUT, cross_correlate_1d(SIGNAL, KERNEL))
print("first window of the sliding kernel =", OUTPUT[0])


def signed(value):
    """Returns a number as text, with a minus sign and not a hyphen."""
    return f"{value:g}".replace("-", "−")


def draw_cells(ax, row, values, first=0, lit=()):
    """Draws numbers in a row of cells, the first of them at x = `first`; the positions in `lit` are coloured."""
    for x, value in enumerate(values, start=first):
        colour = LIT if x in lit else "white"
        ax.add_patch(plt.Rectangle((x - 0.5, row - 0.36), 1, 0.72, facecolor=colour, edgecolor="0.5"))
        ax.text(x, row, signed(value), ha="center", va="center", fontsize=14)


# %%
def draw_window(ax, n):
    """Draws the kernel under its window n of the signal, and the outputs up to there."""
    ax.clear()
    window = range(n, n + len(KERNEL))
    draw_cells(ax, 0, SIGNAL, lit=window)
    draw_cells(ax, 1, KERNEL, first=n, lit=window)
    draw_cells(ax, 2, OUTPUT[: n + 1], lit=[n])
    factors = [f"({signed(value)})" if value < 0 else signed(value) for value in [*SIGNAL[window], *KERNEL]]
    products = " + ".join(f"{a}·{b}" for a, b in zip(factors[:4], factors[4:], strict=True))
    ax.set_title(f"n = {n}:  {products} = {signed(OUTPUT[n])}")
    ax.set(xlim=(-0.7, 9.7), ylim=(2.6, -0.6), xlabel="index")
    ax.set_xticks(range(10))
    ax.set_yticks([0, 1, 2], labels=["signal f", "kernel g", "output"])


fig, axes = plt.subplots(2, 2, figsize=(13, 6), layout="constrained")
for ax, n in zip(axes.flat, [0, 1, 2, 6], strict=True):
    draw_window(ax, n)

# %% [markdown]
# The next cell animates all seven windows. A script saves the animation next to the figures; a notebook plays it here.


# %%
def show_film(fig, draw, frames, name):
    """Saves an animated figure next to the others, or plays it in a notebook; the last frame stays longer."""
    film = FuncAnimation(fig, draw, frames=[*range(frames), frames - 1, frames - 1], interval=1000)
    script = "__file__" in globals()
    folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name if script else Path(mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{Path(__file__).stem if script else 'film'}_{name}.gif"
    film.save(path, writer=PillowWriter(fps=1), dpi=80)
    if script:
        print("figure:", path)
    else:
        from IPython.display import HTML, display

        picture = base64.b64encode(path.read_bytes()).decode()
        display(HTML(f'<img alt="film of all windows" src="data:image/gif;base64,{picture}">'))
    plt.close(fig)


fig, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
show_film(fig, lambda n: draw_window(ax, n), len(OUTPUT), "film_1d")

# %% [markdown]
# **What to see.** Each output is one dot product: how similar is this part of the signal to the kernel? A signal of ten
# numbers and a kernel of four give seven windows. Neural networks call this a convolution. It is a convolution with the
# flipped kernel, and when the kernel is *learned* that makes no difference: training finds the flipped kernel just as
# well. What is lost is commutativity:

# %%
np.testing.assert_array_equal(cross_correlate_1d(SIGNAL, KERNEL[::-1]), convolve_1d(SIGNAL, KERNEL))
short, other = SIGNAL[:5], KERNEL
print("convolution f * g      ", convolve_1d(short, other, mode="full"))
print("convolution g * f      ", convolve_1d(other, short, mode="full"))
print("cross-correlation f, g ", cross_correlate_1d(short, other, mode="full"))
print("cross-correlation g, f ", cross_correlate_1d(other, short, mode="full"), " the same, reversed")

# %% [markdown]
# ## Question 4: and on an image?
#
# Two indices instead of one, and $f[n_1 - m_1, n_2 - m_2]$ (eq. 15) or $f[n_1 + m_1, n_2 + m_2]$ (eq. 17). The first
# function implements eq. 15 literally. The second uses the convention that suits arrays: the *corner* of the window is
# at $n$ instead of its centre, so the kernel's indices start at 0.


# %%
def eq_15(f, g):
    """Computes Σ f[n₁ - m₁, n₂ - m₂] g[m₁, m₂] for n₁, n₂ in [M, N - M], images and kernels square."""
    last, half = len(f) - 1, len(g) // 2  # N and M
    inner, offsets = range(half, last - half + 1), range(-half, half + 1)
    at_n = [
        sum(f[n1 - m1, n2 - m2] * g[m1 + half, m2 + half] for m1 in offsets for m2 in offsets)
        for n1 in inner
        for n2 in inner
    ]
    return np.reshape(at_n, (len(inner), len(inner)))


def eq_17(f, g):
    """Computes Σ f[n₁ + m₁, n₂ + m₂] g[m₁, m₂], the corner of the window at n."""
    (height, width), (h, w) = f.shape, g.shape
    rows, columns = range(height - h + 1), range(width - w + 1)
    return np.array([[np.sum(f[n1 : n1 + h, n2 : n2 + w] * g) for n2 in columns] for n1 in rows])


# %%
image = np.random.default_rng(0).integers(0, 10, size=(5, 5))
kernel = np.array([[0, 1, 2], [2, 1, 0], [-1, 0, 1]])
np.testing.assert_array_equal(eq_15(image, kernel), convolve_2d(image, kernel))
np.testing.assert_array_equal(eq_17(image, kernel), cross_correlate_2d(image, kernel))
np.testing.assert_array_equal(eq_17(image, kernel), scipy.signal.correlate2d(image, kernel, mode="valid"))
np.testing.assert_array_equal(eq_17(image, kernel[::-1, ::-1]), eq_15(image, kernel))  # both axes flipped
difference = np.abs(eq_15(image, kernel) - scipy.signal.convolve2d(image, kernel, mode="valid")).max()
print("eq. 15, largest difference from scipy.signal.convolve2d =", difference)


def draw_window_2d(axes, number):
    """Draws window `number` of the image, counted row by row, the kernel, and the outputs up to there."""
    for ax in axes:
        ax.clear()
    n1, n2 = divmod(number, 3)
    lit = np.zeros((5, 5))
    lit[n1 : n1 + 3, n2 : n2 + 3] = 1
    outputs = eq_17(image, kernel).astype(float)
    outputs.flat[number + 1 :] = np.nan  # not computed yet
    draw_grid(axes[0], image, f"image, window at ({n1}, {n2})", lit)
    draw_grid(axes[1], kernel, "kernel", np.ones((3, 3)))
    draw_grid(axes[2], outputs, "output", np.arange(9).reshape(3, 3) == number)


# %%
fig, axes = plt.subplots(3, 3, figsize=(9, 8.6), width_ratios=(5, 3, 3), layout="constrained")
for row, number in zip(axes, [0, 1, 8], strict=True):
    draw_window_2d(row, number)
fig, axes = plt.subplots(1, 3, figsize=(9, 3.6), width_ratios=(5, 3, 3), layout="constrained")
show_film(fig, lambda number: draw_window_2d(axes, number), 9, "film_2d")

# %% [markdown]
# With numbers the flip is hard to see. A kernel with a shape shows it: the letter F, applied to an image with three
# bright pixels.

# %%
letter = np.array([[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
dots = np.zeros((14, 26))
dots[3, 4], dots[9, 12], dots[5, 21] = 1, 0.7, 0.4
panels = {
    "image f": dots,
    "kernel g": letter,
    "convolution, eq. 15": convolve_2d(dots, letter, mode="full"),
    "cross-correlation, eq. 17": cross_correlate_2d(dots, letter, padding=(4, 3)),
}
fig, axes = plt.subplots(2, 2, figsize=(10, 6), layout="constrained")
for ax, (title, picture) in zip(axes.flat, panels.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xlabel="column (pixels)", ylabel="row (pixels)")
    ax.set_xticks(range(0, picture.shape[1], 1 if picture is letter else 5))
    ax.set_yticks(range(0, picture.shape[0], 1 if picture is letter else 5))

# %% [markdown]
# **What to see.** The convolution puts a copy of the kernel at every bright pixel, scaled by the pixel's brightness.
# That is eq. 12 again, one copy per value. The cross-correlation puts copies rotated by 180 degrees (not mirrored: both
# axes are flipped). A network's "convolution" is the one at the lower right.
#
# ## Question 5: what about colour images?
#
# A colour image has three values per pixel, $f[n_1, n_2, k]$, and the kernel has three slices. Eq. 16 and 17 also sum
# over the channels, so three input channels give *one* output channel. The deck lets $k$ run from 0 to 3, which would
# be four terms:

# %%
flower = load_sample_image("flower.jpg") / 255  # (427, 640, 3), in [0, 1]
print("shape", flower.shape)
try:
    print([flower[0, 0, k] for k in range(0, 3 + 1)])  # k = 0, 1, 2, 3, as printed
except IndexError as error:
    print("k = 0..3:", error)
print("k = 0..2:", [round(float(flower[0, 0, k]), 2) for k in range(3)])

# %%
channels = flower.transpose(2, 0, 1)  # channels first, as in eq. 18: (3, 427, 640)
box = np.ones((5, 5)) / 25
red_not_green = np.stack([box, -box, 0 * box])  # (3, 5, 5)
answer = cross_correlate_2d(channels, red_not_green)
one_by_one = [scipy.signal.correlate2d(channels[k], red_not_green[k], mode="valid") for k in range(3)]
print(f"eq. 17, largest difference from the sum of three = {np.abs(answer - sum(one_by_one)).max():.1e}")

print("channels in:", len(channels), " channels out: 1, of shape", answer.shape)

# %%
fig, axes = plt.subplots(2, 3, figsize=(13, 6.2), layout="constrained")
pictures = dict(zip(["k = 0, red", "k = 1, green", "k = 2, blue"], channels, strict=True))
brightness = cross_correlate_2d(channels, np.stack([box, box, box]) / 3)
pictures |= {"photograph": flower, "equal slices: brightness": brightness}
for ax, (title, picture) in zip(axes.flat, pictures.items(), strict=False):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(title)
drawn = axes[1, 2].imshow(answer, cmap="RdBu_r", vmin=-0.8, vmax=0.8)
axes[1, 2].set_title("red minus green")
fig.colorbar(drawn, ax=axes[1, 2], label="output")
for ax in axes.flat:
    ax.set_axis_off()

# %% [markdown]
# **What to see.** Three maps go in, one comes out. A kernel with three equal slices responds to brightness only. The
# kernel "red minus green", $+$ on the first slice and $-$ on the second, responds positively to the flower and
# negatively to the leaves. The response is strongest at the *centre* of the flower, which is its darkest part: deep
# orange has much less green than red. No single channel shows that.
#
# ## Question 6: what can one kernel do to a photograph?
#
# We choose the weights by hand. A kernel with positive weights that sum to 1 averages: it blurs. A kernel whose weights
# sum to 0 gives 0 where the image is uniform: it detects edges.

# %%
photograph = load_sample_image("china.jpg") / 255
grey = photograph @ [0.299, 0.587, 0.114]  # (427, 640), the weights of television's luma
bell = np.exp(-(np.arange(-6, 7) ** 2) / (2 * 2.5**2))  # a Gaussian with a standard deviation of 2.5 pixels
blur = np.outer(bell, bell) / bell.sum() ** 2
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])

answers = {
    "photograph": grey,
    "blur: Gaussian, 13x13": cross_correlate_2d(grey, blur),
    "sharpen: 5 in the middle, −1 around": cross_correlate_2d(grey, sharpen),
    "left-right differences (Sobel)": cross_correlate_2d(grey, sobel),
    "top-bottom differences (Sobel)": cross_correlate_2d(grey, sobel.T),
}
edges = np.hypot(*list(answers.values())[3:])  # not a convolution: a square and a root
difference = np.abs(answers["left-right differences (Sobel)"] - scipy.signal.correlate2d(grey, sobel, mode="valid"))
print(f"photograph, largest difference from scipy.signal.correlate2d = {difference.max():.1e}")
flipped = cross_correlate_2d(grey, sobel[::-1, ::-1])
np.testing.assert_allclose(flipped, -cross_correlate_2d(grey, sobel), atol=1e-12)  # convolution: the sign alone
print(f"photograph, variance left after the blur = {answers['blur: Gaussian, 13x13'].var() / grey.var():.3f}")

# %%
fig, axes = plt.subplots(2, 3, figsize=(14, 7), layout="constrained")
for ax, (title, picture) in zip(axes.flat, [*answers.items(), ("strength of the edges", edges)], strict=True):
    low, high = (-2, 2) if "differences" in title else (0, 2) if "edges" in title else (0, 1)  # black, white
    ax.imshow(picture, cmap="gray", vmin=low, vmax=high)
    ax.set_title(title)
    ax.set_axis_off()

# %% [markdown]
# **What to see.** The blur removes the leaves and the columns and keeps the large shapes, and with them 89 % of the
# variance. Sharpening does the opposite: it adds to each pixel its difference from its neighbours. The Sobel outputs
# are grey (0) in the sky, bright where the image gets brighter to the right (or downward) and dark where it gets
# darker: the left one shows the columns, the middle one the eaves. As true convolutions, with flipped kernels, both
# would only change sign. The last picture is not a convolution: it is the root of the sum of their squares.
#
# ### The kernel as a pattern detector
#
# An output is a dot product, and it is large where the window looks like the kernel. So we can use a piece of the
# photograph as a kernel that searches for itself. For a fair comparison we subtract the mean from both and divide by
# their lengths, which makes the output a cosine: 1 for a perfect match. All sums over windows are cross-correlations
# again.


# %%
def similarity(image, pattern):
    """Returns the cosine between the pattern and each window of the image, both without their mean."""
    g, ones = pattern - pattern.mean(), np.ones(pattern.shape)
    squares = cross_correlate_2d(image**2, ones) - cross_correlate_2d(image, ones) ** 2 / g.size
    lengths = np.sqrt(np.maximum(squares, 1e-6) * np.sum(g**2))  # 1e-6 where the sky is uniform
    return cross_correlate_2d(image, g) / lengths


half = grey[:426].reshape(213, 2, 320, 2).mean(axis=(1, 3))  # half the size: means of 2x2 pixels
TOP, LEFT, SIDE = 142, 95, 16
pattern = half[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
cosines = similarity(half, pattern)
left_over, found = cosines.copy(), []
for _ in range(7):  # the largest, then the largest at least half a pattern away from the previous ones
    top, left = (int(place) for place in np.unravel_index(left_over.argmax(), left_over.shape))
    found.append((top, left))
    left_over[max(top - SIDE // 2, 0) : top + SIDE // 2, max(left - SIDE // 2, 0) : left + SIDE // 2] = -1
print("cut out at", (TOP, LEFT), "and found at", found[0], "with the cosine", cosines[found[0]].round(6))
print(f"pattern, similarity of the second place = {cosines[found[1]]:.2f}")
print(f"photograph, median similarity of all places = {np.median(cosines):.2f}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(15, 3.8), width_ratios=(3, 1.8, 3.5), layout="constrained")
axes[0].imshow(half, cmap="gray", vmin=0, vmax=1)
for number, (top, left) in enumerate(found):
    look = {"edgecolor": "C1", "linewidth": 3} if number == 0 else {"edgecolor": "white", "linewidth": 1.5}
    axes[0].add_patch(plt.Rectangle((left, top), SIDE, SIDE, fill=False, **look))
axes[0].set_title("orange: cut out; white: the next six")
axes[1].imshow(pattern, cmap="gray")  # from its darkest to its brightest pixel
axes[1].set_title("the kernel, 16x16")
drawn = axes[2].imshow(cosines, cmap="RdBu_r", vmin=-1, vmax=1)
axes[2].set_title("similarity")
fig.colorbar(drawn, ax=axes[2], label="cosine")
for ax in axes:
    ax.set_axis_off()

# %% [markdown]
# **What to see.** The kernel is a piece of a carved arch under the lowest roof. The largest output, 1, is where it was
# cut out. The next six are all arches of the two colonnades, some half in shadow: the cosine is invariant to brightness
# and contrast. This is the idea of a convolution layer: a filter detects a pattern, and its map shows where the pattern
# occurs. In the rest of this chapter a network learns the patterns.
#
# ## Exercises
# 1. Blur with `bell / bell.sum()` as a 1x13 kernel, then as a 13x1 kernel. The result equals that of the 13x13 kernel
#    (why?), with 26 multiplications per pixel instead of 169.
# 2. Convolve twice: $(f * g) * h$ and $f * (g * h)$ with `mode="full"`. Are they equal? What about cross-correlations?
#    So two convolution layers with nothing in between are equivalent to one: what does a network need between them?
# 3. Add Gaussian noise of standard deviation 0.2 to the photograph and average over 5x5 windows. By what factor does
#    the variance of the noise fall where the sky is uniform, and what happens to the edges?
# 4. Leave out the mean and the length in `similarity`, so that only `cross_correlate_2d(image, pattern)` remains. Where
#    is the maximum now, and what is special about that window?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The largest difference is 8e-16. The kernel is the outer product of a column and a row, so the sum over both
#    indices is a sum over one of sums over the other.
# 2. Equal for convolutions (difference 0 on integers), not for cross-correlations (up to 258). But two
#    cross-correlations are one, with the *convolution* of the two kernels (difference 0). Between two layers a network
#    needs something that is not linear.
# 3. The variance falls by a factor of 25.6: 25 independent values are averaged. The steepest step between neighbours
#    falls from 0.90 to 0.16: edges become ramps.
# 4. In a window that is bright and uniform: its mean is 0.987, the largest of any window 0.987, its standard deviation
#    0.005 (the pattern's are 0.15 and 0.12). The pattern has positive numbers only, so what is bright answers most.
#
# </details>

# %%
if "__file__" in globals():  # run as a script; a notebook has shown its figures already
    folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name
    folder.mkdir(parents=True, exist_ok=True)
    for number in plt.get_fignums():
        path = folder / f"{Path(__file__).stem}_{number:02d}.png"
        plt.figure(number).savefig(path, dpi=150)
        print("figure:", path)
