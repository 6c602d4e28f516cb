# %% [markdown]
r"""# What is inside a neural network?

Chapter 4 of the deck, "The Neural Network", eq. 7 to 11: a complete network in NumPy, forward and backward, trained on
real digits; then the same weights in Keras, to check that Keras computes nothing else.

```
python tutorials/04_neural_networks/2_network_from_scratch.py
```

Measured with that command in 17 s on 2 CPU cores. Digits, hidden layers of 128 and 64 ReLUs, float32; the differences
between NumPy and Keras are relative:

| measured | value | agrees within |
| --- | --- | --- |
| backward against finite differences, largest error | 5e-11 | × 10 |
| test accuracy | 0.975 | ± 0.011 |
| test accuracy with the package's functions | 0.975 | ± 0.011 |
| activations, largest relative difference | 8e-08 | ± 7e-07 |
| gradients, largest relative difference | 3e-06 | ± 5e-05 |
| weights after a step, largest relative difference | 2e-08 | ± 1.8e-07 |
| knots by hand, power of n in the error | -1.97 | ± 0.01 |
| 16 ReLUs with knots by hand, largest error | 0.0188 | ± 0.0001 |
| 16 ReLUs trained, largest error | 0.075 | × 2 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from keras_course.data import load_images
from keras_course.models import build_mlp
from keras_course.numerics.initialization import he_std
from keras_course.numerics.network import (
    ACTIVATIONS,
    Layer,
    backward,
    dense,
    forward,
    initialize_layers,
    predict_classes,
    train_epoch,
)
from keras_course.numerics.schedules import exponential_decay
from keras_course.visualization import plot_images

data = load_images("digits", validation_fraction=0)  # nothing is chosen here that would need validation images
print(data)

# %% [markdown]
# ## Question 1: what does a layer compute?
#
# A neuron is the linear model of eq. 7. A layer is $K_1$ of them side by side, on the same inputs $v$ (eq. 8):
#
# $$c_k = \omega_{0,k}^{(1)} + \sum_{j=1}^D \omega_{j,k}^{(1)} v_{i,j}, \quad k \in [1, K_1].$$
#
# The deck draws $D = 3$ inputs and $K_1 = 4$ neurons. Written out, these are three loops, over samples $i$, neurons $k$
# and inputs $j$. In practice they are computed as one matrix product.

# %%
rng = np.random.default_rng(0)
N, D, K1, K2 = 5, 3, 4, 2
v = rng.normal(size=(N, D))
weights, bias = rng.normal(size=(D, K1)), rng.normal(size=K1)

c = np.empty((N, K1))
for i in range(N):
    for k in range(K1):
        c[i, k] = bias[k] + sum(weights[j, k] * v[i, j] for j in range(D))  # eq. 8

np.testing.assert_allclose(v @ weights + bias, c)  # (N, D) @ (D, K1) + (K1,) = (N, K1)
np.testing.assert_allclose(dense(v, weights, bias), c)
print(f"inputs {v.shape} @ weights {weights.shape} + bias {bias.shape} = sums {c.shape}")

# %% [markdown]
# ## Question 2: what does the activation do?
#
# Eq. 9 applies a function $a$ to every neuron, $z_k = a(c_k)$. The deck offers three: the sigmoid, tanh, and ReLU,
# which returns as eq. 19 in chapter 5. Training needs their derivatives:
#
# | $a(x)$ | $a'(x)$ |
# | --- | --- |
# | $\sigma(x) = 1 / (1 + e^{-x})$ | $\sigma(x) (1 - \sigma(x))$ |
# | $\tanh(x)$ | $1 - \tanh^2(x)$ |
# | $\max(0, x)$ | 1 where $x > 0$, else 0 |
#
# (For ReLU the deck's chapter 6 prints "= 1" everywhere. That is right only for active units.)

# %%
activations = {
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "relu": (lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1.0, 0.0)),
}
x, h = np.linspace(-4, 4, 400), 1e-6  # no x is 0, where ReLU has no derivative
fig, axes = plt.subplots(1, 3, figsize=(11, 3.8), layout="constrained", sharex=True)
for ax, (name, (function, derivative)) in zip(axes, activations.items(), strict=True):
    np.testing.assert_allclose(ACTIVATIONS[name].function(x), function(x), rtol=1e-12)
    np.testing.assert_allclose(ACTIVATIONS[name].derivative(x), derivative(x), rtol=1e-9)
    slope = (function(x + h) - function(x - h)) / (2 * h)
    print(f"{name}: derivative and finite difference differ by at most {np.abs(derivative(x) - slope).max():.0e}")
    ax.plot(x, function(x), "C0-", linewidth=2, label="$a(x)$")
    ax.plot(x, derivative(x), "C1--", linewidth=2, label="$a'(x)$")
    ax.set(xlabel="x", title="ReLU" if name == "relu" else name, ylim=(-1.2, 2.2))
    ax.grid(alpha=0.3)
axes[0].set_ylabel("activation, derivative")
axes[0].legend()

# %% [markdown]
# **What to see.** The derivative of the sigmoid is at most 1/4, that of tanh at most 1, and both vanish a few units
# away from 0. ReLU's derivative is 1 or 0, with a jump at $x = 0$, where it is undefined; Keras uses 0 there, and so do
# we.
#
# ## Question 3: what happens in the forward pass?
#
# A second layer takes the outputs $z$ of the first as its inputs (eq. 10); the two together are eq. 11:
#
# $$d_k = \omega_{0,k}^{(2)} + \sum_{k_1=1}^{K_1} \omega_{k_1,k}^{(2)} \,
# a\Bigl(\omega_{0,k_1}^{(1)} + \sum_{j=1}^D \omega_{j,k_1}^{(1)} v_{i,j}\Bigr).$$
#
# (The deck calls $d$ "the outputs of the CNN" there. Nothing is convolved: this is a multilayer perceptron.) "Neural
# network deeper" repeats the step, so a loop does it for any number of layers. It stores the inputs and the sums of
# each layer, because the backward pass needs both.


# %%
def forward_by_hand(v, layers, a):
    """Returns the inputs v, z⁽¹⁾, z⁽²⁾, ... and the sums c⁽¹⁾, c⁽²⁾, ..., d of the layers."""
    inputs, sums = [v], []
    for number, (weights, bias) in enumerate(layers):
        if number > 0:
            inputs.append(a(sums[-1]))  # eq. 9
        sums.append(inputs[-1] @ weights + bias)  # eq. 8, eq. 10
    return inputs, sums


tanh, tanh_slope = activations["tanh"]
layers = [Layer(weights, bias), Layer(rng.normal(size=(K1, K2)), rng.normal(size=K2))]
inputs, sums = forward_by_hand(v, layers, tanh)
for ours, theirs in zip(inputs + sums, sum(forward(v, layers, "tanh"), []), strict=True):
    np.testing.assert_allclose(ours, theirs)
for number, (z, layer, c) in enumerate(zip(inputs, layers, sums, strict=True), start=1):
    print(f"layer {number}: {z.shape} @ {layer.weights.shape} + {layer.bias.shape} = {c.shape}")

# %% [markdown]
# Why do we need $a$? Without it the two layers collapse into one: $(v W_1 + b_1) W_2 + b_2 = v (W_1 W_2) + (b_1 W_2 +
# b_2)$. That is a linear model again, which can't solve XOR.

# %%
(w1, b1), (w2, b2) = layers
np.testing.assert_allclose(forward(v, layers, "linear").output, dense(v, w1 @ w2, b1 @ w2 + b2))

# %% [markdown]
# ## Question 4: what happens in the backward pass?
#
# The outputs $d$ become probabilities by the softmax $p_k = e^{d_k} / \sum_j e^{d_j}$, and the loss is the
# cross-entropy $F = -\frac1N \sum_i \log p_{i, t_i}$, with $t_i$ the class of sample $i$. Its derivative is simple,
# $\partial F / \partial d = (p - y) / N$, with $y$ 1 at the class and 0 elsewhere. From there we apply the chain rule
# layer by layer, from the output toward the input. With $\delta^{(\ell)} = \partial F / \partial c^{(\ell)}$ (and
# $c^{(L)} = d$):
#
# $$\frac{\partial F}{\partial W^{(\ell)}} = z^{(\ell-1)\top} \delta^{(\ell)}, \quad
# \frac{\partial F}{\partial b^{(\ell)}} = \sum_i \delta_i^{(\ell)}, \quad
# \delta^{(\ell-1)} = \bigl(\delta^{(\ell)} W^{(\ell)\top}\bigr) \odot a'(c^{(\ell-1)}).$$


# %%
def cross_entropy_by_hand(d, t):
    """Returns F in nats and ∂F/∂d, of shape (N, classes)."""
    p = np.exp(d - d.max(axis=1, keepdims=True))  # the largest exponent is 0: nothing overflows
    p /= p.sum(axis=1, keepdims=True)
    y = np.eye(d.shape[1], dtype=d.dtype)[t]
    return -np.mean(np.log(p[np.arange(len(t)), t])), (p - y) / len(t)


def backward_by_hand(inputs, sums, layers, delta, slope):
    """Returns (∂F/∂W, ∂F/∂b) of every layer; `delta` is ∂F/∂d."""
    gradients = []
    for number in reversed(range(len(layers))):
        gradients.append(Layer(inputs[number].T @ delta, delta.sum(axis=0)))
        if number > 0:
            delta = (delta @ layers[number].weights.T) * slope(sums[number - 1])
    return gradients[::-1]


labels = rng.integers(0, K2, size=N)
loss, delta = cross_entropy_by_hand(sums[-1], labels)
gradients = backward_by_hand(inputs, sums, layers, delta, tanh_slope)
for ours, theirs in zip(gradients, backward(forward(v, layers, "tanh"), layers, delta, "tanh"), strict=True):
    np.testing.assert_allclose(ours.weights, theirs.weights)
    np.testing.assert_allclose(ours.bias, theirs.bias)

# %% [markdown]
# Is it right? We check against the definition of the derivative: change one weight by $\pm h$ and compute the loss,
# $\partial F / \partial \omega \approx (F(\omega + h) - F(\omega - h)) / 2h$. This takes two forward passes *per
# weight*, so it is too slow for training, but it is independent of our formulas.


# %%
def finite_differences(layers, h):
    """Returns (F(ω + h) - F(ω - h)) / 2h for every parameter of the network, in one row."""
    slopes = []
    for array in (array for layer in layers for array in layer):
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + h
            above, _ = cross_entropy_by_hand(forward_by_hand(v, layers, tanh)[1][-1], labels)
            array[index] = kept - h
            below, _ = cross_entropy_by_hand(forward_by_hand(v, layers, tanh)[1][-1], labels)
            array[index] = kept
            slopes.append((above - below) / (2 * h))
    return np.array(slopes)


exact = np.concatenate([array.ravel() for layer in gradients for array in layer])
steps = np.logspace(-1, -12, 23)
errors = [np.abs(finite_differences(layers, h) - exact).max() for h in steps]
print(f"{exact.size} parameters, best step h: {steps[np.argmin(errors)]:.0e}")
print(f"backward against finite differences, largest error = {min(errors):.0e}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.loglog(steps, errors, "C0o-", label="largest error of 26 derivatives")
ax.loglog(steps[:12], errors[0] * (steps[:12] / steps[0]) ** 2, "k--", label="$h^2$: F is curved")
ax.loglog(steps[10:], 1e-16 / steps[10:], "k:", label="$10^{-16} / h$: the last digit of F")
ax.set(xlabel="step h", ylabel="|finite difference − backward|", title="Is the backward pass right?")
ax.legend()

# %% [markdown]
# **What to see.** Read the figure from right to left. The error falls with $h^2$, as it should for a central
# difference, down to about $5 \cdot 10^{-11}$. Then it rises again, because the rounding error of $F$, a few units in
# its 16th digit, is divided by a small $h$. At best, ten digits agree. With a mistake in the formulas, the curve would
# stop falling at the size of the mistake. This is how to test a gradient.
#
# ## Question 5: does it learn?
#
# Gradient descent on mini-batches, $\omega \leftarrow \omega - \lambda \, \partial F_j / \partial \omega$ (eq. 31),
# with the code above and nothing else. The data are the digits: 64 pixels, hidden layers of 128 and 64 ReLUs, 10
# classes. The initial weights are normally distributed with He's standard deviation $\sqrt{2 / M}$ (eq. 47, chapter 6),
# and the learning rate decays from 0.5.

# %%
x_train, y_train = data.train_examples.images.reshape(-1, 64).astype(np.float32) / 255, data.train_examples.labels
x_test, y_test = data.test_examples.images.reshape(-1, 64).astype(np.float32) / 255, data.test_examples.labels
UNITS, EPOCHS, BATCH = (64, 128, 64, 10), 30, 64
relu, relu_slope = activations["relu"]


def step_by_hand(layers, x, t, rate):
    """Returns the layers after one step of gradient descent, and the loss before it."""
    inputs, sums = forward_by_hand(x, layers, relu)
    loss, delta = cross_entropy_by_hand(sums[-1], t)
    gradients = backward_by_hand(inputs, sums, layers, delta, lambda c: relu_slope(c).astype(np.float32))
    steps = zip(layers, gradients, strict=True)
    return [Layer(w - rate * gw, b - rate * gb) for (w, b), (gw, gb) in steps], loss


def draw_layers(rng):
    """Draws the initial weights; the biases are 0."""
    return [
        Layer(rng.normal(0, he_std(fan_in), (fan_in, fan_out)).astype(np.float32), np.zeros(fan_out, np.float32))
        for fan_in, fan_out in zip(UNITS[:-1], UNITS[1:], strict=True)
    ]


# %%
rng = np.random.default_rng(0)
layers, losses, accuracies = draw_layers(rng), [], []
for epoch in range(EPOCHS):
    rate, total = float(exponential_decay(epoch, 0.5, 0.1)), 0.0
    order = rng.permutation(len(x_train))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        layers, loss = step_by_hand(layers, x_train[batch], y_train[batch], rate)
        total += loss * len(batch)
    losses.append(total / len(order))
    predicted = forward_by_hand(x_test, layers, relu)[1][-1].argmax(axis=1)
    accuracies.append(np.mean(predicted == y_test))
trained = layers
print(f"test accuracy = {accuracies[-1]:.3f}")

# %% [markdown]
# The package's `train_epoch` runs the same loop. With the same generator it draws the same random numbers:

# %%
rng = np.random.default_rng(0)
layers = initialize_layers(UNITS, rng)
for epoch in range(EPOCHS):
    rate = exponential_decay(epoch, 0.5, 0.1)
    layers, loss = train_epoch(layers, x_train, y_train, learning_rate=rate, generator=rng, batch_size=BATCH)
np.testing.assert_allclose(loss, losses[-1], rtol=0.05)
print(f"test accuracy with the package's functions = {np.mean(predict_classes(x_test, layers) == y_test):.3f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
left.plot(range(1, EPOCHS + 1), losses, "C0o-", markersize=4)
left.axhline(np.log(10), color="grey", linestyle=":")
left.text(EPOCHS, np.log(10), "guessing: ln 10", ha="right", va="bottom")
left.set(xlabel="epoch", ylabel="training cross-entropy (nats)", yscale="log", ylim=(None, 4))
nats = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]
left.set_yticks(nats, labels=nats)
right.plot(range(1, EPOCHS + 1), accuracies, "C1s-", markersize=4)
right.set(xlabel="epoch", ylabel="test accuracy", ylim=(None, 1))
right.grid(alpha=0.3)

# %%
predicted = predict_classes(x_test, trained)
wrong = np.flatnonzero(predicted != y_test)
print(f"{len(wrong)} of {len(y_test)} test images are misclassified; the figure shows the first eight")
titles = [f"true {y_test[index]}\npredicted {predicted[index]}" for index in wrong[:8]]
fig = plot_images(x_test[wrong[:8]].reshape(-1, 8, 8, 1), titles)

# %% [markdown]
# **What to see.** A few dozen lines of NumPy classify 97.5 % of the test images correctly. After ten epochs the
# accuracy hardly changes, while the training loss keeps falling: chapter 7 is about that gap. Half of the errors shown
# are 8s whose loops are filled in.
#
# ## Question 6: does Keras compute anything else?
#
# `build_mlp` builds the same network from Keras layers. If we give it our weights, every intermediate result must equal
# ours. A sub-model on the same layers returns them all: it has the network's input, and its outputs are those of every
# layer.

# %%
model = build_mlp(data.input_shape, data.num_classes, hidden=UNITS[1:-1])
model.set_weights([array for layer in trained for array in layer])
names = ["hidden1", "hidden1_relu", "hidden2", "hidden2_relu", "logits"]
inside = keras.Model(model.input, [model.get_layer(name).output for name in names])

images, classes = x_train[:256].reshape(-1, 8, 8, 1), y_train[:256]
theirs = [output.numpy() for output in inside(images)]
inputs, sums = forward_by_hand(x_train[:256], trained, relu)
ours = [sums[0], inputs[1], sums[1], inputs[2], sums[2]]  # c⁽¹⁾, z⁽¹⁾, c⁽²⁾, z⁽²⁾, d


def flat(layers):
    """Returns W and b of the layers in one list, as Keras holds them."""
    return [array for layer in layers for array in layer]


def difference(a, b):
    """Returns |a - b| / |b|, the relative difference of two arrays."""
    return np.linalg.norm(np.asarray(a) - np.asarray(b)) / np.linalg.norm(b)


differences = {name: difference(a, b) for name, a, b in zip(names, ours, theirs, strict=True)}
print(f"activations, largest relative difference = {max(differences.values()):.0e}")

# %% [markdown]
# For the backward pass, TensorFlow records the forward pass on a tape and differentiates what it recorded. It doesn't
# use our formulas.

# %%
loss_function = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
with tf.GradientTape() as tape:
    loss = loss_function(classes, model(images))
theirs = tape.gradient(loss, model.trainable_weights)

our_loss, delta = cross_entropy_by_hand(sums[-1], classes)
np.testing.assert_allclose(our_loss, loss, rtol=1e-4)
gradients = backward_by_hand(inputs, sums, trained, delta, lambda c: relu_slope(c).astype(np.float32))
for variable, a, b in zip(model.trainable_weights, flat(gradients), theirs, strict=True):
    differences[f"gradient of {variable.path}"] = difference(a, b)
largest = max(value for name, value in differences.items() if name.startswith("gradient"))
print(f"gradients, largest relative difference = {largest:.0e}")

# %% [markdown]
# Finally, one more training step from the same weights on the same batch, once by hand and once with Keras's
# `train_on_batch`:

# %%
model.compile(keras.optimizers.SGD(0.1), loss_function)
model.train_on_batch(images, classes)
stepped, _ = step_by_hand(trained, x_train[:256], classes, 0.1)
moved = []
for before, array, variable in zip(*map(flat, (trained, stepped)), model.trainable_weights, strict=True):
    differences[f"{variable.path} after a step"] = difference(array, variable.numpy())
    moved.append(difference(array, before))
largest = max(value for name, value in differences.items() if name.endswith("step"))
print(f"weights after a step, largest relative difference = {largest:.0e}")
print(f"for comparison, the smallest move of that step: {min(moved):.0e}")

# %%
fig, ax = plt.subplots(figsize=(10, 6), layout="constrained")
rows = np.arange(len(differences))
values = np.maximum(list(differences.values()), 1e-9)
parts = (("C0o", slice(0, 5), "activations"), ("C1s", slice(5, 11), "gradients"), ("C2^", slice(11, 17), "weights"))
for style, part, name in parts:
    ax.plot(values[part], rows[part], style, markersize=9, label=f"{name}, NumPy − Keras")
ax.plot(moved, rows[11:], "k^", fillstyle="none", markersize=9, label="weights, after − before the step")
ax.axvline(np.finfo(np.float32).eps, color="k", linestyle="--", label="last digit of a float32")
ax.set_yticks(rows, labels=differences)
ax.invert_yaxis()
ax.set(xscale="log", xlabel="relative difference", title="Same weights, same numbers")
ax.set_xticks(np.logspace(-9, -3, 7), labels=["0", *(f"$10^{{{power}}}$" for power in range(-8, -2))])
ax.legend(loc="upper right")

# %% [markdown]
# **What to see.** The activations agree to the last digit of a float32, about $10^{-7}$, or exactly, depending on the
# order in which NumPy and TensorFlow add the products on your processor. The gradients agree to $3 \cdot 10^{-6}$. That
# is rounding too: the trained network gives the true class of these images a probability of about 0.999, and $p - y =
# 0.999 - 1$ loses three digits in both programs. (With initial weights instead of trained ones the difference is
# $10^{-7}$ again.) The step changes the weights by $10^{-4}$ to $10^{-3}$ of their size (open triangles), and
# afterwards NumPy and Keras are within $2 \cdot 10^{-8}$ of each other. So Keras computes nothing else.
#
# ## Question 7: can a network approximate *any* function?
#
# The deck says that activations allow it. The theorem (Cybenko 1989; Leshno et al. 1993) says: any *continuous*
# function on a *bounded* region, as closely as you like, with *enough* hidden neurons. With ReLU and one input we can
# see why. $\mathrm{relu}(x - x_k)$ is flat up to the knot $x_k$ and a straight ramp after it: a neuron *bends* the
# curve at one place. If the neurons have the knots 0, 1/n, 2/n, ... and the output weights are the bends, the network
# passes through n + 1 points of the curve, without any training:


# %%
def curve(x):
    """The function to be approximated, on [0, 1]."""
    return np.sin(2 * np.pi * x)


def bend(n):
    """Builds a network of n ReLUs that goes through n + 1 points of the curve."""
    knots = np.linspace(0, 1, n + 1)
    ramps = np.diff(curve(knots)) * n  # the slope between two knots
    bends = np.diff(ramps, prepend=0)
    return [
        Layer(np.ones((1, n)), -knots[:-1]),  # z_k = relu(x - x_k)
        Layer(bends[:, np.newaxis], curve(knots[:1])),  # d = f(0) + Σ bend_k z_k
    ]


x = np.linspace(0, 1, 2001)[:, np.newaxis]
counts = 2 ** np.arange(2, 8)
errors = [np.abs(forward(x, bend(n)).output - curve(x)).max() for n in counts]

# %% [markdown]
# Would training find these weights? We train the same networks from random knots and random bends with the code above,
# on 65 points of the curve with the squared error, and keep the best of three initialisations.


# %%
def squared_error(d, t):
    """Returns the mean of (d - t)² and its derivative by d."""
    return np.mean((d - t) ** 2), 2 * (d - t) / d.size


def fit(n, seed, epochs=3000):
    """Trains a network of n ReLUs on the curve; returns the largest error."""
    rng = np.random.default_rng(seed)
    first, second = initialize_layers((1, n, 1), rng, np.float64)
    layers = [Layer(first.weights, -first.weights[0] * rng.uniform(0, 1, n)), second]  # the knots are in [0, 1]
    points = np.linspace(0, 1, 65)[:, np.newaxis]
    for _ in range(epochs):
        layers, _ = train_epoch(
            layers, points, curve(points), learning_rate=0.1, generator=rng, batch_size=65, loss=squared_error
        )
    return np.abs(forward(x, layers).output - curve(x)).max()


fitted = [min(fit(n, seed) for seed in range(3)) for n in counts]

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
left.plot(x, curve(x), color="0.75", linewidth=6, label="the curve")
for n, style in ((3, "k:"), (6, "C0--"), (12, "C1-")):
    left.plot(x, forward(x, bend(n)).output, style, linewidth=2, label=f"{n} ReLUs")
left.set(xlabel="x", ylabel="f(x)", title="Each ReLU bends the curve once")
left.legend()
right.loglog(counts, errors, "C0o-", label="knots by hand")
right.loglog(counts, np.pi**2 / 2 / counts**2, "k--", label="$\\max|f''| / 8 n^2$")
right.loglog(counts, fitted, "C1s-", label="trained")
right.set(xlabel="number of ReLUs, n", ylabel="largest error", title="More ReLUs, smaller error")
right.set_xticks(counts, labels=counts)
right.minorticks_off()
right.legend()
print(f"16 ReLUs with knots by hand, largest error = {errors[2]:.4f}")
print(f"16 ReLUs trained, largest error = {fitted[2]:.3f}")
slope = np.polyfit(np.log(counts[1:]), np.log(errors[1:]), 1)[0]
print(f"knots by hand, power of n in the error = {slope:.2f}")

# %% [markdown]
# **What to see.** Left: three ReLUs give three straight pieces, six give six, and twelve come close to the curve.
# Right: with knots set by hand, the error falls with $1/n^2$, along the bound for piecewise linear interpolation: *as
# closely as you like*. Trained networks are worse: 0.07 instead of 0.02 with 16 ReLUs. The theorem says that good
# weights exist. It doesn't say that gradient descent finds them, or how many neurons a function of 64 pixels needs.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start two_layer_forward` (and `two_layer_backward`).
# Then explore:
#
# 1. Leave the factor `slope(...)` out of `backward_by_hand` and draw the figure of question 4 again. Where does the
#    curve stop falling, which derivatives are still right, and why exactly those? (Take out the two comparisons with
#    the package, which now fail.)
# 2. Train question 5 with all initial weights 0, then with all 0.01. The second has a gradient and still ends with a
#    test accuracy of 0.3: compare the columns of its first layer. What symmetry does a random draw break?
# 3. Replace the ReLUs of question 5 with sigmoids. With a rate of 0.5 they reach a test accuracy of about 0.91, with 2
#    and 4 about 0.95 and 0.96; with 8 the loss becomes NaN. Explain from the derivative's maximum of 1/4 why a larger
#    rate than for ReLU works better.
# 4. Evaluate the networks of question 7 on [-1, 2]. How do they behave outside [0, 1], and can more ReLUs help?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. It stops at 0.3, from the first step size on, half of the largest derivative. Those of the last layer are right,
#    weights and biases: the factor only enters on the way from a layer to the one below.
# 2. Zeros: an accuracy of 0.10. All hidden outputs are 0, so no weight has a gradient, and only the biases of the
#    outputs learn, how frequent each class is. With 0.01: 0.28, and the 128 columns of the first layer are equal to the
#    last digit, as are the 64 of the second. Units that begin alike get the same gradient; a random draw makes them
#    different.
# 3. 0.908, 0.947 and 0.958, and NaN with 8. ReLUs have 0.975 with 0.5, and 0.90 with 2. Each sigmoid multiplies the
#    gradient by at most 1/4 on its way back, so that of the first layer, behind two of them, is at least 16 times
#    smaller than with active ReLUs. A larger rate makes up for it, until it is too large for the last layer, which no
#    sigmoid follows.
# 4. All of them continue as straight lines. Those with knots by hand are 0 on the left and rise on the right, with the
#    slope at the last knot, to 5.2 (6 ReLUs) or 6.3 (128), where the curve is at 0. Trained ones end between -4.3 and
#    -5.7 at -1 and between 3.5 and 5.5 at 2 (16 and 128 ReLUs, three seeds each). More ReLUs help inside: by hand the
#    error there falls from 0.13 to 0.0003. Outside all knots there is nothing to bend the line.
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
