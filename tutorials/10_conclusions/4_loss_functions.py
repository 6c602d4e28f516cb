# %% [markdown]
r"""# Which loss does what?

Chapter 10 of the deck lists loss functions among the important points it did not see. Here the same data are fitted
with different losses: a line through outliers, a class of one in fifty, a mask of few pixels, a plane in which digits
of one class lie together.

```
python tutorials/10_conclusions/4_loss_functions.py
```

Measured with that command in 19 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| error of the slope, squared loss | 0.84 | ± 0.01 |
| error of the slope, absolute loss | 0.03 | ± 0.01 |
| error of the slope, Huber loss | 0.08 | ± 0.01 |
| recall of the rare class, cross-entropy | 0.26 | ± 0.03 |
| recall of the rare class, weighted cross-entropy | 0.87 | ± 0.03 |
| average precision, cross-entropy | 0.495 | ± 0.01 |
| average precision, focal | 0.495 | ± 0.01 |
| mean probability of the rare class, focal | 0.107 | ± 0.01 |
| share of the square that is found, cross-entropy | 0.52 | ± 0.03 |
| share of the square that is found, Dice | 0.68 | ± 0.03 |
| accuracy of the neighbours, principal components | 0.64 | ± 0.03 |
| accuracy of the neighbours, triplet | 0.76 | ± 0.05 |
| departures of Keras from the textbook | 8 | ± 0 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score
from sklearn.neighbors import KNeighborsClassifier

from keras_course.numerics import losses
from keras_course.numerics.activations import sigmoid
from keras_course.numerics.optimizers import adam_step, lbfgs
from keras_course.visualization import plot_losses

# %% [markdown]
# ## Question 1: what does a loss do with an outlier?
#
# Four losses of an error $e = f - t$, each with its derivative. The derivative says how hard a sample pulls at the
# prediction.

# %%
DELTA = 1.0


def squared(e):
    """Pulls in proportion to the error."""
    return e**2, 2 * e


def absolute(e):
    """Pulls with one force."""
    return np.abs(e), np.sign(e)


def huber(e):
    """Pulls in proportion up to DELTA."""
    small = np.abs(e) <= DELTA
    return np.where(small, e**2 / 2, DELTA * (np.abs(e) - DELTA / 2)), np.where(small, e, DELTA * np.sign(e))


def log_cosh(e):
    """Pulls with tanh e."""
    return np.log(np.cosh(e)), np.tanh(e)


error = np.linspace(-4, 4, 401)
ours = {"squared": squared, "absolute": absolute, "Huber": huber, "log-cosh": log_cosh}
fig = plot_losses(error, {name: losses.Loss(*loss(error)) for name, loss in ours.items()}, xlabel="error e = f - t")
fig.axes[0].set_ylim(0, 6)

# %% [markdown]
# **What to see.** The pull of the squared loss (right) grows with the error without limit: one sample that is wrong by
# 20 pulls as hard as twenty that are wrong by 1. The pull of the others stops at 1. Huber's and log-cosh have no kink
# at 0: near the minimum they are parabolas, and their steps get smaller by themselves.
#
# `keras_course.numerics.losses` has them with checks, and without the overflow of $\cosh$:

# %%
package = (losses.squared_loss, losses.absolute_loss, losses.huber_loss, losses.log_cosh_loss)
for (name, loss), checked in zip(ours.items(), package, strict=True):
    print(f"{name}: as in the package: {np.allclose(loss(error), checked(error, 0 * error))}")
print("log cosh 1000 =", losses.log_cosh_loss([1000.0], [0.0]).value.item(), "though cosh 1000 is beyond floats")

# %% [markdown]
# A line $t = 2x + 1$ with noise; eight of the eighty samples were written down wrongly.

# %%
generator = np.random.default_rng(0)
x = np.sort(generator.uniform(-3, 3, 80))
t = 2 * x + 1 + generator.normal(0, 0.5, 80)
wrong = generator.choice(np.flatnonzero(x > 0), 8, replace=False)
t[wrong] -= generator.uniform(8, 20, 8)
design = np.stack([np.ones_like(x), x], axis=1)


def fit(loss):
    """Returns intercept and slope with the least mean loss."""

    def value(w):
        return loss(design @ w - t)[0].mean()

    def gradient(w):
        return design.T @ loss(design @ w - t)[1] / len(t)

    return lbfgs(value, gradient, np.zeros(2)).path[-1]


lines = {name: fit(loss) for name, loss in ours.items()}
for name, (_, slope) in lines.items():
    print(f"error of the slope, {name} loss = {abs(slope - 2):.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
ax.plot(x, t, ".", color="0.5", label="samples")
ax.plot(x[wrong], t[wrong], "kx", label="written down wrongly")
for (name, (intercept, slope)), style in zip(lines.items(), ["C0-", "C1--", "C2-.", "C3:"], strict=True):
    ax.plot(x, intercept + slope * x, style, linewidth=2, label=name)
ax.set(xlabel="x", ylabel="t", title="One line per loss")
ax.legend()

# %% [markdown]
# **What to see.** The squared loss looks for the mean of $t$ at each $x$, and outliers move a mean. The absolute loss
# looks for the median, which they leave nearly where it was; Huber's and log-cosh lie between, close to the median.
# If the large errors are true (a rare but real event), the mean may be what you want: the loss decides what is
# estimated.
#
# ## Question 2: what does a loss do with a rare class?
#
# For two classes a loss is a function of the margin $z = \pm d$, the logit with the sign of the right class. Focal loss
# multiplies cross-entropy by $(1 - p_t)^\gamma$: what is right already counts next to nothing.


# %%
def cross_entropy(z):
    """Returns -log p_t and its derivative."""
    return np.logaddexp(0, -z), -sigmoid(-z)


def focal(z, gamma=2.0):
    """Returns (1 - p_t)^γ times cross-entropy, and the derivative of the product."""
    p, nats = sigmoid(z), np.logaddexp(0, -z)
    return (1 - p) ** gamma * nats, -((1 - p) ** gamma) * (gamma * p * nats + 1 - p)


def hinge(z):
    """Asks for a margin of 1."""
    return np.maximum(1 - z, 0), np.where(z < 1, -1.0, 0.0)


margin = np.linspace(-4, 4, 401)
of_margin = {"cross-entropy": cross_entropy, "focal": focal, "hinge": hinge}
package = {"focal": losses.binary_focal_loss, "hinge": losses.hinge_loss}
for name, checked in package.items():
    print(f"{name}: as in the package: {np.allclose(of_margin[name](margin), checked(margin, np.ones_like(margin)))}")
curves = {name: losses.Loss(*loss(margin)) for name, loss in of_margin.items()}
fig = plot_losses(margin, curves, xlabel="margin z (right where positive)")

# %% [markdown]
# **What to see.** Cross-entropy never stops pulling. The hinge stops at a margin of 1: the samples beyond it could be
# left out, those inside are the support vectors. Focal loss hardly pulls at what is right, and pulls like
# cross-entropy, or a little more, at what is wrong.
#
# One sample in fifty is of the rare class, and the two classes overlap. We fit the same linear classifier with
# cross-entropy, with the rare class weighted by 49, and with focal loss, each to its minimum.


# %%
def blobs(count, generator):
    """Returns points of the plane with a 1 in front, and classes: 2 % are of class 1."""
    labels = (generator.uniform(size=count) < 0.02).astype(float)
    points = generator.normal(size=(count, 2)) + 1.6 * labels[:, np.newaxis]
    return np.column_stack([np.ones(count), points]), labels


points, labels = blobs(20_000, np.random.default_rng(1))
new_points, new_labels = blobs(20_000, np.random.default_rng(2))
sign = 2 * labels - 1


def fit_classifier(loss, weight=1.0):
    """Returns offset and direction with the least mean loss."""
    weights = np.where(labels == 1, weight, 1.0)

    def value(w):
        return np.mean(weights * loss(sign * (points @ w))[0])

    def gradient(w):
        return points.T @ (weights * sign * loss(sign * (points @ w))[1]) / len(labels)

    return lbfgs(value, gradient, np.zeros(3)).path[-1]


classifiers = {
    "cross-entropy": fit_classifier(cross_entropy),
    "weighted cross-entropy": fit_classifier(cross_entropy, weight=49.0),
    "focal": fit_classifier(focal),
}

# %%
for name, weights in classifiers.items():
    p = sigmoid(new_points @ weights)
    found = p > 0.5
    print(f"recall of the rare class, {name} = {found[new_labels == 1].mean():.2f}")
    print(f"    precision {new_labels[found].mean() if found.any() else np.nan:.2f}")
    print(f"average precision, {name} = {average_precision_score(new_labels, p):.3f}")
    print(f"mean probability of the rare class, {name} = {p.mean():.3f}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(11, 3.9), layout="constrained", sharey=True)
some = np.flatnonzero(new_labels == 0)[:1500]
rare = np.flatnonzero(new_labels == 1)[:100]
grid = np.linspace(-4, 5, 101)
plane = np.stack(np.meshgrid(grid, grid), axis=-1)
for ax, (name, (offset, *direction)) in zip(axes, classifiers.items(), strict=True):
    ax.plot(*new_points[some, 1:].T, ".", color="0.8", markersize=2)
    ax.plot(*new_points[rare, 1:].T, "C1^", markersize=4)
    lines_of_p = ax.contour(grid, grid, sigmoid(plane @ direction + offset), levels=[0.05, 0.5, 0.95], colors="C0")
    ax.clabel(lines_of_p)
    ax.set(title=name, xlabel="$x_1$")
axes[0].set_ylabel("$x_2$")
fig.suptitle("Probability of the rare class (triangles)")

# %% [markdown]
# **What to see.** The three lines $p = 1/2$ are nearly parallel: all three rank the samples alike, and the average
# precision, which depends on the ranking alone, is the same. What differs is the numbers. Cross-entropy says what is
# true: its mean probability is the share of the class, and at 1/2 it finds few of a class of 2 %. The weight of 49
# moves the line as if both classes were equally frequent. Focal loss leaves the line where it was and draws all
# probabilities towards 1/2: their mean is five times the share of the class. A threshold chosen on validation data does
# for cross-entropy what the weight does, and keeps probabilities that mean something. A loss for imbalance earns its
# place where the model can't fit everything, or where the many easy samples of a detector drown the few hard ones in
# each batch.
#
# ## Question 3: what does a loss do with a mask of few pixels?
#
# Dice's loss is one minus the overlap of a whole mask, $1 - 2 \sum p y / (\sum p + \sum y)$: true background adds
# nothing to either sum. Tversky's weights what is wrongly taken ($\alpha$) and what is missed ($\beta$).


# %%
def tversky(p, y, alpha, beta):
    """Returns the loss of one mask and its gradient with respect to p."""
    hit, taken, missed = (p * y).sum(), (p * (1 - y)).sum(), ((1 - p) * y).sum()
    whole = hit + alpha * taken + beta * missed
    return 1 - hit / whole, -(y - hit / whole * (y + alpha * (1 - y) - beta * y)) / whole


p, y = generator.uniform(size=(1, 50)), np.float64(generator.uniform(size=(1, 50)) < 0.2)
for alpha, beta in ((0.5, 0.5), (0.3, 0.7)):
    package = losses.tversky_loss(p, y, alpha=alpha, beta=beta)
    value, gradient = tversky(p, y, alpha, beta)
    same = np.allclose(value, package.value) and np.allclose(gradient, package.gradient)
    print(f"Tversky, alpha = {alpha}, beta = {beta}: as in the package: {same}")


# %% [markdown]
# Pictures of 32x32 pixels of noise, each with a brighter square of 4x4: 1.6 % of its pixels. A pixel's probability is
# a logistic regression on the mean brightness of the windows of 1, 3, 5 and 7 pixels around it.


# %%
def scenes(count, generator):
    """Returns features of shape (count, 1024, 5) and masks of shape (count, 1024)."""
    masks = np.zeros((count, 32, 32))
    for mask in masks:
        row, column = generator.integers(0, 28, 2)
        mask[row : row + 4, column : column + 4] = 1
    pictures = generator.normal(size=masks.shape) + 1.2 * masks
    features = [np.ones_like(pictures)]
    for size in (1, 3, 5, 7):
        padded = np.pad(pictures, ((0, 0), *[(size // 2, size // 2)] * 2))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
        features.append(size * windows.mean(axis=(3, 4)))  # times the size: of noise all have spread 1
    return np.stack(features, axis=-1).reshape(count, 1024, 5), masks.reshape(count, 1024), pictures


features, masks, _ = scenes(200, np.random.default_rng(3))
new_features, new_masks, new_pictures = scenes(200, np.random.default_rng(4))


# %%
def fit_masks(loss):
    """Minimises the mean loss of the masks; `loss` takes p and y and returns values and ∂/∂p of their sum."""

    def value(w):
        return loss(sigmoid(features @ w), masks).value.mean()

    def gradient(w):
        p = sigmoid(features @ w)
        return np.einsum("ip,ipf->f", loss(p, masks).gradient * p * (1 - p), features) / len(masks)

    return lbfgs(value, gradient, np.array([-2.0, 0.2, 0.2, 0.2, 0.2]), num_steps=200).path[-1]


def entropy_of_masks(p, y):
    """Returns the mean cross-entropy over the pixels of each mask."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    values = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=1)
    return losses.Loss(values, (p - y) / (p * (1 - p)) / y.shape[1])


