# %% [markdown]
r"""# Which optimizer wins a race, if all may train for it?

Chapter 10 of the deck lists "more evolved optimisation" among the important points it did not see. Chapter 6 taught
momentum and Adam; here are their relatives, and methods that know the curvature. They race on a quadratic, in
Rosenbrock's valley and on a network. Each gets the same number of learning rates to try.

```
python tutorials/10_conclusions/5_optimizers.py
```

Measured with that command in 89 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| steps on the quadratic, gradient descent | 341 | ± 2 |
| steps on the quadratic, momentum | 116 | ± 2 |
| steps on the quadratic, nesterov | 76 | ± 2 |
| steps on the quadratic, adam | 121 | ± 2 |
| steps on the quadratic, conjugate gradients | 10 | ± 0 |
| steps on the quadratic, L-BFGS | 23 | ± 2 |
| steps in the valley, Newton | 25 | ± 2 |
| steps in the valley, L-BFGS | 39 | ± 4 |
| test accuracy of the network, momentum | 0.975 | ± 0.02 |
| test accuracy of the network, adam | 0.965 | ± 0.02 |
| test accuracy of the network, muon | 0.971 | ± 0.02 |
| suggested rate, SGD with momentum | 0.084 | × 2 |
| suggested rate, Adam | 0.013 | × 2 |
| cross-entropy at the suggested rate, Adam | 0.10 | ± 0.05 |
| shortening of a small gradient's step, RMSprop | 100 | ± 2 |
| shortening of a small gradient's step, Adagrad from 0 | 31.6 | ± 1 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from keras_course.callbacks import LearningRateRangeTest, OneCycle, WarmupCosine
from keras_course.data import load_images
from keras_course.models import build_mlp
from keras_course.numerics import optimizers
from keras_course.numerics.network import Layer, backward, forward, initialize_layers, softmax_cross_entropy

# %% [markdown]
# ## Question 1: what do they do with a gradient?
#
# Each optimizer is a few lines: from a gradient $g$ and what it remembers to a step. Written out, without checks:


# %%
def momentum(g, u, rate):
    """Deck, eq. 34 and eq. 35."""
    u = 0.9 * u + rate * g
    return -u, u


def nesterov(g, u, rate):
    """Steps as if the next gradient were this one."""
    u = 0.9 * u + rate * g
    return -(0.9 * u + rate * g), u


def adagrad(g, v, rate):
    """Divides by the root of all squares so far."""
    v = v + g**2
    return -rate * g / np.sqrt(v + 1e-7), v


def rmsprop(g, v, rate):
    """Divides by the root of an average of the squares."""
    v = 0.9 * v + 0.1 * g**2
    return -rate * g / np.sqrt(v + 1e-7), v


def lion(g, m, rate):
    """Takes the sign of an average: every step has the size of the rate."""
    return -rate * np.sign(0.9 * m + 0.1 * g), 0.99 * m + 0.01 * g


# %%
written = {"momentum": momentum, "nesterov": nesterov, "adagrad": adagrad, "rmsprop": rmsprop, "lion": lion}
package = {
    "momentum": (optimizers.momentum_step, {}),
    "nesterov": (optimizers.momentum_step, {"nesterov": True}),
    "adagrad": (optimizers.adagrad_step, {"initial_accumulator": 0.0}),
    "rmsprop": (optimizers.rmsprop_step, {}),
    "lion": (optimizers.lion_step, {}),
}
for name, (step, settings) in package.items():
    omega, memory = np.array([1.0, -2.0]), np.zeros(2)
    path = optimizers.minimize(np.sin, omega, step, num_steps=5, learning_rate=0.1, **settings)
    ours = [omega]
    for _ in range(5):
        change, memory = written[name](np.sin(ours[-1]), memory, 0.1)
        ours.append(ours[-1] + change)
    print(f"{name}: as in the package: {np.allclose(ours, path)}")


# %% [markdown]
# The table says what each makes of a gradient that is the same ten times over, small in one parameter and large in the
# other. The last rows take a matrix of weights as a whole: LAMB steps by a share of its length, Muon gives all
# directions of a matrix the same step.

# %%
steps = package | {
    "gradient descent": (optimizers.gradient_descent_step, {}),
    "adam": (optimizers.adam_step, {}),
    "nadam": (optimizers.nadam_step, {}),
    "adamw": (optimizers.adamw_step, {"weight_decay": 0.01}),
    "lamb": (optimizers.lamb_step, {}),
    "muon": (optimizers.muon_step, {}),
}
gradient = np.diag([1e-3, 1.0])
print(f"{'step of size 1 times':18}{'g = 0.001':>12}{'g = 1':>12}")
for name, (step, settings) in steps.items():
    path = optimizers.minimize(lambda _: gradient, np.eye(2), step, num_steps=10, learning_rate=1e-3, **settings)
    last = np.abs(path[-1] - path[-2]).diagonal() / 1e-3
    print(f"{name:20}{last[0]:12.3g}{last[1]:12.3g}")

# %% [markdown]
# **What to see.** For gradient descent and momentum the steps differ as the gradients do, by a factor of 1,000. Adam
# and its relatives divide that out: both parameters move alike. AdaGrad does too, but its steps get smaller, here to
# $1/\sqrt{10}$ after ten. Muon does for the directions of a matrix what Adam does for single weights.
#
# ## Question 2: who is fastest in a valley?
#
# On $F(\omega) = \frac12 \omega^t A \omega$ with curvatures from 1 to 100, turned so that no axis lies along the
# valley. Each optimizer runs with 13 learning rates between $10^{-4}$ and 10 and is judged by its best: the steps until
# $F$ is below a millionth of its first value, at most 1,000.

# %%
turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(10, 10)))
A = turn @ np.diag(np.geomspace(1, 100, 10)) @ turn.T
A = (A + A.T) / 2
start = turn @ np.ones(10)
RATES, MOST = np.geomspace(1e-4, 10, 13), 1000


def quadratic(omega):
    """Returns F at one point or at each of a path."""
    return 0.5 * np.einsum("...i,ij,...j->...", omega, A, omega)


def first_below(values, share=1e-6):
    """Returns the first step with a value below a share of the first value, or the number of values."""
    low = np.flatnonzero(values < share * values[0])
    return int(low[0]) if low.size else len(values)


def tuned(function, gradient, start, step, settings):
    """Returns of the best rate: the steps it needs, the lowest value, the rate and the path."""
    runs = []
    for rate in RATES:
        path = optimizers.minimize(gradient, start, step, num_steps=MOST, learning_rate=rate, **settings)
        with np.errstate(all="ignore"):
            values = function(path)
            runs.append((first_below(values), np.nanmin(values), rate, path))
    return min(runs, key=lambda run: run[:2])


# %%
RACERS = ["gradient descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "nadam", "lion", "lamb"]
on_quadratic = {name: tuned(quadratic, lambda w: A @ w, start, *steps[name]) for name in RACERS}
for name, (count, _, rate, _) in on_quadratic.items():
    print(f"steps on the quadratic, {name} = {count}")
    print(f"    with a rate of {rate:.2g}")
newton = optimizers.newton_method(quadratic, lambda w: A @ w, lambda w: A, start)
conjugate = optimizers.conjugate_gradients(A, np.zeros(10), start, tolerance=0.0)
memory = optimizers.lbfgs(quadratic, lambda w: A @ w, start)
curved = {"Newton": newton.path, "conjugate gradients": conjugate, "L-BFGS": memory.path}
for name, path in curved.items():
    print(f"steps on the quadratic, {name} = {first_below(quadratic(path))}")

# %%
fig, ax = plt.subplots(figsize=(9, 5), layout="constrained")
for number, (name, (*_, rate, path)) in enumerate(on_quadratic.items()):
    style = f"C{number}{'-' if number < 5 else '--'}"
    ax.plot(quadratic(path[:301]) / quadratic(start), style, label=f"{name}, {rate:.2g}")
for (name, path), style in zip(curved.items(), ["k-", "k--", "k:"], strict=True):
    ax.plot(quadratic(path) / quadratic(start), style, linewidth=2, label=name)
ax.axhline(1e-6, color="0.7", linewidth=1)
ax.set(xlabel="step", ylabel="F / F at the start", yscale="log", ylim=(1e-9, 3), title="Each with its best rate")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** A rate above 2/100 makes gradient descent diverge along the steepest axis, and along the flattest one
# it gains 2 % per step at most. Momentum adds up small steps that all point the same way. Adam is about as fast as
# momentum and Nadam about as Nesterov's: what divides by the size of the gradients looks at one axis at a time, and
# here no axis lies along the valley. RMSprop and Lion don't settle while the rate stays: their steps are as long at the
# end as at the start.
# Conjugate gradients end after ten steps, one per dimension, and Newton after one: on a quadratic the curvature
# says it all. The price is a solve with $A$, a matrix with as many rows as there are weights.
#
# ## Question 3: and where the valley bends?
#
# Rosenbrock's function $(1 - x)^2 + 100 (y - x^2)^2$ has its minimum at (1, 1), at the end of a bent valley.


# %%
def rosenbrock(omega):
    """Returns the value at one point or at each of a path."""
    x, y = omega[..., 0], omega[..., 1]
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def slope(omega):
    """Returns the gradient."""
    x, y = omega
    return np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


def curvature(omega):
    """Returns the Hessian."""
    x, y = omega
    return np.array([[2 - 400 * (y - 3 * x**2), -400 * x], [-400 * x, 200.0]])


begin = np.array([-1.2, 1.0])
in_valley = {name: tuned(rosenbrock, slope, begin, *steps[name]) for name in RACERS}
for name, (count, lowest, rate, _) in in_valley.items():
    share = lowest / rosenbrock(begin)
    print(f"{name:20}{count:5} steps with a rate of {rate:.2g}; lowest F / F at the start {share:.0e}")

# %%
curved = {
    "Newton": optimizers.newton_method(rosenbrock, slope, curvature, begin),
    "conjugate gradients": optimizers.nonlinear_conjugate_gradients(rosenbrock, slope, begin),
    "L-BFGS": optimizers.lbfgs(rosenbrock, slope, begin),
}
for name, descent in curved.items():
    print(f"steps in the valley, {name} = {len(descent.path) - 1}")
    print(f"    gradients evaluated: {descent.evaluations}")
x, y = np.meshgrid(np.linspace(-1.6, 1.6, 201), np.linspace(-0.6, 1.6, 201))
fig, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained", sharey=True)
drawn = {name: in_valley[name][-1] for name in ("gradient descent", "nesterov", "adam")}
for ax, paths in zip(axes, (drawn, {name: descent.path for name, descent in curved.items()}), strict=True):
    ax.contour(x, y, rosenbrock(np.stack([x, y], axis=-1)), levels=np.geomspace(0.1, 1000, 9), colors="0.8")
    for (name, path), style in zip(paths.items(), ["C0.-", "C1.-", "C2.-"], strict=True):
        ax.plot(*path[:300].T, style, markersize=3, linewidth=1, label=name)
    ax.plot(1, 1, "k*", markersize=12)
    ax.set(xlim=(-1.6, 1.6), ylim=(-0.6, 1.6), xlabel="x")
    ax.legend(loc="lower center")
axes[0].set_ylabel("y")
fig.suptitle("The first 300 steps of each; the star is the minimum")

# %% [markdown]
# **What to see.** The first-order methods fall into the valley at once and then creep along its floor, for hundreds of
# steps or beyond the thousand that they have. Those that know the curvature walk along it with steps of the size of its
# bends.
#
# ## Question 4: and on a network?
#
# A network with one hidden layer of 64 units on the digits: 4,810 weights, whose Hessian would have 23 million entries,
# and a gradient that each batch estimates anew. Each optimizer tries the same nine learning rates, each with three
# seeds, and is judged on validation images; then its best rate trains three new seeds, and the test images count.

# %%
digits = load_digits()
order = np.random.default_rng(0).permutation(len(digits.target))
pixels, labels = np.float32(digits.data[order] / 16), digits.target[order]
train, validation, test = slice(0, 1000), slice(1000, 1400), slice(1400, None)
BATCH, EPOCHS = 50, 10


def train_network(name, rate, seed):
    """Returns the layers after ten epochs; Muon takes matrices, and leaves biases to Adam, as Keras's does."""
    step, settings = steps[name]
    generator = np.random.default_rng(seed)
    layers, states = initialize_layers([64, 64, 10], generator, np.float64), [None] * 4
    for batch in [batch for _ in range(EPOCHS) for batch in optimizers.mini_batches(1000, BATCH, generator)]:
        passed = forward(pixels[train][batch], layers)
        _, slopes = softmax_cross_entropy(passed.output, labels[train][batch])
        gradients = [g for layer in backward(passed, layers, slopes) for g in layer]
        arrays = [array for layer in layers for array in layer]
        for i, (array, g) in enumerate(zip(arrays, gradients, strict=True)):
            kind, options = (optimizers.adam_step, {}) if name == "muon" and array.ndim == 1 else (step, settings)
            arrays[i], states[i] = kind(array, g, states[i], learning_rate=rate, **options)
        layers = [Layer(*arrays[:2]), Layer(*arrays[2:])]
    return layers


