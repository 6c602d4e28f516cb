# %% [markdown]
r"""# The chain rule: how does a network get its gradient?

Chapter 6 of the deck differentiates $\sigma(w_3\sigma(w_2\sigma(w_1 x)))$ and a two-layer network by the chain rule: a
forward pass for the values, a backward pass for the derivatives. Here we do both by hand, then with 17 lines of code
that work for any formula, then for a network on real digits, and compare with TensorFlow and difference quotients.

```
python tutorials/06_training/3_chain_rule.py
```

Measured with that command in 9 s on 2 CPU cores. Digits 3 and 8, 64 inputs, 5 hidden units, 325 weights:

| measured | value | agrees within |
| --- | --- | --- |
| derivative of the chain to w1, by hand | -0.030089 | ± 1e-06 |
| derivative to x, which is used twice | 36 | ± 0 |
| ladder of 16 additions, visits of the 17 lines | 131071 | ± 0 |
| ladder of 16 additions, nodes that the package visits | 17 | ± 0 |
| largest difference from by hand | 0 | ± 1e-12 |
| largest difference from tf.GradientTape | 0 | ± 1e-12 |
| largest difference from difference quotients, h = 1e-7 | 2e-07 | × 10 |
| 72 test images, accuracy after 400 steps | 1.00 | ± 0.03 |
| passes for the gradient of 325 weights, difference quotients | 326 | ± 0 |
| passes for the gradient of 325 weights, forward mode | 325 | ± 0 |
| passes for the gradient of 325 weights, reverse mode | 2 | ± 0 |
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from keras_course.data import load_images
from keras_course.numerics import autodiff as ad
from keras_course.numerics.activations import sigmoid
from keras_course.numerics.computation_graph import graph_text, sigmoid_chain
from keras_course.numerics.network import sigmoid_cross_entropy
from keras_course.numerics.optimizers import difference_quotient, gradient_descent_step
from keras_course.visualization import plot_computation_graph

# %% [markdown]
# ## Question 1: what is $\partial \hat y / \partial w_1$ of the deck's chain?
#
# The deck names each intermediate value. The *forward pass* computes them in this order, each from the previous one.


# %%
def forward(w1, w2, w3, x=1.5):
    """Returns u1, …, u5 and ŷ of the deck's chain."""
    u1 = w1 * x
    u2 = sigmoid(u1)
    u3 = w2 * u2
    u4 = sigmoid(u3)
    u5 = w3 * u4
    return u1, u2, u3, u4, u5, sigmoid(u5)


weights = w1, w2, w3 = 0.8, -1.2, 2.0
x = 1.5
u1, u2, u3, u4, u5, y_hat = forward(*weights)
print(f"u1 {u1:.4f}, u2 {u2:.4f}, u3 {u3:.4f}, u4 {u4:.4f}, u5 {u5:.4f}, ŷ {y_hat:.4f}")

# %% [markdown]
# The *backward pass* goes the other way. It starts with $\partial \hat y / \partial \hat y = 1$ and at every step
# multiplies by the derivative of one operation, which uses values of the forward pass:
#
# $$\frac{\partial \hat y}{\partial w_1} =
#   \frac{\partial \sigma(u_5)}{\partial u_5} \; w_3 \; \frac{\partial \sigma(u_3)}{\partial u_3} \; w_2 \;
#   \frac{\partial \sigma(u_1)}{\partial u_1} \; x, \qquad \sigma'(u) = \sigma(u) \, (1 - \sigma(u)).$$

# %%
factors = {
    "σ'(u5)": y_hat * (1 - y_hat),
    "w3": w3,
    "σ'(u3)": u4 * (1 - u4),
    "w2": w2,
    "σ'(u1)": u2 * (1 - u2),
    "x": x,
}
product = np.cumprod([*factors.values()])
for (name, factor), so_far in zip(factors.items(), product, strict=True):
    print(f"times {name:7} {factor:8.4f}: {so_far:9.6f}")
print(f"derivative of the chain to w1, by hand = {product[-1]:.6f}")

by_quotients = difference_quotient(lambda w: forward(*w)[-1], weights, 1e-7)
by_hand = [product[5], product[2] * u2, product[0] * u4]  # the paths to w2 and w3 branch off earlier
print("by hand:", np.array(by_hand), "by quotients (eq. 24):", by_quotients)
np.testing.assert_allclose(by_hand, by_quotients, rtol=1e-5)

