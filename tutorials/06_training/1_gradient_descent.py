# %% [markdown]
r"""# Gradient descent: why does it go down, and how large can a step be?

Chapter 6 of the deck begins with eq. 20 to 29: an objective, its gradient, the step $\omega_{t+1} = \omega_t - \lambda
\, \partial F / \partial \omega$ and the reason why it descends. Here we apply each equation to a real regression, whose
minimum is known from chapter 1, and turn the deck's "too low" and "too high" into numbers.

```
python tutorials/06_training/1_gradient_descent.py
```

Measured with that command in 6 s on 2 CPU cores. Diabetes data of scikit-learn, 442 people:

| measured | value | agrees within |
| --- | --- | --- |
| best step h of the difference quotient | 1.0e-08 | × 4 |
| gradient by eq. 29 against difference quotients, relative difference | 1e-06 | × 10 |
| first-order change over the true one, rate 0.01 / L | 1.005 | ± 0.001 |
| largest over smallest curvature, two features | 18.35 | ± 0.02 |
| path against the closed form, largest difference | 0.0 | ± 1e-09 |
| largest rate that converges, times L | 2.000 | ± 0.001 |
| best rate, times L | 1.897 | ± 0.001 |
| standardised, steps to a millionth of the excess | 1565 | ± 5 |
| as written down, excess left after 4000 steps | 0.23 | ± 0.02 |
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes

from keras_course.numerics.linear_regression import design_matrix, fit_least_squares
from keras_course.numerics.optimizers import (
    descends,
    difference_quotient,
    first_order_change,
    minimize,
    squared_error,
    squared_error_gradient,
    weighted_squared_error,
)

# %% [markdown]
# ## Question 1: how small should h be?
#
# The derivative is a limit (eq. 23); for "h really small" the deck takes the quotient itself (eq. 24):
#
# $$\frac{\partial g}{\partial x} \simeq \frac{g(x + h) - g(x)}{h}.$$
#
# Is smaller always better? We try $g(x) = e^x$, which is its own derivative, at 201 values of $x$.


# %%
def quotient(g, x, h):
    """Computes eq. 24."""
    return (g(x + h) - g(x)) / h


steps = 10.0 ** np.arange(-16, 0.01, 0.25)
points = np.linspace(0.5, 1.5, 201)
errors = np.array([np.median(np.abs(quotient(np.exp, points, h) / np.exp(points) - 1)) for h in steps])
np.testing.assert_allclose(difference_quotient(np.exp, 1.0, 1e-6), quotient(np.exp, 1.0, 1e-6))  # the package's
print(f"best step h of the difference quotient = {steps[errors.argmin()]:.1e}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.loglog(steps, errors, "o", markersize=4, label="measured, median over x")
ax.loglog(steps, steps / 2, "C1--", label="h / 2: the curve bends")
ax.loglog(steps, 2.0**-52 / steps, "C2:", linewidth=2, label="$2^{-52}$ / h: cancellation, at most")
ax.set(xlabel="step h", ylabel="relative error of the slope", ylim=(1e-10, 3), title="Eq. 24 for $g(x) = e^x$")
ax.legend(loc="lower left")

# %% [markdown]
# **What to see.** From right to left, the error falls with $h$, as it should: the quotient is the slope of a chord, off
# by $h\,g''/2$. Below $10^{-8}$ it grows again: $g(x + h)$ and $g(x)$ agree in nearly all of their 16 digits, and the
# difference keeps only the rest. At best half the digits are right. So eq. 24 is good for *checking* gradients; to
# compute them we use a formula (question 2) or the chain rule (tutorial 3).
#
# ## Question 2: what is the gradient of the squared error?
#
# The data are 442 people with ten measurements each, and how far their diabetes had progressed a year later. To get a
# valley that we can draw, we take two of the ten features, total cholesterol and LDL cholesterol. The second is a part
# of the first, so they are correlated. Everything is in standard deviations from its mean.


# %%
def standardize(a):
    """Returns each column in standard deviations from its mean."""
    return (a - a.mean(axis=0)) / a.std(axis=0)


people = load_diabetes(scaled=False)
y = standardize(people.target)
features = standardize(people.data)
x = features[:, [people.feature_names.index("s1"), people.feature_names.index("s2")]]
print(f"{len(y)} people, correlation of the two features {np.corrcoef(x.T)[0, 1]:.2f}")

# %% [markdown]
# The model is linear, $f(\omega, x_i) = \omega^t x_i$. Eq. 27 to 29 expand the square and differentiate the two terms
# that contain $\omega$. For this $f$ they become
#
# $$\frac{\partial F}{\partial \omega}
#   = \sum_i \Bigl(\frac{\partial}{\partial \omega} f^t f - \frac{\partial}{\partial \omega} 2 y_i^t f\Bigr)
#   = 2 x^t x \, \omega - 2 x^t y.$$


# %%
def objective(omega):
    """Computes eq. 21, F(ω)."""
    return np.sum((x @ omega - y) ** 2)


def gradient(omega):
    """Computes eq. 29 for the linear model."""
    return 2 * x.T @ (x @ omega) - 2 * x.T @ y


omega = np.array([-1.2, 0.6])
by_quotients = difference_quotient(objective, omega, 1e-6)
difference = np.abs(gradient(omega) / by_quotients - 1).max()
print(f"F = {objective(omega):.1f}, gradient {gradient(omega)}, by quotients {by_quotients}")
print(f"gradient by eq. 29 against difference quotients, relative difference = {difference:.0e}")
np.testing.assert_allclose(objective(omega), squared_error(x @ omega, y))  # the package's
np.testing.assert_allclose(gradient(omega), squared_error_gradient(x @ omega, y, x))

# %% [markdown]
# Eq. 20 has a factor $\beta / 2$ before the sum; eq. 21 calls itself "the previous problem" and has none. Does that
# matter?

# %%
beta, rate = 0.5, 1e-4
first = minimize(gradient, omega, num_steps=50, learning_rate=rate)
same_rate = minimize(lambda w: beta / 2 * gradient(w), omega, num_steps=50, learning_rate=rate)
other_rate = minimize(lambda w: beta / 2 * gradient(w), omega, num_steps=50, learning_rate=2 / beta * rate)
print(f"eq. 20 over eq. 21: {weighted_squared_error(x @ omega, y, beta) / objective(omega):.2f}")
print("after 50 steps, eq. 21:", first[-1], "eq. 20, same λ:", same_rate[-1], "λ times 2/β:", other_rate[-1])

# %% [markdown]
# The minimum is the same, but the same $\lambda$ gives a different step: a learning rate only makes sense *for a given
# objective*. The same happens when a sum over samples becomes a mean (tutorial 2).
#
# ## Question 3: why does a step go down, and when doesn't it?
#
# With $h = -\lambda \, \partial g / \partial x$ in eq. 24 the deck has eq. 25,
#
# $$g(x + h) - g(x) \simeq -\lambda \Bigl(\frac{\partial g}{\partial x}\Bigr)^2,$$
#
# and concludes, because $\lambda > 0$, that $g(x + h) < g(x)$ (eq. 26). But eq. 24 was for $h$ *really small*. $F$ is
# quadratic, so its Taylor series ends after the second term and tells the change for any $\lambda$. With $H = 2 x^t x$,
# the matrix of second derivatives, and $d = \partial F / \partial \omega$:
#
# $$F(\omega - \lambda d) - F(\omega) = -\lambda \, d^t d + \tfrac12 \lambda^2 \, d^t H d.$$

# %%
hessian = 2 * x.T @ x
smallest, largest = np.linalg.eigvalsh(hessian)  # the curvatures µ and L along and across the valley
start = np.array([-1.2, 0.6])
d = gradient(start)
rates = np.linspace(0.001, 2.6, 261) / largest
change = np.array([objective(start - rate * d) - objective(start) for rate in rates])
first_order = np.array([first_order_change(d, rate) for rate in rates])
taylor = first_order + rates**2 / 2 * (d @ hessian @ d)
np.testing.assert_allclose(change, taylor, rtol=1e-6, atol=1e-8)
ratio = first_order_change(d, 0.01 / largest) / (objective(start - 0.01 / largest * d) - objective(start))
print(f"first-order change over the true one, rate 0.01 / L = {ratio:.4f}")
print("descends with λL = 0.1, 1, 1.9, 2.5:", [descends(objective, start, d, c / largest) for c in (0.1, 1, 1.9, 2.5)])
print(f"curvatures: µ = {smallest:.1f}, L = {largest:.1f}, both positive, so F is convex")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.plot(rates * largest, change, label="true change")
ax.plot(rates * largest, first_order, "C1--", label="eq. 25: $-\\lambda \\, d^t d$")
ax.axhline(0, color="black", linewidth=1)
ax.axvline(2, color="grey", linestyle=":", label="$\\lambda = 2 / L$")
ax.set(xlabel="learning rate times largest curvature, $\\lambda L$", ylabel="$F(\\omega + h) - F(\\omega)$")
ax.set(ylim=(1.15 * change.min(), 1.05 * change.max()), title="One step from the same point")
ax.legend(loc="upper left")

# %% [markdown]
# **What to see.** Eq. 25 is the tangent at $\lambda = 0$. It is a good estimate for small steps only: at $\lambda L =
# 1$ the true descent is about half of it, beyond that the step overshoots, and from about $2 / L$ on $F$ goes *up*. So
# eq. 26 needs more than $\lambda > 0$: it needs a gradient that isn't 0 and $\lambda < 2 / L$, where $L$ is the largest
# curvature. ("$F'' > 0$" doesn't have to be checked first: a step also descends without convexity. What convexity adds
# is that the limit is the global minimum.)
#
# ## Question 4: which learning rate?
#
# "When λ is too low, slow convergence, when λ is too high, there are oscillations", says the deck under eq. 22. The
# loop takes one line; the package's version is `minimize`:


# %%
def descend(rate, num_steps=30):
    """Returns ω₀, ω₁, … of eq. 22; shape (num_steps + 1, 2)."""
    path = [start]
    for _ in range(num_steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.array(path)


RATES = {"too low": 0.1, "good": 1.0, "high": 1.95, "too high": 2.03}  # times 1 / L
paths = {name: descend(c / largest) for name, c in RATES.items()}
np.testing.assert_allclose(paths["good"], minimize(gradient, start, num_steps=30, learning_rate=1 / largest))
best = np.linalg.solve(x.T @ x, x.T @ y)  # eq. 2, the bottom of the valley
print(f"largest over smallest curvature, two features = {largest / smallest:.2f}")

# %%
grid = np.meshgrid(np.linspace(-1.7, 1.5, 121), np.linspace(-1.5, 1.7, 121))
heights = np.sum((np.stack(grid, axis=-1) @ x.T - y) ** 2, axis=-1)
fig, axes = plt.subplots(2, 2, figsize=(9, 8.6), sharex=True, sharey=True, layout="constrained")
for ax, (name, path), style in zip(axes.flat, paths.items(), ["C0o-", "C1s-", "C2D-", "C3^-"], strict=True):
    ax.contour(*grid, heights, levels=objective(best) + np.geomspace(2, 4000, 12), colors="0.75", linewidths=1)
    ax.plot(*path.T, style, markersize=4, linewidth=1.2)
    ax.plot(*start, "kP", markersize=10, label="start")
    ax.plot(*best, "k*", markersize=13, label="least squares")
    ax.set(xlim=(-1.7, 1.5), ylim=(-1.5, 1.7), aspect="equal", title=f"{name}: $\\lambda$ = {RATES[name]} / L")
axes[0, 0].legend()
fig.supxlabel("weight of total cholesterol, $\\omega_1$")
fig.supylabel("weight of LDL, $\\omega_2$")
fig.suptitle("30 steps of gradient descent in one valley")

# %% [markdown]
# **What to see.** The gradient is perpendicular to the contours and doesn't point to the minimum: across the valley it
# is steep, along it flat. *Too low*: after 30 steps four fifths of the distance are left. *Good*: the first step lands
# on the valley floor, the others creep along it. *High*: every step jumps across the floor to the other slope, a little
# lower than before, and moves along the valley twice as fast as the good one. *Too high*: along the valley it converges
# too, but the jumps across it grow.
#
# ### The limit, in closed form
#
# Write $\omega^*$ for the minimum. Because the gradient is $H (\omega - \omega^*)$, each step multiplies the distance
# by a matrix:
#
# $$\omega_{t} - \omega^* = (I - \lambda H)^t \, (\omega_0 - \omega^*).$$
#
# In the direction of an eigenvector of $H$ with curvature $\kappa$ the factor is $1 - \lambda \kappa$. It must lie
# between -1 and 1 for all of them, so $0 < \lambda < 2 / L$. The slowest direction determines the speed: its factor is
# $\max(|1 - \lambda\mu|, |1 - \lambda L|)$, which is smallest at $\lambda = 2 / (L + \mu)$.

# %%
closed = [
    best + np.linalg.matrix_power(np.eye(2) - RATES["high"] / largest * hessian, t) @ (start - best) for t in range(31)
]
print(f"path against the closed form, largest difference = {np.abs(paths['high'] - closed).max():.0e}")


def contraction(c):
    """Measures the factor by which a step changes the distance to the minimum, for the rate c / L, late on the path."""
    distances = np.linalg.norm(descend(c / largest, num_steps=120) - best, axis=1)
    return (distances[120] / distances[100]) ** (1 / 20)


tried = np.arange(0.05, 2.2, 0.05)
factors = np.array([contraction(c) for c in tried])

# %%
c = np.linspace(0.01, 2.2, 1000)
law = np.maximum(np.abs(1 - c * smallest / largest), np.abs(1 - c))
fastest = 2 * largest / (largest + smallest)
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
left.plot(c, law, "k-", linewidth=1, label="closed form")
left.plot(tried, factors, "o", markersize=5, label="measured")
left.axhline(1, color="grey", linestyle=":")
left.set(ylabel="distance after / before a step", title="Below 1 it converges")
converges, arrives = law < 1, factors < 1
right.plot(c[converges], np.log(1000) / -np.log(law[converges]), "k-", linewidth=1)
right.plot(tried[arrives], np.log(1000) / -np.log(factors[arrives]), "o", markersize=5)
right.set(ylabel="steps", yscale="log", ylim=(30, 5000), title="Steps to get 1000 times closer")
for ax in (left, right):
    ax.axvline(fastest, color="C1", linestyle="--", label="$\\lambda = 2 / (L + \\mu)$")
    ax.set(xlabel="learning rate times largest curvature, $\\lambda L$", xlim=(0, 2.25))
left.legend()


# %%
def still_moves_away(c, num_steps=600):
    """Tells whether the second half of the path leads away from the minimum."""
    distances = np.linalg.norm(descend(c / largest, num_steps) - best, axis=1)
    return distances[-1] > distances[num_steps // 2]


low, high = 1.0, 3.0  # the first converges, the second doesn't
for _ in range(20):  # bisection
    middle = (low + high) / 2
    low, high = (low, middle) if still_moves_away(middle) else (middle, high)
print(f"largest rate that converges, times L = {low:.4f}")
print(f"best rate, times L = {fastest:.3f}")

# %% [markdown]
# **What to see.** The points lie on the closed form. Up to the dashed line, a larger rate is faster. At the dashed line
# the two ends of the spectrum converge equally fast, and here it is already close to $2 / L$: the best rate
# *oscillates*. It takes only 5 % more to diverge. So a high rate isn't bad in itself, but it is close to the limit, and
# if you don't know $L$ (for a network you hardly ever do), you easily exceed it. Half of the limit takes twice as many
# steps and is safe.
#
# ## Question 5: where does it converge, and after how many steps?
#
# It converges to the least-squares solution of chapter 1, which we know exactly because $F$ is convex. Now we use all
# ten features and the intercept, once standardised and once in the units in which the hospital recorded them (years,
# kg/m², mmHg, mg/dl, ...). Both models can represent the same functions, so both have the same minimum of $F$; each
# gets its best rate $2 / (L + \mu)$.

# %%
tables = {"standardised": features, "as written down": people.data}
excess, condition = {}, {}
for name, table in tables.items():
    design = design_matrix(table)  # with a column of ones
    curvatures = np.linalg.eigvalsh(2 * design.T @ design)
    condition[name] = curvatures[-1] / curvatures[0]
    path = minimize(
        lambda w, design=design: squared_error_gradient(design @ w, y, design),
        np.zeros(design.shape[1]),
        num_steps=4000,
        learning_rate=2 / (curvatures[0] + curvatures[-1]),
    )
    errors = np.sum((path @ design.T - y) ** 2, axis=1)
    least = squared_error(design @ fit_least_squares(table, y), y)
    excess[name] = (errors - least) / (errors[0] - least)
    print(f"{name}: L/µ = {condition[name]:.3g}, least F {least:.2f}, after 4000 steps {errors[-1]:.2f}")
print(f"standardised, steps to a millionth of the excess = {np.argmax(excess['standardised'] < 1e-6)}")
print(f"as written down, excess left after 4000 steps = {excess['as written down'][-1]:.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
for (name, values), style in zip(excess.items(), ["C0-", "C1--"], strict=True):
    ax.semilogy(np.maximum(values, 1e-16), style, label=f"{name}, L/µ = {float(f'{condition[name]:.2g}'):,.0f}")
bound = ((condition["standardised"] - 1) / (condition["standardised"] + 1)) ** (2 * np.arange(4001))
ax.semilogy(bound, "k:", label="slope of the closed form")
ax.set(xlabel="steps of gradient descent", ylabel="excess of F over least squares,\nas a share of that at the start")
ax.set(ylim=(1e-15, 2), title="Ten features and the intercept")
ax.legend(loc="center right")

# %% [markdown]
# **What to see.** The standardised problem falls along the straight line that its condition number $L / \mu$ predicts,
# and reaches the least-squares solution to the last digit. In raw units the curvatures differ by a factor of 52
# million; after 4000 steps a quarter of the excess is left, and the curve is nearly flat. That is why inputs are
# standardised, pixels scaled to $[0, 1]$, and why chapter 7 also normalises inside the network. The other solution is a
# better step: tutorial 2.
#
# ## Exercises
# 1. Write the central quotient $(g(x + h) - g(x - h)) / 2h$ beside `quotient` and draw its errors in the figure of
#    question 1, with an axis down to $10^{-12}$. Predict the slope of its right branch and the best $h$ (about
#    $10^{-5}$), then measure: how many digits are right now? (11.)
# 2. Replace LDL by the body-mass index, `"bmi"`. Predict from the correlation $r$ of the two features, by
#    $L / \mu = (1 + r) / (1 - r)$, how the contours and the four paths change.
# 3. Descend on $g(\omega) = \omega^4$ from $\omega = 1$ with $\lambda = 0.1$. It is convex, although $g''(0) = 0$: plot
#    the distance to the minimum on log-log axes. Does it still shrink by a constant factor per step? (No, it falls like
#    $1 / \sqrt t$.)
# 4. In question 5 add an eleventh feature to the standardised ones: the column `"s1"` plus 1e-3 times Gaussian noise.
#    What happens to $L / \mu$ and to the excess? ($L / \mu$ grows from 470 to 9 million, and after 4000 steps half of
#    the excess is left; 0 steps to a millionth means never.) Halve the rate. (0.0001 is left: $2 / (L + \mu)$ jumped to
#    and fro across the valley.) Compare the weights of the two nearly equal columns with those of `fit_least_squares`,
#    8 and -8. Which of the three should you worry about?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The slope of the right branch is 2.00, since the errors of the two sides cancel to first order. The best $h$ is
#    3e-6, of those tried, with an error of 7e-12: 11 digits.
# 2. $r$ is 0.25 instead of 0.90, so $L / \mu$ is 1.67 instead of 18.4, as the formula says to the last digit: the
#    contours are nearly circles. After 30 steps 0.12 (too low), 8e-13 (good) and 0.15 (high) of the distance are left,
#    and 1.7 times it (too high); with LDL 0.80, 0.17, 0.08 and 0.84. The good rate has no floor to creep along.
# 3. The factor is 0.6 at first, 0.963 after 10 steps, 0.9952 after 100 and 0.9995 after 1000. From 1000 to 100,000
#    steps the slope is -0.4997, and the distance approaches $1 / \sqrt{8 \lambda t}$, here 1.118 over the root of $t$.
# 4. For the seeds 0, 1 and 2 of the noise $L / \mu$ is 9.4, 11.3 and 8.9 million, and 0.49 of the excess is left, in
#    each case. With half the rate it is 1e-4, 1e-3 and 1e-5. Least squares has the weights 7.8 and -8.3, 26 and -27,
#    and -3.0 and 2.5: they depend on the noise alone. Descent has -0.24 and -0.25 (half the rate) or -0.33 and -0.34,
#    and hardly knows of the difference. Their sum is -0.49, -0.48 and -0.49 for least squares and -0.49 for half the
#    rate. Worry about least squares' two weights if you mean to read them; its predictions are as good.
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
