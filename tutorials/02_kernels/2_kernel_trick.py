# %% [markdown]
r"""# How can a straight cut separate circles?

Chapter 2 of the deck, "Unlearned feature space-Kernel": "We can also choose a feature space represented by a kernel".
Chapter 3 adds the trick: "only the dot product of two feature is needed, no need to create feature map ϕ". Here we
compute the map once, to see that the kernel doesn't need it; then kernels fit curves and classify real digits. (The
rings of question 1 and the curve of questions 3 and 4 are simulated; the digits are scans.)

```
python tutorials/02_kernels/2_kernel_trick.py
```

Measured with that command in 20 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| rings, accuracy of a linear classifier in the plane | 0.478 | ± 0.03 |
| rings, accuracy of a linear classifier lifted | 0.989 | ± 0.005 |
| 64 features, M = 4, columns of the map | 814385 | ± 0 |
| RBF, best γ, test error there | 0.320 | ± 0.005 |
| linear kernel, test accuracy | 0.939 | ± 0.01 |
| polynomial kernel, test accuracy | 0.983 | ± 0.01 |
| RBF kernel, test accuracy | 0.986 | ± 0.01 |
"""

# %%
import math
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import scipy.linalg
from matplotlib.animation import FuncAnimation, PillowWriter

from keras_course.data import load_images
from keras_course.numerics.features import (
    fit_kernel_ridge,
    linear_kernel,
    polynomial_feature_map,
    polynomial_kernel,
    predict_kernel_ridge,
    rbf_kernel,
)
from keras_course.numerics.linear_regression import fit_ridge, linear_model

# %% [markdown]
# ## Question 1: what does a feature space change?
#
# We draw two rings of points around the origin. No straight line separates the inner from the outer. The map $\phi(x) =
# (x_1^2, \; \sqrt2 \, x_1 x_2, \; x_2^2)$ sends the plane into three dimensions.


# %%
rng = np.random.default_rng(0)


def draw_rings(points):
    """Draws points on two noisy rings; returns positions (2 points, 2) and classes -1 (inner) or 1 (outer)."""
    radius = np.repeat([1.0, 2.0], points) + rng.normal(0, 0.2, size=2 * points)
    angle = rng.uniform(0, 2 * np.pi, size=2 * points)
    return radius[:, np.newaxis] * np.column_stack([np.cos(angle), np.sin(angle)]), np.repeat([-1.0, 1.0], points)


def lift(x):
    """Computes φ(x) = (x₁², √2 x₁x₂, x₂²); shape (points, 3)."""
    return np.column_stack([x[:, 0] ** 2, math.sqrt(2) * x[:, 0] * x[:, 1], x[:, 1] ** 2])


rings, classes = draw_rings(100)
new_rings, new_classes = draw_rings(1000)
accuracy = {}
for name, phi in {"in the plane": np.asarray, "lifted": lift}.items():
    omega = fit_ridge(phi(rings), classes, 1e-3)  # least squares on -1 and 1; the sign decides
    accuracy[name] = np.mean(np.sign(linear_model(phi(new_rings), omega)) == new_classes)
    print(f"rings, accuracy of a linear classifier {name} = {accuracy[name]:.3f}")

# %%
styles = {-1: {"color": "C0", "marker": "o", "label": "inner"}, 1: {"color": "C1", "marker": "^", "label": "outer"}}


def draw_lifted(ax):
    """Draws the lifted rings and the plane where the classifier changes its sign."""
    for label, style in styles.items():
        ax.scatter(*lift(rings[classes == label]).T, s=18, **style)
    first, second = np.meshgrid([0, -omega[0] / omega[1]], [-3, 3])
    plane = -(omega[0] + omega[1] * first + omega[2] * second) / omega[3]
    ax.plot_surface(first, second, plane, color="0.5", alpha=0.4)
    ax.set(xlabel="$x_1^2$", ylabel="$\\sqrt{2} \\, x_1 x_2$", zlabel="$x_2^2$")
    ax.set(xlim=(0, 5), ylim=(-4, 4), zlim=(0, 5), xticks=range(6), yticks=(-4, 0, 4), zticks=range(6))
    ax.set_box_aspect((1, 1, 1))
    ax.set_proj_type("ortho")  # a plane seen along itself is a line


