# %% [markdown]
r"""# What does weight decay do to a step, to a network, and under Adam?

Chapter 7 of the deck answers overfitting with "You can use weight decay": a penalty on the weights, eq. 48, whose
gradient is eq. 49. Here we check both, train an overfitting network with penalties of several sizes, and use Adam to
show when the penalty and the decay differ.

```
python tutorials/07_regularization/1_weight_decay.py
```

Measured with that command in 37 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| eq. 49 with L on the left, relative error | 1e-08 | × 20 |
| eq. 49 with F, as printed, on the left, relative error | 0.16 | ± 0.01 |
| end of gradient descent and ridge regression, largest difference | 0.0 | ± 1e-09 |
| no penalty, test cross-entropy (nats) | 0.77 | ± 0.12 |
| λ₂ chosen by validation, test cross-entropy (nats) | 0.54 | ± 0.06 |
| λ₂ chosen by validation, test accuracy | 0.83 | ± 0.04 |
| weights of blank pixels, λ₂ of 0.001, end over start | 0.6065 | ± 0.0005 |
| Adam, coupled, share left at g of 10 | 0.900 | ± 0.002 |
| AdamW, share left at g of 10 | 0.366 | ± 0.002 |
| Adam, coupled, batches of 442, distance to ridge regression | 0.0000 | ± 0.0005 |
| AdamW, decoupled, batches of 442, distance to ridge regression | 0.191 | ± 0.005 |
| AdamW, decoupled, batches of 34, distance to ridge regression with λ₂√v | 0.0003 | ± 0.003 |
| SGD, coupled and decoupled, largest difference of two weights | 0.0 | ± 1e-05 |
| Adam, coupled, in the loss, weights of blank pixels, end over start | 0.00 | ± 0.01 |
| Adam, decoupled, in the optimizer, weights of blank pixels, end over start | 0.980 | ± 0.001 |
| Adam, coupled, best λ₂ | 0.003 | × 4 |
| AdamW, decoupled, best λ₂ | 3 | × 4 |

In gradient descent the penalty and the decay are the same. In Adam they are not, and AdamW needs a λ₂ hundreds of times
as large.
"""

# %%
from dataclasses import replace
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

from keras_course.data import Examples, load_images
from keras_course.models import build_mlp
from keras_course.numerics.linear_regression import fit_least_squares, fit_ridge
from keras_course.numerics.network import Layer, backward, forward, initialize_layers, softmax_cross_entropy
from keras_course.numerics.optimizers import adam_step, adamw_step, difference_quotient, minimize, minimize_batches
from keras_course.numerics.regularization import l2_penalty, l2_penalty_gradient
from keras_course.training import train_classifier

# %% [markdown]
# ## Question 1: what does the penalty do to the gradient, and to a step?
#
# Eq. 48 adds a penalty to the loss of the data, $\mathcal L(\omega) = \mathcal F_\text{data}(\omega) +
# \frac{\lambda_2}2 \|\omega\|^2$, and eq. 49 is its derivative, $\partial \mathcal F_\text{data} / \partial \omega +
# \lambda_2 \omega$. The data are 442 people with diabetes, with the total and the LDL cholesterol of each, two
# measurements that are nearly redundant. $\mathcal F_\text{data}$ is half the mean squared error, which is eq. 20 with
# $\beta = 1/N_1$.

# %%
people = load_diabetes(scaled=False)
x, t = people.data[:, [4, 5]], people.target  # total and LDL cholesterol; progression of the disease after a year
x, t = (x - x.mean(axis=0)) / x.std(axis=0), (t - t.mean()) / t.std()  # with means of 0 there is no intercept


def data_loss(omega):
    """Computes F_data, half the mean squared error."""
    return np.mean((x @ omega - t) ** 2) / 2


def data_gradient(omega):
    """Computes ∂F_data/∂ω."""
    return x.T @ (x @ omega - t) / len(t)


def penalized_loss(omega, decay):
    """Computes eq. 48."""
    return data_loss(omega) + decay / 2 * np.sum(omega**2)


def penalized_gradient(omega, decay):
    """Computes the right side of eq. 49."""
    return data_gradient(omega) + decay * omega


# %% [markdown]
# On the left of eq. 49 the deck writes the derivative of $\mathcal F$. It should be that of $\mathcal L$. The
# difference quotient of eq. 24 can tell, because it only evaluates the functions and doesn't use our formulas.

