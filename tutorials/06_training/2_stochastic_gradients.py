# %% [markdown]
r"""# Stochastic gradients, momentum, Adam: what does each of them change?

Chapter 6 of the deck, eq. 30 to 40: a gradient from a few samples, then steps that remember earlier gradients. Here we
first measure the error of the estimate, and then compare six optimizers: in a valley, and on a real regression.

```
python tutorials/06_training/2_stochastic_gradients.py
```

Measured with that command in 20 s on 2 CPU cores. Diabetes data of scikit-learn, 442 people, linear regression; the
curvature across the valley is 100 times that along it:

| measured | value | agrees within |
| --- | --- | --- |
| error of the gradient, batch of 2 over batch of 8 | 2.00 | ± 0.10 |
| error of the gradient, batch of 34 over batch of 136 | 2.33 | ± 0.10 |
| excess after 40 epochs, batch size 442, λ 0.2 | 0.0029 | ± 0.0002 |
| excess after 40 epochs, batch size 34, λ 0.1 | 0.018 | × 1.5 |
| excess after 40 epochs, batch size 34, λ 0.1 / (1 + t) | 0.0031 | ± 0.0003 |
| as printed, longest step over λ | 2.077 | ± 0.001 |
| as printed, last step over λ | 0.317 | ± 0.001 |
| gradient descent, mean height of the steps 50 to 100, valley at 45° | 0.21 | ± 0.01 |
| Nesterov, mean height of the steps 50 to 100, valley at 45° | 0.0003 | × 1.5 |
| RMSProp, mean height of the steps 50 to 100, valley at 0° | 0 | ± 1e-10 |
| RMSProp, mean height of the steps 50 to 100, valley at 45° | 0.18 | ± 0.05 |
| Adam, mean height of the steps 50 to 100, valley at 0° | 0.006 | × 1.5 |
| Adam, mean height of the steps 50 to 100, valley at 45° | 0.011 | × 1.5 |
| standardised, gradient descent, excess after 40 epochs | 0.0031 | × 1.5 |
| standardised, Adam, excess after 40 epochs | 0.0029 | × 1.5 |
| centred, gradient descent, excess after 40 epochs | 0.044 | × 1.5 |
| centred, Adam, excess after 40 epochs | 0.015 | × 1.5 |
| as written down, Adam, excess after 40 epochs | 0.14 | × 1.5 |
| Adam with epsilon 1 as it is, difference from Keras | 0.0057 | ± 0.0003 |
| Adam with epsilon 1 translated, difference from Keras | 0 | ± 1e-06 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import PillowWriter
from sklearn.datasets import load_diabetes

from keras_course.numerics.linear_regression import design_matrix, fit_least_squares
from keras_course.numerics.optimizers import (
    adam_step,
    adamw_step,
    estimated_gradient,
    gradient_descent_step,
    mini_batches,
    minimize,
    minimize_batches,
    momentum_step,
    rmsprop_step,
)
from keras_course.numerics.schedules import inverse_time_decay

# %% [markdown]
# ## Question 1: how well does a batch estimate the gradient?
#
# The gradient is a sum over all $N_1$ samples (eq. 27). With a billion of them, a step takes forever, so the deck sums
# over a subset $B_j$ (eq. 30, eq. 32). The regression is that of tutorial 1: ten features and an intercept, everything
# in standard deviations.


# %%
def standardize(a):
    """Returns each column in standard deviations from its mean."""
    return (a - a.mean(axis=0)) / a.std(axis=0)


people = load_diabetes(scaled=False)
design, y = design_matrix(standardize(people.data)), standardize(people.target)
num_samples, num_weights = design.shape


def batch_gradient(omega, batch):
    """Computes eq. 32, the gradient of the squared error of the samples in `batch`."""
    x = design[batch]
    return 2 * x.T @ (x @ omega - y[batch])


omega, rng = np.zeros(num_weights), np.random.default_rng(0)
full = batch_gradient(omega, np.arange(num_samples))
for batch_size in (1, 34, 100):
    gradients = [batch_gradient(omega, batch) for batch in mini_batches(num_samples, batch_size, rng)]
    difference = np.abs(np.sum(gradients, axis=0) - full).max()
    share = np.linalg.norm(gradients[0]) / np.linalg.norm(full)
    print(f"{len(gradients)} batches of {batch_size}: sum - full {difference:.0e}, one over full {share:.3f}")

# %% [markdown]
# "We take all the possible $B_j$": over an epoch the gradients of the batches add up exactly to the full gradient,
# whatever the size of the last batch. But a single one is not close to it, although the $\simeq$ of eq. 30 says so: a
# sum over 34 of 442 samples is about 34/442 of the full sum, plus noise. An unbiased estimate is $\frac{N_1}{|B_j|}
# \frac{\partial F_j}{\partial \omega}$. How far off is that?

# %%
sizes = np.array([1, 2, 4, 8, 17, 34, 68, 136, 221, 330, 420])


def relative_error(batch_size, draws=1000):
    """Measures the root mean square of |estimate - full gradient| / |full gradient|."""
    batches = [rng.choice(num_samples, batch_size, replace=False) for _ in range(draws)]
    estimates = np.array([num_samples / batch_size * batch_gradient(omega, batch) for batch in batches])
    return np.sqrt(np.mean(np.sum((estimates - full) ** 2, axis=1))) / np.linalg.norm(full)


measured = np.array([relative_error(size) for size in sizes])
one = batch_gradient(omega, np.arange(34))
np.testing.assert_allclose(num_samples / 34 * one, estimated_gradient(one, 34, num_samples))  # the package's
each = np.array([batch_gradient(omega, [i]) for i in range(num_samples)])
spread = num_samples * np.sqrt(each.var(axis=0, ddof=1).sum()) / np.linalg.norm(full)  # of a batch of one
law = spread * np.sqrt((1 - sizes / num_samples) / sizes)
print(f"error of the gradient, batch of 2 over batch of 8 = {measured[1] / measured[3]:.2f}")
print(f"error of the gradient, batch of 34 over batch of 136 = {measured[5] / measured[7]:.2f}")
print(f"largest distance of the measured errors from the law: {100 * np.abs(measured / law - 1).max():.1f} %")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.loglog(sizes, measured, "o", label="measured, 1000 batches each")
every = np.arange(1, num_samples)
ax.loglog(every, spread / np.sqrt(every), "C1--", label="$\\propto 1 / \\sqrt{|B|}$")
law = spread * np.sqrt((1 - every / num_samples) / every)
ax.loglog(every, law, "C2-", label="$\\propto \\sqrt{(1 - |B| / N_1) / |B|}$")
ax.axvline(num_samples, color="grey", linestyle=":", label="all 442 samples")
ax.axhline(1, color="grey", linewidth=1)
ax.set(xlabel="samples in the batch, |B|", ylabel="relative error of the gradient")
ax.set_title("How well one batch estimates the gradient")
ax.legend(loc="lower left")

# %% [markdown]
# **What to see.** The error of a single sample's gradient is several times the length of the gradient, yet on average
# it is right. Four times the samples halve the error, $1 / \sqrt{|B|}$: four times the work for one more bit. The error
# falls faster only when the batch is a large part of the data, because it is drawn without replacement: the batch of
# all 442 samples has no error.
#
# ## Question 2: is it better to step often or to step right?
#
# Eq. 31: a step on each batch. From here on the objective is the *mean* squared error, $F / N_1$, and the gradient is
# that of the batch mean, so that $\lambda$ means the same for every batch size (tutorial 1 shows why it wouldn't
# otherwise).


# %%
def stochastic_descent(batch_size, rate, decay=0.0, epochs=40):
    """Returns ω at the start and after each epoch of eq. 31, λ(t) = rate / (1 + decay t); shape (epochs + 1, 11)."""
    rng, omega, path = np.random.default_rng(1), np.zeros(num_weights), [np.zeros(num_weights)]
    for epoch in range(epochs):
        for batch in mini_batches(num_samples, batch_size, rng):
            omega = omega - inverse_time_decay(epoch, rate, decay) * batch_gradient(omega, batch) / len(batch)
        path.append(omega)
    return np.array(path)


def excess(path):
    """Returns the mean squared error above that of least squares, for weights of shape (..., 11)."""
    least = fit_least_squares(standardize(people.data), y)  # eq. 2
    return np.mean((path @ design.T - y) ** 2, axis=-1) - np.mean((design @ least - y) ** 2)


limit = 2 / np.linalg.eigvalsh(2 * design.T @ design / num_samples)[-1]  # the 2 / L of tutorial 1
print(f"with all samples the rate must stay below {limit:.3f}")
runs = {
    "442, λ = 0.2": stochastic_descent(num_samples, 0.2),
    "34, λ = 0.1": stochastic_descent(34, 0.1),
    "34, λ = 0.01": stochastic_descent(34, 0.01),
    "34, λ = 0.1 / (1 + t)": stochastic_descent(34, 0.1, decay=1.0),
    "1, λ = 0.1 / 34": stochastic_descent(1, 0.1 / 34),
}

# %%
fig, ax = plt.subplots(figsize=(9, 4.6), layout="constrained")
for (name, path), style in zip(runs.items(), ["ko-", "C0s-", "C1D--", "C2^-", "C3v:"], strict=True):
    ax.semilogy(excess(path), style, markersize=4, label=name)
ax.set(xlabel="epochs", ylabel="mean squared error\nabove least squares")
ax.set_title("Stochastic gradient descent, by batch size")
ax.legend(title="batch size and rate", loc="center left", bbox_to_anchor=(1, 0.5))

# %%
path = minimize_batches(  # the package's loop; the step is of eq. 33
    lambda omega, batch: batch_gradient(omega, batch) / len(batch),
    np.zeros(num_weights),
    gradient_descent_step,
    num_samples=num_samples,
    batch_size=34,
    num_epochs=40,
    generator=np.random.default_rng(1),
    learning_rate=0.1,
)
np.testing.assert_allclose(path[::13], runs["34, λ = 0.1"], atol=1e-12)
for name, path in runs.items():
    print(f"excess after 40 epochs, batch size {name.replace(' = ', ' ')} = {excess(path)[-5:].mean():.1e}")

# %% [markdown]
# **What to see.** For the cost of one step with all samples, batches of 34 allow 13 steps: after one epoch they are
# where the full gradient is after four. Then, at a constant rate, they stay noisy. A tenth of the rate is smooth, but
# slow; a decaying rate is fast *and* smooth (tutorial 4). One sample at a time, at 1/34 of the rate, behaves nearly
# like 34 at a time: what matters is $\lambda / |B|$. (The two curves even fluctuate together, because they see the
# samples in the same order.)
#
# And the full gradient? With 442 samples it is cheap, and after 40 epochs nothing is better. All smooth curves then
# creep along the flat direction of the valley, $L / \mu = 470$; batches don't help there. They pay off when you can
# afford only a few epochs.
#
# ## Question 3: what does memory change?
#
# We write down six update rules. Each computes a step from $\omega$, the gradient there, and a stored state. Momentum
# (eq. 34, 35) sums old gradients, weighted down by $\gamma$ at each step; Nesterov's form looks one step ahead:


# %%
def gradient_descent(omega, slope, state, rate):
    """Eq. 33."""
    return omega - rate * slope, state


def momentum(omega, slope, u, rate, gamma=0.9):
    """Eq. 34 and eq. 35."""
    u = gamma * u + rate * slope
    return omega - u, u


def nesterov(omega, slope, u, rate, gamma=0.9):
    """Momentum that steps as if the next gradient were this one."""
    u = gamma * u + rate * slope
    return omega - (gamma * u + rate * slope), u


# %% [markdown]
# The other three divide by the size of the gradient, weight by weight: RMSProp divides by the root of the moving
# average of its square (eq. 38), and Adam also replaces the gradient by its moving average (eq. 36). Both averages
# start at 0 and are too small at first. A constant gradient $g$ makes $m_t = (1 - \beta_1^t) g$, so Adam divides by
# $1 - \beta^t$. (The deck prints $1 - \beta$ in eq. 37 and 39; question 4.) AdamW also shrinks the weights directly.


# %%
def rmsprop(omega, slope, v, rate, rho=0.9, epsilon=1e-7):
    """Divides by the size of the gradient."""
    v = rho * v + (1 - rho) * slope**2
    return omega - rate * slope / np.sqrt(v + epsilon), v


def adam(omega, slope, state, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Eq. 36 to eq. 40 with 1 - βᵗ in eq. 37 and eq. 39."""
    m, v, t = state or (0, 0, 0)
    m, v, t = beta_1 * m + (1 - beta_1) * slope, beta_2 * v + (1 - beta_2) * slope**2, t + 1
    m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
    return omega - rate / (np.sqrt(v_hat) + epsilon) * m_hat, (m, v, t)