fitted = {
    "cross-entropy": fit_masks(entropy_of_masks),
    "Dice": fit_masks(losses.dice_loss),
    "Tversky, missed pixels times 4": fit_masks(lambda p, y: losses.tversky_loss(p, y, alpha=0.5, beta=2.0)),
}

# %%
maps = {name: sigmoid(new_features @ weights) for name, weights in fitted.items()}
for name, p in maps.items():
    taken = p > 0.5
    hits = (taken * new_masks).sum()
    print(f"Dice of the masks, {name} = {2 * hits / (taken.sum() + new_masks.sum()):.2f}")
    print(f"share of the square that is found, {name} = {hits / new_masks.sum():.2f}")

# %%
fig, axes = plt.subplots(2, 4, figsize=(11, 5.6), layout="constrained")
for row, picture in zip(axes, (1, 2), strict=True):
    row[0].imshow(new_pictures[picture], cmap="gray")
    for ax, (name, p) in zip(row[1:], maps.items(), strict=True):
        ax.imshow(p[picture].reshape(32, 32), vmin=0, vmax=1)
        ax.contour(new_masks[picture].reshape(32, 32), levels=[0.5], colors="white", linewidths=1)
        ax.set_title(name if picture == 1 else "", fontsize=9)
for ax in axes.flat:
    ax.axis("off")