# %%
DECAY = 0.3
start = np.array([0.7, 0.55])
right_side = penalized_gradient(start, DECAY)
np.testing.assert_allclose(penalized_loss(start, DECAY), data_loss(start) + l2_penalty(start, DECAY))  # the package's
np.testing.assert_allclose(right_side, data_gradient(start) + l2_penalty_gradient(start, DECAY))
for letter, function in {"L": lambda omega: penalized_loss(omega, DECAY), "F, as printed,": data_loss}.items():
    slope = difference_quotient(function, start, 1e-8)
    error = np.linalg.norm(slope - right_side) / np.linalg.norm(right_side)
    print(f"eq. 49 with {letter} on the left, relative error = {error:.1e}")

# %% [markdown]
# Now we take a step of gradient descent (eq. 22) with the gradient of eq. 49 and combine the two terms in $\omega$:
#
# $$\omega - \lambda \left( \frac{\partial \mathcal F_\text{data}}{\partial \omega} + \lambda_2 \omega \right)
# = (1 - \lambda \lambda_2) \, \omega - \lambda \frac{\partial \mathcal F_\text{data}}{\partial \omega}.$$
#
# The weights shrink by a factor, then they follow the data: they *decay*. (The gradient is still computed at $\omega$,
# before it is shrunk.)

# %%
RATE = 0.3


def descend(decay, steps=500):
    """Returns ω₀, ω₁, …, each weight shrunk by 1 - λ λ₂ before it follows the data; shape (steps + 1, 2)."""
    path = [start]
    for _ in range(steps):
        shrunk = (1 - RATE * decay) * path[-1]
        path.append(shrunk - RATE * data_gradient(path[-1]))
    return np.array(path)


free, decaying = descend(0), descend(DECAY)
packaged = minimize(lambda omega: penalized_gradient(omega, DECAY), start, num_steps=500, learning_rate=RATE)
least_squares = fit_least_squares(x, t)[1:]  # eq. 2; the intercept is 0
ridge = fit_ridge(x, t, len(t) * DECAY)[1:]  # eq. 4
print(f"decay, then data; or the gradient of eq. 49: largest difference = {np.abs(decaying - packaged).max():.1e}")
print(f"end of gradient descent and ridge regression, largest difference = {np.abs(decaying[-1] - ridge).max():.1e}")

# %%
directions, curvatures = np.array([[1, 1], [1, -1]]) / np.sqrt(2), 1 + np.corrcoef(x.T)[0, 1] * np.array([1, -1])
np.testing.assert_allclose(np.linalg.eigvalsh(x.T @ x / len(t)), curvatures[::-1])
decays = np.array([0.003, 0.01, 0.03, 0.1, 0.3, 1.0])
shares = np.array([directions @ descend(decay)[-1] / (directions @ least_squares) for decay in decays])
grid = np.stack(np.meshgrid(np.linspace(-0.25, 0.8, 106), np.linspace(-0.3, 0.75, 106)), axis=-1)
contours = [*np.moveaxis(grid, -1, 0), np.apply_along_axis(data_loss, -1, grid)]
levels = data_loss(least_squares) + np.geomspace(0.003, 1, 8)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
left.contour(*contours, levels, colors="0.75", linewidths=1)
left.plot(*free.T, "C0o-", markersize=5, label="without penalty")
left.plot(*decaying.T, "C1s-", markersize=5, label=f"with $\\lambda_2$ = {DECAY}")
shrunk = (1 - RATE * DECAY) * start
for label, begin, end, where in (("1. decay", start, shrunk, (-62, 4)), ("2. data", shrunk, decaying[1], (12, -12))):
    left.annotate("", end, begin, arrowprops={"arrowstyle": "-|>", "linewidth": 2, "shrinkA": 0, "shrinkB": 0})
    left.annotate(label, (begin + end) / 2, where, textcoords="offset points", fontsize=11)
left.plot(*least_squares, "C0*", markersize=16, markeredgecolor="k", label="least squares, eq. 2")
left.plot(*ridge, "C1P", markersize=12, markeredgecolor="k", label="ridge regression, eq. 4")
left.plot(0, 0, "k.", markersize=12)
left.set(xlabel="$\\omega_1$, of total cholesterol", ylabel="$\\omega_2$, of LDL cholesterol", aspect="equal")
left.legend(loc="upper left")
fine = np.geomspace(0.002, 1.5, 100)
for k, (style, name) in enumerate({"C2^": "$\\omega_1 + \\omega_2$", "C3v": "$\\omega_1 - \\omega_2$"}.items()):
    right.plot(fine, curvatures[k] / (curvatures[k] + fine), f"{style[:2]}-")
    right.plot(decays, shares[:, k], style, markersize=9, label=f"{name}, curvature {curvatures[k]:.2f}")
right.set(xscale="log", xlabel="$\\lambda_2$", ylabel="share of least squares that is left", ylim=(0, 1.05))
right.legend()

