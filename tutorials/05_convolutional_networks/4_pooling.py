# %% [markdown]
r"""# What does pooling keep, and what does it throw away?

"The goal of the pooling is to concentrate the information in a down-sampled input representation" (deck, chapter 5).
Here we apply max and average pooling to small arrays and to a photograph, forward and backward. Then we measure the
invariance to small shifts that pooling is known for, and compare it with a strided convolution.

```
python tutorials/05_convolutional_networks/4_pooling.py
```

Measured with that command in 30 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| max pooling, largest difference from Keras | 0 | ± 0 |
| average pooling, largest difference from Keras | 0 | ± 1e-12 |
| average pooling, largest difference from a convolution | 0 | ± 1e-12 |
| settings whose output size Keras confirms | 360 | ± 0 |
| max pooling 16x16, mean brightness | 0.763 | ± 0.001 |
| average pooling 16x16, mean brightness | 0.468 | ± 0.001 |
| Max pooling, gradient, largest difference from tf.GradientTape | 0 | ± 1e-12 |
| Average pooling, gradient, largest difference from tf.GradientTape | 0 | ± 1e-12 |
| overlapping areas, gradient of the pixel in the middle | 5 | ± 0 |
| photograph, maximum: share of the pixels with a gradient | 0.25 | ± 0 |
| photograph, areas of which all pixels are 0 | 0.20 | ± 0.01 |
| stride, size 4, change by a shift of 1 pixel | 0.58 | ± 0.01 |
| max, size 4, change by a shift of 1 pixel | 0.21 | ± 0.01 |
| average, size 4, change by a shift of 1 pixel | 0.20 | ± 0.01 |
| stride, test accuracy, digits moved by 2 | 0.14 | ± 0.15 |
| max, test accuracy, digits moved by 2 | 0.36 | ± 0.2 |
| max, then global, test accuracy, digits moved by 0 | 0.97 | ± 0.04 |
| max, then global, test accuracy, digits moved by 1 | 0.82 | ± 0.15 |
| max, then global, test accuracy, digits moved by 2 | 0.97 | ± 0.04 |
"""

# %%
import base64
from pathlib import Path
from tempfile import mkdtemp

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.colors import ListedColormap
from sklearn.datasets import load_sample_image

from keras_course.data import load_images
from keras_course.numerics.convolution import (
    average_pool_2d,
    average_pool_2d_gradient,
    cross_correlate_2d,
    max_pool_2d,
    max_pool_2d_gradient,
    output_size,
)

plt.rc("font", size=12)  # readable from the back row
AREAS = ListedColormap(["white", "#a6cee3", "#fdc086", "#35978f"])
rng = np.random.default_rng(0)

# %% [markdown]
# ## Question 1: what does a pooling layer compute?
#
# The input of $C \times (rh) \times (sw)$ is divided into areas of $h \times w$; each becomes one number:
#
# $$o_{c,j,i} = \max_{n<h,\,m<w} x_{c,\,hj+n,\,wi+m} \qquad\text{or}\qquad
# o_{c,j,i} = \frac{1}{hw} \sum_{n=0}^{h-1} \sum_{m=0}^{w-1} x_{c,\,hj+n,\,wi+m}.$$
#
# The deck prints $x_{c,j+n,i+m}$, that is, areas one pixel apart. That would give $rh - h + 1$ rows instead of the $r$
# rows that it states. Adjacent areas start at $hj$ and $wi$. In NumPy, a `reshape` divides the input.


