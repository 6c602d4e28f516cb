# %% [markdown]
r"""# What does batch normalisation compute, and what does it make possible?

Chapter 7 of the deck prints Algorithm 1 of Ioffe and Szegedy (2015). Here we compute it line by line and compare it
with Keras. Then we put it into networks with ten hidden layers and see how it changes the gradients and the usable
learning rates. Finally we look at its price: an output that depends on the batch, and two modes that can disagree.

```
python tutorials/07_regularization/3_batch_normalization.py
```

Measured with that command in 67 s on 2 CPU cores. Digits:

| measured | value | agrees within |
| --- | --- | --- |
| training, NumPy and Keras, largest difference | 1e-06 | × 10 |
| inference, NumPy and Keras, largest difference | 2e-06 | × 10 |
| gradient, package and TensorFlow, largest difference | 4e-15 | × 100 |
| weights times 10, gradient norm over the one before | 0.1000 | ± 0.0001 |
| sigmoid, gradient norm, growth a layer at step 0 | 0.22 | ± 0.05 |
| sigmoid + BN, gradient norm, growth a layer at step 0 | 1.00 | ± 0.1 |
| ReLU + BN, gradient norm, growth a layer at step 0 | 1.23 | ± 0.05 |
| sigmoid, validation accuracy after 8 epochs | 0.10 | ± 0.02 |
| sigmoid + BN, validation accuracy after 8 epochs | 0.96 | ± 0.03 |
| ReLU, largest rate with an accuracy over 0.5 | 0.1 | ± 0 |
| ReLU + BN, largest rate with an accuracy over 0.5 | 3 | ± 0 |
| ReLU, best accuracy | 0.75 | ± 0.1 |
| ReLU + BN, best accuracy | 0.95 | ± 0.02 |
| among 7 others, standard deviation of the probability | 0.283 | ± 0.08 |
| ReLU, batches of 2, accuracy | 0.87 | ± 0.04 |
| ReLU + BN, batches of 2, accuracy | 0.63 | ± 0.1 |
| momentum 0.9, validation accuracy | 0.94 | ± 0.03 |
| momentum 0.99, validation accuracy | 0.80 | ± 0.1 |
"""

# %%
from dataclasses import replace
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from keras_course.callbacks import GradientNormMonitor
from keras_course.data import Examples, load_images
from keras_course.models import build_mlp
from keras_course.numerics.regularization import batch_normalization, batch_normalization_backward
from keras_course.visualization import plot_gradient_norms

data = load_images("digits", batch_size=64, validation_fraction=0.3)
print(data)

# %% [markdown]
# ## Question 1: what does Algorithm 1 compute?
#
# A batch of $m = 64$ digits goes through a layer of five units with random weights. The output is the $x_i$ of
# Algorithm 1: 64 values per unit. Each of the four lines of the algorithm becomes one line of code, for all units at
# once.

# %%
rng = np.random.default_rng(0)
v = data.train_examples.images[:64].reshape(64, 64) / 255
w = rng.normal(0, np.sqrt(2 / 64), size=(64, 5))
gamma, beta, epsilon = np.array([1.0, 2.0, 0.5, 1.0, 3.0]), np.array([0.0, 1.0, -1.0, 2.0, 0.0]), 1e-3

x = v @ w
mean = x.mean(axis=0)  # μ_B
variance = np.mean((x - mean) ** 2, axis=0)  # σ²_B
normalized = (x - mean) / np.sqrt(variance + epsilon)  # x̂ᵢ
y = gamma * normalized + beta
np.testing.assert_allclose(y, batch_normalization(x, gamma, beta, epsilon=epsilon)[0])  # the package's

# %% [markdown]
# $\gamma$ and $\beta$ are normally learned; for the comparison we give `keras.layers.BatchNormalization` the same
# values. It computes in float32, that is, with seven digits.