def judged(layers, part):
    """Returns cross-entropy and accuracy."""
    outputs = forward(pixels[part], layers).output
    return softmax_cross_entropy(outputs, labels[part])[0], np.mean(outputs.argmax(axis=1) == labels[part])


# %%
NET_RATES = np.geomspace(1e-3, 10, 9)
found = {}
for name in steps:
    with np.errstate(all="ignore"):
        runs = [[judged(train_network(name, rate, seed), validation)[0] for seed in range(3)] for rate in NET_RATES]
    found[name] = np.nan_to_num(np.mean(runs, axis=1), nan=np.inf)
best = {name: NET_RATES[np.argmin(entropy)] for name, entropy in found.items()}
for name, rate in best.items():
    entropies, accuracies = np.transpose([judged(train_network(name, rate, seed), test) for seed in (3, 4, 5)])
    print(f"test accuracy of the network, {name} = {accuracies.mean():.3f}")
    print(f"    cross-entropy {entropies.mean():.3f} ± {entropies.std():.3f}, rate {rate:.2g}")

# %%
fig, ax = plt.subplots(figsize=(9, 5), layout="constrained")
for number, (name, entropy) in enumerate(found.items()):
    ax.plot(NET_RATES, entropy, f"{'osD^v<>pPX*'[number]}{'-' if number < 6 else '--'}", markersize=5, label=name)