def adamw(omega, slope, state, rate, weight_decay=0.1):
    """Adam's step from weights that have shrunk a little."""
    return adam(omega - rate * weight_decay * omega, slope, state, rate)


# %% [markdown]
# The valley is $F(\omega) = \frac12 (\omega - \omega^*)^t H (\omega - \omega^*)$ with curvature 1 along and 100 across,
# rotated by some angle. The loop is that of tutorial 1; the package's steps must give the same paths.

# %%
STEPS = {"gradient descent": gradient_descent, "momentum": momentum, "Nesterov": nesterov}
STEPS |= {"RMSProp": rmsprop, "Adam": adam, "AdamW": adamw}
STYLES = {"gradient descent": "ko-", "momentum": "C0s-", "Nesterov": "C1D--"}
STYLES |= {"RMSProp": "C2^-", "Adam": "C3v-", "AdamW": "C4P--"}
bottom = np.array([1.0, 0.5])


def valley(degrees):
    """Returns H, rotated by an angle, and the start, which rotates with it."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ np.diag([1.0, 100.0]) @ turn.T, bottom + turn @ [-2.0, 0.6]


def walk(step, slope, start, rate, num_steps=100):
    """Returns ω₀, ω₁, …; shape (num_steps + 1, 2)."""
    path, state = [start], None if step in (adam, adamw) else 0.0
    for _ in range(num_steps):
        omega, state = step(path[-1], slope(path[-1]), state, rate)
        path.append(omega)
    return np.array(path)


# %%
hessian, start = valley(20)


def valley_slope(omega):
    """Computes H (ω - ω*)."""
    return hessian @ (omega - bottom)


packaged = {
    "gradient descent": minimize(valley_slope, start, num_steps=100, learning_rate=0.01),
    "momentum": minimize(valley_slope, start, momentum_step, num_steps=100, learning_rate=0.01),
    "Nesterov": minimize(valley_slope, start, momentum_step, num_steps=100, learning_rate=0.01, nesterov=True),
    "RMSProp": minimize(valley_slope, start, rmsprop_step, num_steps=100, learning_rate=0.01),
    "Adam": minimize(valley_slope, start, adam_step, num_steps=100, learning_rate=0.01),
    "AdamW": minimize(valley_slope, start, adamw_step, num_steps=100, learning_rate=0.01, weight_decay=0.1),
}
for name, step in STEPS.items():
    np.testing.assert_allclose(walk(step, valley_slope, start, 0.01), packaged[name], atol=1e-9)

# %% [markdown]
# For a fair comparison, each gets its own best rate: of 25 rates, a factor of $\sqrt 2$ apart, the one with the lowest
# mean height over steps 50 to 100.

# %%
RATES = 2.0 ** np.arange(-10, 2.5, 0.5)


def best_walk(step, degrees):
    """Returns the rate with the least mean height over the second half, and its path, shape (101, 2)."""
    hessian, start = valley(degrees)
    with np.errstate(all="ignore"):  # the rates that are too high
        walks = [walk(step, lambda omega: hessian @ (omega - bottom), start, rate) for rate in RATES]
        means = [np.mean(heights(path, hessian)[50:]) for path in walks]
    best = int(np.nanargmin(means))
    return RATES[best], walks[best]


def heights(path, hessian):
    """Computes F along a path."""
    return np.einsum("ti,ij,tj->t", path - bottom, hessian, path - bottom) / 2


tilted = {name: best_walk(step, 20) for name, step in STEPS.items()}

# %%
grid = np.meshgrid(np.linspace(-1.5, 1.9, 171), np.linspace(-0.9, 1.1, 101))
offset = np.stack(grid, axis=-1) - bottom
field = np.einsum("...i,ij,...j->...", offset, hessian, offset) / 2
fig, axes = plt.subplots(3, 2, figsize=(10, 9.6), sharex=True, sharey=True, layout="constrained")
for ax, (name, (rate, path)) in zip(axes.flat, tilted.items(), strict=True):
    ax.contour(*grid, field, levels=np.geomspace(0.05, 60, 9), colors="0.75", linewidths=1)
    ax.plot(*path.T, STYLES[name], markersize=3, linewidth=1)
    ax.plot(*start, "ko", markersize=8, fillstyle="none")
    ax.plot(*bottom, "k*", markersize=12)
    ax.set(xlim=(-1.5, 1.9), ylim=(-0.9, 1.1), title=f"{name}, $\\lambda$ = {rate:.2g}")
fig.supxlabel("$\\omega_1$")
fig.supylabel("$\\omega_2$")
fig.suptitle("100 steps from the circle to the star, each with its best rate")

# %% [markdown]
# **What to see.** *Gradient descent* reaches the floor after a few jumps and creeps from there: its rate can't exceed
# $2 / L = 0.02$, although the floor would allow more. *Momentum* swings across the valley too, but along it the steps
# add up, to as much as $1 / (1 - \gamma) = 10$ times as far. *Nesterov* swings less, because looking ahead acts as a
# brake. It overshoots the star and comes back. *RMSProp* starts at 45°: divided by its own size, every gradient is
# about 1. That is also true at the bottom, so it never settles there. *Adam* starts in the same direction and swings
# like momentum. *AdamW* stops short of the star by design: its weights are always shrunk toward 0.
#
# The next cell shows the same paths step by step; as a script it also saves them as an animation, `_race.gif`.

# %%
fig, ax = plt.subplots(figsize=(9, 4.8), layout="constrained")
ax.contour(*grid, field, levels=np.geomspace(0.05, 60, 9), colors="0.85", linewidths=1)
ax.plot(*bottom, "k*", markersize=14)
lines = {name: ax.plot([], [], STYLES[name], markersize=7, markevery=[-1], label=name)[0] for name in STEPS}
ax.set(xlim=(-1.5, 1.9), ylim=(-0.9, 1.1), xlabel="$\\omega_1$", ylabel="$\\omega_2$")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def draw(t):
    """Shows the last steps up to step t of each path."""
    for name, line in lines.items():
        line.set_data(*tilted[name][1][max(0, t - 12) : t + 1].T)
    ax.set_title(f"step {t:2d}")


if "__file__" in globals():  # run as a script
    folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name
    folder.mkdir(parents=True, exist_ok=True)
    writer, path = PillowWriter(fps=6), folder / f"{Path(__file__).stem}_race.gif"
    with writer.saving(fig, path, dpi=80):
        for t in [*range(40), *range(40, 61, 4)]:
            draw(t)
            writer.grab_frame()
    print("figure:", path)
draw(15)

# %% [markdown]
# ## Question 4: what does the deck's typo do?
#
# Eq. 37 and 39 divide by $1 - \beta$ at every step. At the first step that is right, $1 - \beta^1$. Afterwards the
# averages have grown, but are still divided by 0.1 and 0.001. For a constant gradient we can write down the length of
# the steps: it is $\lambda$ with $1 - \beta^t$, and with the deck's version, at step $t$,
#
# $$\lambda \, \frac{1 - \beta_1^t}{1 - \beta_1} \sqrt{\frac{1 - \beta_2}{1 - \beta_2^t}}.$$


# %%
def step_lengths(correction, num_steps=5000, slope=3.0):
    """Returns the lengths of Adam's steps over λ, for a constant gradient; `correction` is a function of β and t."""
    m = v = 0.0
    lengths = []
    for t in range(1, num_steps + 1):
        m, v = 0.9 * m + 0.1 * slope, 0.999 * v + 0.001 * slope**2
        lengths.append(m / correction(0.9, t) / np.sqrt(v / correction(0.999, t)))
    return np.array(lengths)


