# %% [markdown]
r"""# Which matrix is a convolution, and what does its transpose do?

A convolution is linear, so it is a matrix. Chapter 5 of the deck writes this matrix out for a 4x4 image and a 3x3
kernel, and continues with the transposed convolution. Here we build the matrix, for the deck's example and for a
photograph, and show three uses of its transpose: enlarging a map, backpropagating a gradient, and undoing a blur.

```
python tutorials/05_convolutional_networks/3_convolution_as_matrix.py
```

Measured with that command in 10 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| U v(x), first entry | 122 | ± 0 |
| U v(x), last entry | 134 | ± 0 |
| the same with the 15 columns of the slide | 126 | ± 0 |
| columns of U | 16 | ± 0 |
| rank of U | 4 | ± 0 |
| photograph, entries of U that aren't 0, per million | 32.9 | ± 0.1 |
| photograph, U as a full matrix (GB) | 593 | ± 1 |
| photograph, U as a sparse matrix (MB) | 41 | ± 14 |
| photograph, largest difference from the layer | 0 | ± 1e-12 |
| largest difference from keras.layers.Conv2DTranspose | 0 | ± 1e-9 |
| random kernel 3x3, unevenness | 0.56 | ± 0.03 |
| random kernel 4x4, unevenness | 0.24 | ± 0.03 |
| bilinear, largest difference from UpSampling2D inside | 0 | ± 1e-6 |
| gradient by the image, largest difference from tf.GradientTape | 0 | ± 1e-9 |
| after 0 steps, distance from the sharp photograph (grey levels) | 29.8 | ± 0.2 |
| after 500 steps, distance from the sharp photograph (grey levels) | 24.2 | ± 0.2 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.colors import ListedColormap
from sklearn.datasets import load_sample_image

from keras_course.numerics.convolution import (
    convolution_matrix,
    cross_correlate_2d,
    transposed_convolution_2d,
)

plt.rc("font", size=12)  # readable from the back row
rng = np.random.default_rng(0)
BANDS = ListedColormap(["white", "#a6cee3", "#fdc086", "#35978f"])  # for 0, then one for each row of the kernel

# %% [markdown]
# ## Question 1: which matrix is the deck's convolution?
#
# We use the image $x$ and the kernel $u$ of the slide. Each output is a sum over one window. Place the kernel in an
# image of zeros, at the position of the window, and flatten that image row by row: the dot product of this row with the
# flattened $x$ is the output. Four windows give four rows of $U$.

# %%
x = np.array([[4, 5, 8, 7], [1, 8, 8, 8], [3, 6, 6, 4], [6, 5, 7, 8]])
u = np.array([[1, 4, 1], [1, 4, 3], [3, 3, 1]])


def window_row(kernel, shape, top, left):
    """Returns the kernel at (top, left) of an image of zeros, flattened row by row."""
    placed = np.zeros(shape, kernel.dtype)
    placed[top : top + kernel.shape[0], left : left + kernel.shape[1]] = kernel
    return placed.ravel()


windows = [(0, 0), (0, 1), (1, 0), (1, 1)]
U = np.array([window_row(u, x.shape, *window) for window in windows])
print(U)
product = U @ x.ravel()
print("U v(x) =", *product)
print("U v(x), first entry =", product[0])
print("U v(x), last entry =", product[3])
np.testing.assert_array_equal(product, [122, 148, 126, 134])  # as the slide says
np.testing.assert_array_equal(product.reshape(2, 2), cross_correlate_2d(x, u))
np.testing.assert_array_equal(U, convolution_matrix(u, x.shape).toarray())

# %% [markdown]
# The slide prints $U$ with 15 columns, which can't be multiplied by an image of 16 pixels. The last column is missing,
# and with it the last weight of the last row. Without it, the result isn't quite the convolution:

# %%
printed = U[:, :15]
try:
    printed @ x.ravel()
except ValueError as error:
    print("4 x 15:", error)
without_last = printed @ x.ravel()[:15]
print("4 x 15 without the last pixel:", *without_last)
print("the same with the 15 columns of the slide =", without_last[3])
print("columns of U =", U.shape[1])


# %%
def draw_grid(ax, values, title, lit=None, size=14):
    """Draws an array as cells with numbers; `lit` chooses the colour of each cell."""
    height, width = values.shape
    lit = np.zeros(values.shape) if lit is None else lit
    ax.pcolormesh(lit, cmap=BANDS, vmin=0, vmax=3, edgecolors="0.6")
    for (row, column), value in np.ndenumerate(values):
        ax.text(column + 0.5, row + 0.5, f"{value:g}", ha="center", va="center", fontsize=size)
    ax.set(aspect="equal", xlim=(0, width), ylim=(height, 0), xticks=[], yticks=[])
    ax.set_title(title, fontsize=14)


kernel_rows = np.repeat([1, 2, 3], 3).reshape(3, 3)
bands = np.array([window_row(kernel_rows, x.shape, *window) for window in windows])
fig = plt.figure(figsize=(13, 6.4), layout="constrained")
top, bottom = fig.subfigures(2, 1, height_ratios=(1.1, 1))
first, second, third = top.subplots(1, 3, width_ratios=(4, 3, 2))
draw_grid(first, x, "image x")
draw_grid(second, u, "kernel u", kernel_rows)
draw_grid(third, product.reshape(2, 2), "output")
ax = bottom.subplots()
draw_grid(ax, U, "U, 4 x 16: one row per window, one column per pixel", bands)
ax.vlines([4, 8, 12], 0, 4, color="k", linewidth=2.5)
ax.hlines(2, 0, 16, color="k", linewidth=2.5)
ax.add_patch(plt.Rectangle((15, 0), 1, 4, fill=False, edgecolor="C3", linewidth=4, linestyle="--", clip_on=False))
ax.set_xticks(np.arange(16) + 0.5, labels=range(1, 17))
ax.set_yticks(np.arange(4) + 0.5, labels=[f"output {row}, {column}" for row, column in windows], fontsize=11)
ax.set_xlabel("pixel of v(x), image row after image row; dashed: the column missing on the slide", fontsize=12)

# %% [markdown]
# **What to see.** A row of $U$ holds the three rows of the kernel, each in the block of its image row. One output to
# the right moves them by one column; the next row of outputs moves them by a whole block, four columns. So $U$ is a
# block Toeplitz matrix of Toeplitz blocks (the deck adds "circulant", but nothing wraps around the edge).
#
# There is another way to write the convolution as a matrix product: keep the kernel small and rearrange the *image*, so
# that each window becomes a column. Libraries do this (im2col), because processors are fastest at multiplying dense
# matrices:

# %%
columns = np.lib.stride_tricks.sliding_window_view(x, (3, 3)).reshape(4, 9).T  # (9 weights, 4 windows)
print("u as a row, times windows as columns:", *(u.ravel() @ columns))

# %% [markdown]
# ## Question 2: what about stride, padding, dilation and channels?
#
# The columns of the matrix of *any* linear map are its outputs for the unit vectors. Here these are images with one
# pixel set to 1, so we need no formula:


# %%
def matrix_of_layer(kernel, shape, **settings):
    """Returns the matrix of the layer: one column per pixel."""
    impulses = np.eye(np.prod(shape)).reshape(-1, *shape)
    return np.stack([cross_correlate_2d(impulse, kernel, **settings).ravel() for impulse in impulses], axis=1)


# %%
two_to_two = np.stack([[u, 2 * u], [3 * u, 4 * u]])  # C_out = 2, C_in = 2
CASES = {
    "plain": (u, (6, 6), {}),
    "stride 2": (u, (6, 6), {"stride": 2}),
    "dilation 2": (u, (6, 6), {"dilation": 2}),
    "padding 1": (u, (6, 6), {"padding": 1}),
    "padding 1, stride 2": (u, (6, 6), {"padding": 1, "stride": 2}),
    "2 channels to 2": (two_to_two, (2, 4, 4), {}),
}
fig, axes = plt.subplots(2, 3, figsize=(15, 8), layout="constrained")
for ax, (name, (kernel, shape, settings)) in zip(axes.flat, CASES.items(), strict=True):
    matrix = convolution_matrix(kernel, shape, **settings)
    np.testing.assert_array_equal(matrix_of_layer(kernel, shape, **settings), matrix.toarray())
    numbers = np.broadcast_to(kernel_rows, kernel.shape)  # 1, 2, 3 in the place of the weights
    colours = convolution_matrix(numbers, shape, **settings).toarray()
    ax.pcolormesh(colours, cmap=BANDS, vmin=0, vmax=3, edgecolors="0.85", linewidth=0.5)
    ax.vlines(np.arange(0, matrix.shape[1], shape[-1]), 0, len(colours), color="k", linewidth=1)
    ax.set(xlabel=f"{matrix.shape[1]} pixels, {shape[-1]} per block", ylabel=f"{matrix.shape[0]} outputs")
    ax.set(title=f"{name}: {matrix.shape[0]} x {matrix.shape[1]}", xticks=[], yticks=[], ylim=(len(colours), 0))

# %% [markdown]
# **What to see.** Each row holds the three rows of the kernel, in the colours of the first figure. *Stride 2* keeps
# every second output of every second row of outputs. *Dilation* leaves gaps: one column between the weights and one
# block between the rows. *Padding* adds outputs, and those at the border have fewer weights, because the zeros of the
# frame have no column. *Channels* put such matrices side by side (one per input channel, which are summed) and on top
# of each other (one per filter).
#
# How sparse is it? With a 3x3 kernel, each row of $n^2$ entries has 9 weights. For a photograph:

# %%
grey = load_sample_image("china.jpg") @ [0.299, 0.587, 0.114] / 255  # (427, 640)
blur = np.outer([1, 2, 1], [1, 2, 1]) / 16
photograph_matrix = convolution_matrix(blur, grey.shape)
rows, pixels = photograph_matrix.shape
parts = (photograph_matrix.data, photograph_matrix.indices, photograph_matrix.indptr)
sparse_bytes = sum(part.nbytes for part in parts)
blurred = (photograph_matrix @ grey.ravel()).reshape(425, 638)
print(f"photograph, U is {rows} x {pixels}")
print(f"photograph, entries of U that aren't 0, per million = {1e6 * photograph_matrix.nnz / rows / pixels:.1f}")
print(f"photograph, U as a full matrix (GB) = {8e-9 * rows * pixels:.0f}")
print(f"photograph, U as a sparse matrix (MB) = {1e-6 * sparse_bytes:.0f}")
print(f"photograph, largest difference from the layer = {np.abs(blurred - cross_correlate_2d(grey, blur)).max():.1e}")

# %%
sides = np.array([4, 8, 16, 32, 64, 128, 256, 512])
counts = {
    "full matrix: $(n-2)^2 \\, n^2$ numbers": (sides - 2) ** 2 * sides**2,
    "sparse matrix: $9 \\, (n-2)^2$ weights": 9 * (sides - 2) ** 2,
    "kernel: 9 weights": np.full(len(sides), 9),
}
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
for (name, count), style in zip(counts.items(), ["C1s-", "C2^-", "C0o-"], strict=True):
    ax.plot(sides, 8.0 * count, style, label=name)
ax.set(xlabel="side of the image, n (pixels)", ylabel="memory (bytes)", xscale="log", yscale="log")
ax.set_title("A 3x3 convolution in float64")
ax.set_xticks(sides, labels=sides)
ax.minorticks_off()
ax.legend()

# %% [markdown]
# **What to see.** The blur of one photograph would take 593 GB as a full matrix; it takes 41 MB as a sparse matrix and
# 72 bytes as a kernel. $U$ is a tool for understanding, not for computing. The rest of this tutorial uses it that way.
#
# ## Question 3: what does the transpose do?
#
# $U$ takes 16 numbers to 4; $U^t$ takes 4 numbers to 16, "in the opposite direction", as the deck says. Row $r$ of $U$
# is the kernel at window $r$, so $U^t o$ is a sum of kernels: each output value $o_r$ *paints* the kernel, scaled by
# $o_r$, onto the window that it came from.

# %%
o = np.array([[1, 2], [0, 3]])
painted = (U.T @ o.ravel()).reshape(4, 4)
np.testing.assert_array_equal(painted, transposed_convolution_2d(o, u))
fig, axes = plt.subplots(1, 6, figsize=(15, 3.2), width_ratios=(2, 4, 4, 4, 4, 4), layout="constrained")
draw_grid(axes[0], o, "o")
for ax, value, row, band in zip(axes[1:5], o.ravel(), U, bands, strict=True):
    draw_grid(ax, (value * row).reshape(4, 4), f"{value} · kernel", band.reshape(4, 4), size=12)
draw_grid(axes[5], painted, "their sum, $U^t o$", size=12)

# %% [markdown]
# **What to see.** Four scaled kernels are added up where they overlap. It is the same picture as for eq. 12 in the
# first tutorial of this chapter, where each $f[m]$ contributes a copy of $g$: the transpose of a cross-correlation is a
# convolution (with mode "full"). With stride $s$ the copies are $s$ pixels apart. Keras calls the layer
# `Conv2DTranspose`:


# %%
def keras_transposed(o, kernel, **options):
    """Applies Conv2DTranspose to o (C_in, H, W); kernel (C_in, C_out, h, w) as of the convolution back."""
    filters, size = kernel.shape[1:3]
    layer = keras.layers.Conv2DTranspose(filters, size, use_bias=False, dtype="float64", **options)
    layer.build((None, *o.shape[1:], len(o)))
    layer.set_weights([kernel.transpose(2, 3, 1, 0)])
    return np.asarray(layer(o.transpose(1, 2, 0)[np.newaxis]))[0].transpose(2, 0, 1)


maps, kernel = rng.normal(size=(3, 5, 6)), rng.normal(size=(3, 2, 4, 4))
largest = 0
for settings in [{"stride": 1}, {"stride": 2}, {"stride": 3}]:
    ours = transposed_convolution_2d(maps, kernel, **settings)
    back = convolution_matrix(kernel, ours.shape, **settings)  # the convolution from `ours` to `maps`
    np.testing.assert_allclose(back.T @ maps.ravel(), ours.ravel(), atol=1e-12)
    largest = max(largest, np.abs(keras_transposed(maps, kernel, strides=settings["stride"]) - ours).max())
    print(f"stride {settings['stride']}: {maps.shape} to {ours.shape}")
print(f"largest difference from keras.layers.Conv2DTranspose = {largest:.1e}")

# %% [markdown]
# "This operation is known as deconvolution." That name promises too much. A deconvolution would recover $x$; $U^t$ only
# restores its size:

# %%
there_and_back = (U.T @ product).reshape(4, 4)
least = np.linalg.lstsq(U, product)[0].reshape(4, 4)  # of all images with these outputs, the one of least norm
np.testing.assert_allclose(cross_correlate_2d(least, u), [[122, 148], [126, 134]])
fig, axes = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
draw_grid(axes[0], x, "x")
draw_grid(axes[1], there_and_back, "$U^t U x$")
draw_grid(axes[2], least.round(1), "another image with\nthe outputs 122 148 126 134", size=13)
print("rank of U =", np.linalg.matrix_rank(U))

# %% [markdown]
# **What to see.** $U^t U x$ is neither $x$ nor close to it. No matrix can recover $x$ in general: four numbers don't
# determine sixteen. The image on the right gives the same four outputs. So does every image that differs from it by a
# combination of the $16 - 4 = 12$ independent images that $U$ maps to 0.
#
# ## Question 4: how do you enlarge a map?
#
# With stride 2 the transposed convolution doubles height and width. That is how generators (chapter 9) and segmentation
# networks (chapter 8) get from small maps to images. For a constant map the output should be constant. Is it? We try
# kernels of ones of size 2, 3 and 4, and a 3x3 kernel that interpolates:

# %%
ramp = np.array([1, 2, 1]) / 2
KERNELS = {
    "2x2, ones": np.ones((2, 2)),
    "3x3, ones": np.ones((3, 3)),
    "4x4, ones": np.ones((4, 4)),
    "3x3, (1, 2, 1) / 2": np.outer(ramp, ramp),
}
fig, axes = plt.subplots(1, 4, figsize=(14, 4), layout="constrained")
for ax, (name, kernel) in zip(axes, KERNELS.items(), strict=True):
    enlarged = transposed_convolution_2d(np.ones((4, 4)), kernel, stride=2)
    ax.imshow(enlarged, cmap="gray", vmin=0, vmax=4)
    for (row, column), value in np.ndenumerate(enlarged):
        ax.text(column, row, f"{value:g}", ha="center", va="center", color="black" if value > 1.5 else "white")
    ax.set_title(name, fontsize=13)
    ax.set_axis_off()

# %% [markdown]
# **What to see.** With 3x3 ones, a pixel is covered by 1, 2 or 4 kernels, in a pattern of period 2: the checkerboard. 3
# isn't a multiple of the stride, so the copies overlap unevenly. 2 and 4 are multiples and leave no pattern (except at
# the border). Size isn't everything: the interpolating 3x3 kernel has no pattern either. What counts is the sum of the
# weights that meet at a pixel. There is one sum for each of the $2 \times 2$ positions of the pattern, and these have
# to be equal. A network starts with random weights. How uneven are the four sums then?


# %%
def checkerboard(kernel, stride=2):
    """Returns the standard deviation over the mean of the sums at the stride x stride positions of the pattern."""
    sums = np.array([kernel[row::stride, column::stride].sum() for row in range(stride) for column in range(stride)])
    return sums.std() / sums.mean()


np.testing.assert_allclose(checkerboard(np.ones((3, 3))), np.std([4, 2, 2, 1]) / 2.25)
sizes = range(2, 9)
random = [np.mean([checkerboard(rng.uniform(size=(size, size))) for _ in range(2000)]) for size in sizes]
even = [checkerboard(np.ones((size, size))) for size in sizes]
for size, unevenness in zip(sizes, random, strict=True):
    print(f"random kernel {size}x{size}, unevenness = {unevenness:.2f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
ax.plot(sizes, random, "C1s-", label="weights drawn from [0, 1], mean of 2,000")
ax.plot(sizes, even, "C0o-", label="weights all 1")
ax.set(xlabel="size of the kernel (weights)", ylabel="unevenness: standard\ndeviation / mean", ylim=(-0.02, None))
ax.set_title("Transposed convolution with stride 2, on a constant map")
ax.legend()

# %% [markdown]
# **What to see.** Sizes divisible by the stride help, but don't solve the problem: random 4x4 weights are less uneven
# than 3x3 or 5x5 ones, but still uneven, and a random 2x2 kernel is nearly as bad as a 3x3. Larger kernels are more
# even because more weights go into each sum. A network can learn to make the sums equal, but the layer doesn't enforce
# it.
#
# Now we reduce a photograph by a factor of four and enlarge it again with two transposed convolutions of stride 2:

# %%
quarter = grey[100:292, 200:456].reshape(48, 4, 64, 4).mean(axis=(1, 3))  # (48, 64), means of 4x4 pixels
bilinear = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
ones, noisy = np.ones((3, 3)), rng.uniform(size=(4, 4))
ways = {
    "3x3, ones": ones * 4 / ones.sum(),
    "4x4, random": noisy * 4 / noisy.sum(),
    "4x4, bilinear": bilinear,
}  # each sums to 4 = stride², which keeps the brightness
fig, axes = plt.subplots(1, 4, figsize=(15, 3.6), layout="constrained")
axes[0].imshow(quarter, cmap="gray", vmin=0, vmax=1)
axes[0].set_title("48x64", fontsize=13)
for ax, (name, kernel) in zip(axes[1:], ways.items(), strict=True):
    picture = quarter
    for _ in range(2):
        picture = transposed_convolution_2d(picture, kernel, stride=2, padding=1)
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(f"{name}: {picture.shape[0]}x{picture.shape[1]}", fontsize=13)
for ax in axes:
    ax.set_axis_off()
resize = keras.layers.UpSampling2D(2, interpolation="bilinear", dtype="float64")
up = np.asarray(resize(quarter[np.newaxis, :, :, np.newaxis]))[0, :, :, 0]
once = transposed_convolution_2d(quarter, bilinear, stride=2, padding=1)
print(f"bilinear, largest difference from UpSampling2D inside = {np.abs(up - once)[1:-1, 1:-1].max():.1e}")

# %% [markdown]
# **What to see.** The kernel of ones puts a grid over everything, most visible in the uniform sky. Random 4x4 weights
# give a finer texture. The third kernel is bilinear interpolation: smooth except at the border, and equal to
# `UpSampling2D(interpolation="bilinear")`. A transposed convolution can be initialised with these weights, or replaced
# by an interpolation followed by a convolution (Odena et al. 2016, "Deconvolution and checkerboard artifacts").
#
# ## Question 5: what has the transpose to do with the gradient?
#
# Let $F$ be any loss of the output $o = U x$. By the chain rule $\partial F / \partial x = U^t \, \partial F / \partial
# o$. So backpropagation through a convolution *is* the transposed convolution, and backpropagation through a transposed
# convolution is a convolution. TensorFlow agrees:

# %%
settings = {"stride": 2, "padding": 1}
images, kernel = rng.normal(size=(3, 9, 9)), rng.normal(size=(4, 3, 3, 3))
target = rng.normal(size=cross_correlate_2d(images, kernel, **settings).shape)  # F = 1/2 |o - target|²
padded = tf.Variable(np.pad(images, ((0, 0), (1, 1), (1, 1))).transpose(1, 2, 0)[np.newaxis])
with tf.GradientTape() as tape:
    outputs = tf.nn.conv2d(padded, kernel.transpose(2, 3, 1, 0), strides=2, padding="VALID")
    loss = tf.reduce_sum((outputs - target.transpose(1, 2, 0)) ** 2) / 2
by_tape = tape.gradient(loss, padded).numpy()[0, 1:-1, 1:-1].transpose(2, 0, 1)
by_transpose = transposed_convolution_2d(cross_correlate_2d(images, kernel, **settings) - target, kernel, **settings)
print(f"gradient by the image, largest difference from tf.GradientTape = {np.abs(by_tape - by_transpose).max():.1e}")

# %% [markdown]
# With the gradient we can deconvolve after all, in many steps. We look for the image $x$ whose blur is the given
# picture $b$ by gradient descent on $\frac12 \lVert U x - b \rVert^2$. The gradient is $U^t (U x - b)$, so each step
# takes one convolution and one transposed convolution.

# %%
sharp = grey[120:280, 210:370]  # 160x160
bell = np.exp(-(np.arange(-4, 5) ** 2) / (2 * 1.8**2))
blur = np.outer(bell, bell) / bell.sum() ** 2  # 9x9, standard deviation 1.8 pixels
blurry = cross_correlate_2d(sharp, blur, padding=4)
U = convolution_matrix(blur, sharp.shape, padding=4)
U_transposed = U.T.tocsr()
guess, errors = blurry.ravel(), []
for _ in range(501):
    errors.append(np.sqrt(np.mean((guess.reshape(sharp.shape) - sharp)[8:-8, 8:-8] ** 2)))
    guess = guess - 1.9 * U_transposed @ (U @ guess - blurry.ravel())
for step in (0, 500):
    print(f"after {step} steps, distance from the sharp photograph (grey levels) = {255 * errors[step]:.1f}")

# %%
fig, axes = plt.subplots(1, 4, figsize=(15, 4), width_ratios=(1, 1, 1, 1.2), layout="constrained")
pictures = {"sharp": sharp, "blurred": blurry, "after 500 steps": guess.reshape(sharp.shape)}
for ax, (name, picture) in zip(axes, pictures.items(), strict=False):
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
    ax.set_title(name, fontsize=13)
    ax.set_axis_off()
axes[3].plot(255 * np.array(errors), "C0-", linewidth=2)
axes[3].set(xlabel="step of gradient descent", ylabel="distance (grey levels of 255)")

# %% [markdown]
# **What to see.** The outlines come back: columns and eaves look nearly like the original, with ringing along the
# strongest edges. The distance falls quickly at first and then ever more slowly. The finest detail, such as the stripes
# of the upper roof, stays lost: patterns that the blur multiplies by nearly 0 are also multiplied by nearly 0 by its
# transpose, so they hardly appear in the gradient. A single application of $U^t$ would have blurred the image a second
# time. Only many steps, each applied to the remaining error, turn the transpose into something like an inverse.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start convolution_matrix`. Then explore:
#
# 1. Let the image wrap around (`np.pad(x, 1, mode="wrap")` before the window moves). Now $U$ of the 4x4 image is 16 x
#    16 and every block *is* circulant. Show that the 2D Fourier transform makes it diagonal: the transform of the
#    output is the transform of the image, with each frequency multiplied by one number.
# 2. Build $U$ of the 9x9 `blur` of question 5 on a 12x12 image, with `padding=4`, and look at
#    `np.linalg.svd(U.toarray())[1]`. Which images does the blur nearly erase, and what would dividing by the smallest
#    singular value do to noise of one grey level?
# 3. Add noise of one grey level to `blurry` before the descent. After how many steps is the result best, and why isn't
#    the last step the best?
# 4. Enlarge by `keras.layers.UpSampling2D(2)` (nearest) followed by a 3x3 convolution with random weights, on a
#    constant map. Is there a checkerboard? Compare the number of multiplications with that of the 4x4 transposed
#    convolution.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. All 16 blocks are circulant, and so is their arrangement. With $F$ the matrix of the 2D transform, $F U F^{-1}$ is
#    diagonal (the largest other entry is 0), and its numbers are the conjugate transform of the kernel, of magnitude 1
#    to 21: a cross-correlation, not a convolution, hence conjugate.
# 2. The singular values go from 0.86 to 1.5e-5, and 103 of the 144 are below 0.01. Those images that are nearly erased
#    change sign from pixel to pixel: in that of the smallest value 91 % of the neighbours have opposite signs. Noise of
#    one grey level in that direction would become 67,000 grey levels.
# 3. Best after 744, 721 and 730 steps (seeds 0 to 2), with a distance of 25.0 grey levels; it starts at 29.8 and is
#    28.3 after 3000 steps. Without noise it is 24.2 after 500 and 20.6 after 3000, and still falls. The large singular
#    values come back first; late steps mostly enlarge the noise in the directions of the small ones.
# 4. None: a constant map is still constant after `UpSampling2D`, and each pixel meets the same nine weights. The
#    unevenness is 0 for each of 2,000 random kernels (away from the border, where zeros are padded). It takes 9
#    multiplications per pixel of the output; the transposed convolution takes 16 per pixel of the *input*, which is 4
#    per pixel of the output.
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