# %% [markdown]
# The intermediate products are useful too: after two factors we have $\partial \hat y / \partial u_4$, after three
# $\partial \hat y / \partial u_3$. Times $u_2$ that is $\partial \hat y / \partial w_2$. One backward pass gives the
# derivatives with respect to *all* weights.
#
# ## Question 2: can a program do the backward pass by itself?
#
# Yes, if every value remembers which values it was computed from, and its derivative with respect to each of them. The
# rest is the deck's formula: the contributions of all paths are added.


# %%
class TinyVariable:
    """A number that stores its parents and its derivative with respect to each of them."""

    def __init__(self, value, parents=()):
        self.value, self.parents, self.gradient = value, parents, 0.0

    def __add__(self, other):
        return TinyVariable(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        return TinyVariable(self.value * other.value, [(self, other.value), (other, self.value)])

    def sigmoid(self):
        """Computes σ."""
        y = sigmoid(self.value)
        return TinyVariable(y, [(self, y * (1 - y))])

    def backward(self, gradient=1.0):
        """Adds the incoming gradient, and passes it on to each parent, times the derivative."""
        self.gradient += gradient
        for parent, derivative in self.parents:
            parent.backward(gradient * derivative)


# %%
v1, v2, v3, v_x = (TinyVariable(value) for value in (*weights, x))
out = (v3 * (v2 * (v1 * v_x).sigmoid()).sigmoid()).sigmoid()
out.backward()
np.testing.assert_allclose([v1.gradient, v2.gradient, v3.gradient], by_hand)
print("gradients of 17 lines:", v1.gradient, v2.gradient, v3.gradient)

chain = sigmoid_chain(x, weights)  # the same with the package's Variable, which can be named and drawn
ad.backward(chain)
print(graph_text(chain))

# %%
figure = plot_computation_graph(chain)
figure.suptitle("The deck's chain: forward in blue, backward in orange", fontsize=18)

# %% [markdown]
# **What to see.** Read the blue numbers from left to right, then the orange ones from right to left. On the way back,
# each $\sigma$ multiplies by at most 1/4, here by 0.23, 0.20 and 0.18. Tutorial 5 shows what that does to ten layers.
#
# ## Question 3: what if a value is used twice?
#
# The deck's rule for several variables, $h = f \circ g$ with $g$ from $p$ to $n$ numbers, is a product of matrices, or
#
# $$\frac{\partial h}{\partial x_i} = \sum_{k=1}^n \frac{\partial f}{\partial g_k} \frac{\partial g_k}{\partial x_i}.$$
#
# Every path from $x_i$ to $h$ contributes. (The deck prints $h'$ with $n$ entries, up to $x_n$. There is one for each
# input, so there are $p$.) As an example, take $p = 1$, $n = 2$, $g_1 = x^2$, $g_2 = 3x$ and $f = g_1 g_2$:

# %%
x_twice = ad.Variable(2.0, "x")
g1, g2 = (x_twice**2).named("g1"), (3 * x_twice).named("g2")
h = (g1 * g2).named("h")
ad.backward(h)
f_prime = np.array([[g2.value, g1.value]])  # 1 × n
g_prime = np.array([[2 * x_twice.value], [3.0]])  # n × p
print("f'", f_prime.shape, "times g'", g_prime.shape, "is", f_prime @ g_prime, (f_prime @ g_prime).shape)
np.testing.assert_allclose((f_prime @ g_prime).item(), x_twice.gradient)
print(f"derivative to x, which is used twice = {x_twice.gradient:.0f}")

figure = plot_computation_graph(h)
figure.suptitle("Two paths lead from x to h", fontsize=16)

# %% [markdown]
# **What to see.** $x$ feeds $g_1$ and $g_2$. In the backward pass it gets $6 \cdot 4$ from the first and $4 \cdot 3$
# from the second, 36 in total. Indeed $h = 3 x^3$, and $9 x^2 = 36$.
#
# `TinyVariable` gets that right too, but it visits every *path*. How many are there if each value is used twice by the
# next one?


# %%
class Counting(TinyVariable):
    """Counts the calls of `backward`."""

    visits = 0

    def backward(self, gradient=1.0):
        """Counts this call."""
        Counting.visits += 1
        super().backward(gradient)


tiny, full = Counting(1.0), ad.Variable(1.0)
for _ in range(16):  # y = x + x, z = y + y, ...
    tiny, full = Counting(2 * tiny.value, [(tiny, 1.0), (tiny, 1.0)]), full + full
tiny.backward()
print(f"ladder of 16 additions, visits of the 17 lines = {Counting.visits}")
print(f"ladder of 16 additions, nodes that the package visits = {len(ad.graph_nodes(full))}")

# %% [markdown]
# That is $2^{17} - 1$ visits compared with 17. The package's `backward` sorts the graph first and visits a value only
# when all its contributions have arrived; the sum is passed on once. That order is the difference between a toy and
# real *backpropagation*.
#
# ## Question 4: what about a network?
#
# The deck's two-layer network and loss, $\hat y = \sigma(W_2^t \sigma(W_1^t x))$ and $\ell = \text{cross\_ent}(y, \hat
# y)$: is a digit an 8 or a 3?

# %%
data = load_images("digits")


def threes_and_eights(examples):
    """Returns pixels in [0, 1], shape (n, 64), and 1 for an 8, 0 for a 3, shape (n, 1)."""
    chosen = np.isin(examples.labels, (3, 8))
    return examples.images[chosen].reshape(-1, 64) / 255, (examples.labels[chosen, np.newaxis] == 8).astype(float)


pixels, targets = threes_and_eights(data.train_examples)
rng = np.random.default_rng(0)
first_w1, first_w2 = rng.normal(0, 64**-0.5, (64, 5)), rng.normal(0, 5**-0.5, (5, 1))
print(f"{len(pixels)} images, {first_w1.size + first_w2.size} weights")

# %% [markdown]
# First by hand, with the deck's $u_1 = W_1^t x$, $u_2 = \sigma(u_1)$, $u_3 = W_2^t u_2$. Here the images are rows, so
# the matrices are on the right. The cross-entropy after a sigmoid has the simple derivative $\partial \ell / \partial
# u_3 = \hat y - y$.


# %%
def gradients_by_hand(w1, w2):
    """Returns ∂ℓ/∂W₁ and ∂ℓ/∂W₂ of the mean cross-entropy."""
    u2 = sigmoid(pixels @ w1)
    y_hat = sigmoid(u2 @ w2)
    delta3 = (y_hat - targets) / len(pixels)  # ∂ℓ/∂u3
    delta1 = delta3 @ w2.T * u2 * (1 - u2)  # ∂ℓ/∂u1
    return pixels.T @ delta1, u2.T @ delta3


def cross_entropy(w1, w2, lib=ad):
    """Computes -mean(y log ŷ + (1 - y) log(1 - ŷ)) with the operations of `lib`."""
    y_hat = lib.sigmoid(lib.sigmoid(pixels @ w1) @ w2)
    return -lib.mean(targets * lib.log(y_hat) + (1 - targets) * lib.log(1 - y_hat))


w1, w2 = ad.Variable(first_w1, "W1"), ad.Variable(first_w2, "W2")
loss = cross_entropy(w1, w2)
ad.backward(loss)
print(graph_text(loss))

# %% [markdown]
# (For an array the text gives its shape and largest magnitude; v2 are the pixels, v1 and v3 are $y$ and $1 - y$.)
# Nothing in `cross_entropy` mentions a derivative. Are the gradients right? We compare with three others: those
# computed by hand, those of TensorFlow's tape, and the difference quotients of tutorial 1, one weight at a time.


# %%
def loss_of(omega):
    """Computes the cross-entropy of all 325 weights in one vector."""
    w1, w2 = omega[:320].reshape(64, 5), omega[320:].reshape(5, 1)
    return sigmoid_cross_entropy(sigmoid(pixels @ w1) @ w2, targets)[0]


class Operations:
    """The same operations in TensorFlow."""

    sigmoid, log, mean = tf.sigmoid, tf.math.log, tf.reduce_mean


tensors = tf.Variable(first_w1), tf.Variable(first_w2)
with tf.GradientTape() as tape:
    tape_loss = cross_entropy(*tensors, lib=Operations)
omega = np.concatenate([first_w1.ravel(), first_w2.ravel()])


def flat(gradients):
    """Returns both gradients in one vector."""
    return np.concatenate([np.ravel(gradient) for gradient in gradients])


ours = flat([w1.gradient, w2.gradient])
witnesses = {
    "by hand": flat(gradients_by_hand(first_w1, first_w2)),
    "tf.GradientTape": flat(tape.gradient(tape_loss, tensors)),
    "difference quotients, h = 1e-7": difference_quotient(loss_of, omega, 1e-7),
}
for name, gradient in witnesses.items():
    print(f"largest difference from {name} = {np.abs(ours - gradient).max() / np.abs(ours).max():.0e}")

# %%
fig, axes = plt.subplots(1, 6, figsize=(12, 2.8), layout="constrained")
limit = np.abs(w1.gradient).max()
for number, (ax, gradient) in enumerate(zip(axes, w1.gradient.T, strict=False), start=1):
    image = ax.imshow(gradient.reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
    ax.set_title(f"unit {number}\n$w_2$ = {first_w2[number - 1, 0]:.2f}")
fig.colorbar(image, ax=axes[:5], shrink=0.7, label="$\\partial \\ell / \\partial W_1$ (nats)")
contrast = pixels[targets[:, 0] == 0].mean(axis=0) - pixels[targets[:, 0] == 1].mean(axis=0)
image = axes[5].imshow(contrast.reshape(8, 8), cmap="PuOr_r", vmin=-1, vmax=1)
axes[5].set_title("mean 3\nminus mean 8")
fig.colorbar(image, ax=axes[5], shrink=0.7, label="ink (1 = black)")
for ax in axes:
    ax.set_axis_off()

# %% [markdown]
# **What to see.** Each image shows, for one hidden unit, the derivatives with respect to its 64 weights, arranged like
# the pixels they belong to. All five look nearly the same: the mean 3 minus the mean 8, times the unit's weight $w_2$
# to the output, which also gives the sign. A step goes against the gradient. So units 1, 4 and 5, which vote for "8",
# learn to look for ink on the left, where an 8 has some and a 3 has none; units 2 and 3 learn the opposite. The
# backward pass has found where the two digits differ.
#
# With a gradient there is gradient descent:

# %%
learned, losses = [first_w1, first_w2], []
for _ in range(400):
    variables = [ad.Variable(value) for value in learned]
    loss = cross_entropy(*variables)
    ad.backward(loss)
    losses.append(loss.value.item())
    learned = [gradient_descent_step(v.value, v.gradient, learning_rate=2.0)[0] for v in variables]
test_pixels, test_targets = threes_and_eights(data.test_examples)
right = (sigmoid(sigmoid(test_pixels @ learned[0]) @ learned[1]) > 0.5) == test_targets
print(f"{len(right)} test images, accuracy after 400 steps = {right.mean():.3f}")

# %% [markdown]
# ## Question 5: why go backward?
#
# The chain rule is a product of matrices, which can be multiplied from either end. *Forward mode* starts at a weight:
# how does everything after it change if this one weight changes? It needs one pass per weight, as difference quotients
# do. *Reverse mode* starts at the loss. The next cells implement all three; `passes` counts.

# %%
passes = {}


def count(mode):
    """Counts a pass through the network."""
    passes[mode] = passes.get(mode, 0) + 1


def forward_mode(w1, w2, direction1, direction2):
    """Returns the derivative of the loss along a direction: each value carries its derivative along."""
    count("forward mode")
    u1, d1 = pixels @ w1, pixels @ direction1
    u2 = sigmoid(u1)
    d2 = u2 * (1 - u2) * d1
    u3, d3 = u2 @ w2, d2 @ w2 + u2 @ direction2
    return np.mean((sigmoid(u3) - targets) * d3)


def quotients(w1, w2, h=1e-7):
    """Returns all difference quotients."""
    omega, split = flat([w1, w2]), w1.size

    def loss(omega):
        count("difference quotients")
        u2 = sigmoid(pixels @ omega[:split].reshape(w1.shape))
        return sigmoid_cross_entropy(u2 @ omega[split:, None], targets)[0]

    return difference_quotient(loss, omega, h)


# %%
def compare(units):
    """Counts the passes that the whole gradient takes in each mode, for a number of hidden units."""
    passes.clear()
    w1, w2 = rng.normal(0, 64**-0.5, (64, units)), rng.normal(0, units**-0.5, (units, 1))
    directions = np.eye(w1.size + w2.size)
    forwards = [forward_mode(w1, w2, d[: w1.size].reshape(w1.shape), d[w1.size :, None]) for d in directions]
    variables = [ad.Variable(w1), ad.Variable(w2)]
    loss = cross_entropy(*variables)
    count("reverse mode")
    ad.backward(loss)
    count("reverse mode")
    backwards = flat([v.gradient for v in variables])
    np.testing.assert_allclose(forwards, backwards, atol=1e-12)
    np.testing.assert_allclose(quotients(w1, w2), backwards, atol=1e-6)
    return w1.size + w2.size, dict(passes)


counted = [compare(units) for units in (1, 2, 5, 10, 20)]
for mode, number in counted[2][1].items():
    print(f"passes for the gradient of {counted[2][0]} weights, {mode} = {number}")

# %%
fig, ax = plt.subplots(figsize=(9, 4.8), layout="constrained")
sizes = np.array([weights for weights, _ in counted])
longer = np.geomspace(sizes[0], 3e8, 50)
for mode, style, width in (("difference quotients", "C1s", 4), ("forward mode", "C0o", 1), ("reverse mode", "C2^", 1)):
    numbers = np.array([counts[mode] for _, counts in counted])
    ax.loglog(sizes, numbers, style, markersize=9, fillstyle="none", label=f"{mode}, counted")
    ax.loglog(longer, longer if numbers[-1] > 2 else np.full(50, 2.0), f"{style[:2]}-", linewidth=width, alpha=0.6)
for name, size in {"LeNet-5": 61_706, "ResNet-50": 25_557_032, "VGG-16": 138_357_544}.items():
    ax.axvline(size, color="0.8", zorder=0)
    ax.text(size, 8, f" {name}", rotation=90, va="bottom", ha="right")
ax.set(xlabel="weights", ylabel="passes for one gradient", ylim=(1, 1e9), title="What a gradient costs")
ax.legend(loc="upper left")

# %% [markdown]
# **What to see.** Reverse mode takes one forward and one backward pass, whatever the number of weights. The backward
# pass has two matrix products per layer, one for the weights and one for the layer below, so it is about twice the work
# of the forward pass. The other two need one pass per weight: for VGG-16, 138 million passes for a *single* step. The
# price of reverse mode is memory: all values of the forward pass must be kept until the backward pass has used them.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start chain_rule` (and `softmax_cross_entropy`). Then
# explore:
#
# 1. Give `TinyVariable` subtraction and `log`, each with its derivative, and let it differentiate the cross-entropy of
#    question 4 for one image and 2 hidden units. It should agree with the package to the last digits.
# 2. In question 1 set $w_1 = 10$. Which factor becomes tiny, and what does that say about weights that are too large?
#    (Tutorial 6.) Why does the comparison with the quotients fail now? (Tutorial 1, question 1.)
# 3. Set `first_w1` to zeros and draw the figure of question 4 again. All five images are the same up to a factor: which
#    factor? Now train: do the units ever become different? What if `first_w2` is all ones as well?
# 4. When is forward mode better? Count the passes that each takes for the Jacobian of a network from $p$ inputs to $n$
#    outputs.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. For three images, each with other random weights, the largest difference from the package is 1e-17, 5e-16 of the
#    largest derivative.
# 2. $\sigma'(u_1)$ falls from 0.18 to 3e-7, since $u_1$ = 15: a unit whose weights are too large is saturated, and no
#    gradient passes it. By the chain rule the derivative is -4.64e-8, by the quotient -4.66e-8. Its error is 2e-10,
#    less than the 1.5e-9 of before, but 0.4 % of a derivative this small, and the comparison allows 1e-5.
# 3. The factor is the unit's $w_2$. They do become different, slowly: after one step the columns of $W_1$ are multiples
#    of one column, and each then moves along its own sigmoid. After 400 steps the second singular value of $W_1$ is
#    0.03 of the first, the smallest cosine between two columns 0.996 (or -0.996), and the 72 test images are all right.
#    With ones in `first_w2` the five stay equal to 14 digits: one unit, five times. And since no $w_2$ gets negative,
#    $\hat y$ stays above 1/2: every image is an 8, an accuracy of 0.49.
# 4. When there are fewer inputs than outputs. Forward mode takes $p$ passes, reverse mode one forward and $n$ backward.
#    Counted on networks with five hidden units: 2 and 65 for $p$ = 2 and $n$ = 64, 64 and 2 the other way round, 8 and
#    9 for 8 and 8. Both give the same Jacobian (difference 2e-16).
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