# %%
def cut(x, h, w):
    """Returns the areas of x (C, rh, sw), each flattened; shape (C, r, s, hw)."""
    channels, height, width = x.shape
    areas = x.reshape(channels, height // h, h, width // w, w).swapaxes(2, 3)  # (C, r, s, h, w)
    return areas.reshape(*areas.shape[:3], h * w)


x = np.array([[[1, 3, 2, 0, 4, 1], [5, 2, 1, 7, 0, 2], [0, 6, 8, 3, 2, 2], [1, 1, 2, 9, 1, 3]]])  # (1, 4, 6)
maxima, means = cut(x, 2, 2).max(axis=-1), cut(x, 2, 2).mean(axis=-1)
np.testing.assert_array_equal(maxima, max_pool_2d(x, 2))
np.testing.assert_array_equal(means, average_pool_2d(x, 2))
last = x.transpose(1, 2, 0)[np.newaxis].astype("float64")  # Keras: batch first, channels last
for name, ours, pool in [("max", maxima, keras.layers.MaxPooling2D), ("average", means, keras.layers.AveragePooling2D)]:
    theirs = np.asarray(pool(2, dtype="float64")(last))[0].transpose(2, 0, 1)
    print(f"{name} pooling, largest difference from Keras = {np.abs(ours - theirs).max():g}")
printed = max_pool_2d(x, 2, stride=1)  # x[c, j + n, i + m]
print("side by side:", maxima.shape, " as printed:", printed.shape, " announced: (1, 2, 3)")


# %%
def draw_grid(ax, values, title, colours=None):
    """Draws an array as cells with numbers; NaN is an empty cell."""
    height, width = values.shape
    colours = np.zeros(values.shape) if colours is None else colours
    ax.pcolormesh(colours, cmap=AREAS, vmin=0, vmax=3, edgecolors="0.5")
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            text = f"{value + 0:g}".replace("-", "−")  # + 0 makes 0 of -0
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=14)
    ax.set(aspect="equal", xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    ax.set_title(title, fontsize=14)


def draw_area(axes, number):
    """Draws area `number` of x, counted row by row, and the outputs up to there."""
    j, i = divmod(number, 3)
    lit = np.kron(np.arange(6).reshape(2, 3) == number, np.ones((2, 2)))
    for ax, values, title in zip(axes, (x, maxima, means), ("input", "maximum", "mean"), strict=True):
        ax.clear()
        if values is x:
            draw_grid(ax, x[0], f"{title}, area ({j}, {i})", 2 * lit)
            continue
        shown = values[0].astype(float)
        shown.flat[number + 1 :] = np.nan  # not computed yet
        draw_grid(ax, shown, title, 2 * (np.arange(6).reshape(2, 3) == number))


# %%
fig, axes = plt.subplots(3, 3, figsize=(9, 8), width_ratios=(6, 3, 3), layout="constrained")
for row, number in zip(axes, [0, 1, 5], strict=True):
    draw_area(row, number)

# %% [markdown]
# The next cell animates all areas; a script saves the animation next to the figures, a notebook plays it here:

# %%
fig, axes = plt.subplots(1, 3, figsize=(10, 3.4), width_ratios=(6, 3, 3), layout="constrained")
film = FuncAnimation(fig, lambda number: draw_area(axes, number), frames=[*range(6), 5, 5], interval=1000)
script = "__file__" in globals()
folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name if script else Path(mkdtemp())
folder.mkdir(parents=True, exist_ok=True)
path = folder / f"{Path(__file__).stem if script else '4_pooling'}_film.gif"
film.save(path, writer=PillowWriter(fps=1), dpi=80)
if script:
    print("figure:", path)
else:
    from IPython.display import HTML, display

    picture = base64.b64encode(path.read_bytes()).decode()
    display(HTML(f'<img alt="film of all areas" src="data:image/gif;base64,{picture}">'))
plt.close(fig)

# %% [markdown]
# **What to see.** Four numbers become one, without any parameters to learn, and each channel is pooled separately. The
# deck calls pooling "very similar in its formulation to convolution": average pooling *is* a convolution, with stride
# $h$, as many groups as channels, and every weight $1/(hw)$. Max pooling is not, because it isn't linear: the maximum
# of a sum is not the sum of the maxima.

# %%
maps = rng.normal(size=(5, 12, 15))
weights = np.full((5, 1, 3, 3), 1 / 9)  # 5 filters of one channel
as_convolution = cross_correlate_2d(maps, weights, stride=3, groups=5)
difference = np.abs(as_convolution - average_pool_2d(maps, 3)).max()
print(f"average pooling, largest difference from a convolution = {difference:.1e}")

# %% [markdown]
# ### How large is the output?
#
# The formula is that of the convolution layer, with the area as the kernel. Rows and columns that don't fill an area
# are dropped. Areas can overlap: AlexNet's are 3x3 with stride 2.

# %%
checked = 0
for size, area, stride in np.ndindex(20, 5, 4):
    size, area, stride = size + 1, area + 1, stride + 1
    if area <= size:
        pool = keras.layers.MaxPooling2D(area, strides=stride)
        expected = output_size(size, area, stride=stride)
        np.testing.assert_equal(pool.compute_output_shape((1, size, size, 1)), (1, expected, expected, 1))
        checked += 1
print("settings whose output size Keras confirms =", checked)
for size, area, stride in [(28, 2, 2), (7, 2, 2), (55, 3, 2), (7, 7, 7)]:
    print(f"{size} pixels, area {area}, stride {stride}: {output_size(size, area, stride=stride)}")

# %% [markdown]
# ## Question 2: what does pooling do to a photograph?

# %%
grey = load_sample_image("china.jpg") @ [0.299, 0.587, 0.114] / 255
scene = grey[60:316, 120:376]  # 256x256
POOLS = {"max": max_pool_2d, "average": average_pool_2d}
fig, axes = plt.subplots(2, 4, figsize=(13, 7), layout="constrained")
for row, (name, pool) in zip(axes, POOLS.items(), strict=True):
    for ax, size in zip(row, [1, 4, 8, 16], strict=True):
        pooled = pool(scene[np.newaxis], size)[0]
        ax.imshow(pooled, cmap="gray", vmin=0, vmax=1)
        ax.set_title(f"{name}, {size}x{size}" if size > 1 else "photograph", fontsize=13)
        ax.set_axis_off()
        print(f"{name} pooling {size}x{size}, mean brightness = {pooled.mean():.3f}")

# %% [markdown]
# **What to see.** Average pooling keeps the mean brightness, 0.47 at every size, and looks like the photograph seen
# from far away. Max pooling makes everything brighter: bright lines such as the balustrade become broad bands, narrow
# dark ones such as the outline of the roofs disappear, and at 16x16 the mean is 0.76. It is not a good way to downsize
# a photograph.
#
# But a network doesn't pool photographs. It pools feature maps: filter responses, cut off at 0 by ReLU. In these, most
# pixels are 0 and a few are large.

# %%
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
filters = np.stack([sobel, -sobel, sobel.T, -sobel.T])[:, np.newaxis]  # (4, 1, 3, 3): four directions
relu_maps = np.maximum(cross_correlate_2d(scene[np.newaxis], filters), 0)[:, :248, :248]  # (4, 248, 248)
fig, axes = plt.subplots(1, 4, figsize=(14, 3.9), layout="constrained")
pictures = {
    "ReLU of left-right differences": relu_maps[0],
    "every 8th pixel (stride 8)": relu_maps[0, ::8, ::8],
    "max, 8x8": max_pool_2d(relu_maps, 8)[0],
    "average, 8x8": average_pool_2d(relu_maps, 8)[0],
}
for ax, (title, picture) in zip(axes, pictures.items(), strict=True):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=2)
    ax.set_title(title, fontsize=13)
    ax.set_axis_off()
    print(f"{title}: mean {picture.mean():.2f}, largest {picture.max():.2f}")