fig = plt.figure(figsize=(10, 4.8), layout="constrained")
flat, space = fig.add_subplot(1, 2, 1), fig.add_subplot(1, 2, 2, projection="3d")
for label, style in styles.items():
    flat.scatter(*rings[classes == label].T, s=18, **style)
flat.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", title="In the plane")
flat.legend(loc="upper right")
draw_lifted(space)
space.view_init(elev=8, azim=-80)
space.set_title("Lifted: the grey plane separates them")

# %% [markdown]
# When this runs as a script, it also saves a GIF in which this space rotates. (In a notebook, `%matplotlib widget` lets
# you rotate the figure above with the mouse.)

# %%
if "__file__" in globals():
    path = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name / f"{Path(__file__).stem}_lifted.gif"
    path.parent.mkdir(parents=True, exist_ok=True)
    turning = plt.figure(figsize=(5, 4.6))
    axes = turning.add_subplot(projection="3d", position=(0.02, 0.06, 0.88, 0.94))
    draw_lifted(axes)
    axes.legend(loc="upper left")
    angles = -57 - 30 * np.cos(np.linspace(0, 2 * np.pi, 32, endpoint=False))  # degrees; starts along the plane
    turn = FuncAnimation(turning, lambda angle: axes.view_init(elev=5, azim=angle), frames=angles)
    turn.save(path, PillowWriter(fps=8), dpi=80)
    plt.close(turning)
    print("figure:", path)

# %% [markdown]
# **What to see.** In the plane a linear classifier is no better than guessing. Lifted, all points lie on a cone (two
# numbers still determine all three), with the inner ring near its tip. If you look along the grey plane, the rings are
# on either side of it. The plane is $x_1^2 + x_2^2 = $ constant: a plane in the feature space, a circle in the input
# space. The remaining 1 % of errors is where the noisy rings overlap.
#
# ## Question 2: what is the trick?
#
# Multiply out $\phi(x)^t \phi(y) = x_1^2 y_1^2 + 2 x_1 x_2 y_1 y_2 + x_2^2 y_2^2 = (x^t y)^2$. The dot product in three
# dimensions is the square of the one in two: a *kernel*, $k(x, y) = (x^t y)^2$. In general, $(x^t y + c)^M$ is the dot
# product of two feature vectors that hold all products of up to $M$ features, with suitable factors.

# %%
by_map = lift(rings) @ lift(rings).T
by_kernel = (rings @ rings.T) ** 2
np.testing.assert_allclose(by_map, by_kernel, atol=1e-12)
np.testing.assert_allclose(by_kernel, polynomial_kernel(rings, rings, degree=2, offset=0), atol=1e-12)
print(f"largest difference between the map and the kernel {np.abs(by_map - by_kernel).max():.0e}")

vectors = rng.normal(size=(20, 8))
for degree in (2, 3, 5):
    phi = polynomial_feature_map(vectors, degree=degree)
    kernel = polynomial_kernel(vectors, vectors, degree=degree)
    relative = np.abs(phi @ phi.T - kernel).max() / np.abs(kernel).max()
    print(f"8 features, M = {degree}: {phi.shape[1]:5d} columns, relative difference to the kernel {relative:.0e}")

# %%
degrees = np.arange(1, 9)
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
sizes = {"2, a point": 2, "64, a digit": 64, "784, a Fashion-MNIST image": 784}
for (name, size), style in zip(sizes.items(), ["C0o", "C1s", "C2^"], strict=True):
    ax.plot(degrees, [math.comb(size + int(degree), int(degree)) for degree in degrees], f"{style}-", label=name)
    ax.axhline(size, color=style[:2], linestyle=":")
ax.set(xlabel="degree M", ylabel="multiplications for one pair", yscale="log")
ax.set_title("Line: columns of φ. Dotted: factors in $x^t y$")
ax.legend(title="features", loc="center left", bbox_to_anchor=(1, 0.5))
print("64 features, M = 4, columns of the map =", math.comb(68, 4))

# %% [markdown]
# **What to see.** With two features the trick saves nothing. For the 64 pixels of a digit and $M = 4$ the map has
# 814,385 columns while the kernel multiplies 64 pairs of numbers, adds 1 and takes the fourth power. The result is the
# same up to rounding.
#
# ## Question 3: how do you fit a model without the map?
#
# Ridge regression on $\phi$ is $\omega = (\phi^t\phi + \lambda I)^{-1} \phi^t t$. This $\omega$ is a weighted sum of
# the training points' $\phi(x_i)$: $\omega = \phi^t a$ with $a = (K + \lambda I)^{-1} t$ and $K = \phi\phi^t$, whose
# entries are $k(x_i, x_j)$. The prediction is $\phi(x)^t\omega = \sum_i a_i \, k(x, x_i)$: only dot products are left.