ax.set(xscale="log", yscale="log", ylim=(0.07, 3), xlabel="learning rate")
ax.set(ylabel="validation cross-entropy (nats)", title="Ten epochs, mean of three seeds")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** With its best rate nearly every optimizer reaches nearly the same. What differs is where that rate
# lies, and how wide its valley is: an optimizer that was given one rate only would have won or lost by it. That is why
# a comparison of optimizers says how each was tuned.
#
# ## Question 5: what does a range test say about the rate?
#
# Leslie Smith's test raises the rate at each step of a single epoch and watches the loss: at first nothing happens,
# then it falls, then it diverges. `LearningRateRangeTest` is a callback; afterwards the weights are as before.

# %%
data = load_images("digits", batch_size=32, validation_fraction=0.3)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network(optimizer, seed=0):
    """Returns a compiled network with the same weights each time."""
    keras.utils.set_random_seed(seed)
    model = build_mlp(data.input_shape, data.num_classes, hidden=(64,))
    model.compile(optimizer, LOSS)
    return model


OPTIMIZERS = {"SGD with momentum": (keras.optimizers.SGD, {"momentum": 0.9}), "Adam": (keras.optimizers.Adam, {})}
fig, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
suggested = {}
for ax, (name, (kind, options)) in zip(axes, OPTIMIZERS.items(), strict=True):
    range_test = LearningRateRangeTest(1e-5, highest=10.0, epochs=4)
    network(kind(1e-3, **options)).fit(data.train, epochs=4, shuffle=False, callbacks=[range_test], verbose=0)
    range_test.plot(ax)
    ax.set_title(name)
    suggested[name] = range_test.suggested_rate()
    print(f"suggested rate, {name} = {suggested[name]:.2g}")