# %% [markdown]
# **What to see.** The stride keeps one pixel in 64 and hits an edge only by luck: the outlines of the roofs turn into
# dots. The maximum says how strong the strongest edge in each area of 8x8 pixels is. No edge is lost, but its position
# is known only to within 8 pixels. The mean dilutes: a strong edge one pixel wide counts little among 64 pixels, and
# the tiled roofs and the columns, which have many edges, come out brightest. Max pooling answers "is it there?",
# average pooling "how much of it is there?".
#
# ## Question 3: which pixels get the gradient?
#
# Let $F$ be the loss. With *average* pooling, each pixel changes the output by $1/(hw)$ of its own change, so each gets
# that share of $\partial F / \partial o$. With *max* pooling, only the largest pixel determines the output, so it gets
# everything. If several pixels are equal, a rule has to choose; here and in TensorFlow it is the first.


# %%
def join(areas, h, w):
    """Puts areas (C, r, s, hw) together again; shape (C, rh, sw)."""
    channels, r, s, _ = areas.shape
    return areas.reshape(channels, r, s, h, w).swapaxes(2, 3).reshape(channels, r * h, s * w)


g = np.array([[[1.0, 2, -3], [4, -2, 5]]])  # ∂F/∂o, (1, 2, 3)
winners = np.eye(4)[cut(x, 2, 2).argmax(axis=-1)]  # (1, 2, 3, 4): 1 at the first maximum of each area
to_max = join(winners * g[..., np.newaxis], 2, 2)
to_average = join(np.full((1, 2, 3, 4), 1 / 4) * g[..., np.newaxis], 2, 2)
np.testing.assert_array_equal(to_max, max_pool_2d_gradient(g, x, 2))
np.testing.assert_array_equal(to_average, average_pool_2d_gradient(g, x.shape, 2))


