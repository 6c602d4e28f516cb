# %% [markdown]
r"""# How large should the initial weights be?

Chapter 6 of the deck, "Initialization of neural networks": "a random initialization, not too small and not too big".
For ReLU, eq. 41 to 47 say what is just right. Here we follow the equations layer by layer with a real digit, for four
activations, and then train deep networks from initial weights that are off by a known factor.

```
python tutorials/06_training/6_initialization.py
```

Measured with that command in 45 s on 2 CPU cores. Digits; layers of 64 units:

| measured | value | agrees within |
| --- | --- | --- |
| same first weights, different units after training | 1 | ± 0 |
| same first weights, training accuracy | 0.31 | ± 0.10 |
| random first weights, training accuracy | 0.99 | ± 0.02 |
| He, linear, variance of layer 20 over layer 1 | 4.75e+05 | × 1.2 |
| He, relu, variance of layer 20 over layer 1 | 0.98 | ± 0.3 |
| Xavier, linear, variance of layer 20 over layer 1 | 0.91 | ± 0.2 |
| Xavier, relu, variance of layer 20 over layer 1 | 1.9e-06 | × 1.4 |
| ReLU, He, mean square of layer 10 over layer 1 | 0.71 | ± 0.02 |
| ReLU, Xavier, mean square of layer 10 over layer 1 | 0.0014 | × 1.1 |
| 4 layers, 0.5 times He, test accuracy | 0.81 | ± 0.10 |
| 4 layers, 1 times He, test accuracy | 0.95 | ± 0.03 |
| 4 layers, 2 times He, test accuracy | 0.94 | ± 0.05 |
| 16 layers, 0.5 times He, test accuracy | 0.10 | ± 0.03 |
| 16 layers, 1 times He, test accuracy | 0.88 | ± 0.10 |
| 16 layers, 2 times He, test accuracy | 0.10 | ± 0.03 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np

from keras_course.data import load_images
from keras_course.models import build_mlp
from keras_course.numerics.activations import ACTIVATIONS
from keras_course.numerics.initialization import (
    activation_mean_square,
    he_std,
    measured_variances,
    preactivation_variance,
    predicted_variances,
    xavier_std,
)
from keras_course.numerics.network import Layer, initialize_layers, predict_classes, train_epoch

data = load_images("digits", batch_size=64)
pixels = data.train_examples.images.reshape(-1, 64) / 255
labels = data.train_examples.labels
print(data)

# %% [markdown]
# ## Question 1: why at random?
#
# For convolutions, the deck says that "the same value for all" is a bad idea. That is true for every kind of layer. We
# train a network with 16 hidden units twice: once starting with all weights 0.1, once with random weights.


# %%
def train(layers, epochs=30):
    """Returns the layers after training, and the training accuracy."""
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        layers, _ = train_epoch(layers, pixels, labels, learning_rate=0.3, generator=rng)
    return layers, np.mean(predict_classes(pixels, layers) == labels)


starts = {
    "same": [Layer(np.full((64, 16), 0.1), np.zeros(16)), Layer(np.full((16, 10), 0.1), np.zeros(10))],
    "random": initialize_layers((64, 16, 10), np.random.default_rng(0), np.float64),
}
ends = {name: train(layers) for name, layers in starts.items()}
for name, (layers, accuracy) in ends.items():
    kinds = len(np.unique(layers[0].weights.round(10), axis=1).T)
    print(f"{name} first weights, different units after training = {kinds}")
    print(f"{name} first weights, training accuracy = {accuracy:.2f}")

# %%
fig, axes = plt.subplots(2, 8, figsize=(10, 3.4), layout="constrained")
for row, (name, (layers, _)) in zip(axes, ends.items(), strict=True):
    limit = np.abs(layers[0].weights).max()
    for ax, weights in zip(row, layers[0].weights.T, strict=False):
        image = ax.imshow(weights.reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(name, fontsize=12)
    fig.colorbar(image, ax=row, label="weight")
fig.suptitle("Weights of the first 8 of 16 hidden units after training")

# %% [markdown]
# **What to see.** Units that start out identical receive the same gradient in every step and stay identical: the
# network has a single unit, 16 times over, and classifies a third of its training images correctly. With random weights
# it gets nearly all of them right. Randomness breaks the symmetry. How large should the random weights be?
#
# ## Question 2: what does a layer do to the variance?
#
# Eq. 41 is the definition. With independent weights of mean 0, and biases of 0, the variance over all possible weights
# is
#
# $$\mathrm{var}(g^{(l)}) = M_l \, \mathrm{var}(\omega^{(l)}) \, E\bigl((a^{(l-1)})^2\bigr) \qquad (43)$$
#
# and a ReLU passes half of the mean square of a symmetric $g$: $E(a^2) = \frac12 \mathrm{var}(g)$ (eq. 44). Combining
# the two gives eq. 45, and applying it to all layers gives eq. 46. For other activations only eq. 44 changes: to an
# integral over the normal distribution, here a sum over 4001 values of g. The next cell follows one image through 20
# layers of 64 units:

# %%
DEPTH, UNITS = 20, 64
image = pixels[0]  # its mean square stands for E(x²)
sizes = (64,) + (UNITS,) * DEPTH


def predict(std, activation):
    """Returns var(g⁽¹⁾), …, var(g⁽ᴸ⁾) by eq. 43 and eq. 44."""
    mean_square, variances = np.mean(image**2), []
    z = np.linspace(-8, 8, 4001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    for _ in range(DEPTH):
        variances.append(UNITS * std**2 * mean_square)  # eq. 43
        a = ACTIVATIONS[activation].function(np.sqrt(variances[-1]) * z)
        mean_square = np.sum(a**2 * density) * (z[1] - z[0])  # eq. 44; for ReLU half of the variance
    return np.array(variances)


stds = [he_std(UNITS)] * DEPTH
for activation in ACTIVATIONS:
    packaged = predicted_variances(np.mean(image**2), sizes, stds, activation)
    np.testing.assert_allclose(predict(he_std(UNITS), activation), packaged, rtol=1e-6)
half = activation_mean_square(1.0, "relu")
print(f"eq. 44: of variance 1 a ReLU passes {half:.2f}, tanh {activation_mean_square(1.0, 'tanh'):.2f}")
print(f"eq. 43 for layer 1: {preactivation_variance(64, 2 / 64, np.mean(image**2)):.3f}, He's 2 E(x²)")

# %% [markdown]
# Now we measure it: we send the same image through 300 networks with He's $\mathrm{var}(\omega) = 2 / M$ (eq. 47), and
# through 300 with $1 / M$, which is Xavier's $2 / (M_{in} + M_{out})$ when all layers have the same width.


# %%
def measure(std, activation, draws=300):
    """Returns the variance of g by layer, over `draws` networks."""
    rng, squares = np.random.default_rng(0), np.zeros(DEPTH)
    for _ in range(draws):
        a = image
        for layer in range(DEPTH):
            g = rng.normal(0, std, (UNITS, UNITS)) @ a
            squares[layer] += np.mean(g**2) / draws  # its mean is 0
            a = ACTIVATIONS[activation].function(g)
    return squares


def measured(std, activation):
    """Returns variances and standard errors, by the package."""
    rng = np.random.default_rng(0)
    return measured_variances(image, sizes, [std] * DEPTH, activation, num_draws=300, generator=rng)


STDS = {"He": he_std(UNITS), "Xavier": xavier_std(UNITS, UNITS)}
found = {(name, activation): measured(std, activation) for name, std in STDS.items() for activation in ACTIVATIONS}
np.testing.assert_allclose(measure(he_std(UNITS), "relu"), found["He", "relu"].variances, rtol=0.01)

# %%
for (name, activation), (variances, errors) in found.items():
    off = (variances - predict(STDS[name], activation)) / errors
    growth = variances[-1] / variances[0]
    print(f"{name}, {activation}, variance of layer {DEPTH} over layer 1 = {growth:.3g}")
    print(f"  largest distance from the prediction: {np.abs(off).max():.1f} standard errors")

# %%
layers = np.arange(1, DEPTH + 1)
fig, axes = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
for ax, (name, std) in zip(axes, STDS.items(), strict=True):
    for activation, style in zip(ACTIVATIONS, ["C0o", "C1s", "C3^", "C2D"], strict=True):
        variances, errors = found[name, activation]
        ax.errorbar(layers, variances, yerr=2 * errors, fmt=style, fillstyle="none", capsize=3, label=activation)
        ax.plot(layers, predict(std, activation), f"{style[:2]}-", linewidth=1)
    ax.plot([], [], "k-", linewidth=1, label="predicted")
    ax.set(xlabel="layer", yscale="log", title=f"{name}, var(ω) = {UNITS * std**2:.0f}/M")
    ax.set_xticks(layers[1::2])
axes[0].set(ylabel="variance of g, before the activation", ylim=(0.2, 20))
axes[0].legend(loc="upper right")
fig.suptitle("One digit through 20 layers")

# %% [markdown]
# **What to see.** The lines are the prediction, the points (with two standard errors) the measurement. *Left, 2/M*:
# ReLU keeps its variance from the first layer to the last. Without an activation the variance doubles in every layer
# and leaves the figure, on its way to 240,000. Tanh and sigmoid can't explode, because they are bounded. *Right, 1/M*:
# now the linear network keeps its variance, and ReLU loses half of it in every layer. The right weights depend on the
# activation that follows. (The error bars of ReLU grow with depth: the *mean* over networks is kept, but a single
# network can be off by some factor. And for tanh and sigmoid the prediction is the limit of wide layers; with 64 units
# tanh is a few standard errors off.)
#
# There are two slips in the deck. Eq. 46 runs from $l = 2$ and begins with $\mathrm{var}(x)$: the first layer is
# missing. The product begins with $\mathrm{var}(g^{(1)}) = M_1 \, \mathrm{var}(\omega^{(1)}) \, E(x^2)$. And the first
# layer has no ReLU before it, so eq. 47, which asks for $2 / M_l$ from $l = 1$ on, doubles the variance there and keeps
# it later. A single factor of 2 does no harm.
#
# ## Question 3: too small, too large, Xavier, He
#
# If $\mathrm{var}(\omega) = c / M$, eq. 45 gives a factor of $c / 2$ per ReLU layer. What do the activations look like?
# We send 500 digits through ten layers of 256 units, with four standard deviations of the weights.

# %%
WIDE, LEVELS = 256, (1, 2, 5, 10)
INITIALIZERS = {
    "too small": 0.02,
    "Xavier": xavier_std(WIDE, WIDE),
    "He": he_std(WIDE),
    "too large": 0.3,
}


def propagate(std, activation):
    """Returns the activations of each layer, 10 arrays of shape (500, 256)."""
    rng, a, found = np.random.default_rng(0), pixels[:500], []
    for _ in range(max(LEVELS)):
        a = ACTIVATIONS[activation].function(a @ rng.normal(0, std, (a.shape[1], WIDE)))
        found.append(a)
    return found


inside = {
    (activation, name): propagate(std, activation)
    for activation in ("tanh", "relu")
    for name, std in INITIALIZERS.items()
}

# %%
fig, axes = plt.subplots(4, 4, figsize=(10, 8.6), sharex=True, sharey=True, layout="constrained")
bins = np.linspace(-1, 1, 41)
for row, (name, std) in zip(axes, INITIALIZERS.items(), strict=True):
    for ax, level in zip(row, LEVELS, strict=True):
        a = inside["tanh", name][level - 1].ravel()
        ax.hist(a, bins, weights=np.full(a.size, 100 / a.size), color="C0")
        ax.text(0.97, 0.93, f"std {a.std():.2g}", transform=ax.transAxes, ha="right", va="top", fontsize=11)
    row[0].set_ylabel(f"{name}\nstd(ω) = {std:.3f}", fontsize=11)
for ax, level in zip(axes[0], LEVELS, strict=True):
    ax.set_title(f"layer {level}")
axes[0, 0].set(ylim=(0, 65), xlim=(-1, 1))
fig.supxlabel("activation, tanh(g)")
fig.suptitle("Activations of tanh layers: share of units in % per bin")

# %% [markdown]
# **What to see.** *Too small*: near 0 tanh is the identity, and every layer multiplies by $\sqrt{256} \cdot 0.02 =
# 0.32$; after ten of them all units are close to 0, whatever the image. *Too large*: from the second layer on, most
# units are saturated at -1 or 1, where the derivative is nearly 0: no gradient comes back. *Xavier* keeps a bell of
# nearly the same width through all ten layers, which is what it was designed for. *He* fills the whole range and is not
# far from saturation.

# %%
fig, axes = plt.subplots(4, 4, figsize=(10, 8.6), sharex=True, sharey=True, layout="constrained")
bins = np.linspace(-10, 8, 55)
for row, (name, std) in zip(axes, INITIALIZERS.items(), strict=True):
    for ax, level in zip(row, LEVELS, strict=True):
        a = inside["relu", name][level - 1].ravel()
        active = np.log10(a[a > 0])
        ax.hist(active, bins, weights=np.full(active.size, 100 / a.size), color="C1")
        ax.text(0.03, 0.93, f"std {a.std():.2g}", transform=ax.transAxes, va="top", fontsize=11)
    row[0].set_ylabel(f"{name}\nstd(ω) = {std:.3f}", fontsize=11)
for ax, level in zip(axes[0], LEVELS, strict=True):
    ax.set_title(f"layer {level}")
axes[0, 0].set(ylim=(0, 23))
axes[0, 0].set_xticks([-8, -4, 0, 4, 8], labels=["$10^{-8}$", "$10^{-4}$", "1", "$10^4$", "$10^8$"])
fig.supxlabel("activation of the active units, ReLU(g)")
fig.suptitle("Activations of ReLU layers: share of units in % per bin")
for name in INITIALIZERS:
    first, last = (inside["relu", name][level - 1] for level in (1, 10))
    growth = (WIDE / 2 * INITIALIZERS[name] ** 2) ** 9  # eq. 46 from layer 1 to layer 10
    print(f"ReLU, {name}, mean square of layer 10 over layer 1 = {np.mean(last**2) / np.mean(first**2):.2g}")
    print(f"  by eq. 46 {growth:.2g}")

# %% [markdown]
# **What to see.** The axis is logarithmic and shows the active half of the units. The shape never changes, only the
# scale: twice the input of a ReLU gives twice the output. *He* stays in place, *Xavier* loses half of its mean square
# in every layer, and the mean squares of the other two shrink by $10^{12}$ and grow by $10^9$ over nine layers, as eq.
# 46 predicts. (The prediction is for the mean over all networks; this single network is off by 30 %.)
#
# ## Question 4: what do Keras's initializers draw?

# %%
keras.utils.set_random_seed(0)
for name, std in (
    ("he_normal", he_std(400)),
    ("he_uniform", he_std(400)),
    ("glorot_normal", xavier_std(400, 200)),
    ("glorot_uniform", xavier_std(400, 200)),
):
    drawn = np.array(keras.initializers.get(name)((400, 200)))
    print(f"{name}: std {drawn.std():.5f}, by formula {std:.5f}, largest {np.abs(drawn).max() / std:.2f} std")

# %% [markdown]
# The standard deviations agree. But the "normal" ones are truncated at two standard deviations of a wider normal
# distribution, and the uniform ones end at $\sqrt 3$ standard deviations, so there are no outliers. The equations
# depend only on the variance.
#
# ## Question 5: does it decide whether a deep network learns?
#
# Tutorial 5 had one ReLU network with He's weights, and it learned. How exact must the weights be? We multiply all
# hidden weights by a factor $f$, so by eq. 46 the variance after $L$ layers is $f^{2L}$ times what it should be. We
# train networks of 4, 8 and 16 layers, all in the same way: 10 epochs, SGD with momentum.

# %%
DEPTHS, FACTORS, SEEDS = (4, 8, 16), np.array([0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0]), (0, 1)


def compiled(depth):
    """Builds and compiles a ReLU network of `depth` hidden layers."""
    model = build_mlp(data.input_shape, data.num_classes, hidden=(UNITS,) * depth, initializer="he_normal")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, metrics=["accuracy"])
    return model


def scaled(model, initial, factor, seed):
    """Restores the weights `initial`, draws new He kernels, times `factor` in hidden layers, resets the optimizer."""
    keras.utils.set_random_seed(seed)
    model.set_weights(initial)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dense):
            drawn = layer.kernel_initializer.clone()(layer.kernel.shape)
            layer.kernel.assign(drawn * (1.0 if layer.name == "logits" else factor))
    for variable in model.optimizer.variables:
        if variable is not model.optimizer.learning_rate:
            variable.assign(np.zeros(variable.shape))


# %%
accuracies = np.zeros((len(DEPTHS), len(FACTORS), len(SEEDS)))
for i, depth in enumerate(DEPTHS):
    model = compiled(depth)
    initial = model.get_weights()
    for j, factor in enumerate(FACTORS):
        for k, seed in enumerate(SEEDS):
            scaled(model, initial, factor, seed)
            model.fit(data.train, epochs=10, shuffle=False, verbose=0)  # the data set shuffles itself
            accuracies[i, j, k] = model.evaluate(data.test, verbose=0)[1]
for i, depth in enumerate(DEPTHS):
    for factor in (0.5, 1, 2):
        accuracy = accuracies[i, FACTORS == factor].mean()
        print(f"{depth} layers, {factor} times He, test accuracy = {accuracy:.2f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), sharey=True, layout="constrained")
for depth, values, style in zip(DEPTHS, accuracies, ["C0o-", "C1s-", "C2^-"], strict=True):
    left.plot(FACTORS, values.mean(axis=1), style, label=f"{depth} hidden layers")
    right.plot(FACTORS ** (2 * depth), values.mean(axis=1), style)
    for ax, at in ((left, FACTORS), (right, FACTORS ** (2 * depth))):
        ax.fill_between(at, values.min(axis=1), values.max(axis=1), color=style[:2], alpha=0.2)
left.set(xscale="log", xlabel="initial weights, as a multiple of He's", ylabel="test accuracy after 10 epochs")
left.set_xticks(FACTORS, labels=[f"{factor:g}" for factor in FACTORS])
left.set_xticks([], minor=True)
right.set(xscale="log", xlabel="variance of the last hidden layer over He's, by eq. 46", xlim=(1e-10, 1e10))
for ax in (left, right):
    ax.axvline(1, color="grey", linestyle=":")
    ax.axhline(0.1, color="grey", linestyle="--", linewidth=1)
left.legend()
fig.suptitle("How exact must the initial weights be? (Dashed: guessing)")

# %% [markdown]
# **What to see.** *Left*: four layers learn with anything from 0.7 to 2 times He's weights. Sixteen layers learn only
# with He's weights: at 1.4 times, which is twice the variance per layer and $2^{16} = 65{,}000$ times after all of
# them, they only guess. *Right*, the same points over the variance that eq. 46 predicts: the three curves nearly
# coincide. Between $10^{-2}$ and $10^2$ networks learn, at $10^{-5}$ they hardly start to, at $10^5$ they guess,
# whatever their depth. So the product over all layers must be right, and the more layers there are, the more exact each
# factor has to be. Or something restores the scale along the way: skip connections (tutorial 5) and batch normalisation
# (chapter 7).
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start he_weights`. Then explore:
#
# 1. In question 2 double the units of every other layer: 64, 128, 64, 128, ... Predict the factor of the variance over
#    two layers of a *linear* network, 4 with He's weights and 8/9 with Xavier's, and check it with
#    `predicted_variances`. Which weights would keep the variance exactly, and what would they do to the gradients?
# 2. Draw the histograms of question 3 for the sigmoid (in `inside` and in the figure, with an axis from 0 to 1). Its
#    mean is 1/2 and not 0: between which two numbers must $E(a^2)$ of eq. 43 lie, and why can no weights make the
#    signal vanish?
# 3. Repeat question 5 with `batch_norm=True` (chapter 7). Expect the curves to be flat: over which range?
# 4. Repeat question 5 with `activation="tanh"` in `compiled`. Both sides suffer less than with ReLU: 16 layers now
#    learn with 0.7 and with 1.4 times He's weights (0.95 and 0.89 instead of 0.22 and 0.10). The histograms of question
#    3 tell why: which weights keep tanh's bell, and what can't weights that are too large do to tanh?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. As predicted: 4.000 with He's weights and 0.889 with Xavier's; after twenty layers the variance is 524,288 and 0.46
#    times that of the first. A standard deviation of $1 / \sqrt M$, with $M$ inputs, keeps it exactly (factor 1.000).
#    The mean square of the gradient, over 300 random draws, is then halved and doubled in turn on the way back (0.99,
#    0.49, 0.99, 0.50, ...): equal over two layers, because they go from 64 units to 64. One choice of weights can't
#    keep both where the width changes; Xavier's is the compromise.
# 2. $E(a^2)$ lies between 1/4, where all units are 1/2, and 1/2, where half of them are 0 and half 1 (for any weights
#    with a symmetric distribution). Measured in layer 10: 0.254, 0.272, 0.286 and 0.383 for the four initialisations,
#    from too small to too large. It can't vanish, and yet the signal does: in layer 10 a unit varies from image to
#    image by 1e-12, 8e-8, 2e-6 and 0.004, while it stays near 1/2 or, if the weights are too large, wherever it happens
#    to be. What eq. 43 keeps is the square, not what differs between two images.
# 3. From 0.35 to 1.4: means of the two seeds of 0.95 to 0.98 with 4 layers, 0.95 to 0.97 with 8 and 0.92 to 0.96 with
#    16. Above that they fall, with 16 layers to 0.81 at 2 and 0.70 at 3. The outputs don't depend on the scale of the
#    weights, but the steps do: large weights are turned less by the same rate
#    (`07_regularization/3_batch_normalization.py`).
# 4. With 16 layers: 0.10, 0.12, 0.95, 0.96, 0.89, 0.14 and 0.10 for the seven factors. With 4 layers every factor
#    reaches 0.88 or more. tanh is nearly the identity around 0, so it keeps the bell with $1 / M$, which is 0.7 times
#    He's standard deviation. Weights that are too large can't make its outputs exceed 1, so the signal neither explodes
#    nor gives NaN: what they do is saturate the units, and with them go the slopes.
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