# %% [markdown]
# **What to see.** Left: a step with the penalty is a short step toward 0, followed by the step of the data. It
# converges where the two cancel: at the ridge regression of eq. 4, not at least squares. The number on its diagonal is
# $N_1 \lambda_2$, the $\lambda/\beta$ of chapter 1 (where the deck prints $\lambda$), because $\mathcal F_\text{data}$
# is a mean over $N_1$ people and the penalty is not. Right: the markers show where gradient descent ended, the lines
# are $\gamma / (\gamma + \lambda_2)$ with the curvature $\gamma$ of the data. The sum of the two weights, which the
# data determine well, hardly shrinks; the difference, which they barely determine, shrinks first. That is why a penalty
# helps: it acts where the data say least.
#
# ## Question 2: what does it do to a network that overfits?
#
# We train on a hundred digits, ten of each class, with a network of 40 hidden units: 3,010 parameters for 100 images.
# To give it something that it should not learn, ten of the hundred get a wrong label, as happens when people label in a
# hurry. The 718 validation images keep their true labels.

# %%
data = load_images("digits", validation_fraction=0.5)
labels = data.train_examples.labels
rng = np.random.default_rng(0)
chosen = np.concatenate([rng.permutation(np.flatnonzero(labels == digit))[:10] for digit in range(10)])
classes, wrong = labels[chosen], rng.permutation(100)[:10]
classes[wrong] = (classes[wrong] + rng.integers(1, 10, size=10)) % 10
few = Examples(data.train_examples.images[chosen], classes)


def rows(examples):
    """Returns the images as rows of 64 pixels in [0, 1]."""
    return (examples.images.reshape(-1, 64) / 255).astype(np.float32)


v, v_validation, v_test = rows(few), rows(data.validation_examples), rows(data.test_examples)
classes_validation, classes_test = data.validation_examples.labels, data.test_examples.labels
print(v.shape, v_validation.shape, v_test.shape)

# %% [markdown]
# Training is gradient descent as in chapter 4, with one more term: `+ decay * w`. The biases are not penalised: like
# the intercept of a regression, they only shift.

# %%
UNITS, STEPS, EVERY, RATE = (64, 40, 10), 1000, 20, 0.5


def weight_norm(layers):
    """Computes |ω|, without the biases."""
    return np.sqrt(sum(np.sum(w**2) for w, _ in layers))


def train(decay, seed=0):
    """Returns the layers, and F_data in training, in validation, and |ω|, every 20 steps; shape (51, 3)."""
    layers = initialize_layers(UNITS, np.random.default_rng(seed))
    history = []
    for step in range(STEPS + 1):
        passed = forward(v, layers)
        loss, delta = softmax_cross_entropy(passed.output, classes)
        if step % EVERY == 0:
            validation, _ = softmax_cross_entropy(forward(v_validation, layers).output, classes_validation)
            history.append((loss, validation, weight_norm(layers)))
        if step == STEPS:
            return layers, np.array(history)
        gradients = backward(passed, layers, delta)
        layers = [
            Layer(w - RATE * (slope_w + decay * w), b - RATE * slope_b)
            for (w, b), (slope_w, slope_b) in zip(layers, gradients, strict=True)
        ]


# %%
SEEDS = (0, 1, 2)
GRID = (0.0, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3)
SHOWN = {"no penalty": 0.0, "too small": 1e-4, "good": 3e-3, "too large": 0.1}
trained = {decay: [train(decay, seed) for seed in SEEDS] for decay in GRID}

# %%
steps = np.arange(0, STEPS + 1, EVERY)
parts = {"training, 100 images, 10 labels wrong": "C0o-", "validation, 718 images": "C1s-"}
fig, axes = plt.subplots(2, 2, figsize=(10, 7), sharex=True, sharey=True, layout="constrained")
for ax, (name, decay) in zip(axes.flat, SHOWN.items(), strict=True):
    curves = np.array([history for _, history in trained[decay]])
    for part, (label, style) in enumerate(parts.items()):
        ax.plot(steps, curves[..., part].mean(axis=0), style, markersize=5, markevery=5, label=label)
        ax.fill_between(steps, *np.quantile(curves[..., part], [0, 1], axis=0), color=style[:2], alpha=0.2)
    ax.axhline(np.log(10), color="grey", linestyle=":", label="guessing: ln 10")
    ax.set(ylim=(0, 2.8), title=f"{name}: $\\lambda_2$ = {decay:g}")
axes[1, 1].legend(loc="lower left")
fig.supxlabel("steps of gradient descent")
fig.supylabel("cross-entropy, without the penalty (nats)")
fig.suptitle("Line: mean of three seeds. Band: lowest to highest")