def tape_gradient(layer, x, g):
    """Returns ∂F/∂x of a Keras layer for ∂F/∂o = g, by TensorFlow."""
    inputs = tf.Variable(np.asarray(x, float).transpose(1, 2, 0)[np.newaxis])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(inputs) * g.transpose(1, 2, 0))
    return tape.gradient(loss, inputs).numpy()[0].transpose(2, 0, 1)


for name, pool, ours in [("Max", "MaxPooling2D", to_max), ("Average", "AveragePooling2D", to_average)]:
    layer = getattr(keras.layers, pool)(2, dtype="float64")
    difference = np.abs(tape_gradient(layer, x, g) - ours).max()
    print(f"{name} pooling, gradient, largest difference from tf.GradientTape = {difference:g}")

# %%
areas = np.array([[1, 2, 3], [3, 1, 2]])  # one colour per area
colours = np.kron(areas, np.ones((2, 2)))
won = join(winners, 2, 2)[0]
fig, axes = plt.subplots(1, 4, figsize=(14, 3.6), width_ratios=(6, 3.4, 6, 6), layout="constrained")
draw_grid(axes[0], x[0], "input; coloured: the first maximum", colours * won)
draw_grid(axes[1], g[0], "∂F/∂o", areas)
draw_grid(axes[2], to_max[0], "∂F/∂x, max pooling", colours * won)
draw_grid(axes[3], to_average[0], "∂F/∂x, average pooling", colours)

# %% [markdown]
# **What to see.** The sum is the same in both: 7 arrives and 7 is passed on. Max pooling sends it to six pixels,
# average pooling spreads it over all 24. Where areas overlap, a pixel can be the maximum of several areas and gets the
# sum of their gradients: in the next example, the 9 in the middle is the maximum of all four areas of 3x3 with stride
# 2.

# %%
peak = np.array([[[1, 2, 0, 3, 1], [0, 4, 1, 2, 2], [3, 1, 9, 0, 1], [2, 5, 1, 6, 0], [1, 0, 2, 1, 3]]])
g = np.array([[[1.0, 2], [4, -2]]])
overlapping = max_pool_2d_gradient(g, peak, 3, stride=2)
layer = keras.layers.MaxPooling2D(3, strides=2, dtype="float64")
np.testing.assert_allclose(overlapping, tape_gradient(layer, peak, g), atol=1e-12)
print("overlapping areas, gradient of the pixel in the middle =", overlapping[0, 2, 2])

g = rng.normal(size=(4, 124, 124))
gradients = {
    "maximum": max_pool_2d_gradient(g, relu_maps, 2),
    "mean": average_pool_2d_gradient(g, relu_maps.shape, 2),
}
for name, gradient in gradients.items():
    print(f"photograph, {name}: share of the pixels with a gradient = {np.mean(gradient != 0):.2f}")
