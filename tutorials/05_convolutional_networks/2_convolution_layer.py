# %% [markdown]
r"""# What does a convolution layer see, cost and keep?

Eq. 18 of the deck turns the cross-correlation into a layer with many kernels and one bias per kernel; the next slides
add padding, stride and dilation. Here we draw each setting, measure what a unit sees, and quantify the two properties
that distinguish a convolution from a dense layer: weight sharing and equivariance.

```
python tutorials/05_convolutional_networks/2_convolution_layer.py
```

Measured with that command in 10 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| eq. 18, largest difference from keras.layers.Conv2D | 0 | ± 1e-9 |
| the layer's parameters | 112 | ± 0 |
| settings whose output size Keras confirms | 756 | ± 0 |
| "same", largest difference from padding 1 all around | 5.17 | ± 0.01 |
| "same", largest difference from padding below and right | 0 | ± 1e-9 |
| three 3x3, receptive field by the gradient (pixels) | 7 | ± 0 |
| three 3x3 with stride 2, receptive field by the gradient (pixels) | 15 | ± 0 |
| three 3x3 with dilation 1, 2, 4, receptive field by the gradient (pixels) | 15 | ± 0 |
| ten layers, standard deviation of the squared gradient (pixels) | 2.59 | ± 0.15 |
| ten layers, the same by convolving ten boxes | 2.58 | ± 0.01 |
| ten layers, share of the squared gradient in the middle 11x11 | 0.94 | ± 0.03 |
| 8x8, dense, parameters | 66560 | ± 0 |
| 8x8, local, parameters | 10240 | ± 0 |
| 8x8, convolution, parameters | 160 | ± 0 |
| convolution, error after a shift by 1 pixel | 0 | ± 0.001 |
| convolution, stride 2, error after a shift by 1 pixel | 0.66 | ± 0.01 |
| convolution, stride 2, error after a shift by 2 pixels | 0 | ± 0.001 |
| dense, error after a shift by 1 pixel | 1.43 | ± 0.01 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_sample_image

from keras_course.data import load_images
from keras_course.inspection import ledger
from keras_course.numerics.convolution import cross_correlate_2d, output_size

plt.rc("font", size=12)  # readable from the back row
rng = np.random.default_rng(0)

# %% [markdown]
# ## Question 1: how do several kernels form a layer?
#
# $$o_{c,j,i} = \text{bias}_c + \sum_{k=0}^{C_{in}-1} \sum_{n=0}^{h-1} \sum_{m=0}^{w-1} f_{k,\,j+n,\,i+m} \; u_{c,k,n,m}
# \quad (18)$$
#
# The deck prints $k = 0$ to $C_{in}$, one channel too many, and on the left $o[C_{out,j}]$: there $j$ is the index of
# the filter, on the right it is the row, and the pixel $(j, i)$ is missing. Code needs every index. The letters of
# `einsum` below are those of the formula.


# %%
def convolution_layer(f, u, bias):
    """Computes eq. 18 for f (C_in, H, W), u (C_out, C_in, h, w) and bias (C_out,)."""
    windows = np.lib.stride_tricks.sliding_window_view(f, u.shape[2:], axis=(1, 2))  # f[k, j + n, i + m] at k,j,i,n,m
    return np.einsum("kjinm,cknm->cji", windows, u, optimize=True) + bias[:, np.newaxis, np.newaxis]


photograph = load_sample_image("china.jpg")[60:300:2, 40:440:2] / 255  # (120, 200, 3)
f = photograph.transpose(2, 0, 1)  # channels first, as in eq. 18
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 3
mean = np.ones((3, 3)) / 9
u = np.stack(
    [
        [mean / 3, mean / 3, mean / 3],  # brightness, blurred
        [sobel, sobel, sobel],  # left-right differences in every colour
        [sobel.T, sobel.T, sobel.T],  # top-bottom differences
        [3 * mean, 0 * mean, -3 * mean],  # red against blue
    ]
)  # (4, 3, 3, 3)
bias = np.array([0.0, 0.0, 0.0, 0.5])
o = convolution_layer(f, u, bias)
np.testing.assert_allclose(o, cross_correlate_2d(f, u, bias), atol=1e-12)
print("f", f.shape, " u", u.shape, " o", o.shape)

# %% [markdown]
# Keras puts the channels last, both in images, `(height, width, channels)`, and in kernels, `(h, w, C_in, C_out)`.
# Otherwise its `Conv2D` is exactly eq. 18, a cross-correlation.

# %%
layer = keras.layers.Conv2D(filters=4, kernel_size=3, dtype="float64")
layer.build((None, *photograph.shape))
layer.set_weights([u.transpose(2, 3, 1, 0), bias])
from_keras = np.asarray(layer(photograph[np.newaxis]))[0].transpose(2, 0, 1)
print(f"eq. 18, largest difference from keras.layers.Conv2D = {np.abs(o - from_keras).max():.1e}")
print("the layer's parameters =", layer.count_params())
np.testing.assert_equal(layer.count_params(), 4 * (3 * 3 * 3 + 1))  # C_out (C_in h w + 1)

# %%
fig, axes = plt.subplots(5, 4, figsize=(12, 9.6), layout="constrained")
for k, colour in enumerate(["red", "green", "blue"]):
    axes[0, k].imshow(f[k], cmap="gray", vmin=0, vmax=1)
    axes[0, k].set_title(f"channel {k}: {colour}", fontsize=13)
legend = "below: filter c\nu[c, k]: its kernel on channel k\no[c]: the sum of the three + bias"
axes[0, 3].text(0.5, 0.5, legend, ha="center", va="center")
for c, row in enumerate(axes[1:]):
    for k, ax in enumerate(row[:3]):
        ax.imshow(u[c, k], cmap="RdBu_r", vmin=-1, vmax=1)
        for (n, m), weight in np.ndenumerate(u[c, k]):
            colour = "white" if abs(weight) > 0.6 else "black"
            ax.text(m, n, f"{weight:.2g}".replace("-", "−"), ha="center", va="center", color=colour, fontsize=10)
        ax.set_title(f"u[{c}, {k}]", fontsize=12)
    row[3].imshow(o[c], cmap="gray")
    row[3].set_title(f"o[{c}], bias {bias[c]:g}", fontsize=12)
for ax in axes.flat:
    ax.set_axis_off()

# %% [markdown]
# **What to see.** Each row is one filter: three kernels, one per channel, and one output map, the sum of their three
# responses. $o_0$ is the blurred brightness. $o_1$ and $o_2$ are the horizontal and vertical differences, in all
# colours at once. $o_3$ compares colours: sky and lake, which have more blue than red, come out dark, walls and roofs
# bright; the bias of 0.5 shifts every pixel by the same amount. $C_{out}$ filters with $C_{in} \, h \, w$ weights and
# one bias each make $4 \, (27 + 1) = 112$ parameters.
#
# ## Question 2: what do padding, stride and dilation change?
#
# Which pixels does an output see? We can *measure* it: set one pixel to 1 and all others to 0, use a kernel of ones,
# and check whether the output changes.


# %%
def pixels_seen(size, unit, **settings):
    """Returns rows and columns of the pixels on which the output `unit` of a 3x3 kernel depends."""
    impulses = np.eye(size**2).reshape(-1, size, size)  # each has one pixel at 1
    outputs = [cross_correlate_2d(impulse, np.ones((3, 3)), **settings)[unit] for impulse in impulses]
    return np.nonzero(np.reshape(outputs, (size, size)))


def draw_pixels(ax, size, padding=0):
    """Draws the pixels of an image and the padding around it, in grey with a 0."""
    for row in range(-padding, size + padding):
        for column in range(-padding, size + padding):
            inside = 0 <= row < size and 0 <= column < size
            face = "white" if inside else "0.85"
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=face, edgecolor="0.5"))
            if not inside:
                ax.text(column, row, "0", ha="center", va="center", color="0.4", fontsize=10)
    ax.set(aspect="equal", xlim=(-1.6, 7.6), ylim=(7.6, -1.6), xticks=[], yticks=[])
    ax.axis("off")


# %%
SIZE = 7
SETTINGS = {
    "plain": {},
    "padding 1": {"padding": 1},
    "stride 2": {"stride": 2},
    "dilation 2": {"dilation": 2},
    "padding 1, stride 2": {"padding": 1, "stride": 2},
}
fig, axes = plt.subplots(2, 5, figsize=(15, 6.4), layout="constrained")
for (top, bottom), (name, settings) in zip(axes.T, SETTINGS.items(), strict=True):
    draw_pixels(top, SIZE, settings.get("padding", 0))
    shape = cross_correlate_2d(np.zeros((SIZE, SIZE)), np.ones((3, 3)), **settings).shape
    draw_pixels(bottom, shape[0])
    for unit, style in {(0, 0): "C0o", (0, 1): "C1s"}.items():
        look = {"markersize": 9, "fillstyle": "full"} if style == "C0o" else {"markersize": 16, "fillstyle": "none"}
        rows, columns = pixels_seen(SIZE, unit, **settings)
        top.plot(columns, rows, style, markeredgewidth=2.5, linestyle="", **look)
        bottom.plot(unit[1], unit[0], style, markeredgewidth=2.5, **look)
    top.set_title(f"{name}\ninput 7x7", fontsize=13)
    bottom.set_title(f"output {shape[0]}x{shape[1]}", fontsize=13)

# %% [markdown]
# **What to see.** Discs are the pixels that the first output sees, squares those that its neighbour sees. *Plain*: the
# windows overlap by two of three columns; the output is smaller by $h - 1 = 2$. *Padding* adds a frame of zeros, so the
# output is as large as the input; its first unit sees four pixels, the rest is padding. *Stride* moves the window by
# two pixels. *Dilation* spreads the nine weights over 5x5 pixels; the neighbour sees the pixels in between. How large
# is the output? Along one axis, the deck's formula gives:


# %%
def size_out(size, kernel_size, stride=1, padding=0, dilation=1):
    """Computes ⌊(H_in + 2 padding - dilation (h - 1) - 1) / stride + 1⌋."""
    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


checked = 0
for size, kernel_size, padding in np.ndindex(12, 5, 3):
    for stride, dilation in [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]:  # Keras refuses stride with dilation
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        expected = size_out(size + 1, kernel_size + 1, **settings)
        if expected < 1:
            continue  # the kernel doesn't fit
        np.testing.assert_equal(output_size(size + 1, kernel_size + 1, **settings), expected)
        conv = keras.layers.Conv2D(1, kernel_size + 1, strides=stride, dilation_rate=dilation)
        padded = size + 1 + 2 * padding  # Keras has no padding by number
        np.testing.assert_equal(conv.compute_output_shape((1, padded, padded, 1)), (1, expected, expected, 1))
        checked += 1
print("settings whose output size Keras confirms =", checked)

# %%
sizes = np.arange(3, 22)
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
for (stride, padding), style in {(1, 1): "C0o-", (1, 0): "C4v-", (2, 1): "C1s-", (3, 1): "C2^-"}.items():
    outputs = [size_out(size, 3, stride=stride, padding=padding) for size in sizes]
    ax.plot(sizes, outputs, style, markersize=6, label=f"stride {stride}, padding {padding}")
ax.set(xlabel="input size (pixels)", ylabel="output size (pixels)", title="Kernel of size 3")
ax.set_xticks(sizes[::2])
ax.set_yticks(sizes[::2])
ax.legend()

# %% [markdown]
# **What to see.** With stride 1, a padding of 1 keeps the size for any input, so that the maps of a deep network don't
# shrink to nothing. With larger strides the curve has steps: with stride 2, inputs of size 7 and 8 both give an output
# of size 4. For 8, the formula rounds down: no window reaches the last row of zeros. (Without padding it would be the
# last row of the *image* that is lost.) So for 8, one row of zeros is enough. Does it go above or below?

# %%
small, kernel = rng.normal(size=(8, 8)), rng.normal(size=(3, 3))
same = keras.layers.Conv2D(1, 3, strides=2, padding="same", use_bias=False, dtype="float64")
same.build((None, 8, 8, 1))
same.set_weights([kernel[:, :, np.newaxis, np.newaxis]])
from_keras = np.asarray(same(small[np.newaxis, :, :, np.newaxis]))[0, :, :, 0]
all_around = cross_correlate_2d(small, kernel, stride=2, padding=1)
below_and_right = cross_correlate_2d(np.pad(small, ((0, 1), (0, 1))), kernel, stride=2)
print("output shapes:", from_keras.shape, all_around.shape, below_and_right.shape)
print(f'"same", largest difference from padding 1 all around = {np.abs(from_keras - all_around).max():.2f}')
print(f'"same", largest difference from padding below and right = {np.abs(from_keras - below_and_right).max():.1e}')

# %% [markdown]
# With an even image size and stride 2, Keras's `"same"` pads only below and on the right. The symmetric padding of the
# formula (and of PyTorch) gives an output of the same size with different numbers. When weights moved from one library
# to another give the right shapes but wrong results, this is often the reason. `keras.layers.ZeroPadding2D` before a
# `"valid"` convolution controls where the zeros go.
#
# ### Groups
#
# `groups` splits the channels into groups: filter $c$ sees only the channels of its own group, and its kernel has only
# those. AlexNet used this to fit on two graphics cards. We measure it as before, now setting one *channel* to 1 at a
# time:

# %%
fig, axes = plt.subplots(1, 3, figsize=(11, 5.2), layout="constrained")
for ax, groups in zip(axes, [1, 2, 4], strict=True):
    kernel = rng.uniform(0.5, 1, size=(8, 4 // groups, 3, 3))
    lone = np.eye(4)[:, :, np.newaxis, np.newaxis] * np.ones((4, 4, 3, 3))  # image k has only channel k
    sees = [cross_correlate_2d(image, kernel, groups=groups)[:, 0, 0] > 0 for image in lone]  # 4 times (8,)
    ax.pcolormesh(np.transpose(sees), cmap="Blues", vmin=0, vmax=1.4, edgecolors="0.5")
    conv = keras.layers.Conv2D(8, 3, groups=groups)
    conv.build((None, 3, 3, 4))
    np.testing.assert_equal(conv.count_params(), kernel.size + 8)
    ax.set(xlabel="channel k of the input", ylabel="filter c", aspect="equal", ylim=(8, 0))
    ax.set_title(f"groups={groups}: {kernel.size} weights", fontsize=13)
    ax.set_xticks(np.arange(4) + 0.5, labels=range(4))
    ax.set_yticks(np.arange(8) + 0.5, labels=range(8))

# %% [markdown]
# **What to see.** Blue: filter $c$ sees channel $k$. Doubling the number of groups halves the weights, and no
# information passes between groups. `groups=4` with 4 channels is a depthwise convolution: every filter sees one
# channel.
#
# ## Question 3: how far does a stack of layers see?
#
# A unit of the second layer sees 3x3 units of the first, each of which sees 3x3 pixels. Along one axis, with
# $s_\ell$ the stride, $d_\ell$ the dilation and $h_\ell$ the kernel of layer $\ell$:
#
# $$r = 1 + \sum_\ell (h_\ell - 1) \, d_\ell \prod_{j < \ell} s_j$$

# %%
STACKS = {  # (kernel size, stride, dilation) of each layer
    "three 3x3": [(3, 1, 1)] * 3,
    "three 3x3 with stride 2": [(3, 2, 1)] * 3,
    "three 3x3 with dilation 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
}


def receptive_field(layers):
    """Returns how many pixels along an axis a unit of the last layer sees."""
    size, step = 1, 1  # of a pixel
    for kernel_size, stride, dilation in layers:
        size += (kernel_size - 1) * dilation * step
        step *= stride
    return size


# %%
def draw_stack(ax, layers, pixels=17):
    """Draws the paths from one unit of the last layer down to the pixels; each layer is a row of units."""
    steps = np.cumprod([1, *(stride for _, stride, _ in layers)])  # pixels from a unit to its neighbour
    seen = {0}
    for level in range(len(layers), 0, -1):
        kernel_size, _, dilation = layers[level - 1]
        offsets = (np.arange(kernel_size) - kernel_size // 2) * dilation * steps[level - 1]
        ways = [(x, x + offset) for x in seen for offset in offsets]
        ax.plot(np.transpose(ways), [level, level - 1], "C0-", linewidth=1.5, zorder=1)
        seen = {below for _, below in ways}
    for level, step in enumerate(steps):
        units = [x for x in range(-(pixels // 2), pixels // 2 + 1) if x % step == 0]
        ax.plot(units, np.full(len(units), level), "o", color="0.4", markersize=8, markerfacecolor="white", zorder=2)
    ax.plot(sorted(seen), np.zeros(len(seen)), "C1o", markersize=8, zorder=3)


# %%
fig, axes = plt.subplots(1, 3, figsize=(15, 4), sharey=True, layout="constrained")
for ax, (name, layers) in zip(axes, STACKS.items(), strict=True):
    draw_stack(ax, layers)
    ax.set_title(f"{name}:\n{receptive_field(layers)} pixels", fontsize=13)
    ax.set_xlabel("position (pixels)", fontsize=12)
axes[0].set_yticks(range(4), labels=["pixels", "layer 1", "layer 2", "layer 3"], fontsize=12)

# %% [markdown]
# The drawing uses the formula. We can also measure the receptive field without it: the gradient of one output with
# respect to the image is 0 at every pixel that isn't seen. (The weights are random, so nothing cancels by chance.)


# %%
def build_stack(layers, size, filters=1, activation=None):
    """Builds a network of these convolutions only."""
    x = inputs = keras.Input((size, size, 1), name="image")
    for number, (kernel_size, stride, dilation) in enumerate(layers, start=1):
        x = keras.layers.Conv2D(
            filters,
            kernel_size,
            strides=stride,
            dilation_rate=dilation,
            activation=activation,
            kernel_initializer="he_normal",
            name=f"conv{number}",
        )(x)
    return keras.Model(inputs, x)


def image_gradient(model, images):
    """Returns the gradient of the first filter's unit in the middle with respect to the images."""
    images = tf.convert_to_tensor(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = model(images)
        unit = tf.reduce_sum(outputs[:, outputs.shape[1] // 2, outputs.shape[2] // 2, 0])
    return tape.gradient(unit, images).numpy()[..., 0]


# %%
keras.utils.set_random_seed(0)
for name, layers in STACKS.items():
    model = build_stack(layers, size=31)
    seen = np.any(image_gradient(model, rng.normal(size=(1, 31, 31, 1)))[0] != 0, axis=0)  # columns with a gradient
    np.testing.assert_equal(ledger(model)["receptive_field_width"].iloc[-1], receptive_field(layers))
    print(f"{name}, receptive field by the gradient (pixels) = {np.ptp(np.flatnonzero(seen)) + 1}")

# %% [markdown]
# **What to see.** Three 3x3 layers see 7x7 pixels, with $3 \cdot 9 = 27$ weights per channel instead of $49$. With
# strides of 2, or dilations of 1, 2, 4, the same 27 weights see 15x15. Striding keeps only one unit in eight along each
# axis; dilation keeps them all.
#
# ### Does a unit use what it sees?
#
# To see a pixel means to have a non-zero gradient there, however small. Ten layers of 3x3 see 21x21 pixels. How large
# is the gradient in that window? We average its square over many networks with He initialisation and ReLU, on random
# images:

# %%
DEPTH, FIELD = 10, 21
squares = np.zeros((FIELD, FIELD))
for seed in range(30):
    keras.utils.set_random_seed(seed)
    model = build_stack([(3, 1, 1)] * DEPTH, FIELD, filters=16, activation="relu")
    squares += np.mean(image_gradient(model, rng.normal(size=(32, FIELD, FIELD, 1))) ** 2, axis=0)
squares /= squares.sum()
offsets = np.arange(FIELD) - FIELD // 2
profile = squares.sum(axis=0)  # along the width
width = np.sqrt(np.sum(profile * offsets**2))
middle = slice(FIELD // 2 - 5, FIELD // 2 + 6)
print(f"ten layers, standard deviation of the squared gradient (pixels) = {width:.2f}")
print(f"ten layers, the same by convolving ten boxes = {np.sqrt(DEPTH * 2 / 3):.2f}")
print(f"ten layers, share of the squared gradient in the middle 11x11 = {squares[middle, middle].sum():.2f}")

# %%
boxes = np.ones(1)
for _ in range(DEPTH):
    boxes = np.convolve(boxes, np.ones(3) / 3)
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
drawn = left.imshow(squares, cmap="viridis", extent=(-10.5, 10.5, 10.5, -10.5))
left.add_patch(plt.Rectangle((-5.5, -5.5), 11, 11, fill=False, edgecolor="white", linestyle="--", linewidth=2))
left.set(xlabel="column from the middle (pixels)", ylabel="row from the middle (pixels)")
left.set_title("Squared gradient in the receptive field")
fig.colorbar(drawn, ax=left, label="share per pixel")
right.bar(offsets, profile, color="C0", label="measured")
right.plot(offsets, boxes, "C1s-", label="box * box * ... * box, ten times")
right.set(xlabel="column from the middle (pixels)", ylabel="share of the squared gradient", ylim=(0, 0.2))
for axis in (left.xaxis, left.yaxis, right.xaxis):
    axis.set_ticks([-10, -5, 0, 5, 10])
right.legend()

# %% [markdown]
# **What to see.** The receptive field is 21 pixels wide, but only a small part of it is used: 94 % of the squared
# gradient is in the middle 11x11, a quarter of the area. The number of paths explains it: thousands of paths through
# the ten layers lead to the middle, only one to each corner. Counting the paths means convolving a box of width three
# with itself ten times. That is the orange curve, a bell with a standard deviation of $\sqrt{10 \cdot 2/3}$ pixels (Luo
# et al. 2016, arXiv:1701.04128). The receptive field grows with the depth, but the part that is used grows only with
# its square root. (This holds at initialisation; training can change it.)
#
# ## Question 4: what does it cost?
#
# We map an image of side $n$ with one channel to 16 maps of the same size, with three kinds of layer. *Dense*: every
# output sees every pixel, with its own weights. *Local*: every output sees 3x3 pixels, still with its own weights at
# each position. *Convolution*: 3x3, and all positions share their weights.


# %%
def parameters(side, channels=1, filters=16, kernel_size=3):
    """Counts the weights and biases of the three layers."""
    outputs, window = side**2 * filters, channels * kernel_size**2
    dense = outputs * (side**2 * channels + 1)
    return {"dense": dense, "local": outputs * (window + 1), "convolution": filters * (window + 1)}


inputs = keras.Input((8, 8, 1))
dense = keras.layers.Dense(8 * 8 * 16)
conv = keras.layers.Conv2D(16, 3, padding="same")
dense(keras.layers.Flatten()(inputs))
conv(inputs)
np.testing.assert_equal(parameters(8)["dense"], dense.count_params())
np.testing.assert_equal(parameters(8)["convolution"], conv.count_params())
for name, count in parameters(8).items():
    print(f"8x8, {name}, parameters = {count}")

# %%
sides = np.array([8, 16, 32, 64, 128, 224])
fig, ax = plt.subplots(figsize=(9, 4.8), layout="constrained")
for name, style in {"dense": "C1s-", "local": "C2^-", "convolution": "C0o-"}.items():
    counts = [parameters(int(side))[name] for side in sides]
    ax.plot(sides, counts, style, label=name)
    ax.annotate(f"{counts[-1]:,}", (sides[-1], counts[-1]), xytext=(9, 0), textcoords="offset points", va="center")
ax.set(xlabel="side of the image (pixels)", ylabel="parameters", xscale="log", yscale="log", xlim=(7, 700))
ax.set_xticks(sides, labels=sides)
ax.minorticks_off()
ax.legend()

# %% [markdown]
# **What to see.** The dense layer grows with $n^4$: at 224 pixels it has 40 billion weights in a single layer. Looking
# only at a neighbourhood reduces this to $n^2$. Sharing the weights makes the number independent of the image size: 160
# for any image. The price is that all positions are treated alike.
#
# ## Question 5: what does it preserve?
#
# Because the weights are shared, what a layer does to an object doesn't depend on where the object is. If the image
# shifts, the map shifts with it: with $T_s$ the shift by $s$ pixels, $(T_s f) \star u = T_s (f \star u)$. That is
# *equivariance*. We test it on a real digit on an empty canvas, with a convolution, a convolution with stride 2, and a
# dense layer, all with random weights:

# %%
CANVAS = 32
data = load_images("digits", validation_fraction=0)
digit = np.asarray(data.train_examples.images[0], float).reshape(8, 8)
canvas = np.zeros((CANVAS, CANVAS))
canvas[12:20, 4:12] = digit / digit.max()
kernel, weights = rng.normal(size=(3, 3)), rng.normal(size=(CANVAS**2, CANVAS**2)) / CANVAS
LAYERS = {
    "convolution": (lambda image: cross_correlate_2d(image, kernel, padding=1), 1),
    "convolution, stride 2": (lambda image: cross_correlate_2d(image, kernel, padding=1, stride=2), 2),
    "dense": (lambda image: (weights @ image.ravel()).reshape(CANVAS, CANVAS), 1),
}


def shift_error(layer, stride, shift):
    """Returns how far layer(shifted image) is from the shifted layer(image), relative to the size of the latter."""
    expected = np.roll(layer(canvas), shift // stride, axis=1)
    return np.linalg.norm(layer(np.roll(canvas, shift, axis=1)) - expected) / np.linalg.norm(expected)


shifts = np.arange(0, 13)
errors = {name: [shift_error(*layer, shift) for shift in shifts] for name, layer in LAYERS.items()}
for name, by_shift in errors.items():
    print(f"{name}, error after a shift by 1 pixel = {by_shift[1]:.2f}")
    print(f"{name}, error after a shift by 2 pixels = {by_shift[2]:.2f}")

# %%
fig, axes = plt.subplots(2, 4, figsize=(12, 6), layout="constrained")
for row, shift in zip(axes, [0, 7], strict=True):
    shifted = np.roll(canvas, shift, axis=1)
    row[0].imshow(shifted, cmap="gray_r")
    row[0].set_title(f"image, shifted by {shift}", fontsize=13)
    for ax, (name, (layer, _)) in zip(row[1:], LAYERS.items(), strict=True):
        ax.imshow(layer(shifted), cmap="gray_r")
        ax.set_title(name, fontsize=13)
for ax in axes.flat:
    ax.set(xticks=[], yticks=[])  # the frame stays: the background is white

fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
for (name, by_shift), style in zip(errors.items(), ["C0o-", "C1s-", "C2^-"], strict=True):
    ax.plot(shifts, by_shift, style, label=name)
ax.set(xlabel="shift of the image (pixels)", ylabel="relative distance from\nthe shifted output")
ax.set_xticks(shifts)
ax.legend(loc="upper right", bbox_to_anchor=(1, 0.85))

# %% [markdown]
# **What to see.** The convolution is exactly equivariant for any shift. With stride 2 that holds only for even shifts:
# after an odd shift the grid samples other pixels of the digit, so in the lower row the map isn't a shifted copy but a
# different map. The dense layer, with different weights at every position, gives an unrelated output: two unrelated
# vectors of the same length are $\sqrt{2}$ times that length apart. It would have to learn the digit again at every
# position.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start output_size` (and `cross_correlation`). Then
# explore:
#
# 1. Move the digit to the border (`np.roll` by 20 and 21; from 22 on it comes in again on the left). How does zero
#    padding affect the equivariance, and why does it allow a network to learn *where* in the image something is? (Look
#    at the map of a constant image too.)
# 2. LeNet has the layers `[(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1)]` (pooling has a window too). What does
#    `receptive_field` return? Compare it with the column `receptive_field_width` of `ledger(build_lenet((32, 32, 1),
#    10))`.
# 3. Repeat the squared gradient with 40 layers. The field grows four times as large; by what factor does the standard
#    deviation grow, and what does that say about networks that see "the whole image"?
# 4. A dilation of 2 in every layer instead of 1, 2, 4: which pixels does a stack of three never see? Look at the
#    gradient's columns.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. A shift by 20 still has no error: the digit ends at column 30, and its map at 31. By 21 the error is 0.03, since
#    the last column of the map would lie outside the image, and by 22 0.29. And a constant image has a map with nine
#    different values: those of the corners and of the sides see zeros. Each further layer with ReLU carries that one
#    pixel inward: after five layers five columns on each side differ from the middle. So a network can tell how far a
#    place is from the border.
# 2. 16 pixels, and so does the ledger at `stage2_pool`. (From `flatten` on a unit sees the whole image, 32.)
# 3. The field grows from 21 to 81 pixels, by 3.9; the standard deviation from 2.59 to 5.35 (four networks instead of
#    30), by 2.07, where $\sqrt{4}$ is expected. All of the squared gradient, to three digits, is in the middle 41x41, a
#    quarter of the field. So a network can see "the whole image" and hardly use its border.
# 4. Those at odd distances: the field is 13 pixels wide, and the gradient is 0 in every other row and column. 49 of the
#    169 pixels are seen. With 1, 2, 4 all 225 of 15x15 are.
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