fig.suptitle("Two pictures, and the probability of the square (white: where it is)")

# %% [markdown]
# **What to see.** Cross-entropy takes 98 % background for what it is: few pixels reach 1/2. Dice's loss asks for the
# overlap and gets more of it; its probabilities are near 0 or 1, whether or not the pixel is certain. Tversky's loss
# finds more of the square, and takes more of what is none.
#
# ## Question 4: what does a loss do with distances?
#
# Contrastive loss pulls pairs of one class together and pushes others apart, up to a margin; triplet loss compares a
# pair with another pair; InfoNCE asks each sample to find its partner among all in the batch. Each of them trains the
# same linear map from 64 pixels to two numbers.

# %%
digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.target))
pixels, classes = digits.data[order] / 16 - 0.3, digits.target[order]
train, test = slice(0, 1200), slice(1200, None)


def pairs(generator):
    """Returns positions of ten anchors, one per class, of partners of the same classes, and of others."""
    chosen = [generator.choice(np.flatnonzero(classes[train] == digit), 2, replace=False) for digit in range(10)]
    anchors, partners = np.transpose(chosen)
    return anchors, partners, np.roll(partners, generator.integers(1, 10))


def train_map(loss, steps=3000, rate=0.01):
    """Trains (64, 2) weights with Adam; `loss` takes the embeddings of anchors, partners and others."""
    generator = np.random.default_rng(0)
    weights, state = 0.1 * generator.normal(size=(64, 2)), None
    for step in range(steps):
        chosen = pairs(generator)
        found = loss(*(pixels[some] @ weights for some in chosen))
        slopes = zip(chosen, found.gradients, strict=False)  # InfoNCE has no third argument
        gradient = sum(pixels[some].T @ slope for some, slope in slopes) / 10
        weights, state = adam_step(weights, gradient, state, learning_rate=rate * (1 - step / steps))
    return weights