# %% [markdown]
# **What to see.** Without a penalty the training loss goes to 0: the network memorises even the ten wrong labels. The
# validation loss has a minimum after about 100 steps and then rises: overfitting, the deck's "training too much". A
# small $\lambda_2$ changes almost nothing, a good one stops the rise, and a large one keeps the network from learning
# at all: both curves stay high and close together.
#
# How do the weights grow, and where do the curves end for every $\lambda_2$?

# %%
ends = np.array([[history[-1] for _, history in runs] for runs in trained.values()])  # (decays, seeds, 3)
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
for (name, decay), style in zip(SHOWN.items(), ["C3v-", "C1s-", "C2^-", "C4D-"], strict=True):
    norm = np.mean([history[:, 2] for _, history in trained[decay]], axis=0)
    left.plot(steps, norm, style, markersize=6, markevery=5, label=f"{name}, $\\lambda_2$ = {decay:g}")
left.set(xlabel="steps of gradient descent", ylabel="norm of the weights, $|\\omega|$", ylim=(0, None))
left.legend(loc="center right", bbox_to_anchor=(1, 0.42))
positions = np.array([3e-5, *GRID[1:]])  # 0 has no place on a logarithmic axis
for part, (label, style) in enumerate({"training": "C0o-", "validation": "C1s-"}.items()):
    right.plot(positions, ends[..., part].mean(axis=1), style, markersize=6, label=label)
    right.fill_between(positions, *np.quantile(ends[..., part], [0, 1], axis=1), color=style[:2], alpha=0.2)
right.set(xscale="log", ylim=(0, None), xlabel="$\\lambda_2$", ylabel=f"cross-entropy after {STEPS} steps (nats)")
right.set_xticks([3e-5, 1e-4, 1e-3, 1e-2, 0.1], labels=["0", "0.0001", "0.001", "0.01", "0.1"])
right.minorticks_off()
right.axhline(np.log(10), color="grey", linestyle=":", label="guessing: ln 10")
right.legend()


# %%
def accuracy(layers, v, classes):
    """Returns the share of images whose largest logit is that of their class."""
    return np.mean(forward(v, layers).output.argmax(axis=1) == classes)


print("     λ₂  training  validation  lowest on the way  accuracy in validation    |ω|   (mean of 3 seeds)")
for (decay, runs), (loss, validation, norm) in zip(trained.items(), ends.mean(axis=1), strict=True):
    lowest = np.mean([history[:, 1] for _, history in runs], axis=0).min()
    right_share = np.mean([accuracy(layers, v_validation, classes_validation) for layers, _ in runs])
    print(f"{decay:7g} {loss:9.3f} {validation:11.3f} {lowest:18.3f} {right_share:23.3f} {norm:6.2f}")
best = GRID[ends[..., 1].mean(axis=1).argmin()]
print("λ₂ chosen by validation:", best)
for name, decay in {"no penalty": 0.0, "λ₂ chosen by validation": best}.items():
    losses = [softmax_cross_entropy(forward(v_test, layers).output, classes_test)[0] for layers, _ in trained[decay]]
    right_share = np.mean([accuracy(layers, v_test, classes_test) for layers, _ in trained[decay]])
    print(f"{name}, test cross-entropy (nats) = {np.mean(losses):.3f}")
    print(f"{name}, test accuracy = {right_share:.3f}")

# %% [markdown]
# **What to see.** Left: to become more and more certain of 100 images the weights have to grow, and without a penalty
# they never stop growing. With a good $\lambda_2$ they grow at first, then shrink again. Right: the training loss is
# lowest without a penalty, as it must be; the validation loss has a minimum. At 0.3 the decay dominates: all weights
# are 0, and the network guesses.
#
# The table teaches two more lessons. By accuracy we would choose a larger $\lambda_2$ than by cross-entropy: small
# weights give less confident probabilities, which costs cross-entropy but no accuracy. And the column "lowest on the
# way" shows that without any penalty the network was just as good at step 100, before it got worse. Stopping there is
# another remedy (early stopping, next tutorial).
#
# Some pixels are blank in all hundred images. For their weights $\partial \mathcal F_\text{data} / \partial \omega$ is
# exactly 0, so only the decay changes them: each must end at $(1 - \lambda \lambda_2)^{1000}$ of its initial value.

# %%
blank = v.max(axis=0) == 0
first = initialize_layers(UNITS, np.random.default_rng(0))[0].weights
maps = {"ink of the 100 digits\n(root mean square)": np.sqrt(np.mean(v**2, axis=0))}
for name, weights in {
    "weights at the start": first,
    "trained, no penalty": trained[0.0][0][0][0].weights,
    f"trained, $\\lambda_2$ = {best:g}": trained[best][0][0][0].weights,
}.items():
    maps[f"{name}\n(norm, pixel by pixel)"] = np.linalg.norm(weights, axis=1)