tied = np.mean(cut(relu_maps, 2, 2).max(axis=-1) == 0)
print(f"photograph, areas of which all pixels are 0 = {tied:.2f}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(12.4, 4.2), layout="constrained")
part = (0, slice(100, 140), slice(100, 140))
axes[0].imshow(relu_maps[part], cmap="gray", vmin=0, vmax=2)
axes[0].set_title("feature map, 40x40 pixels of it", fontsize=13)
for ax, (name, gradient) in zip(axes[1:], gradients.items(), strict=True):
    drawn = ax.imshow(gradient[part], cmap="RdBu_r", vmin=-2, vmax=2)
    ax.set_title(f"∂F/∂x, {name}", fontsize=13)
fig.colorbar(drawn, ax=axes, label="gradient", shrink=0.8)
for ax in axes:
    ax.set_axis_off()

# %% [markdown]
# **What to see.** With max pooling one pixel in four has a gradient, and along the tiles these pixels follow the ridges
# of the map: the strongest response gets the update. With average pooling all four get a quarter each. In a fifth of
# the areas all pixels are 0 after ReLU, and the rule picks the first of them; that does no harm, because ReLU passes no
# gradient on there.
#
# ## Question 4: is pooling invariant to a small shift?
#
# We take the four maps of a crop of 64x64 pixels, and those of the crop $s$ pixels to its right. Both come from a real
# photograph, so nothing has to be filled in at the border. We reduce both in the same way and compare: $0$ means that
# nothing has changed, $1$ that the two are as different as two unrelated crops. The *strided* convolution computes only
# every $k$-th pixel of the map, so it samples the map on a grid:

# %%
strided = cross_correlate_2d(scene[np.newaxis], filters, stride=4)
np.testing.assert_allclose(strided, cross_correlate_2d(scene[np.newaxis], filters)[:, ::4, ::4], atol=1e-12)
REDUCE = {
    "stride": lambda maps, size: maps[:, ::size, ::size],
    "max": max_pool_2d,
    "average": average_pool_2d,
}
SHIFTS, PIECE, PIECES = np.arange(9), 64, 150
whole = np.maximum(cross_correlate_2d(grey[np.newaxis], filters), 0)  # (4, 425, 638)
tops = rng.integers(0, whole.shape[1] - PIECE, size=PIECES)
lefts = rng.integers(0, whole.shape[2] - PIECE - SHIFTS[-1], size=PIECES)


def pieces(shift):
    """Returns the maps of all crops, moved to the right by `shift` pixels; shape (pieces * 4, 64, 64)."""
    corners = zip(tops, lefts + shift, strict=True)
    return np.concatenate([whole[:, top : top + PIECE, left : left + PIECE] for top, left in corners])


def changes(reduce, size):
    """Returns the change for each shift, relative to that between unrelated crops; shape (shifts,)."""
    first, *others = (reduce(pieces(shift), size).reshape(PIECES, -1) for shift in SHIFTS)
    unrelated = np.linalg.norm(first - np.roll(first, 1, axis=0), axis=1).mean()
    return np.array([0, *(np.linalg.norm(other - first, axis=1).mean() / unrelated for other in others)])


# %%
sizes = [1, 2, 4, 8, 16]
change = {(name, size): changes(reduce, size) for name, reduce in REDUCE.items() for size in sizes}
for name in REDUCE:
    print(f"{name}, size 4, change by a shift of 1 pixel = {change[name, 4][1]:.2f}")
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), sharey=True, layout="constrained")
for name, style in zip(REDUCE, ["C1s-", "C0o-", "C2^-"], strict=True):
    left.plot(SHIFTS, change[name, 4], style, label=name)
    right.plot(sizes, [change[name, size][1] for size in sizes], style, label=name)
left.axhline(1, color="grey", linestyle=":", label="unrelated crop")
left.set(xlabel="shift (pixels)", ylabel="change of the output", title="Reduced 4x4")
right.set(xlabel="size of the area or stride (pixels)", xscale="log", title="Shift by 1 pixel")
right.set_xticks(sizes, labels=sizes)
right.minorticks_off()
left.legend()

# %% [markdown]
# **What to see.** Left: after a shift by a single pixel, the strided output has changed by more than half as much as it
# would for an unrelated crop, because edges one pixel wide fall between the grid points. Max and average pooling over
# 4x4 change by a fifth. Their change grows with the shift too, to about a half at 4 pixels, the size of the area: they
# are invariant only to *small* shifts, and only approximately. Right: larger areas are more tolerant. A larger stride
# is not, because it still samples single pixels. (Max and average hardly differ here, although the maximum jumps and
# the mean doesn't.)
#
# ## Question 5: does it matter to a network?
#
# We train networks on digits in the middle of a 16x16 canvas and test them on shifted digits. Three networks differ
# only in how they halve their maps after each of two convolutions. A fourth one ends with the maximum over the *whole*
# map, that is, with a pooling area as large as the map (global max pooling).

# %%
CANVAS = 16
data = load_images("digits", validation_fraction=0)


def canvases(examples, shift=0):
    """Returns the digits in the middle of a canvas, moved to the right; shape (n, 16, 16, 1)."""
    canvas = np.zeros((len(examples.labels), CANVAS, CANVAS, 1), np.float32)
    canvas[:, 4:12, 4 + shift : 12 + shift] = np.asarray(examples.images, np.float32) / 255
    return canvas


def build(kind):
    """Builds a network of two convolutions that halves its maps by the given kind of reduction."""
    x = inputs = keras.Input((CANVAS, CANVAS, 1), name="image")
    pools = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}
    for number, filters in enumerate((16, 32), start=1):
        strides = 2 if kind == "stride" else 1
        x = keras.layers.Conv2D(filters, 3, strides, "same", activation="relu", name=f"conv{number}")(x)
        if kind != "stride":
            x = pools.get(kind, keras.layers.MaxPooling2D)(2, name=f"pool{number}")(x)
    x = keras.layers.GlobalMaxPooling2D()(x) if kind == "max, then global" else keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(data.num_classes, name="logits")(x))