# %%
def contrastive(anchors, partners, others):
    """Pulls at ten pairs of one class each, and pushes ten pairs of two classes."""
    near = losses.contrastive_loss(anchors, partners, np.ones(10), margin=3.0)
    far = losses.contrastive_loss(anchors, others, np.zeros(10), margin=3.0)
    slopes = near.gradients[0] + far.gradients[0], near.gradients[1], far.gradients[1]
    return losses.EmbeddingLoss(near.value + far.value, slopes)


embeddings = {
    "principal components": PCA(2).fit(pixels[train]).components_.T,
    "contrastive": train_map(contrastive),
    "triplet": train_map(lambda a, p, n: losses.triplet_loss(a, p, n, margin=1.0)),
    "InfoNCE": train_map(lambda a, p, _: losses.info_nce_loss(a, p, temperature=1.0)),
}
fig, axes = plt.subplots(2, 2, figsize=(9, 8), layout="constrained")
for ax, (name, weights) in zip(axes.flat, embeddings.items(), strict=True):
    places = pixels @ weights
    judge = KNeighborsClassifier(10).fit(places[train], classes[train])
    print(f"accuracy of the neighbours, {name} = {judge.score(places[test], classes[test]):.2f}")
    ax.scatter(*places[test].T, c=classes[test], cmap="tab10", s=8)
    ax.set(title=name)