fig, axes = plt.subplots(1, 4, figsize=(13, 3.8), layout="constrained")
for ax, (name, values) in zip(axes, maps.items(), strict=True):
    ink = ax is axes[0]
    image = ax.imshow(values.reshape(8, 8), cmap="gray_r" if ink else "viridis", vmin=0, vmax=1 if ink else 2.5)
    for pixel in np.flatnonzero(blank):
        ax.text(pixel % 8, pixel // 8, "x", ha="center", va="center", color="C3", fontsize=14, weight="bold")
    ax.set(title=name, xlabel="column", ylabel="row" if ink else None)
    if not ink:
        ax.set_yticks([])
    if ax is axes[0] or ax is axes[3]:
        fig.colorbar(image, ax=ax, shrink=0.7)
inked = np.sum(v_validation[:, blank].max(axis=0) > 0)
print(f"{blank.sum()} blank pixels; {inked} of them have ink in some image of the validation")
small = trained[1e-3][0][0][0].weights  # a λ₂ that leaves digits to compare
print(f"weights of blank pixels, λ₂ of 0.001, end over start = {np.mean(small[blank] / first[blank]):.4f}")
print(f"(1 - λ λ₂)^{STEPS}: {(1 - RATE * 1e-3) ** STEPS:.4f}")

# %% [markdown]
# **What to see.** The x marks the blank pixels. Without a penalty their weights keep their random initial values, and
# validation images may have ink there. With the penalty they have decayed, for $\lambda_2 = 0.001$ by the predicted
# factor to four digits; and weights are large only where there is ink.
#
# ## Question 3: is that what AdamW does?
#
# There are two ways to write weight decay into an optimizer. *Coupled*: add $\lambda_2 \omega$ to the gradient (eq. 49)
# and pass the sum to the optimizer. *Decoupled*: pass only the gradient of the data, and separately shrink the weights
# by $1 - \lambda \lambda_2$. For gradient descent the two are the same, as question 1 showed. Adam divides its input by
# $\sqrt{\hat v}$, the root of its mean square (eq. 38 to 40). A coupled decay is divided too; AdamW's, which is
# decoupled, is not.
#
# As a test we take 21 weights, all 1 at the start, on which the data have no net effect: their gradients alternate
# between $+g$ and $-g$, 0 on average, with a different size $g$ for each weight. Only the decay changes them in the
# long run.

# %%
sizes, rate, decay = np.geomspace(1e-3, 100, 21), 0.01, 0.1
signs = np.tile([1, -1, -1, 1], 250)


def remaining(step, coupled, **settings):
    """Returns the share of each weight that is left after 1000 steps."""
    omega, state = np.ones_like(sizes), None
    for sign in signs:
        slope = sign * sizes + (decay * omega if coupled else 0)
        omega, state = step(omega, slope, state, learning_rate=rate, **settings)
    return omega


def descent(omega, slope, state, *, learning_rate, weight_decay=0.0):
    """Gradient descent, with a decoupled decay."""
    return (1 - learning_rate * weight_decay) * omega - learning_rate * slope, state


left_over = {
    "gradient descent, coupled": remaining(descent, True),
    "gradient descent, decoupled": remaining(descent, False, weight_decay=decay),
    "Adam, coupled": remaining(adam_step, True),
    "AdamW, decoupled": remaining(adamw_step, False, weight_decay=decay),
}

# %%
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
for (name, share), style in zip(left_over.items(), ["C0o", "C1+", "C3s", "C2x"], strict=True):
    ax.semilogx(sizes, share, style, markersize=11 if style[-1] in "+x" else 6, markeredgewidth=2, label=name)
ax.axhline((1 - rate * decay) ** 1000, color="k", linestyle=":", label="$(1 - \\lambda \\lambda_2)^{1000}$")
ax.semilogx(sizes, np.exp(-rate * decay * 1000 / sizes), "k--", label="$e^{-1000 \\lambda \\lambda_2 / g}$")
ax.set(xlabel="size of the data's gradient, g", ylabel="share of the weight\nafter 1000 steps", ylim=(-0.05, 1.05))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
for name, share in left_over.items():
    print(f"{name}: g = 0.1, 1, 10: {share[8]:.3f} {share[12]:.3f} {share[16]:.3f}")
print(f"Adam, coupled, share left at g of 10 = {left_over['Adam, coupled'][16]:.3f}")
print(f"AdamW, share left at g of 10 = {left_over['AdamW, decoupled'][16]:.3f}")

# %% [markdown]
# **What to see.** Three of the four decay equally, whatever the gradient: gradient descent in both forms, and AdamW.
# Coupled Adam doesn't. Its decay is divided by $g$, so a weight with large gradients keeps nearly all of its value, one
# with small gradients loses all; the dashed curve $e^{-1000 \lambda \lambda_2 / g}$ has $\lambda_2 / g$ in place of
# $\lambda_2$. All agree at $g = 1$, and only there.
#
# ### Where do they end?
#
# We return to the regression of question 1, with the same $\lambda_2$: first with all the data in every step, then with
# batches of 34. At the ridge regression $\mathcal L$ is smallest, so there the gradient of eq. 49 is 0.


# %%
def batch_gradient(omega, batch):
    """Computes ∂F_data/∂ω of the samples in `batch`."""
    return x[batch].T @ (x[batch] @ omega - t[batch]) / len(batch)


def coupled_gradient(omega, batch):
    """Computes eq. 49 of the samples in `batch`."""
    return batch_gradient(omega, batch) + DECAY * omega


def walk(step, gradient, batch_size, num_epochs, **settings):
    """Returns the path from the start of question 1."""
    rng = np.random.default_rng(0)
    samples = {"num_samples": len(t), "batch_size": batch_size, "num_epochs": num_epochs, "generator": rng}
    return minimize_batches(gradient, start, step, learning_rate=0.01, **samples, **settings)


EPOCHS = {442: 10_000, 34: 800}  # by batch size
paths = {}
for size, epochs in EPOCHS.items():
    paths[size, "Adam, coupled"] = walk(adam_step, coupled_gradient, size, epochs)
    paths[size, "AdamW, decoupled"] = walk(adamw_step, batch_gradient, size, epochs, weight_decay=DECAY)
finals = {key: path[len(path) // 2 :].mean(axis=0) for key, path in paths.items()}

# %% [markdown]
# What about AdamW? Where it comes to rest on average, its step and its decay cancel: $\hat m / \sqrt{\hat v} =
# -\lambda_2 \omega$, or $\partial \mathcal F_\text{data} / \partial \omega + \lambda_2 \sqrt v \, \omega = 0$. That is
# a ridge regression too, but its $\lambda_2$ is multiplied by the size of the gradient, $\sqrt v$, weight by weight.

# %%
rng = np.random.default_rng(1)
batches = [rng.choice(len(t), 34, replace=False) for _ in range(2000)]
root = np.sqrt(np.mean([batch_gradient(finals[34, "AdamW, decoupled"], batch) ** 2 for batch in batches], axis=0))
predicted = np.linalg.solve(x.T @ x / len(t) + DECAY * np.diag(root), x.T @ t / len(t))
fig, axes = plt.subplots(1, 2, figsize=(11, 5), sharex=True, sharey=True, layout="constrained")
for ax, (size, title) in zip(axes, {442: "all data in every step", 34: "batches of 34"}.items(), strict=True):
    ax.contour(*contours, levels, colors="0.8", linewidths=1)
    for name, style in {"Adam, coupled": "C3-", "AdamW, decoupled": "C2-"}.items():
        ax.plot(*paths[size, name].T, style, linewidth=1, label=name)
        ax.plot(*finals[size, name], f"{style[:2]}o", markersize=9, markeredgecolor="k", zorder=5)
    ax.plot(*least_squares, "C0*", markersize=16, markeredgecolor="k", label="least squares")
    ax.plot(*ridge, "C1P", markersize=14, markeredgecolor="k", label="ridge regression")
    if size == 34:
        ax.plot(*predicted, "kx", markersize=12, markeredgewidth=2, label="ridge with $\\lambda_2 \\sqrt{v}$", zorder=6)
    ax.set(title=title, xlabel="$\\omega_1$", aspect="equal", xlim=(-0.1, 0.8), ylim=(-0.2, 0.65))
axes[0].set_ylabel("$\\omega_2$")
axes[1].legend()
for (size, name), final in finals.items():
    print(f"{name}, batches of {size}, distance to ridge regression = {np.linalg.norm(final - ridge):.4f}")
    print(f"    to least squares {np.linalg.norm(final - least_squares):.4f}")
error = np.linalg.norm(finals[34, "AdamW, decoupled"] - predicted)
print(f"AdamW, decoupled, batches of 34, distance to ridge regression with λ₂√v = {error:.4f}")

# %% [markdown]
# **What to see.** Coupled Adam ends where eq. 48 is smallest, at the ridge regression, also with batches: dividing a
# gradient changes the path, but not the point where it is 0. AdamW minimises something else. With batches, $\sqrt v$
# stays at the size of their noise, and AdamW ends, on average, at the ridge regression with $\lambda_2 \sqrt v$ (black
# cross). With all data in every step, the gradient vanishes near the minimum, and so does $\sqrt v$, and with it the
# effect of the decay: AdamW ends at least squares, as if there were no decay.
#
# ### What about Keras?
#
# The penalty is a `kernel_regularizer`, the decoupled decay an argument of the optimizer. First its size: `L2(l2)` of
# Keras is `l2` times the sum of squares, without the ½ of eq. 48. So $\lambda_2$ is `L2(λ₂ / 2)`; `build_mlp` takes
# care of that.

# %%
weights = np.array([3.0, 4.0])
print(f"keras.regularizers.L2(0.1): {float(keras.regularizers.L2(0.1)(weights)):.2f}", end="; ")
print(f"eq. 48 with λ₂ = 0.1: {l2_penalty(weights, 0.1):.2f}")
model = build_mlp(data.input_shape, data.num_classes, weight_decay=0.1)
print("build_mlp(weight_decay=0.1):", model.get_layer("hidden1").kernel_regularizer.get_config())

# %% [markdown]
# Then we train on the hundred digits in batches of 20, with $\lambda_2 = 0.01$ in both forms.
# `train_classifier(weight_decay=...)` decays the kernels but not the biases, as we did; the `weight_decay` of a Keras
# optimizer applies to all of them.

# %%
small_data = replace(data, train_examples=few, validation_examples=None, batch_size=20)
RATES, KERAS_DECAY, KERAS_EPOCHS = {"SGD": 0.3, "Adam": 0.01}, 0.01, 40


def train_keras(optimizer, coupled):
    """Returns the kernel of the first layer before and after 200 steps."""
    keras.utils.set_random_seed(0)
    penalty, decay = (KERAS_DECAY, None) if coupled else (0.0, KERAS_DECAY)
    model = build_mlp(data.input_shape, data.num_classes, hidden=UNITS[1:-1], weight_decay=penalty)
    before = model.get_layer("hidden1").kernel.numpy()
    options = {"learning_rate": RATES[optimizer], "weight_decay": decay, "epochs": KERAS_EPOCHS, "verbose": 0}
    train_classifier(model, small_data, optimizer=optimizer.lower(), **options)
    return before, model.get_layer("hidden1").kernel.numpy()


runs = {(name, coupled): train_keras(name, coupled) for name in RATES for coupled in (True, False)}

# %%
steps_taken = KERAS_EPOCHS * len(v) // 20
fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True, layout="constrained")
for ax, name in zip(axes, RATES, strict=True):
    for coupled, style in {True: "C3s", False: "C2x"}.items():
        before, after = runs[name, coupled]
        share = np.linalg.norm(after, axis=1) / np.linalg.norm(before, axis=1)
        label = "coupled, in the loss" if coupled else "decoupled, in the optimizer"
        ax.plot(np.sqrt(np.mean(v**2, axis=0)), share, style, markersize=7, markeredgewidth=2, label=label)
        print(f"{name}, {label}, weights of blank pixels, end over start = {share[blank].mean():.4f}")
    factor = (1 - RATES[name] * KERAS_DECAY) ** steps_taken
    ax.axhline(factor, color="k", linestyle=":", label=f"$(1 - \\lambda \\lambda_2)^{{{steps_taken}}}$")
    ax.set(xlabel="ink of the pixel (root mean square)", title=f"{name}, $\\lambda$ = {RATES[name]}")
    ax.legend()
axes[0].set_ylim(0, None)
axes[0].set_ylabel("norm of the pixel's weights,\nend over start")
difference = np.abs(runs["SGD", True][1] - runs["SGD", False][1]).max()
print(f"SGD, coupled and decoupled, largest difference of two weights = {difference:.0e}")

# %% [markdown]
# **What to see.** SGD: crosses and squares coincide; every pixel has the same weights in both forms. The blank pixels
# lie on the line, and the more ink, the more the data counteract the decay. Adam: AdamW's blank pixels lie on the line
# as well. The coupled ones are at 0: where the data have no gradient, that of the penalty is divided by its own size,
# and each step is as long as $\lambda$ allows, however small $\lambda_2$ is. Faint pixels, with small gradients, lose
# most of their weights too.
#
# ### Which $\lambda_2$, then?
#
# We train the network of question 2 with Adam in both forms. (`adamw_step` with a decay of 0 is Adam. The biases are
# not penalised here either.)

# %%
ADAM_STEPS, ADAM_RATE = 600, 0.005


def train_adam(decay, coupled, seed):
    """Returns the validation cross-entropy after 600 steps."""
    layers = initialize_layers(UNITS, np.random.default_rng(seed))
    states = [(None, None)] * len(layers)
    for _ in range(ADAM_STEPS):
        passed = forward(v, layers)
        gradients = backward(passed, layers, softmax_cross_entropy(passed.output, classes)[1])
        for number, ((w, b), (slope_w, slope_b)) in enumerate(zip(layers, gradients, strict=True)):
            in_gradient, in_step = (decay, 0.0) if coupled else (0.0, decay)
            settings = {"learning_rate": ADAM_RATE, "weight_decay": in_step}
            w, state_w = adamw_step(w, slope_w + in_gradient * w, states[number][0], **settings)
            b, state_b = adam_step(b, slope_b, states[number][1], learning_rate=ADAM_RATE)
            layers[number], states[number] = Layer(w, b), (state_w, state_b)
    return softmax_cross_entropy(forward(v_validation, layers).output, classes_validation)[0]


sweeps = {"Adam, coupled": (1e-3, 3e-3, 1e-2, 3e-2, 0.1), "AdamW, decoupled": (1e-2, 0.1, 0.3, 1.0, 3.0, 10.0)}
losses = {
    name: np.array([[train_adam(decay, name == "Adam, coupled", seed) for seed in SEEDS] for decay in decays])
    for name, decays in sweeps.items()
}

# %%
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
sweeps["gradient descent"], losses["gradient descent"] = GRID[1:-1], ends[1:-1, :, 1]
for (name, decays), style in zip(sweeps.items(), ["C3s-", "C2^--", "C0o:"], strict=True):
    ax.semilogx(decays, losses[name].mean(axis=1), style, markersize=7, label=name)
    ax.fill_between(decays, *np.quantile(losses[name], [0, 1], axis=1), color=style[:2], alpha=0.15)
    print(f"{name}, best λ₂ = {decays[losses[name].mean(axis=1).argmin()]:g}")
    print(f"{name}, validation cross-entropy with it (nats) = {losses[name].mean(axis=1).min():.3f}")
ax.set(xlabel="$\\lambda_2$", ylabel="validation cross-entropy (nats)", ylim=(0, None))
ax.legend()

# %% [markdown]
# **What to see.** Gradient descent and coupled Adam agree at every $\lambda_2$: they are two ways to the minimum of the
# same $\mathcal L$. AdamW needs a $\lambda_2$ between a hundred and a thousand times as large. So a $\lambda_2$ means
# nothing without the name of its optimizer; if you replace `L2` by `weight_decay=`, you have to tune it again. Keras's
# default for AdamW, 0.004, does almost nothing here. With its best $\lambda_2$, each of the three does better than
# gradient descent without a penalty (0.73 nats); AdamW's best is a little worse than the other two, for this network
# trained on all data in every step.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start weight_decay_step`. Then explore:
#
# 1. Leave out the line that makes ten labels wrong. How much can a penalty gain now? (Little: the validation
#    cross-entropy is 0.33 without a penalty, 0.31 with the best one.)
# 2. Take 5, then 40 digits of each class, a tenth of the labels wrong. Expect the best $\lambda_2$ to fall as $N_1$
#    grows; which product does eq. 4 have on its diagonal?
# 3. Run `minimize(data_gradient, start, adamw_step, num_steps=10_000, learning_rate=0.01, weight_decay=decay)` with a
#    decay of 5, 10 and 20. Expect no weight to end above $1 / \lambda_2$ in size, and otherwise least squares. Why?
#    (How large can $\hat m / \sqrt{\hat v}$ be in the long run? Xie and Li 2024, "Implicit bias of AdamW".)
# 4. `train_classifier` returns a run with a `history`. Compare the last `loss` of SGD, coupled and decoupled: the
#    weights are the same, the numbers are not, because Keras reports the loss with the penalty. Expect a difference of
#    about $\frac{\lambda_2}2 \|\omega\|^2 = 0.48$ nats; a `val_loss` would include it too.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Without wrong labels the validation cross-entropy is 0.334 without a penalty and 0.306 with the best $\lambda_2$ of
#    the eight, 0.001: a gain of 0.03, where it was 0.20 (0.734 and 0.534). Means of the seeds 0 to 2, here and below.
# 2. The best is 0.01 with 5 of each class (0.78 instead of 1.13), 0.003 with 10, and 0.003 again with 40 (0.39 instead
#    of 0.51): it falls, as far as so coarse a grid can tell. The diagonal of eq. 4 has $N_1 \lambda_2$: 0.5, 0.3 and
#    1.2.
# 3. (0.192, 0.002), (0.097, 0.081) and (0.0500, 0.0499), with bounds of 0.2, 0.1 and 0.05; with 0.3 it is (0.285,
#    -0.082), least squares. In the long run $\hat m / \sqrt{\hat v}$ is at most 1 in size, so AdamW can only rest where
#    $\lambda_2 |\omega| \leq 1$; if least squares lies beyond, it comes to the lowest place within the bounds.
# 4. 0.792 coupled and 0.311 decoupled. The difference is 0.481, the penalty 0.480: $\|\omega\|^2$ is 96.005 in both.
#    (The loss is a mean over the steps of the last epoch, the weights are those of its end.)
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