steps = np.arange(1, 5001)
corrections = {
    "$1 - \\beta^t$, right": step_lengths(lambda beta, t: 1 - beta**t),
    "$1 - \\beta$, as printed": step_lengths(lambda beta, t: 1 - beta),
    "1, no correction": step_lengths(lambda beta, t: 1.0),
}
printed = corrections["$1 - \\beta$, as printed"]
closed = (1 - 0.9**steps) / 0.1 * np.sqrt(0.001 / (1 - 0.999**steps))
np.testing.assert_allclose(printed, closed)
print(f"as printed: step 1 {printed[0]:.2f} λ, longest at step {1 + printed.argmax()}")
print(f"as printed, longest step over λ = {printed.max():.3f}")
print(f"as printed, last step over λ = {printed[-1]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
for (name, lengths), style in zip(corrections.items(), ["C3-", "C0--", "k:"], strict=True):
    ax.plot(steps, lengths, style, linewidth=2, label=name)
ax.set(xscale="log", xlabel="step t", ylabel="length of the step over $\\lambda$", ylim=(0, None))
ax.set_title("Adam with a constant gradient, by bias correction")
ax.legend(title="divided by")

# %% [markdown]
# **What to see.** The typo affects more than the start. The first step agrees; the twelfth is twice as long as it
# should be, the hundredth about right, and in the long run every step is $\sqrt{1 - \beta_2} / (1 - \beta_1) = 0.32$ of
# $\lambda$. It would still train, but at a rate that nobody chose and that changes by a factor of 6.5. Without any
# correction the first steps are up to 6.6 times too long, because the average of the squares builds up more slowly than
# that of the gradients.
#
# ## Question 5: does the orientation of the valley matter?
#
# We rotate the valley and the start together. For gradient descent that is the same problem. Is it also for a method
# with a separate rate for each weight?

# %%
DEGREES = (0, 20, 45)
final = {}
fig, axes = plt.subplots(1, len(DEGREES), figsize=(12, 4.8), sharey=True, layout="constrained")
for ax, degrees in zip(axes, DEGREES, strict=True):
    for name, step in STEPS.items():
        rate, path = best_walk(step, degrees)
        height = heights(path, valley(degrees)[0])
        final[name, degrees] = height[50:].mean()
        ax.semilogy(height, STYLES[name], markersize=4, markevery=10, label=name)
    ax.set(xlabel="steps", ylim=(1e-9, 100), title=f"rotated by {degrees}°")
axes[0].set_ylabel("height above the bottom, F")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
for name in STEPS:
    print(f"{name}, mean height of the steps 50 to 100, valley at 0° = {final[name, 0]:.2g}")
    print(f"{name}, mean height of the steps 50 to 100, valley at 45° = {final[name, 45]:.2g}")

# %% [markdown]
# **What to see.** For the first three nothing changes, to the last digit. *RMSProp* has a rate for each weight; when
# the valley is aligned with an axis, that is ideal, and its curve drops out of the figure. At 45° both weights see the
# same mixture of steep and flat, the two rates are equal, and it does no better than gradient descent. *Adam* averages
# the squares over 1000 steps, not 10. Within these 100 steps its divisors hardly change, and the rotation costs it only
# a factor of two.
#
# ## Question 6: and on data?
#
# We use the regression of question 2 with batches of 34 and 40 epochs. The features are standardised; or only centred,
# in their own units (kg/m², mg/dl, ...), so that their standard deviations differ by a factor of 70; or as the hospital
# recorded them. Each optimizer gets the best of 20 rates, by the mean excess over the last 5 epochs.

# %%
STEP_OF = {"gradient descent": (gradient_descent_step, {}), "momentum": (momentum_step, {})}
STEP_OF |= {"Nesterov": (momentum_step, {"nesterov": True}), "RMSProp": (rmsprop_step, {})}
STEP_OF |= {"Adam": (adam_step, {})}
BATCH, EPOCHS = 34, 40


def train(x, name, rate):
    """Returns the mean squared error above least squares at the start and after each epoch; shape (EPOCHS + 1,)."""
    step, settings = STEP_OF[name]
    path = minimize_batches(
        lambda omega, batch: 2 * x[batch].T @ (x[batch] @ omega - y[batch]) / len(batch),
        np.zeros(num_weights),
        step,
        num_samples=num_samples,
        batch_size=BATCH,
        num_epochs=EPOCHS,
        generator=np.random.default_rng(2),
        learning_rate=rate,
        **settings,
    )[:: num_samples // BATCH]
    least = np.linalg.lstsq(x, y)[0]
    return np.mean((path @ x.T - y) ** 2, axis=1) - np.mean((x @ least - y) ** 2)


# %%
tables = {"standardised": design, "centred": design_matrix(people.data - people.data.mean(axis=0))}
tables |= {"as written down": design_matrix(people.data)}
curves = {}
for table, x in tables.items():
    for name in STEP_OF:
        tried = {}
        for rate in 2.0 ** np.arange(-19, 1):
            with np.errstate(all="ignore"):  # too high: the last error is infinite or NaN
                try:
                    tried[rate] = train(x, name, rate)
                except ValueError:  # the steps refuse gradients that are NaN
                    break
        best = min(tried, key=lambda rate: np.nan_to_num(tried[rate][-5:].mean(), nan=np.inf))
        curves[table, name] = tried[best]
        print(f"{table}, {name}, excess after {EPOCHS} epochs = {tried[best][-5:].mean():.1e}")
        print(f"  with the rate {best:.2g}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(12, 4.8), sharey=True, layout="constrained")
for ax, table in zip(axes, tables, strict=True):
    for name in STEP_OF:
        ax.semilogy(curves[table, name], STYLES[name], markersize=4, markevery=4, label=name)
    ax.set(xlabel="epochs", title=table)
axes[0].set_ylabel("mean squared error\nabove least squares")
fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)

# %% [markdown]
# **What to see.** *Standardised*: all five end within a quarter of each other. With standardised inputs and a
# well-chosen rate, the optimizer hardly matters. *Centred*: now the weights need steps of different lengths, and Adam
# and RMSProp, which provide them, end with less than half the excess of the others. *As written down*: every feature is
# correlated with the intercept, the valley isn't aligned with the axes, and no optimizer gets close. Standardising
# helps more than any optimizer.
#
# ## Question 7: does Keras do the same?

# %%
RATE = 2.0**-10  # Keras holds the rate in float32: a power of 2 is exact there


def path_of_keras(optimizer, num_steps=20):
    """Walks through the valley with an optimizer of Keras, in float64."""
    variable, path = keras.Variable(start, dtype="float64"), [start]
    for _ in range(num_steps):
        optimizer.apply([keras.ops.convert_to_tensor(valley_slope(path[-1]))], [variable])
        path.append(keras.ops.convert_to_numpy(variable.value))
    return np.array(path)


keras_optimizers = {
    "gradient descent": keras.optimizers.SGD(RATE),
    "momentum": keras.optimizers.SGD(RATE, momentum=0.9),
    "Nesterov": keras.optimizers.SGD(RATE, momentum=0.9, nesterov=True),
    "RMSProp": keras.optimizers.RMSprop(RATE),
    "Adam": keras.optimizers.Adam(RATE),
    "AdamW": keras.optimizers.AdamW(RATE, weight_decay=0.1),
}
for name, optimizer in keras_optimizers.items():
    difference = np.abs(path_of_keras(optimizer) - walk(STEPS[name], valley_slope, start, RATE, 20)).max()
    print(f"{name}: largest difference from Keras in 20 steps {difference:.0e}")

# %% [markdown]
# The paths are the same, up to settings such as 0.9 that Keras rounds to float32. Internally two things differ. Keras
# stores $-u$ and *adds* it. And its Adam adds $\epsilon$ to $\sqrt{v}$, before the correction, while the deck's eq. 40
# and the paper's algorithm 1 add it to $\sqrt{\hat v}$. So Keras's $\epsilon$ acts like $\epsilon / \sqrt{1 -
# \beta_2^t}$ in our `adam`. With $10^{-7}$ this makes no visible difference; with the 0.1 or 1 of some recipes it does:

# %%
_, u = momentum(start, valley_slope(start), 0.0, RATE)
sgd = keras.optimizers.SGD(RATE, momentum=0.9)
path_of_keras(sgd, num_steps=1)
print("u:", u, "Keras:", keras.ops.convert_to_numpy(sgd.momentums[0].value))

reference = path_of_keras(keras.optimizers.Adam(RATE, epsilon=1.0))
for label, translated in (("as it is", False), ("translated", True)):
    path, state = [start], None
    for t in range(1, 21):
        epsilon = 1.0 / np.sqrt(1 - 0.999**t) if translated else 1.0
        omega, state = adam(path[-1], valley_slope(path[-1]), state, RATE, epsilon=epsilon)
        path.append(omega)
    print(f"Adam with epsilon 1 {label}, difference from Keras = {np.abs(path - reference).max():.1e}")

# %% [markdown]
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start epoch_order` (and `momentum_step`, `adam_step`).
# Then explore:
#
# 1. Let `relative_error` in question 1 draw its batches *with* replacement. Which of the two curves do the points
#    follow now, and what is `relative_error(442)`? (0.13.)
# 2. In question 3 `walk` with `functools.partial(momentum, gamma=0.67)` and the rate 0.033: what theory calls best for
#    a quadratic, $\gamma = ((\sqrt{L/\mu} - 1) / (\sqrt{L/\mu} + 1))^2$ and $\lambda = 4 / (\sqrt L + \sqrt\mu)^2$.
#    Draw the `heights`: expect a factor of about 0.67 per step; for gradient descent it is 0.96 at best.
# 3. Train with two more optimizers on the standardised features of question 6: AdamW (`adamw_step` with
#    `weight_decay=0.1`), and Adam with the penalty of eq. 48 in the gradient, $+ 0.1 \omega$. Let `train` return the
#    last $\omega$ of 2000 epochs with all 442 samples in a batch and the rate $2^{-6}$. Which of the two ends at ridge
#    regression, and why not the other? (With the penalty in the gradient the distance is 2e-14 of its length, with
#    AdamW 0.97.) Ridge regression is `fit_ridge` of `keras_course.numerics.linear_regression`, with `ridge=0.05 * 442`,
#    because the gradient is that of the mean.
# 4. Let the rate of Adam in question 6 fall with $1 / (1 + t)$, $t$ in epochs: wrap `adam_step` in a step that counts,
#    and let the rates go up to 16. Do the best rate and the order of the five optimizers change? (On standardised
#    features the best rate is 4 instead of 0.008 and Adam comes first, with an excess of 0.0010; on those as written
#    down 0.22 is left, more than with momentum.)
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The points follow $1 / \sqrt{|B|}$, within 3 % at each of the 11 sizes (1000 batches each): 0.181 instead of 0.129
#    with 221 samples. `relative_error(442)` is 0.129.
# 2. From step 20 to step 80 the height falls by a factor of 0.670 per step, and by 0.961 with gradient descent at $2 /
#    (L + \mu)$. After 100 steps 2e-15 is left, with $\gamma$ = 0.9 at its best rate 5e-4.
# 3. Adam with the penalty in the gradient: 2e-14. AdamW is 0.97 away, and close to least squares (0.07 of its length).
#    Where the whole gradient is 0, a step is 0 whatever it is divided by. AdamW adds $0.1 \omega$ to a step that has
#    been divided already, and what it balances is no longer the penalty.
# 4. Standardised: Adam's best rate is 4, its excess 0.0010; Nesterov has 0.0025, momentum 0.0026 and the two others
#    0.0031. Centred: 0.25, with 0.010 instead of 0.015 (momentum 0.040). As written down 0.22 is left: worse than the
#    0.14 of a constant rate, and than momentum's 0.17. One seed, as in question 6.
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