fig.suptitle("600 test digits in the plane, one colour per class")

# %% [markdown]
# **What to see.** Principal components know nothing of classes. The three losses see pairs only, never the name of a
# class, and sort the digits into groups, in which ten neighbours guess the class more often. Which of the three is
# best here is within what another seed changes.
#
# ## Question 5: does Keras compute what the textbook says?
#
# Mostly. The table has one row for each place where it doesn't.

# %%
k = keras.losses
empty, one_hot = np.zeros((1, 4)), np.array([[1.0, 0.0]])
confident = np.array([[0.0, 20.0]])  # wrong by 20 logits
mask, all_taken = np.array([[1.0, 0.0, 0.0, 0.0]]), np.array([[1.0, 1.0, 1.0, 0.0]])
departures = {
    "Dice of two empty masks": (k.dice(empty, empty), losses.dice_loss(empty, empty)),
    "Tversky, alpha = 1, beta = 0, two pixels wrongly taken": (
        k.tversky(mask, all_taken, alpha=1.0, beta=0.0),
        losses.tversky_loss(all_taken, mask, alpha=1.0, beta=0.0),
    ),
    "binary focal loss, alpha = 1/4, p = 1/2": (
        k.binary_focal_crossentropy([[1.0]], [[0.5]], alpha=0.25),
        losses.binary_focal_loss([0.0], [1], alpha=0.25),
    ),
    "focal loss of classes, p = 1/2": (
        k.categorical_focal_crossentropy(one_hot, np.zeros((1, 2)), from_logits=True),
        losses.categorical_focal_loss([[0.0, 0.0]], [0]),
    ),
    "focal loss of classes, wrong by 20 logits": (
        k.categorical_focal_crossentropy(one_hot, confident, alpha=1.0, from_logits=True),
        losses.categorical_focal_loss(confident, [0]),
    ),
}

