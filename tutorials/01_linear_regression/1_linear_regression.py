# %% [markdown]
r"""# Which line fits, and how far can it be trusted?

Chapter 1 of the deck, "Linear Regression", predicts the salary from the age. This tutorial implements eq. 1, 2 and 3,
corrects two typos of the deck on the way, and then asks what eq. 3 is for: how far off can a prediction be?

The salaries are *simulated* from a model that is stated below: no such data set comes with the libraries, and when the
truth is known, an estimate can be compared with it. The last question turns to real data, 442 patients.

```
python tutorials/01_linear_regression/1_linear_regression.py
```

Measured with that command in 4 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| estimated slope (thousand euros per year) | 0.783 | ± 0.001 |
| area under the density as the deck prints it | 0.564 | ± 0.001 |
| 5 people, mean of eq. 3 over the true variance | 0.601 | ± 0.015 |
| 5 people, the same divided by N - D - 1 | 1.002 | ± 0.025 |
| 10 people, covered by the 95 % interval (eq. 3, 1.96) | 0.884 | ± 0.010 |
| 10 people, covered by the 95 % interval (N - D - 1, Student) | 0.952 | ± 0.006 |
| patients, root-mean-square error of the test | 55.6 | ± 0.5 |
| patients, covered by the 95 % interval | 0.955 | ± 0.005 |
| 20 patients, eq. 3 over the test error | 0.16 | ± 0.03 |
"""

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import scipy.stats
from matplotlib.colors import BoundaryNorm
from sklearn.datasets import load_diabetes

from keras_course.numerics.linear_regression import (
    design_matrix,
    fit_least_squares,
    gaussian_density,
    linear_model,
    log_likelihood,
    most_likely_precision,
    prediction_error_bar,
    residual_variance,
)

# %% [markdown]
# ## Question 1: which line fits?
#
# The model is eq. 1 with one feature, $f(\omega, x) = \omega_0 + \omega_1 x$, and the deck's noise: $t = f(\omega, x) +
# \epsilon$ with $\epsilon \sim \mathcal{N}(0, 1/\beta)$. The true model in this tutorial: a salary of 12 thousand euros
# a year, 0.7 thousand more for every year of age, and noise with a standard deviation of 8 thousand ($\beta = 1/64$).
# Forty people between 20 and 65.

# %%
TRUE_OMEGA = np.array([12.0, 0.7])  # thousand euros a year; the same per year of age
TRUE_BETA = 1 / 8**2  # per squared thousand euros
rng = np.random.default_rng(0)


def draw_ages(people):
    """Draws ages in years; shape (people,)."""
    return rng.uniform(20, 65, size=people)


def draw_salaries(age, repeats):
    """Draws salaries for people of these ages, one column per repetition; shape (people, repeats)."""
    f = TRUE_OMEGA[0] + TRUE_OMEGA[1] * age  # eq. 1
    return f[:, np.newaxis] + rng.normal(0, TRUE_BETA**-0.5, size=(len(age), repeats))


age = draw_ages(40)
salary = draw_salaries(age, 1)[:, 0]

# %% [markdown]
# Eq. 2, $\omega_{ML} = (x^t x)^{-1} x^t t$, where $x$ has a row `1, age` for each person. We don't compute the inverse:
# `solve` finds the $\omega$ with $x^t x \, \omega = x^t t$ directly, which is faster and more accurate.

# %%
x = np.column_stack([np.ones(len(age)), age])
omega = np.linalg.solve(x.T @ x, x.T @ salary)  # eq. 2
print("truth    ", TRUE_OMEGA)
print("estimate ", omega.round(3))
print("the package's function differs by", np.abs(omega - fit_least_squares(age, salary)).max())
print(f"estimated slope (thousand euros per year) = {omega[1]:.3f}")

# %%
ages = np.array([18.0, 67.0])
salary_axes = {"xlabel": "age (years)", "ylabel": "salary (thousand euros a year)"}
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.vlines(age, linear_model(age, omega), salary, color="0.7", linewidth=1.5, label="residual")
ax.plot(age, salary, "C0o", label="person (drawn)")
ax.plot(ages, linear_model(ages, omega), "C1-", linewidth=2.5, label="least squares, eq. 2")
ax.plot(ages, linear_model(ages, TRUE_OMEGA), "k--", label="truth")
ax.set(**salary_axes, title="The line with the smallest sum of squared residuals")
ax.legend()