# %%
MOVES = range(-4, 5)
KINDS = {"stride": "C1s-", "max": "C0o-", "average": "C2^-", "max, then global": "C4D-"}
accuracies = {}
for kind in KINDS:
    runs = []
    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        model = build(kind)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(3e-3), loss)
        model.fit(canvases(data.train_examples), data.train_examples.labels, batch_size=64, epochs=12, verbose=0)
        moved = np.concatenate([canvases(data.test_examples, move) for move in MOVES])
        answers = model.predict(moved, batch_size=512, verbose=0).argmax(axis=-1).reshape(len(MOVES), -1)
        runs.append(np.mean(answers == data.test_examples.labels, axis=1))
    accuracies[kind] = np.mean(runs, axis=0)
    for move in (0, 1, 2):
        print(f"{kind}, test accuracy, digits moved by {move} = {accuracies[kind][4 + move]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
for kind, style in KINDS.items():
    ax.plot(MOVES, accuracies[kind], style, label=kind)
ax.axhline(0.1, color="grey", linestyle=":", label="guessing")
ax.set(xlabel="digits moved to the right by (pixels)", ylabel="test accuracy", ylim=(0, 1.03))
ax.legend()

# %% [markdown]
# **What to see.** The first three networks no longer recognise most digits that have moved by two pixels. Pooling in
# the middle of the network helps a little, max pooling the most, but it tolerates only a pixel or so, and the dense
# weights after it expect each feature at a fixed position. (With two training runs each, differences below about 0.1
# mean nothing.) The fourth network is as good after a shift by 2 or 4 as without one: the convolutions shift their maps
# along with the image (equivariance), and the maximum over the whole map ignores the position (invariance). Together
# they make a network independent of position. It isn't perfect: after an odd shift, the 2x2 grid of the first pooling
# hits the digit differently, and the accuracy drops by 0.15.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start max_pool_gradient`. Then explore:
#
# 1. Blur before subsampling: reduce by max pooling with `stride=1`, then average pooling with `stride=4`. Where is its
#    curve in question 4? (Zhang 2019, arXiv:1904.11486.)
# 2. Give `keras.layers.AveragePooling2D(2, padding="same")` an image of 3x3 ones. What does it divide by at the
#    border? Compare with zeros around the image and `average_pool_2d`.
# 3. Train the four networks on digits moved at random by up to 4 pixels. Do they still differ?
# 4. Pool with the root of the mean square, $\sqrt{\frac{1}{hw} \sum x^2}$. Which pixels get its gradient? Check your
#    formula with `tf.GradientTape`, and find its curve in question 4.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Below the others: a shift of 1 pixel changes it by 0.11, that of 4 by 0.34, compared with 0.21 and 0.46 for max
#    pooling and 0.20 and 0.52 for average pooling over 4x4. At a size of 2 it is 0.30 instead of 0.42, at 8 it is 0.05
#    instead of 0.13. Each output now depends on 7x7 pixels, and two neighbouring outputs share some of them.
# 2. By the number of pixels that are there: 4, 2, 2 and 1, so all four outputs are 1. With zeros around the image,
#    `average_pool_2d` divides by 4 everywhere and gives 1, 0.5, 0.5 and 0.25: a dark border.
# 3. Yes, but far less. Each training digit was moved once, by up to 4 pixels to the left or right. The test accuracy,
#    the mean over the nine positions and two seeds (0 and 1), is 0.91 with strides, 0.95 with max and 0.88 with average
#    pooling, and 0.97 with the global maximum, which needs half of the parameters (5,130 instead of 9,930). The drop of
#    the fourth after an odd shift is gone too (0.969 and 0.973). What the architecture doesn't bring, examples can
#    teach.
# 4. All pixels, in proportion to their own value: $\partial o / \partial x = x / (hw \, o)$, which differs from
#    `tf.GradientTape`'s gradient by 6e-17. At a shift of 1 pixel its curve is the lowest of the four (0.19), at 4 it
#    lies between the maximum and the mean (0.47), as the formula does: it is a mean in which the large values count
#    more.
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