# %% [markdown]
# Is a tenth of the rate with the lowest loss a good one? We train with it, with a tenth and with ten times as much.
# `OneCycle` and `WarmupCosine` move the rate at each step: they may go higher, since they come down again.

# %%
TRAINED = 6


def validation_entropy(name, rate, callbacks=()):
    """Returns the cross-entropy on the validation images after six epochs, in nats."""
    kind, options = OPTIMIZERS[name]
    model = network(kind(rate, **options))
    return model.fit(
        data.train,
        validation_data=data.validation,
        epochs=TRAINED,
        shuffle=False,
        callbacks=[*callbacks],
        verbose=0,
    ).history["val_loss"][-1]


results = {}
for name, rate in suggested.items():
    results[name] = [validation_entropy(name, factor * rate) for factor in (0.1, 1, 10)]
    for decay in (WarmupCosine(3 * rate, epochs=TRAINED, warmup=1), OneCycle(3 * rate, epochs=TRAINED)):
        results[name].append(validation_entropy(name, rate, [decay]))
columns = ("0.1 of it", "suggested", "10 of it", "cosine", "one cycle")
print(f"{'validation cross-entropy':26}" + "".join(f"{column:>11}" for column in columns))
for name, entropies in results.items():
    print(f"{name:26}" + "".join(f"{entropy:11.3f}" for entropy in entropies))
    print(f"cross-entropy at the suggested rate, {name} = {entropies[1]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
t = np.linspace(0, TRAINED, 400)
for decay, style in ((WarmupCosine(1.0, epochs=TRAINED, warmup=1), "C0-"), (OneCycle(1.0, epochs=TRAINED), "C1--")):
    ax.plot(t, [decay.rate(place) for place in t], style, label=type(decay).__name__)
ax.set(xlabel="epoch t", ylabel="learning rate / highest", title="Two schedules that begin low")
ax.legend()

# %% [markdown]
# **What to see.** The suggestion is of the right order: a tenth of it learns slowly, ten times as much is at the edge
# or beyond. It comes from a few seconds of training, not from a search. It isn't the best rate, and the test says
# nothing about the end of a training, where a lower rate is better.
#
# ## Question 6: does Keras compute what the textbook says?
#
# The first step from 0 with a rate of 1, for a gradient of $10^{-5}$. In the textbook $\epsilon$ stands beside the
# root: all of these steps should be nearly as long as those for a gradient of 1.


# %%
def first_step(optimizer, gradient):
    """Returns how far a Keras optimizer goes in its first step."""
    variable = keras.Variable([0.0], dtype="float64")
    optimizer.apply([keras.ops.convert_to_tensor([gradient], "float64")], [variable])
    return -float(variable.value[0])


kinds = {
    "RMSprop": (keras.optimizers.RMSprop, {}),
    "Adagrad from 0": (keras.optimizers.Adagrad, {"initial_accumulator_value": 0.0}),
    "Adagrad": (keras.optimizers.Adagrad, {}),
    "Adam": (keras.optimizers.Adam, {}),
    "Nadam": (keras.optimizers.Nadam, {}),
}
print(f"{'':16}{'g = 1':>10}{'g = 1e-5':>10}")
for name, (kind, options) in kinds.items():
    normal, small = (first_step(kind(1.0, **options), g) for g in (1.0, 1e-5))
    print(f"{name:16}{normal:10.3g}{small:10.3g}")
    print(f"shortening of a small gradient's step, {name} = {normal / small:.3g}")

# %% [markdown]
# | in Keras | in the textbook | what follows |
# | --- | --- | --- |
# | `RMSprop`: $g / \sqrt{v + \epsilon}$ | $g / (\sqrt{v} + \epsilon)$ | steps 100 times smaller at $g = 10^{-5}$ |
# | `Adagrad`: the same, and $v$ starts at 0.1 | $v$ starts at 0 | 30 times smaller, with the start 30,000 times |
# | `Adam`: $\epsilon$ beside $\sqrt{v'}$ | beside $\sqrt{\hat v}$ | the first $\epsilon$ is 30 times the one you set |
# | `SGD(nesterov=True)`: the rate is in the velocity | PyTorch: outside of it | other paths once the rate changes |
# | `Nadam`: the momentum rises within 100 steps | within 25,000 (Dozat; PyTorch) | no warm-up of the momentum |
# | `Lamb`: the weights decay apart from the step | in the step whose length is divided out | longer steps |
# | `Muon`: convolutions take Adam's steps | all kernels are matrices | ours, `training.Muon`, takes them |
#
# ## Exercises
# 1. Turn the valley of question 2 back (`A = np.diag(...)`). Which optimizers profit, and why?
# 2. Give Lion in question 2 a rate that falls to 0: call `lion_step` in a loop of your own. Does it settle?
# 3. In question 4 give gradient descent, momentum, Adam and Lion 30 epochs. Do the best rates move, and which way?
# 4. Run the range test with a batch size of 8 and of 256. What happens to the suggestion?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Those that scale each weight by itself: Adagrad needs 5 steps instead of 175, Nadam 18 instead of 57, LAMB 9
#    instead of 113, Adam 75 instead of 121; RMSprop needs 6 and Lion 562, and neither got there in 1000. Now each axis
#    has its own curvature, and dividing by the size of its gradients gives it its own rate. (The start, as far out on
#    each axis, flatters them.) Gradient descent (341), momentum (116), Nesterov (76), conjugate gradients (10) and
#    L-BFGS (23) have no axes: nothing changes.
# 2. Yes. At its best constant rate $F$ never gets below 4e-6 of its first value. With a rate that falls linearly to 0
#    in the 1000 steps it ends at 2e-8, below a millionth after 893 steps; with half a cosine at 1e-9, after 770. With
#    $1 / (1 + t / 10)$ it takes 594 steps and ends at 5e-7. Each with the best of the 13 rates.
# 3. Not far. Mean of the seeds 0 to 2 on the validation images: Adam's goes from 0.032 to 0.010 and Lion's from 0.0032
#    to 0.0010, one place down in the list, momentum's from 0.10 to 0.32, one place up, and gradient descent stays at
#    1.0, beyond which it fails. The cross-entropies fall from 0.133 to 0.068 (gradient descent), 0.129 to 0.074
#    (momentum), 0.102 to 0.067 (Adam) and 0.179 to 0.143 (Lion). Steps that have the size of the rate to the end have
#    to be small at the end, and with three times as many steps they can be. (At 0.1 momentum has 0.081: its minimum is
#    flat.)
# 4. It grows with the batch. With the seeds 0 to 2 SGD gets 0.007 to 0.008 with batches of 8, 0.075 to 0.084 with 32
#    and 0.42 with 256, Adam 0.002 to 0.005, 0.013 and 0.032. A larger batch has less noise, which allows larger steps.
#    But mind the count: 4 epochs are 504 steps with batches of 8 and 16 with 256, where the rate more than doubles from
#    step to step, and a rate that is too high has hardly time to do harm. Give each test as many steps.
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