# %% [markdown]
# **What to see.** The orange line has the smallest sum of squared grey residuals; the true line (dashed) has a larger
# sum. From forty people the slope is estimated as 0.78 instead of 0.70, and the intercept as 10.7 instead of 12. The
# line is too steep and starts too low, and the two errors compensate: within the sampled ages the two lines differ by
# at most about 4 thousand euros. (On the way to eq. 2 the deck prints $2 x^t t$ for each of two derivatives. Each is
# $x^t t$, the two together are $2 x^t t$, and eq. 2 is right.)
#
# ## Question 2: why squares?
#
# Because the noise is Gaussian. The deck recalls the density of $\mathcal{N}(\mu, \sigma^2)$ and prints its factor as
# $1 / (\sqrt{2\sigma^2} \, \pi)$. It should be $1 / \sqrt{2 \pi \sigma^2}$: the $\pi$ belongs under the root. A density
# has an area of 1, so a numerical integral tells which one is right.


# %%
def density(t, mean, variance):
    """Computes N(t; μ, σ²), with π under the root."""
    return np.exp(-((t - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)


noise, step = np.linspace(-60, 60, 1201, retstep=True)  # thousand euros
right = density(noise, 0, 1 / TRUE_BETA)
printed = np.exp(-(noise**2) * TRUE_BETA / 2) / (np.sqrt(2 / TRUE_BETA) * np.pi)
np.testing.assert_allclose(right, gaussian_density(noise, 0, 1 / TRUE_BETA))
print(f"area under the density = {right.sum() * step:.3f}")
print(f"area under the density as the deck prints it = {printed.sum() * step:.3f}")

# %% [markdown]
# The likelihood of $\omega$ and $\beta$ is the product of the forty densities, and its logarithm is a sum: $\log
# \mathcal{L} = \sum_i \left( \frac12 \log\beta - \frac12 \log 2\pi - \frac\beta2 (t_i - f(\omega, x_i))^2 \right)$. Of
# all lines, the one with the smallest squared error has the largest likelihood, whatever $\beta$ is. The next cell
# computes $\log\mathcal{L}$ for 301 x 301 lines at once.

# %%
intercepts, slopes = np.linspace(-8, 32, 301), np.linspace(0.25, 1.15, 301)
lines = np.stack(np.meshgrid(intercepts, slopes), axis=-1)  # (slope, intercept, 2)
squared_error = np.sum((salary - lines @ x.T) ** 2, axis=-1)
log_l = len(age) / 2 * np.log(TRUE_BETA / (2 * np.pi)) - TRUE_BETA / 2 * squared_error
largest = log_likelihood(age, salary, omega, TRUE_BETA)
print(f"largest log-likelihood on the grid {log_l.max():.3f}, at the least-squares line {largest:.3f} nats")
print(f"the truth is {largest - log_likelihood(age, salary, TRUE_OMEGA, TRUE_BETA):.2f} nats below")

# %%
fig, (left, middle) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
left.plot(noise, right, "C0-", linewidth=2.5, label="$\\pi$ under the root: area 1")
left.plot(noise, printed, "C1--", linewidth=2.5, label="as printed: area 0.56")
left.set(xlabel="noise (thousand euros a year)", ylabel="density (per thousand euros)", xlim=(-30, 30), ylim=(0, 0.068))
left.legend(loc="upper center")
levels = [-100, -64, -32, -16, -8, -4, -2, -1, 0]
filled = middle.contourf(intercepts, slopes, np.maximum(log_l - largest, -99), levels, norm=BoundaryNorm(levels, 256))
fig.colorbar(filled, label="log-likelihood below its maximum (nats)")
middle.plot(*omega, "C1*", markersize=16, markeredgecolor="black", label="least squares")
middle.plot(*TRUE_OMEGA, "wX", markersize=10, markeredgecolor="black", label="truth")
middle.set(xlabel="$\\omega_0$ (thousand euros)", ylabel="$\\omega_1$ (thousand euros per year)")
middle.legend(loc="upper right")
left.set_title("The density has an area of 1")
middle.set_title("Log-likelihood of 301 x 301 lines")

# %% [markdown]
# **What to see.** Left: the printed curve is the right one times $1/\sqrt\pi$, and its area is 0.56. Right: the most
# likely line is the least-squares line, and the truth is 2.2 nats below it, which doesn't rule it out. The likelihood
# has a narrow ridge: no age is near 0, so a steeper line with a lower intercept fits almost as well. That explains the
# error in question 1, too steep and too low at once. (The deck calls $E_d(\omega) = \frac\beta2 \sum_i (t_i - f)^2$ the
# term of the log-likelihood that depends on $\omega$. It is *minus* that term: the smallest error gives the largest
# likelihood.)
#
# ## Question 3: how large is the noise?
#
# Eq. 3 is the mean squared residual. The deck calls it $\beta_{ML}$, but $\beta$ is the *inverse* of the variance:
# what eq. 3 computes is $1/\beta_{ML}$.

# %%
variance = np.mean((salary - x @ omega) ** 2)  # eq. 3
np.testing.assert_allclose(variance, residual_variance(age, salary, omega))
np.testing.assert_allclose(1 / variance, most_likely_precision(age, salary, omega))
print(f"residual variance {variance:.1f}, true 1/β {1 / TRUE_BETA:.1f} (thousand euros squared)")
for name, beta in {"1 / (eq. 3)": 1 / variance, "eq. 3 itself": variance}.items():
    print(f"log-likelihood with β = {name}: {log_likelihood(age, salary, omega, beta):,.1f} nats")

# %% [markdown]
# Is it a good estimate? One training set can't tell, but 20,000 of each size can. One call fits all of them, with one
# column of targets per training set.

# %%
sizes = np.array([3, 4, 5, 7, 10, 15, 25, 50])


def variance_estimates(people, repeats=20_000):
    """Returns eq. 3 for many training sets of this size; shape (repeats,)."""
    x = design_matrix(draw_ages(people))
    t = x @ TRUE_OMEGA[:, np.newaxis] + rng.normal(0, TRUE_BETA**-0.5, size=(people, repeats))
    return np.mean((t - x @ np.linalg.lstsq(x, t)[0]) ** 2, axis=0)


ratios = np.array([variance_estimates(people).mean() * TRUE_BETA for people in sizes])
corrected = ratios * sizes / (sizes - 2)  # D + 1 = 2 weights were fitted
print(f"5 people, mean of eq. 3 over the true variance = {ratios[sizes == 5][0]:.3f}")
print(f"5 people, the same divided by N - D - 1 = {corrected[sizes == 5][0]:.3f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
betas = np.linspace(0.006, 0.035, 200)
left.plot(betas, [log_likelihood(age, salary, omega, beta) for beta in betas], "C0-", linewidth=2.5)
left.plot(1 / variance, log_likelihood(age, salary, omega, 1 / variance), "C1*", markersize=16, label="1 / (eq. 3)")
left.axvline(TRUE_BETA, color="k", linestyle="--", label="truth")
left.set(xlabel="$\\beta$ (per squared thousand euros)", ylabel="log-likelihood (nats)")
left.set_title("Forty people: the most likely $\\beta$")
right.plot(sizes, ratios, "C0o", label="1/N, eq. 3")
right.plot(sizes, corrected, "C1s", label="1/(N - D - 1)")
people = np.linspace(3, 50, 200)
right.plot(people, (people - 2) / people, "C0-", linewidth=1, label="(N - D - 1) / N")
right.axhline(1, color="k", linestyle="--", linewidth=1)
right.set(xlabel="people in the training set, N", ylabel="estimated / true variance", ylim=(0, 1.15), xscale="log")
right.set_xticks(sizes, labels=sizes)
right.minorticks_off()
right.set_title("Mean of 20,000 training sets")
left.legend()
right.legend()

# %% [markdown]
# **What to see.** Left: the likelihood is largest at one over eq. 3, as expected. If we used the result of eq. 3, 73.8,
# as $\beta$ itself, it would be 5,000 times too large, and the log-likelihood would fall from -143 to -109,000 nats.
# Right: on average eq. 3 is too small, by the factor (N - D - 1) / N. The line was fitted to these very points, so its
# residuals are smaller than the noise, and every fitted weight costs one degree of freedom: with three people and two
# weights, a third of the variance is left. Dividing by N - D - 1 removes the bias. (Unbiased isn't the same as
# accurate: the estimate from a single set of five people is still far off.)
#
# ## Question 4: how far off can a prediction be?
#
# A new target misses its prediction for two reasons: its own noise, of variance $1/\beta$, and the error of
# $\omega_{ML}$, which would be different with another training set. Their sum is the variance $\frac1\beta \left( 1 +
# x^t (X^t X)^{-1} x \right)$, with $X$ the training set and $x$ the new row `1, age`. With only ten people the second
# term becomes visible.

# %%
few, few_salaries = age[:10], salary[:10]
few_omega = fit_least_squares(few, few_salaries)
beta = (len(few) - 2) / np.sum((few_salaries - linear_model(few, few_omega)) ** 2)

grid = np.linspace(0, 100, 201)
rows, training_rows = design_matrix(grid), design_matrix(few)
undecided = np.einsum("ij,ji->i", rows, np.linalg.solve(training_rows.T @ training_rows, rows.T))
error_bar = np.sqrt((1 + undecided) / beta)
np.testing.assert_allclose(error_bar, prediction_error_bar(grid, few, beta))

# %%
line = linear_model(grid, few_omega)
fig, ax = plt.subplots(figsize=(8, 4.4), layout="constrained")
ax.axvspan(few.min(), few.max(), color="0.93", label="ages in the training set")
ax.fill_between(grid, line - error_bar, line + error_bar, color="C1", alpha=0.35, label="one error bar")
for sign in (-1, 1):
    ax.plot(grid, line + sign * beta**-0.5, "C3:", linewidth=2, label="noise alone" if sign == 1 else None)
ax.plot(grid, line, "C1-", linewidth=2.5, label="least squares")
ax.plot(grid, linear_model(grid, TRUE_OMEGA), "k--", label="truth")
ax.plot(few, few_salaries, "C0o", label="person (drawn)")
ax.set(**salary_axes, xlim=(0, 100), title="Ten people: the error bar grows away from their ages")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown]
# **What to see.** In the middle of the ten ages the band is hardly wider than the noise alone. It widens on both sides,
# because an error in the slope matters more the farther you go. With ten people the estimated slope is 0.57 instead of
# 0.70, and at age 0 the truth is a whole error bar away. The band takes the model for granted, though: that the salary
# keeps rising beyond 65 is an assumption, and no formula checks it.
#
# Does the error bar keep its promise? 95 % of a Gaussian lies within 1.96 standard deviations. So we draw a training
# set, fit it, draw one more person, and count how often the new salary is within 1.96 error bars of its prediction. We
# compare four ways to choose $1/\beta$ and the factor: the true variance; eq. 3; the sum divided by N - D - 1 instead
# of N; and the same with the factor from Student's t distribution, which accounts for the variance being an estimate.


# %%
def coverage(people, repeats=20_000):
    """Returns the share of new salaries within the 95 % interval, for four ways to make it."""
    age, new_age = draw_ages(people), draw_ages(repeats)
    x, t = design_matrix(age), draw_salaries(age, repeats)
    omegas = np.linalg.lstsq(x, t)[0]  # (2, repeats)
    prediction = omegas[0] + omegas[1] * new_age
    missed_by = np.abs(draw_salaries(new_age, 1)[:, 0] - prediction)
    one = prediction_error_bar(new_age, age, 1.0)  # the error bar for β = 1
    biased = np.mean((t - x @ omegas) ** 2, axis=0)
    unbiased = biased * people / (people - 2)
    widths = {
        "true variance, 1.96": 1.96 * TRUE_BETA**-0.5,
        "eq. 3, 1.96": 1.96 * np.sqrt(biased),
        "N - D - 1, 1.96": 1.96 * np.sqrt(unbiased),
        "N - D - 1, Student": scipy.stats.t.ppf(0.975, people - 2) * np.sqrt(unbiased),
    }
    return {name: np.mean(missed_by <= width * one) for name, width in widths.items()}


covered = [coverage(people) for people in sizes]
for name, share in covered[list(sizes).index(10)].items():
    print(f"10 people, covered by the 95 % interval ({name}) = {share:.3f}")

# %%
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for name, style in zip(covered[0], ["k--", "C0o-", "C2^-", "C1s-"], strict=True):
    ax.plot(sizes, [shares[name] for shares in covered], style, label=name)
ax.axhline(0.95, color="grey", linestyle=":", label="0.95")
ax.set(xlabel="people in the training set, N", ylabel="share of new salaries covered", xscale="log")
ax.set_title("Does a 95 % interval cover 95 %? (20,000 training sets each)")
ax.set_xticks(sizes, labels=sizes)
ax.minorticks_off()
ax.legend()

# %% [markdown]
# **What to see.** With the true variance the interval keeps its promise at every N (the dashed line is under the orange
# one). With eq. 3 it doesn't: with ten people it covers 88 %, with three only 54 %. Part of the gap is the bias, which
# N - D - 1 removes. The rest comes from the uncertainty of the variance estimate, which Student's wider factor accounts
# for (2.31 instead of 1.96 for ten people). Beyond about 50 people none of this matters much.
#
# ## Question 5: and on real data?
#
# 442 patients with diabetes; ten measurements (age, sex, body mass index, blood pressure, six blood values) predict how
# far the disease has progressed one year later, on a scale from 25 to 346. Here nobody knows the true model, or whether
# it is linear at all. We train on half of the patients and test on the other half, for 300 random splits.

# %%
diabetes = load_diabetes(scaled=False)
x, t = diabetes.data, diabetes.target
PATIENTS, FEATURES = x.shape


def split_fit(training_size):
    """Fits random patients; returns eq. 3, its correction, and predictions, misses and error bars of the others."""
    order = rng.permutation(PATIENTS)
    train, test = order[:training_size], order[training_size:]
    omega = fit_least_squares(x[train], t[train])
    biased = residual_variance(x[train], t[train], omega)
    unbiased = biased * training_size / (training_size - FEATURES - 1)
    prediction = linear_model(x[test], omega)
    return biased, unbiased, prediction, t[test] - prediction, prediction_error_bar(x[test], x[train], 1 / unbiased)


halves = [split_fit(PATIENTS // 2) for _ in range(300)]
_, _, predictions, misses, error_bars = (np.array(values) for values in zip(*halves, strict=True))
inside = np.abs(misses) <= scipy.stats.t.ppf(0.975, PATIENTS // 2 - FEATURES - 1) * error_bars
print(f"patients, root-mean-square error of the test = {np.sqrt(np.mean(misses**2)):.1f}")
print(f"patients, standard deviation of the target = {t.std():.1f}")
print(f"patients, covered by the 95 % interval = {inside.mean():.3f}")

# %%
edges = np.quantile(predictions, np.linspace(0, 1, 6))
fifth = np.digitize(predictions, edges[1:-1])
shares = [inside[fifth == number].mean() for number in range(5)]
print("covered, by fifths of the prediction, lowest first:", np.round(shares, 3))
order = np.argsort(predictions[0])
fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
half_width = scipy.stats.t.ppf(0.975, PATIENTS // 2 - FEATURES - 1) * error_bars[0]
sides = predictions[0] + np.array([[-1], [1]]) * half_width
left.fill_between(predictions[0][order], *sides[:, order], color="C1", alpha=0.3, label="95 % interval")
left.plot(predictions[0], predictions[0] + misses[0], "C0o", markersize=4, label="patient of the test half")
left.plot(predictions[0][order], predictions[0][order], "C1-", linewidth=2, label="prediction")
left.set(xlabel="predicted progression", ylabel="measured progression", title="One of the 300 halves")
right.axhline(0.95, color="C1", linestyle="--", linewidth=2, label="0.95")
right.plot(range(1, 6), shares, "C0o-", markersize=8, label="measured")
right.set(xlabel="fifth of the patients, lowest prediction first", ylabel="share covered by the 95 % interval")
right.set(ylim=(0.89, 1.01), xticks=range(1, 6), title="All 300")
left.legend(loc="upper left")
right.legend(loc="lower left")

# %%
print("20 patients train, 422 test; mean of 1,000 draws, in units of the mean squared test error:")
small = [split_fit(20) for _ in range(1000)]
test_error = np.mean([np.mean(miss**2) for _, _, _, miss, _ in small])
for name, column in (("eq. 3", 0), ("eq. 3 divided by N - D - 1 instead", 1)):
    print(f"20 patients, {name} over the test error = {np.mean([draw[column] for draw in small]) / test_error:.2f}")

# %% [markdown]
# **What to see.** Ten measurements reduce the error from 77, the standard deviation of the target, to 56; the rest
# depends on things that were not measured. Left: the band is wide, and it has to be. On average it keeps its promise:
# 95.5 % of the test patients are inside. Right: it doesn't for every group of patients. Where the prediction is low the
# interval covers 98 %, in the fourth fifth 91 %. The noise isn't the same for all patients, so the assumption of a
# single $\beta$ fails. An interval that is right on average can still be wrong for a group that you can identify.
#
# With 20 training patients eq. 3 gives a sixth of the error measured on new patients. Here dividing by N - D - 1
# doesn't fix it: 11 weights estimated from 20 patients are so uncertain that the predictions are off by far more than
# the noise. The next tutorial does something about that.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start least_squares` (and `gaussian_density`,
# `log_likelihood`). Then explore:
#
# 1. Fit 0.25 per second to a sensor: `x = 1.7e9 + rng.uniform(0, 1000, 200)` (Unix time), `t = 5 + 0.25 * (x - 1.7e9)`,
#    without noise. How many digits of the slope are right with the normal equations of question 1, and how many with
#    `fit_least_squares`, which works on $x$ and not on $x^t x$? What changes when you subtract the mean of `x` first?
# 2. Give the noise heavy tails: `rng.standard_t(3, size=...) * 8 / 3**0.5` has the same variance. Expect the 95 %
#    interval to nearly hold. Does a 50 % interval, and a 99.9 % interval?
# 3. Add columns of `rng.normal` to the age of 20 people, 0 to 17 of them. Predict the curve of eq. 3 against the number
#    of columns before you draw it, and draw the squared error on new people in the same figure.
# 4. Let the salary level off: add `-0.02 * (age - 20)**2` to the truth, and keep the line. Draw the residuals against
#    the age. What does eq. 3 estimate now? (Chapter 2 bends the line.)
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. One digit: the normal equations give 0.254, an error of 1.8 %. `fit_least_squares` has nearly 11 digits. $x^t x$
#    squares the condition, which the offset of 1.7e9 has made large. With the mean of `x` subtracted both have 15
#    digits or more.
# 2. With 20,000 draws of the salaries of 50 people: 94.2 % of new salaries lie in the 95 % interval, 62 % in the 50 %
#    interval and 98.6 % in the 99.9 % interval (with Gaussian noise 95.2 %, 50.4 % and 99.9 %). For 10 people 93.1 %,
#    56 % and 99.0 %. A t distribution has more mass in the middle and in the tails, and the two cross not far from 95
#    %.
# 3. The mean of eq. 3 over the true variance is $(20 - 2 - k) / 20$ for $k$ columns: 0.90, 0.65, 0.40, 0.15 and 0.05
#    are predicted and measured (2,000 sets each) for 0, 5, 10, 15 and 17. The median squared error on new people, in
#    the same unit, grows meanwhile: 1.1, 1.5, 2.4, 5.8 and 14.
# 4. The residuals are negative at both ends and positive in between: -2.7 below 30 years, +2.9 from 35 to 50, -2.3
#    above 55. Eq. 3 estimates the noise plus the mean square of what a line can't follow: 79.1 instead of 73.8 for the
#    forty people, 72.5 instead of 64 for 100,000.
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