# %%
NOISE, RIDGE = 0.3, 0.1
x = np.sort(rng.uniform(0, 1, size=25))
t = np.sin(2 * np.pi * x) + rng.normal(0, NOISE, size=25)
grid = np.linspace(-0.1, 1.1, 241)

phi, phi_grid = (polynomial_feature_map(a, degree=5) for a in (x, grid))
omega = np.linalg.solve(phi.T @ phi + RIDGE * np.eye(6), phi.T @ t)  # six weights

kernel = partial(polynomial_kernel, degree=5)
dual = np.linalg.solve(kernel(x, x) + RIDGE * np.eye(25), t)  # one weight per training point
by_map, by_kernel = phi_grid @ omega, kernel(grid, x) @ dual
np.testing.assert_allclose(dual, fit_kernel_ridge(x, t, RIDGE, kernel))
np.testing.assert_allclose(by_kernel, predict_kernel_ridge(grid, x, dual, kernel))
print(f"largest difference between ridge on the map and kernel ridge {np.abs(by_map - by_kernel).max():.0e}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(10, 3.8), sharey=True, layout="constrained")
kernels = {
    "linear, $x^t y$": linear_kernel,
    "polynomial, $(x^t y + 1)^5$": kernel,
    "RBF, $\\exp(-20 \\, |x - y|^2)$": partial(rbf_kernel, gamma=20),
}
for ax, (name, k) in zip(axes, kernels.items(), strict=True):
    a = fit_kernel_ridge(x, t, RIDGE, k)
    ax.plot(grid, np.sin(2 * np.pi * grid), "k--", label="$\\sin 2\\pi x$")
    ax.plot(grid, predict_kernel_ridge(grid, x, a, k), "C1-", linewidth=2.5, label="kernel ridge")
    ax.plot(x, t, "C0o", markersize=5, label="training point")
    ax.set(xlabel="x", title=name, ylim=(-1.8, 1.8))
axes[0].set_ylabel("t")
axes[0].legend(loc="lower left", fontsize=9)

# %% [markdown]
# **What to see.** Both methods give the same prediction, one from six weights, the other from 25. That is the
# trade-off: there are as many unknowns as training points, however many features there are. The kernel alone decides
# which curves are possible. The linear kernel gives a line through the origin because it has no constant term; the $c$
# in $(x^t y + c)^M$ would provide one. The polynomial follows the sine roughly. The RBF kernel follows it better, and
# returns to 0 outside the points.
#
# ## Question 4: how wide is a bump?
#
# The RBF kernel, $k(x, y) = \exp(-\gamma |x - y|^2)$, has infinitely many features. The prediction is a sum of bumps,
# one per training point, each $1 / \sqrt{2\gamma}$ wide. If they are too narrow, nothing is left between the points; if
# they are too wide, all bumps look alike.

# %%
gammas = np.geomspace(1e-2, 1e5, 43)
x_test = rng.uniform(0, 1, size=500)
t_test = np.sin(2 * np.pi * x_test) + rng.normal(0, NOISE, size=500)
errors = []
for gamma in gammas:
    k = partial(rbf_kernel, gamma=gamma)
    a = fit_kernel_ridge(x, t, RIDGE, k)
    misses = (u - predict_kernel_ridge(place, x, a, k) for place, u in ((x, t), (x_test, t_test)))
    errors.append([np.sqrt(np.mean(miss**2)) for miss in misses])
errors = np.array(errors)
best = errors[:, 1].argmin()

# %%
fig = plt.figure(figsize=(10, 6.4), layout="constrained")
top, bottom = fig.subfigures(2, 1)
for ax, gamma in zip(top.subplots(1, 3, sharey=True), (0.1, gammas[best], 10_000), strict=True):
    k = partial(rbf_kernel, gamma=gamma)
    a = fit_kernel_ridge(x, t, RIDGE, k)
    ax.plot(grid, np.sin(2 * np.pi * grid), "k--")
    ax.plot(grid, k(grid, x) @ a, "C1-", linewidth=2)
    ax.plot(x, t, "C0o", markersize=4)
    digits = float(f"{gamma:.2g}")  # two of them
    ax.set(xlabel="x", title=f"γ = {digits:,g}, width {(2 * gamma) ** -0.5:.2g}", ylim=(-1.8, 1.8))
ax = bottom.subplots()
ax.plot(gammas, errors[:, 0], "C0o-", markersize=4, label="training")
ax.plot(gammas, errors[:, 1], "C1s-", markersize=4, label="test")
ax.axhline(NOISE, color="k", linestyle=":", label="noise")
ax.set(xlabel="γ (per squared unit of x)", ylabel="root-mean-square error", xscale="log", ylim=(0, 0.8))
ax.legend()
print(f"RBF, best γ {gammas[best]:.3g}")
print(f"RBF, best γ, test error there = {errors[best, 1]:.3f}")

# %% [markdown]
# **What to see.** Too wide (left): all bumps look alike, and with the penalty only a sloping line is left:
# underfitting. Too narrow (right): a spike at every point and 0 in between: overfitting. The training error keeps
# falling, while the test error has its minimum near $\gamma = 5$, where the bumps are a third of the interval wide.
# $\gamma$ is to this kernel what $M$ is to a polynomial.
#
# ## Question 5: can kernels classify digits?
#
# We use the 8x8 digits as vectors of 64 pixels and treat classification as regression: there are ten targets, 1 for the
# digit's own class and -1 for the nine others, and the largest of the ten predictions decides. One factorisation of
# $K + \lambda I$ serves all ten. $M$ and $\gamma$, and for the linear kernel $\lambda$, are chosen on the validation
# images; the test images are used only once.

# %%
data = load_images("digits", validation_fraction=0.2)


def as_vectors(images):
    """Collects the batches; returns pixels (images, 64) and labels (images,)."""
    images, labels = map(np.concatenate, zip(*images.as_numpy_iterator(), strict=True))
    return images.reshape(len(images), -1).astype(float), labels


pixels, labels = as_vectors(data.train)
pixels_val, labels_val = as_vectors(data.validation)
pixels_test, labels_test = as_vectors(data.test)
targets = np.where(labels[:, np.newaxis] == np.arange(10), 1.0, -1.0)  # (images, 10)


def read(kernel, ridge, images):
    """Fits kernel ridge to the training digits; returns the digits predicted for `images`."""
    gram = kernel(pixels, pixels)
    dual = scipy.linalg.cho_solve(scipy.linalg.cho_factor(gram + ridge * np.eye(len(gram))), targets)
    return (kernel(images, pixels) @ dual).argmax(axis=1)


# %%
affine = partial(polynomial_kernel, degree=1)  # the linear kernel with a constant
candidates = {("linear", ridge): (affine, ridge) for ridge in (0.1, 1, 10)}
for degree in (2, 3, 4):
    candidates |= {("polynomial", degree): (partial(polynomial_kernel, degree=degree), 1.0)}
for gamma in np.geomspace(1e-4, 10, 11):
    candidates |= {("RBF", gamma): (partial(rbf_kernel, gamma=gamma), 1e-2)}
validation = {key: np.mean(read(*choice, pixels_val) == labels_val) for key, choice in candidates.items()}
for (family, option), accuracy in validation.items():
    print(f"{family} {option:.3g}: {accuracy:.4f} of {len(labels_val)} validation digits right")

# %% [markdown]
# Is this still ridge regression on the map? For $M = 2$ the map of a digit has 2,145 columns, few enough to compute it
# and compare.

# %%
quadratic = partial(polynomial_kernel, degree=2)
phi, phi_val = (polynomial_feature_map(images, degree=2) for images in (pixels, pixels_val))
omega = np.linalg.solve(phi.T @ phi + np.eye(phi.shape[1]), phi.T @ targets)  # 2,145 equations
dual = np.linalg.solve(quadratic(pixels, pixels) + np.eye(len(pixels)), targets)  # as many as training digits
difference = np.abs(phi_val @ omega - quadratic(pixels_val, pixels) @ dual).max()
print(f"{phi.shape[1]} columns, {len(pixels)} digits; largest difference of the predictions {difference:.0e}")

# %%
families = ("linear", "polynomial", "RBF")
chosen = {family: max((key for key in candidates if key[0] == family), key=validation.get) for family in families}
test = {family: read(*candidates[key], pixels_test) for family, key in chosen.items()}
for family, answers in test.items():
    wrong = np.sum(answers != labels_test)
    print(f"{family}, chosen {chosen[family][1]:.3g}: {wrong} of {len(labels_test)} test digits wrong")
    print(f"{family} kernel, test accuracy = {1 - wrong / len(labels_test):.3f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
curve = {gamma: value for (family, gamma), value in validation.items() if family == "RBF"}
left.plot(curve.keys(), curve.values(), "C0o-")
left.set(xlabel="γ (per squared unit of a pixel)", ylabel="validation accuracy", xscale="log", title="RBF kernel")
powers = {1: max(validation[key] for key in candidates if key[0] == "linear")}
powers |= {degree: value for (family, degree), value in validation.items() if family == "polynomial"}
right.plot(powers.keys(), powers.values(), "C1s-")
right.set(xlabel="degree M", xticks=list(powers), title="Polynomial kernel (M = 1: linear)")

# %%
errors = {family: np.flatnonzero(test[family] != labels_test) for family in families}
shown = errors["RBF"][:8]
fig, axes = plt.subplots(1, max(1, len(shown)), figsize=(8, 2.3), layout="constrained", squeeze=False)
for ax, index in zip(axes.flat, shown, strict=False):
    ax.axis("off")
    ax.imshow(pixels_test[index].reshape(8, 8), cmap="gray_r")
    ax.set_title(f"true {labels_test[index]}\npredicted {test['RBF'][index]}", fontsize=10)

# %% [markdown]
# **What to see.** Without products of pixels, 22 of 360 test digits are misclassified. With products of two pixels it
# is 6, with the RBF kernel 5: no real difference between these two (one digit is 0.3 %), but both are far better
# than 22. The curve of $\gamma$ rises steeply and is then flat over three decades: bumps that are too narrow hurt less
# here than on the sine. Some of the five errors are hard for a human reader too.
#
# So why go on to chapter 4? $K$ has a row and a column for every training image: for the 60,000 of Fashion-MNIST that
# makes 29 GB, and each prediction visits all of them. And the features, however many there are, were fixed in advance:
# "A solution learn the feature space."
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start rbf_kernel` (and `kernel_ridge`). Then explore:
#
# 1. Move the rings: add `[3, 0]` to all points. Does `lift` still work? Does `polynomial_feature_map` with `offset=1`?
#    Which of its columns are needed now?
# 2. Let the class be the sign of $x_1 x_2$ (chapter 4 calls it XOR). Which single column of `lift` is enough?
# 3. Shuffle the 64 pixels, with the same permutation for all images. Predict the three test accuracies, then measure
#    them. What do these kernels use of the image structure? (Chapter 5 is about what they ignore.)
# 4. Train on 50, 100, 200, 500 and 1,150 digits. Which kernel needs the fewest? Is the order of the three always the
#    same?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. `lift` falls from 0.989 to 0.793: away from the origin a circle needs linear terms too. The map with `offset=1`
#    stays at 0.989. Of its six columns $\sqrt2 x_1$, $x_1^2$ and $x_2^2$ are enough (0.990); no other three reach 0.80.
#    (Means of 50 other draws: `lift` 0.988 before and 0.792 after, the map and the three columns 0.988.)
# 2. The middle one, $\sqrt2 \, x_1 x_2$: 0.97 of the new rings are right, with all three columns 0.93, in the plane
#    0.52. (A column that says nothing can only add noise.)
# 3. Nothing changes, not a single answer of the 360, for each of the three: these kernels depend on $x^t y$ or $|x -
#    y|$, and both are sums over pixels in any order. They don't use which pixels are neighbours.
# 4. With $\lambda$, $M$ and $\gamma$ as chosen in question 5, means of 10 draws of the digits: linear 0.71, 0.82, 0.89,
#    0.93 and 0.94; polynomial 0.85, 0.92, 0.957, 0.978 and 0.983; RBF 0.84, 0.92, 0.962, 0.982 and 0.986 (all 1,150:
#    one fit). The linear one is last in every draw, and needs 500 digits for what the other two have with 100 to 200.
#    Between those two there is no order: RBF is ahead in 2 of 10 draws with 50 digits, in 7 with 200.
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