# %%
layer = keras.layers.BatchNormalization(momentum=0.9, epsilon=epsilon)
layer.build(x.shape)
layer.gamma.assign(gamma)
layer.beta.assign(beta)
theirs = layer(x.astype(np.float32), training=True).numpy()
print(f"training, NumPy and Keras, largest difference = {np.abs(y - theirs).max():.0e}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharex=True, sharey=True, layout="constrained")
titles = ("$x_i$: outputs of the units", "$\\hat{x}_i$: centred and scaled", "$y_i = \\gamma\\,\\hat{x}_i + \\beta$")
for ax, values, title in zip(axes, (x, normalized, y), titles, strict=True):
    for unit in range(5):
        ax.plot(values[:, unit], unit + rng.uniform(-0.25, 0.25, 64), "o", color=f"C{unit}", markersize=3)
        ax.plot(values[:, unit].mean(), unit, "k|", markersize=26, markeredgewidth=2)
    ax.set(xlabel="value", title=title, yticks=range(5), yticklabels=range(1, 6))
axes[0].set_ylabel("unit (line: mean of the batch)")

# %% [markdown]
# The deck stops there. But a network also has to classify a single image, and the result must not depend on the other
# images in the batch. So Keras keeps *moving statistics*: after each training step, with the momentum of 0.9 given
# above, $\mu \leftarrow 0.9 \, \mu + 0.1 \, \mu_\mathcal{B}$, and in the same way for $\sigma^2$. They start at 0
# and 1. In inference they replace $\mu_\mathcal{B}$ and $\sigma^2_\mathcal{B}$: the formula no longer contains the
# batch, only a scale and a shift per unit.

# %%
moving_mean, moving_variance = 0.9 * 0 + 0.1 * mean, 0.9 * 1 + 0.1 * variance  # what the call above has done
for start in rng.integers(0, data.train_size - 64, size=60):
    x_new = data.train_examples.images[start : start + 64].reshape(64, 64) / 255 @ w
    layer(x_new.astype(np.float32), training=True)
    moving_mean = 0.9 * moving_mean + 0.1 * x_new.mean(axis=0)
    moving_variance = 0.9 * moving_variance + 0.1 * x_new.var(axis=0)
y_inference = gamma * (x - moving_mean) / np.sqrt(moving_variance + epsilon) + beta
theirs = layer(x.astype(np.float32), training=False).numpy()
print(f"inference, NumPy and Keras, largest difference = {np.abs(y_inference - theirs).max():.0e}")
print(f"same images, training and inference mode, largest difference = {np.abs(y_inference - y).max():.2f}")

# %% [markdown]
# **What to see.** From left to right: the outputs of each unit, close together around a mean of its own; the same with
# mean 0 and variance 1; and the result after applying $\gamma$ and $\beta$. With $\gamma = \sigma_\mathcal{B}$ and
# $\beta = \mu_\mathcal{B}$ we would get the original back, so the network loses nothing. But now two weights determine
# mean and scale, not all the layers below. In inference mode the same images get values that differ by up to 0.7: the
# statistics of 60 batches, mainly the last ones, are not those of this batch.
#
# ## Question 2: what happens to the gradient?
#
# $\mu_\mathcal{B}$ and $\sigma_\mathcal{B}$ depend on every $x_i$, so the derivative goes through them too. The package
# implements the derived formula; TensorFlow gives the same result.

# %%
upstream = rng.normal(size=x.shape)  # ∂ℓ/∂y
gradient_x, gradient_gamma, gradient_beta = batch_normalization_backward(
    upstream, batch_normalization(x, gamma, beta, epsilon=epsilon)[1]
)
x_tf = tf.constant(x)
with tf.GradientTape() as tape:
    tape.watch(x_tf)
    mean_tf, variance_tf = tf.nn.moments(x_tf, axes=[0])
    y_tf = gamma * (x_tf - mean_tf) / tf.sqrt(variance_tf + epsilon) + beta
    loss = tf.reduce_sum(y_tf * upstream)
difference = np.abs(gradient_x - tape.gradient(loss, x_tf)).max()
print(f"gradient, package and TensorFlow, largest difference = {difference:.0e}")

# %% [markdown]
# Three things follow for the weights $w$ before the normalisation (with $\epsilon$ close to 0); each is checked below:
#
# 1. Weights ten times as large give the same $y$: $\mu_\mathcal{B}$ and $\sigma_\mathcal{B}$ grow with them.
# 2. Then the gradient is a tenth. A step moves small weights a lot and large ones hardly at all.
# 3. The gradient of a unit's weights is perpendicular to them, because scaling them doesn't change the loss. So by the
#    Pythagorean theorem $|w - \lambda g|^2 = |w|^2 + \lambda^2 |g|^2$: every step makes the weights longer.


# %%
def through(w):
    """Returns y, and the gradient of the loss with respect to w."""
    y, cache = batch_normalization(v @ w, gamma, beta, epsilon=1e-12)
    return y, v.T @ batch_normalization_backward(upstream, cache)[0]


y_1, slope_1 = through(w)
y_10, slope_10 = through(10 * w)
print(f"weights times 10, largest change of y = {np.abs(y_10 - y_1).max():.0e}")
print(f"weights times 10, gradient norm over the one before = {np.linalg.norm(slope_10) / np.linalg.norm(slope_1):.4f}")
cosine = np.sum(slope_1 * w, axis=0) / (np.linalg.norm(slope_1, axis=0) * np.linalg.norm(w, axis=0))
print(f"gradient and weights, largest cosine of five units = {np.abs(cosine).max():.0e}")

# %%
STEPS = 40
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
for rate, style in {0.003: "C0o-", 0.03: "C1s-", 0.3: "C2^-"}.items():
    walking, norms, turns = w.copy(), [np.linalg.norm(w[:, 0])], []
    for _ in range(STEPS):
        before = walking[:, 0]
        walking = walking - rate * through(walking)[1]
        after = walking[:, 0]
        norms.append(np.linalg.norm(after))
        turns.append(np.degrees(np.arccos(before @ after / (norms[-2] * norms[-1]))))
    left.semilogy(range(STEPS + 1), norms, style, markersize=5, markevery=4, label=f"$\\lambda$ = {rate}")
    right.semilogy(range(1, STEPS + 1), turns, style, markersize=5, markevery=4)
left.set(xlabel="step of gradient descent", ylabel="norm of the weights of unit 1", yticks=[1, 2, 5, 10])
left.set_yticklabels(["1", "2", "5", "10"])
left.minorticks_off()
right.set(xlabel="step of gradient descent", ylabel="angle by which they turn (degrees)", yticks=[1, 10, 90])
right.set_yticklabels(["1", "10", "90"])
left.legend(loc="center right", bbox_to_anchor=(1, 0.75))

# %% [markdown]
# **What to see.** The upstream gradient is fixed here, so the weights could follow it forever. The largest rate turns
# them by almost 90 degrees in its first step, which makes them ten times as long; after that it turns them by less than
# 4 degrees per step, no more than the smallest rate does most of the time. At the smallest rate the weights stay short.
# The bump at step 25 shows the same mechanism: they reach a region where even this rate is too high, overshoot, and
# grow, until the rate is no longer too high. So a rate that is too high is effectively reduced at once, unit by unit.
# (It only works in one direction: nothing makes the weights shorter again, except weight decay.)
#
# ## Question 3: how large are the gradients in a deep network?
#
# Ten hidden layers of 64 units, as in `06_training/5_vanishing_gradients.py`, where ten sigmoid layers learned nothing
# and ReLU with He's weights learned well. `batch_norm=True` puts Algorithm 1 between each layer and its activation.

# %%
DEPTH, UNITS = 10, 64
NETS = {
    "sigmoid": {"activation": "sigmoid", "initializer": "glorot_uniform"},
    "sigmoid + BN": {"activation": "sigmoid", "initializer": "glorot_uniform", "batch_norm": True},
    "ReLU": {"activation": "relu"},
    "ReLU + BN": {"activation": "relu", "batch_norm": True},
}
STYLES = dict(zip(NETS, ["C3v--", "C3^-", "C0o--", "C1s-"], strict=True))


def build(name, seed=0, hidden=(UNITS,) * DEPTH):
    """Builds one of the networks, compiled with plain gradient descent."""
    keras.utils.set_random_seed(seed)
    model = build_mlp(data.input_shape, data.num_classes, hidden=hidden, **NETS[name])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


# %%
monitors, curves = {}, {}
for name in NETS:
    model, monitors[name] = build(name), GradientNormMonitor()
    watched = {"validation_data": data.validation, "callbacks": [monitors[name]], "verbose": 0}
    curves[name] = model.fit(data.train, epochs=8, shuffle=False, **watched).history["val_accuracy"]
layers = [f"hidden{number}" for number in range(1, DEPTH + 1)]

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
for name, style in STYLES.items():
    norms = monitors[name].norms.iloc[0][layers]
    left.semilogy(range(1, DEPTH + 1), norms, style, label=name)
    right.plot(range(1, 9), curves[name], style, label=name)
    print(f"{name}, gradient norm, growth a layer at step 0 = {(norms.iloc[0] / norms.iloc[-1]) ** (1 / 9):.2f}")
    print(f"{name}, validation accuracy after 8 epochs = {curves[name][-1]:.2f}")
print(f"sqrt(π / (π - 1)): {np.sqrt(np.pi / (np.pi - 1)):.2f}")
left.set(xlabel="layer", ylabel="gradient L2 norm at step 0", xticks=range(1, DEPTH + 1), title="Gradients")
right.set(
    xlabel="epochs of training", ylabel="validation accuracy", ylim=(0, 1), title="Accuracy with $\\lambda$ = 0.1"
)
right.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %%
fig, axes = plt.subplots(2, 1, figsize=(9, 9), layout="constrained")
for ax, name in zip(axes, ("sigmoid", "sigmoid + BN"), strict=True):
    dense = monitors[name].norms[[*layers, "logits"]]  # without the rows of γ and β
    plot_gradient_norms(dense, ax=ax, limits=(1e-7, 10))  # one scale for both
    ax.set_title(name)

# %% [markdown]
# **What to see.** Read the left panel from right to left, the direction in which the gradient flows. The sigmoid
# network loses a factor of 4 to 5 in every layer and learns nothing. With batch normalisation its curve is flat, and it
# learns as well as the others: each layer divides by the small $\sigma_\mathcal{B}$ of the sigmoids below, also in the
# backward pass, which compensates for the small slope of the sigmoid. The heat maps show that it lasts.
#
# ReLU with He's weights was flat already, although it learns unsteadily. Batch normalisation makes *that* curve
# steeper: the gradient grows by a factor of 1.2 in every layer. The reason: He's variance (eq. 47) is based on the mean
# square of a ReLU's output, 1/2 for a normal input of variance 1. Batch normalisation first subtracts the mean, which
# leaves $1/2 - 1/(2\pi)$, a share of $(\pi - 1)/\pi$. It divides by the root of that, and so does the backward pass: a
# factor of $\sqrt{\pi/(\pi - 1)} = 1.21$ per layer (Yang et al. 2019). That is fine for ten layers, but with a hundred
# layers and no shortcuts the gradient explodes. So a remedy for vanishing gradients doesn't fix every problem with
# gradients. The ReLU network still learns faster with it: question 4.
#
# ## Question 4: which learning rates does it make possible?
#
# We train the two ReLU networks for eight epochs with each of seven rates and three seeds. Each model is compiled once
# and then gets new initial weights and a new rate, because compiling takes longer than training.

# %%
SEEDS, RATES = (0, 1, 2), (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
accuracies, growth = {}, {}
for name in ("ReLU", "ReLU + BN"):
    starts = [build(name, seed).get_weights() for seed in SEEDS]
    model = build(name)
    for rate in RATES:
        for start in starts:
            model.set_weights(start)
            model.optimizer.learning_rate = rate
            first_norm = np.linalg.norm(model.get_layer("hidden5").kernel.numpy())
            model.fit(data.train, epochs=8, shuffle=False, verbose=0)
            accuracies.setdefault((name, rate), []).append(model.evaluate(data.validation, verbose=0)[1])
            norm = np.linalg.norm(model.get_layer("hidden5").kernel.numpy())
            growth.setdefault((name, rate), []).append(norm / first_norm)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), layout="constrained")