# %%
departures |= {
    "Kullback-Leibler of a certain class from its opposite": (
        k.kl_divergence(one_hot, one_hot[:, ::-1].copy()),
        losses.kl_divergence(one_hot, one_hot[:, ::-1]),
    ),
    "hinge of classes, right by 3": (
        k.categorical_hinge(one_hot, [[-2.0, -5.0]]),
        losses.categorical_hinge_loss([[-2.0, -5.0]], [0]),
    ),
    "log-cosh of an error of 1e-4, float32": (
        k.log_cosh(np.zeros((1, 1), np.float32), np.full((1, 1), 1e-4, np.float32)),
        losses.log_cosh_loss(np.float32([1e-4]), np.float32([0])),
    ),
}
print(f"{'':56}{'Keras':>10}{'textbook':>10}")
for name, (of_keras, textbook) in departures.items():
    print(f"{name:56}{np.ravel(of_keras)[0]:10.3g}{textbook.value[0]:10.3g}")
print(f"departures of Keras from the textbook = {len(departures)}")

# %% [markdown]
# **What to see.**
#
# - An image without the object is a perfect prediction when nothing is predicted; Keras's `Dice` and `Tversky` charge
#   the full price for it, and no gradient leads away. Both also sum over the whole batch unless `axis` is given.
# - `alpha` and `beta` of `Tversky` are exchanged: its `alpha` weights the pixels that are missed.
# - `alpha` of `BinaryFocalCrossentropy` is ignored unless `apply_class_balancing=True`. That of
#   `CategoricalFocalCrossentropy` is 1/4 unless told otherwise, for all classes, which is a smaller learning rate.
# - Keras keeps probabilities in $[10^{-7}, 1 - 10^{-7}]$. A focal loss of classes is 16.1 at most, and from there on
#   the sample that is worst has no gradient at all. `KLDivergence` is never infinite. Losses with
#   `from_logits=True` other than this one are computed from the logits and don't clip.
# - In `CategoricalHinge` the right class stands among its own rivals with a score of 0.
# - `LogCosh` subtracts $\log 2$ from a number near it, which in float32 leaves nothing of small errors.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start softmax_cross_entropy` (and `focal_loss`). Then
# explore:
#
# 1. Move the outliers of question 1 ten times as far from the true line. Which lines move, and why don't the others?
# 2. Choose the threshold of question 2's cross-entropy such that it finds as many of the rare class as the weighted
#    one. How do their precisions compare?
# 3. Fit question 3 with `losses.iou_loss`. Is the minimum where Dice's is?
# 4. Set the temperature of InfoNCE to 0.1 in question 4. What becomes of the groups?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Only the line of the squared loss: its slope goes from 1.16 to -6.31, an error of 8.3 instead of 0.84. The other
#    three don't change in four digits. Their pull at an outlier is $\pm 1$ however far away it is, so what counts is on
#    which side it lies. (The slope 1.975 of the absolute loss is where L-BFGS stops at a kink; the exact minimum, by
#    linear programming, is at 1.985, and doesn't move either.)
# 2. The threshold is 0.021, close to the share of the class. Both find 354 of the 406 samples of the rare class among
#    the 20,000 new ones, with a precision of 0.134. If the threshold is chosen on the 20,000 training samples, as it
#    should be, 0.867 are found, with a precision of 0.134 again.
# 3. Nearly: the masks find 0.676 of the square with both, with a Dice of 0.655 for the IoU loss and 0.649 for Dice's.
#    For one mask they must agree, $\mathrm{IoU} = D / (2 - D)$ grows with $D$; the mean over 200 masks weights them
#    differently. On the training masks each is a little better on its own loss (Dice 0.339 and 0.340, IoU 0.481 and
#    0.478). Both run off to weights of 4,000 and more, where every probability is 0 or 1 and no gradient is left.
# 4. The picture shrinks to a third and stays the same otherwise: the spread within a class falls from 0.72 to 0.23,
#    that of the centres from 1.6 to 0.51, the mean of three seeds (0 to 2). The loss depends on $x^t y / \tau$, so
#    weights that are $\sqrt{0.1} = 0.32$ times as long give the same loss. The ten neighbours are right for 0.72, 0.66
#    and 0.75 of the test digits, with a temperature of 1 for 0.73, 0.74 and 0.71.
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
