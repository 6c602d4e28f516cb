# %% [markdown]
r"""# What value of M should we choose?

Chapter 2 of the deck, "Unlearned feature space-Kernel", leaves the straight line by replacing $x$ with functions of
$x$, and shows four polynomials from Bishop's book with the question "What value of M should we choose?". This tutorial
fits the polynomials, draws the error curve that answers the question, and shows what changes the answer: more data, and
the penalty of chapter 1. The points are simulated as in Bishop's book, from $\sin 2\pi x$ plus noise, so the truth is
known. The last question fits a real photograph.

```
python tutorials/02_kernels/1_polynomial_regression.py
```

Measured with that command in 6 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| M = 3, median test error of 500 sets | 0.34 | ± 0.01 |
| M = 9, median test error of 500 sets | 0.64 | ± 0.05 |
| M chosen by leave-one-out, median test error | 0.35 | ± 0.01 |
| M = 3 or 4 or 5 chosen, share of the sets | 0.94 | ± 0.03 |
| M = 9, 100 points, distance to the sine (root mean square) | 0.09 | ± 0.02 |
| M = 9 with the best penalty, ln λ | -8 | ± 2 |
| M = 9 with the best penalty, median test error | 0.35 | ± 0.01 |
| photograph, best M, error on the hidden pixels | 0.129 | ± 0.003 |
| photograph, M = 24 with λ/β = 0.01, error on the hidden pixels | 0.134 | ± 0.005 |

The best M depends on the data: M = 3 for ten points, and M = 9 does as well with a hundred points or with a penalty.
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import load_sample_image

from keras_course.numerics.features import (
    basis_function_model,
    polynomial_degree_errors,
    polynomial_features,
    power_features,
)
from keras_course.numerics.linear_regression import fit_least_squares, fit_ridge, linear_model

# %% [markdown]
# ## Question 1: how does a linear model draw a curve?
#
# Eq. 5 is linear in $\omega$, not in $x$: $t(\omega, x) = \omega_0 + \sum_j \omega_j \phi_j(x)$. So least squares works
# as before, with the columns $\phi_j(x)$ in place of $x$. (The deck writes $\phi_j(x_i) \in \mathbb{R}^{D_2}$; each
# $\phi_j(x_i)$ is a number, and all $D_2$ of them together are the descriptor.) Eq. 6 prints $\phi_j(x_i) = x_{i,j}^M$:
# for a single feature that is only *one* column, the $M$-th power. A polynomial of degree $M$ has all powers up to $M$.

# %%
NOISE = 0.3  # standard deviation
rng = np.random.default_rng(4)


def draw(x, repeats):
    """Draws noisy targets around sin(2πx), one column per repetition; shape (points, repeats)."""
    return np.sin(2 * np.pi * x)[:, np.newaxis] + rng.normal(0, NOISE, size=(len(x), repeats))


def one_power(x, degree):
    """Computes eq. 6 as printed; shape (points, 1)."""
    return x[:, np.newaxis] ** degree


def all_powers(x, degree):
    """Computes x, x², …, xᴹ; shape (points, M)."""
    return x[:, np.newaxis] ** np.arange(1, degree + 1)


x = np.linspace(0, 1, 10)
t = draw(x, 1)[:, 0]
np.testing.assert_allclose(one_power(x, 3), power_features(x, 3))
np.testing.assert_allclose(all_powers(x, 9), polynomial_features(x, 9))

# %%
grid = np.linspace(0, 1, 201)
sine = np.sin(2 * np.pi * grid)
fig, axes = plt.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
for ax, features, title in zip(
    axes, (one_power, all_powers), ("Eq. 6 as printed: $x^M$", "All powers up to $M$"), strict=True
):
    ax.plot(grid, sine, "k--", label="$\\sin 2\\pi x$")
    for degree, style in zip((1, 2, 3, 5), ("C0-", "C1--", "C2-.", "C3:"), strict=True):
        omega = fit_least_squares(features(x, degree), t)
        curve = basis_function_model(grid, omega, lambda a, f=features, m=degree: f(a[:, 0], m))
        ax.plot(grid, curve, style, linewidth=2.5, label=f"M = {degree}")
    ax.plot(x, t, "ko", markersize=6)
    ax.set(xlabel="x", title=title)
axes[0].set(ylabel="t")
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** Left: a constant plus one power can only rise or only fall on [0, 1], whatever $M$ is; a sine does
# both. Right: with all powers, $M = 3$ turns twice and follows. ($M = 2$ hardly differs from $M = 1$: the sine is
# antisymmetric about 1/2, so a parabola has nothing to add.) From here on, a polynomial of degree $M$ has all powers up
# to $M$.
#
# ## Question 2: what goes wrong when M is large?
#
# Bishop's four polynomials, which the deck shows: $M = 0, 1, 3, 9$.

# %%
DEGREES = np.arange(10)
fits = {degree: fit_least_squares(all_powers(x, degree), t) for degree in DEGREES}
fig, axes = plt.subplots(2, 2, figsize=(9, 6), sharex=True, sharey=True, layout="constrained")
for ax, degree in zip(axes.flat, (0, 1, 3, 9), strict=True):
    ax.plot(grid, sine, "k--", label="$\\sin 2\\pi x$")
    ax.plot(grid, linear_model(all_powers(grid, degree), fits[degree]), "C1-", linewidth=2.5, label="polynomial")
    ax.plot(x, t, "C0o", label="training point")
    ax.set(title=f"M = {degree}", ylim=(-1.9, 1.9))
for ax in axes[1]:
    ax.set_xlabel("x")
for ax in axes[:, 0]:
    ax.set_ylabel("t")
axes[0, 0].legend(loc="lower left")

# %%
table = pd.DataFrame({f"M = {degree}": pd.Series(fits[degree]) for degree in (0, 1, 3, 9)})
table.index = [f"ω{power}" for power in table.index]
print(table.to_string(float_format="{:,.2f}".format, na_rep=""))
print(f"largest weight, M = 3: {np.abs(fits[3]).max():.1f}, M = 9: {np.abs(fits[9]).max():,.0f}")

# %% [markdown]
# **What to see.** $M = 0$ and $M = 1$ underfit. $M = 3$ follows the sine without knowing it. $M = 9$ overfits: it has
# ten weights for ten points, passes through each of them, and swings far out of the figure in between. The table shows
# how: weights of several hundred thousand with alternating signs, whose terms cancel at the ten points and nowhere
# else.
#
# ## Question 3: which M, then?
#
# The training error can only fall with $M$. What counts is the error on new points: 100 of them here, as in Bishop's
# figure 1.5. Because ten training points are a matter of luck, we repeat this with 500 training sets.

# %%
x_test = rng.uniform(0, 1, size=100)
t_test = draw(x_test, 1)[:, 0]
train_error, test_error = polynomial_degree_errors(x, t, x_test, t_test, DEGREES)

many, many_test = draw(x, 500), draw(x_test, 500)
train_errors, test_errors = np.empty((2, len(DEGREES), 500))
for degree in DEGREES:
    columns, new = (np.column_stack([np.ones(len(a)), all_powers(a, degree)]) for a in (x, x_test))
    omega = np.linalg.lstsq(columns, many)[0]  # one column per set
    train_errors[degree] = np.sqrt(np.mean((many - columns @ omega) ** 2, axis=0))
    test_errors[degree] = np.sqrt(np.mean((many_test - new @ omega) ** 2, axis=0))
medians = np.median(test_errors, axis=1)
for degree in (0, 1, 3, 9):
    print(f"M = {degree}, median test error of 500 sets = {medians[degree]:.2f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
axes[0].plot(DEGREES, train_error, "C0o-", label="training")
axes[0].plot(DEGREES, test_error, "C1s-", label="test")
for errors, style, label in ((train_errors, "C0o-", "training"), (test_errors, "C1s-", "test")):
    axes[1].plot(DEGREES, np.median(errors, axis=1), style, label=label)
    axes[1].fill_between(DEGREES, *np.quantile(errors, [0.1, 0.9], axis=1), color=style[:2], alpha=0.2)
for ax, title in zip(axes, ("The ten points above", "500 sets: median and 80 % of them"), strict=True):
    ax.axhline(NOISE, color="k", linestyle=":", label="noise")
    ax.set(xlabel="degree M", title=title, ylim=(0, 1.3), xticks=DEGREES)
    ax.legend(loc="upper center")
axes[0].set_ylabel("root-mean-square error")

# %% [markdown]
# **What to see.** The training error falls to 0. The test error falls until $M = 3$, hardly changes until 5, and rises;
# it stays above the noise, 0.3, which no model can predict, because ten points don't determine the curve exactly. At
# $M = 9$ the median is twice that of $M = 3$, and the band is wide: for one set in ten the error is above 1.1. This is
# overfitting: the training error of $M = 9$ is exactly 0, and it says nothing about new points.
#
# In practice there are no 100 extra points: we would train on them. Leave-one-out cross-validation takes each of the
# ten points in turn as the new one: fit the other nine, predict it, and choose the $M$ with the smallest sum of squared
# errors.

# %%
squares = np.zeros((9, 500))  # nine points decide up to M = 8
for degree in range(9):
    columns = np.column_stack([np.ones(len(x)), all_powers(x, degree)])
    for left_out in range(len(x)):
        kept = np.arange(len(x)) != left_out
        omega = np.linalg.lstsq(columns[kept], many[kept])[0]
        squares[degree] += (many[left_out] - columns[left_out] @ omega) ** 2
chosen = squares.argmin(axis=0)
print("M chosen by leave-one-out, share of the sets:", np.bincount(chosen, minlength=9) / 500)
print(f"M chosen by leave-one-out, median test error = {np.median(test_errors[chosen, np.arange(500)]):.2f}")
print(f"M = 3 or 4 or 5 chosen, share of the sets = {np.isin(chosen, (3, 4, 5)).mean():.2f}")

# %% [markdown]
# It chooses 3 in two of three sets, and 3, 4 or 5 in 94 % of them. Its median test error is 0.35, compared with 0.34
# for always choosing $M = 3$. So the ten points alone tell nearly as much as knowing the best $M$.
#
# ## Question 4: is M = 9 always too much?
#
# The same polynomial is now fitted to more points.

# %%
fig, axes = plt.subplots(1, 3, figsize=(10, 3.8), sharey=True, layout="constrained")
for ax, points in zip(axes, (10, 15, 100), strict=True):
    more = np.linspace(0, 1, points)
    targets = t if points == 10 else draw(more, 1)[:, 0]
    omega = fit_least_squares(all_powers(more, 9), targets)
    curve = linear_model(all_powers(grid, 9), omega)
    ax.plot(more, targets, "C0o", markersize=6 if points < 100 else 3, label="training point")
    ax.plot(grid, sine, "k--", label="$\\sin 2\\pi x$")
    ax.plot(grid, curve, "C1-", linewidth=2.5, label="M = 9")
    ax.set(xlabel="x", title=f"N = {points}", ylim=(-1.9, 1.9))
    distance = np.sqrt(np.mean((curve - sine) ** 2))
    print(f"M = 9, {points} points, distance to the sine (root mean square) = {distance:.2f}")
axes[0].set_ylabel("t")
axes[2].legend(loc="lower left", fontsize=9)

# %% [markdown]
# **What to see.** All three have ten weights. With 15 points the curve still swings at the ends; with 100 it is close
# to the sine (0.09). $M = 9$ isn't too much in general; it is too much for ten points.
#
# ## Question 5: can the penalty replace the choice of M?
#
# We fit ten points with $M = 9$ and eq. 4. Bishop writes $\ln \lambda$ for the number on the diagonal (he sets $\beta =
# 1$).

# %%
logs = np.arange(-40, 3, 1.0)
columns, new = (np.column_stack([np.ones(len(a)), all_powers(a, 9)]) for a in (x, x_test))
ridge_train, ridge_test = np.empty((2, len(logs), 500))
for row, log in enumerate(logs):
    diagonal = np.exp(log / 2) * np.eye(10)
    hat = np.linalg.lstsq(np.vstack([columns, diagonal]), np.eye(20, 10))[0]  # eq. 4, for any targets
    ridge_train[row] = np.sqrt(np.mean((many - columns @ (hat @ many)) ** 2, axis=0))
    ridge_test[row] = np.sqrt(np.mean((many_test - new @ (hat @ many)) ** 2, axis=0))
np.testing.assert_allclose(fit_ridge(all_powers(x, 9), t, np.exp(logs[-1])), hat @ t, rtol=1e-6)
best = np.median(ridge_test, axis=1).argmin()
print(f"M = 9 with the best penalty, ln λ = {logs[best]:.0f}")
print(f"M = 9 with the best penalty, median test error = {np.median(ridge_test, axis=1)[best]:.2f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
left.plot(grid, sine, "k--", label="$\\sin 2\\pi x$")
shrunk = {}
for log, style in ((-40, "C0:"), (logs[best], "C1-"), (2, "C2-.")):
    name = f"ln λ = {log:.0f}"
    shrunk[name] = fit_ridge(all_powers(x, 9), t, np.exp(log))
    left.plot(grid, linear_model(all_powers(grid, 9), shrunk[name]), style, linewidth=2.5, label=name)
left.plot(x, t, "ko")
left.set(xlabel="x", ylabel="t", ylim=(-1.9, 1.9), title="M = 9, ten points")
left.legend()
for errors, style, label in ((ridge_train, "C0-", "training"), (ridge_test, "C1--", "test")):
    right.plot(logs, np.median(errors, axis=1), style, linewidth=2.5, label=label)
    right.fill_between(logs, *np.quantile(errors, [0.1, 0.9], axis=1), color=style[:2], alpha=0.2)
right.axhline(NOISE, color="k", linestyle=":", label="noise")
right.set(xlabel="ln λ", ylabel="root-mean-square error", ylim=(0, 1.3), title="500 sets: median and 80 % of them")
right.legend()
print(pd.DataFrame(shrunk, index=[f"ω{power}" for power in range(10)]).to_string(float_format="{:,.2f}".format))

# %% [markdown]
# **What to see.** Left: at $\ln\lambda = -40$ the penalty does nothing, at $-8$ the ninth-degree polynomial follows the
# sine, at 2 it is almost flat. Right: for $M = 9$, $\lambda$ now plays the role that $M$ played before, from
# overfitting to underfitting, and its best test error is the same, 0.35. The table: the largest weight falls from
# 738,000 to 21. So the question is no longer which $M$, but which $\lambda$, a number that can be changed continuously.
# It still has to be chosen, and not with the test points as here; tutorial 2 of chapter 1 does it by cross-validation.
#
# ## Question 6: and in two dimensions, on a real photograph?
#
# With two features, a polynomial of degree $M$ has the products too: $x_1, x_2, x_1^2, x_1 x_2, x_2^2, \ldots$, which
# makes $(M + 1)(M + 2) / 2$ weights with $\omega_0$. The brightness of a photograph is a function of the position. Here
# 400 of 11,008 pixels are known, and a polynomial predicts the others.

# %%
photo = load_sample_image("flower.jpg")[::5, ::5].mean(axis=2) / 255  # brightness in [0, 1]
height, width = photo.shape
rows, cols = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]  # in [-1, 1], where no power explodes
phi = polynomial_features(np.column_stack([cols.ravel(), rows.ravel()]), 24)  # ordered by degree
known = rng.choice(photo.size, size=400, replace=False)
hidden = np.setdiff1d(np.arange(photo.size), known)


def paint(degree, ridge=0.0):
    """Returns the photograph predicted by a polynomial fitted to the known pixels; shape (height, width)."""
    columns = phi[:, : (degree + 1) * (degree + 2) // 2 - 1]
    return linear_model(columns, fit_ridge(columns[known], photo.flat[known], ridge)).reshape(photo.shape)


def root_mean_square(painted, pixels):
    """Returns the error on some of the pixels, in units of the brightness."""
    return np.sqrt(np.mean((painted.flat[pixels] - photo.flat[pixels]) ** 2))


# %%
degrees = np.arange(0, 25, 2)
paintings = {degree: paint(degree) for degree in degrees}
penalised = {degree: paint(degree, 0.01) for degree in degrees}
on_known, on_hidden = ([root_mean_square(p, pixels) for p in paintings.values()] for pixels in (known, hidden))
on_hidden_penalised = [root_mean_square(p, hidden) for p in penalised.values()]
print("the hidden pixels' standard deviation", photo.flat[hidden].std().round(3))
print(f"photograph, best M = {degrees[np.argmin(on_hidden)]}")
print(f"photograph, best M, error on the hidden pixels = {min(on_hidden):.3f}")
print(f"photograph, M = 14, error on the hidden pixels {on_hidden[7]:.3f}, known {on_known[7]:.3f}")
print(f"photograph, M = 24 with λ/β = 0.01, error on the hidden pixels = {on_hidden_penalised[-1]:.3f}")

# %%
fig, axes = plt.subplots(2, 3, figsize=(10, 5.4), layout="constrained")
shown = {"photograph": photo} | {f"M = {degree}": paintings[degree] for degree in (2, 8, 14, 24)}
shown["M = 24, λ/β = 0.01"] = penalised[24]
for ax, (title, image) in zip(axes.flat, shown.items(), strict=True):
    ax.imshow(image, cmap="gray", vmin=0, vmax=1)
    ax.set(title=title, xticks=[], yticks=[])
axes[0, 0].plot(known % width, known // width, "C1.", markersize=2)
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(degrees, on_known, "C0o-", label="400 known pixels")
ax.plot(degrees, on_hidden, "C1s-", label="hidden pixels")
ax.plot(degrees, on_hidden_penalised, "C2^--", label="hidden pixels, λ/β = 0.01")
ax.set_title("A photograph from 400 of its 11,008 pixels")
ax.set(xlabel="degree M", ylabel="root-mean-square error\n(brightness in [0, 1])", ylim=(0, 0.5), xticks=degrees)
ax.legend()

# %% [markdown]
# **What to see.** The same pattern again. On the known pixels the error keeps falling; on the hidden ones it falls only
# until $M = 8$. That fit is a blur, with an error of 0.13, compared with 0.19 for always predicting the mean. $M = 14$
# looks more like the flower in the middle but is wrong at the borders; $M = 24$ has 325 weights for 400 pixels and
# overfits badly. With a penalty, $M = 24$ is about as good as $M = 8$. But no $M$ and no $\lambda$ draws a petal: a
# petal has edges, while a polynomial is smooth and each of its weights changes the whole image. These are the wrong
# features, which is where the deck's slide ends: "A solution learn the feature space."
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start polynomial_features`. Then explore:
#
# 1. Replace the powers by Gaussian bumps, $\phi_j(x) = \exp(-(x - \mu_j)^2 / 2 s^2)$ with nine centres $\mu_j$ in [0,
#    1]. Which $s$ is too narrow, which too wide? (The RBF kernel of the next tutorial has one bump per training point.)
# 2. Draw the ten $x$ at random instead of evenly. What happens to the test error of $M = 9$, and why does it get so
#    much worse?
# 3. Extrapolate: draw the polynomials of question 2 on [-0.5, 1.5]. Which $M$ is worst outside the range of the points?
# 4. Use 50, 400 and 3,000 known pixels of the photograph. How does the best $M$ change, and how does the error? Is
#    there a number of pixels for which a polynomial shows petals?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Median test errors of the 500 sets: 1350 for $s$ = 0.01 and 2.5 for 0.02, too narrow: between two centres all bumps
#    are nearly 0. From 0.05 to 0.5 it is 0.40 to 0.43. What is too wide shows in the weights: the largest is 1.5 for
#    0.1, 41 for 0.2, 3,400 for 0.3 and 2.6 million for 0.5, where neighbouring bumps can hardly be told apart.
# 2. The median of 500 sets rises from 0.64 to 366, and a tenth of them have more than 69,000. Random points leave gaps,
#    and cluster: where two are close, the noise between them is a steep slope, which nine powers carry on into the gap.
# 3. $M$ = 9 by far, with a distance to the sine of 15,600 (root mean square over the two outer parts). $M$ = 8 has 900,
#    7 has 200, 3 to 5 have 7 to 10, 1 and 2 have 1.8, and the constant has 0.7: no polynomial says anything out there.
# 4. The best even $M$ is 4, 8 and 20, with errors of 0.173, 0.130 and 0.087 on the hidden pixels (one choice of pixels
#    each). With more pixels a higher degree pays. (Degrees up to 24.)
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