for name in ("ReLU", "ReLU + BN"):
    found = np.array([accuracies[name, rate] for rate in RATES])
    left.semilogx(RATES, found.mean(axis=1), STYLES[name], label=name)
    left.fill_between(RATES, found.min(axis=1), found.max(axis=1), color=STYLES[name][:2], alpha=0.2)
    right.loglog(RATES, [np.mean(growth[name, rate]) for rate in RATES], STYLES[name], label=name)
    trains = np.array(RATES)[found.mean(axis=1) > 0.5]
    print(f"{name}, largest rate with an accuracy over 0.5 = {trains.max():g}")
    print(f"{name}, best accuracy = {found.mean(axis=1).max():.2f}")
    print(
        "    accuracy with each rate:", *(f"{rate}: {row.mean():.2f};" for rate, row in zip(RATES, found, strict=True))
    )
left.axhline(0.1, color="grey", linestyle=":", label="guessing")
left.set(xlabel="learning rate $\\lambda$", ylabel="validation accuracy after 8 epochs", ylim=(0, 1))
right.set(xlabel="learning rate $\\lambda$", ylabel="norm of the weights of layer 5,\nend over start")
right.set_xlim(left.get_xlim())
right.set_yticks([1, 2, 4, 8], labels=["1", "2", "4", "8"])
right.minorticks_off()
right.legend(*left.get_legend_handles_labels(), loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** Left: without batch normalisation no rate gets beyond 0.75 on average over the seeds, rates from 0.3
# on are hardly better than guessing, and the seeds differ a lot. With it, every rate from 0.03 to 3 reaches more than
# 0.8, and the best rate is ten times that of the other network. At the lowest rate, 0.01, it gains nothing: its benefit
# here is that it permits larger steps, and these train faster (Bjorck et al. 2018, "Understanding batch
# normalization").
#
# Right: up to a rate of 0.3 the weights end about as long as they started. So the mechanism of question 2 isn't what
# makes rates up to that point possible. It takes effect from 1 on; at 10 the weights are six times as long, and the
# network has learned almost nothing in the same time. (Without batch normalisation the weights of at least one seed
# don't stay finite beyond 0.3: there the dashed curve ends.)
#
# ## Question 5: what is the role of the batch?
#
# ### What does the output for an image depend on?
#
# A network with two hidden layers, trained for six epochs in batches of 64. We evaluate one validation image again and
# again in training mode, each time in a batch with other images: how certain is the network of its class?

# %%
SMALL = (64, 64)
small = build("ReLU + BN", hidden=SMALL)
small.fit(data.train, epochs=6, shuffle=False, verbose=0)
images, labels = (array.numpy() for array in next(iter(data.validation.unbatch().batch(1000))))


def answer(model, images, *, training):
    """Returns the probabilities, and restores the moving statistics, which training mode changes."""
    weights = model.get_weights()
    probabilities = keras.ops.softmax(model(images, training=training))
    model.set_weights(weights)
    return np.array(probabilities)


alone = answer(small, images, training=False)[np.arange(len(labels)), labels]
doubtful = int(np.argmin(np.abs(alone - 0.7)))  # an image of which the network is not quite certain
others = np.delete(np.arange(len(images)), doubtful)
SIZES = (2, 4, 8, 16, 64, 256)
drawn = {}
for size in SIZES:
    companies = [np.append(doubtful, rng.choice(others, size - 1, replace=False)) for _ in range(60)]
    drawn[size] = [answer(small, images[company], training=True)[0, labels[doubtful]] for company in companies]
    print(f"among {size - 1} others, standard deviation of the probability = {np.std(drawn[size]):.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
for position, size in enumerate(SIZES):
    ax.plot(position + rng.uniform(-0.2, 0.2, 60), drawn[size], "C0o", markersize=4, alpha=0.6)
ax.axhline(alone[doubtful], color="C1", linewidth=2, label="inference mode, in any batch")
ax.set(xticks=range(len(SIZES)), xticklabels=SIZES, xlabel="batch size in training mode", ylim=(0, 1))
ax.set(ylabel=f"probability of its class, {labels[doubtful]}", title="One image in batches with different others")
ax.legend(loc="lower right")

# %% [markdown]
# ### How small can a batch be?
#
# For two values of a unit, $a$ and $b$, the mean is halfway between them, each is $|a - b| / 2$ away from it, and that
# is also $\sigma_\mathcal{B}$. Unless they are equal, $\hat x$ is always $+1$ and $-1$. With a single value, $\hat x$
# is always 0.

# %%
for batch in ([[0.1], [5.0]], [[-70.0], [3.0]], [[4.2]]):
    print(batch, "->", np.round(batch_normalization(batch, [1.0], [0.0], epsilon=1e-9)[0].ravel(), 3) + 0.0)

# %%
few = Examples(data.train_examples.images[:512], data.train_examples.labels[:512])
BATCHES = (2, 4, 16, 64)
found = {key: [] for key in ("ReLU", "ReLU + BN", "ReLU + BN, training mode")}
for name in ("ReLU", "ReLU + BN"):
    starts = [build(name, seed, SMALL).get_weights() for seed in SEEDS]
    model = build(name, hidden=SMALL)
    for batch_size in BATCHES:
        for seed, start in zip(SEEDS, starts, strict=True):
            model.set_weights(start)
            batches = replace(data, train_examples=few, batch_size=batch_size, seed=seed).train
            model.fit(batches, epochs=3, shuffle=False, verbose=0)
            guesses = answer(model, images, training=False).argmax(axis=1)
            found[name].append(np.mean(guesses == labels))
            if name == "ReLU + BN":  # all 431 images as one batch
                guesses = answer(model, images, training=True).argmax(axis=1)
                found["ReLU + BN, training mode"].append(np.mean(guesses == labels))
found = {name: np.reshape(values, (len(BATCHES), len(SEEDS))) for name, values in found.items()}

# %%
fig, ax = plt.subplots(figsize=(9, 4.4), layout="constrained")
labelled = {
    "ReLU": ("C0o--", "without BN"),
    "ReLU + BN": ("C1s-", "with BN, inference mode"),
    "ReLU + BN, training mode": ("C2^:", "the same networks,\n431 images as one batch"),
}
for name, (style, label) in labelled.items():
    ax.semilogx(BATCHES, found[name].mean(axis=1), style, label=label)
    ax.fill_between(BATCHES, found[name].min(axis=1), found[name].max(axis=1), color=style[:2], alpha=0.15)
    print(f"{name}, batches of 2, accuracy = {found[name][0].mean():.2f}")
    print(f"{name}, batches of 64, accuracy = {found[name][-1].mean():.2f}")
ax.set_xticks(BATCHES, labels=BATCHES)
ax.minorticks_off()
ax.set(xlabel="batch size in training", ylabel="validation accuracy", ylim=(0, 1))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# ### How many steps do the moving statistics need?
#
# After $k$ steps, a share of $0.9^k$ of the initial 0 and 1 is left; with Keras's default, 0.99, it is $0.99^k$.
# Training doesn't use the moving statistics, so the weights are identical to the bit. The validation results are not.

# %%
MOMENTA = {0.9: "C1s-", 0.99: "C2^-"}
fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
for momentum, style in MOMENTA.items():
    model = build("ReLU + BN")
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
    watched = {"validation_data": data.validation, "verbose": 0}
    curve = model.fit(data.train, epochs=6, shuffle=False, **watched).history["val_accuracy"]
    ax.plot(range(1, 7), curve, style, label=f"momentum {momentum}")
    left_over = momentum ** int(model.optimizer.iterations)
    print(f"momentum {momentum}: {left_over:.2g} of the first statistics is left after {len(curve)} epochs")
    print(f"momentum {momentum}, validation accuracy = {curve[-1]:.2f}")
ready = np.mean(answer(model, images, training=True).argmax(axis=1) == labels)
print(f"the last of them, all validation images as one batch, accuracy = {ready:.2f}")
ax.axhline(ready, color="k", linestyle=":", label="at the end, with the\nstatistics of the images")
ax.set(xlabel="epochs of training", ylabel="validation accuracy\nin inference mode", ylim=(0, 1))
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** First figure: in training mode, the same image gets a probability anywhere between 0 and 1 in a batch
# with seven others; with 255 others, the values are close to that of inference mode. This noise, different in every
# step, is said to regularise (`2_overfitting.py` measures by how much: little). It is also the reason why inference
# uses separate statistics.
#
# Second figure: the price of small batches. In pairs, all that a unit can tell about an image is whether its value is
# the larger one, and the network is far worse than the one without batch normalisation; from 4 images on it is better.
# The green curve shows the cause: fresh statistics of 431 images don't help the networks that were trained on pairs, so
# the training suffered and not the moving statistics. (Both curves fall toward 64, because three epochs are only 24
# steps.) Layer and group normalisation, which don't depend on other images, are the solution (Wu and He 2018).
#
# Third figure: here it *is* the moving statistics. Both networks have the same weights at every epoch, but with
# momentum 0.99 the validation accuracy lags behind by up to 0.4: the statistics still contain the initial 0 and 1 (38 %
# of them after 96 steps), and those of much older weights. So a validation loss that is much worse than the training
# loss in the first hundred steps isn't necessarily overfitting. `build_mlp` uses 0.9.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start batch_norm` (and `batch_norm_in_use`). Then
# explore:
#
# 1. In question 2 let `walking = (1 - rate * 0.1) * walking - rate * through(walking)[1]` go 1000 steps. Expect the
#    norms to level off, at 6.6 with $\lambda = 0.03$ and at 10.2 with 0.3. Why there? (By the Pythagorean theorem,
#    where $2 \lambda_2 |w|^2 = \lambda |g|^2$. Weight decay doesn't shrink the output of such a unit; it controls how
#    fast its weights turn. Van Laarhoven 2017.)
# 2. Train `build("ReLU + BN", hidden=(64,) * 30)` for one epoch with a `GradientNormMonitor`. Which growth at step 0,
#    from layer 30 to layer 1, does $\sqrt{\pi / (\pi - 1)}$ predict? (A factor of 259; measured 355.)
# 3. Show that a bias before batch normalisation is useless: add 5 to `x` in question 1, and compare `y`. (It is equal
#    up to rounding; so Keras users write `Dense(..., use_bias=False)`.) What takes the place of the bias?
# 4. Give `small` of question 5 all validation images of one class as a batch, in training mode, for each class. Expect
#    it to classify about a fifth of them correctly at most, and in inference mode as many as before: $\mu_\mathcal{B}$
#    subtracts exactly what the images of a class have in common. So shuffle, and never test in training mode.
# 5. Add a momentum of 0.999 to `MOMENTA`. After how many epochs of 16 steps is less than 1 % of the initial statistics
#    left? (288.)
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. After 1000 steps they are 6.60 and 10.23, and no longer move with 0.3. There $2 \lambda_2 |w|^2$ is 8.70 and
#    $\lambda |g|^2$ 8.72 with 0.03 (20.9 and 20.6 with 0.3, where a step is too long for the formula to be exact). With
#    0.003 the norm is 3.0 and still rising: the smaller the product of the two rates, the longer it takes.
# 2. A factor of $1.211^{29}$ = 259. Measured: 355, 259 and 252 for the seeds 0 to 2, 1.21 to 1.22 per layer. At the
#    last of the 16 steps it is 5.6, 4.8 and 3.2: the network has corrected most of it itself, but its validation
#    accuracy is only 0.13, 0.13 and 0.33.
# 3. The largest change of `y` is 2e-14 in NumPy and 1e-5 in Keras, in float32. $\beta$ takes its place: 5 more in
#    $\beta$ is 5 more in `y` (to 9e-16).
# 4. In training mode it classifies 0.11 of the images correctly, from 0.02 (0 and 6) to 0.21 (8) of a class; in
#    inference mode 0.96 (0.81 to 1.00), and in training mode with all of them as one batch 0.96 too. So the batch makes
#    the difference, not the mode.
# 5. After 288 epochs. After six, 0.91 of it is left, and the validation accuracy is 0.21, compared with 0.80 and 0.94
#    for 0.99 and 0.9; it takes 70 epochs to reach the 0.97 that the statistics of the images themselves give.
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
