# %% [markdown]
r"""# What does a discriminator learn, and why does it end at 1/2?

Chapter 9 of the deck lets two networks play against each other: $\min_G \max_D V(D, G)$. For images nobody knows the
density of the data. Here the data are points in the plane with a known density, so we can compare the best
discriminator, the gradient of the generator and the equilibrium with their formulas.

```
python tutorials/09_generative_adversarial_networks/1_gan_on_a_mixture.py
```

Measured with that command in 32 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| trained D against p / (p + q), mean distance | 0.025 | ± 0.015 |
| V(D*, G) | -0.639 | ± 0.001 |
| V(D, G) of the trained D | -0.651 | ± 0.02 |
| minimax, gradient norm of G, last 50 steps over its largest | 0.0068 | × 3 |
| non-saturating, gradient norm of G, last 50 steps over its largest | 0.83 | ± 0.2 |
| modes found, of 8 | 8 | ± 0 |
| share of the points that are near a mode | 0.96 | ± 0.05 |
| d_real in the last epoch | 0.50 | ± 0.02 |
| d_fake in the last epoch | 0.50 | ± 0.02 |
| value in the last epoch | -1.383 | ± 0.02 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from scipy.special import xlogy

from keras_course.callbacks import GradientNormMonitor
from keras_course.gan import GAN, draw_latents, optimal_discriminator
from keras_course.visualization import plot_discriminator, plot_value

# %% [markdown]
# ## Question 1: what is the best that a discriminator can do?
#
# The data follow $p$, a ring of eight equal Gaussians, a mixture whose density takes one line of code.

# %%
MODES, RADIUS, WIDTH = 8, 0.7, 0.08
angles = 2 * np.pi * np.arange(MODES) / MODES
centers = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def gaussian(x, mean, width):
    """Computes the density of N(mean, width² I) at points x (..., 2)."""
    return np.exp(-np.sum((x - mean) ** 2, axis=-1) / (2 * width**2)) / (2 * np.pi * width**2)


def p(x):
    """Computes the density of the data."""
    return np.mean([gaussian(x, center, WIDTH) for center in centers], axis=0)


def draw(count, seed):
    """Draws points from p, float32 (count, 2)."""
    rng = np.random.default_rng(seed)
    return (centers[rng.integers(MODES, size=count)] + rng.normal(0, WIDTH, (count, 2))).astype(np.float32)


# %% [markdown]
# For a fixed generator whose points have the density $q$, the objective is an integral over the plane,
#
# $$V(D, G) = \mathbb E_{x \sim p} [\log D(x)] + \mathbb E_{x \sim q} [\log (1 - D(x))]
# = \int p(x) \log D(x) + q(x) \log (1 - D(x)) \, dx,$$
#
# and $D$ can choose its value at every $x$ independently. The derivative of $p \log D + q \log(1 - D)$ is $p / D - q /
# (1 - D)$, which is 0 at
#
# $$D^*(x) = \frac{p(x)}{p(x) + q(x)}.$$
#
# So a discriminator estimates a ratio of densities. Does a trained one do that? The generator in this question is
# fixed, $G(z) = z / 2$, so $q$ is known too: a Gaussian with a standard deviation of 1/2 around 0.
#
# `GAN` expects its training data in [0, 1] and scales them to [-1, 1] for its networks, so the points are scaled like
# pixels. An optimizer with a rate of 0 leaves a network unchanged.

# %%
UNITS, POINTS, BATCH, RATE = 128, 25_600, 256, 2e-3


def build_mlp(outputs, name, spread=0.005):
    """Builds a network of two hidden layers for points in the plane; `spread` scales its initial outputs."""
    inputs = keras.Input((2,))
    x = inputs
    for number in (1, 2):
        x = keras.layers.Dense(UNITS, kernel_initializer="he_normal", name=f"hidden{number}")(x)
        x = keras.layers.LeakyReLU(negative_slope=0.2, name=f"hidden{number}_leaky_relu")(x)
    first = keras.initializers.RandomNormal(stddev=spread)
    outputs = keras.layers.Dense(outputs, kernel_initializer=first, name="output")(x)
    return keras.Model(inputs, outputs, name=name)


def falling_adam(rate, epochs):
    """Returns Adam with the β₁ that GANs are trained with, and a rate that falls to a twentieth of the initial one."""
    steps = epochs * POINTS // BATCH
    return keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(rate, steps, 1 / 20), beta_1=0.5)


def batches(seed=0):
    """Returns points of p, moved to [0, 1], in batches; in another order in every epoch."""
    points = (draw(POINTS, seed) + 1) / 2
    return tf.data.Dataset.from_tensor_slices(points).cache().shuffle(POINTS, seed=seed).batch(BATCH)


# %%
SPREAD = 0.5
keras.utils.set_random_seed(0)
scaling = keras.layers.Dense(2, use_bias=False, kernel_initializer=keras.initializers.Identity(SPREAD))
fixed = GAN(keras.Sequential([keras.Input((2,)), scaling]), build_mlp(1, "discriminator"), seed=0)
fixed.compile(keras.optimizers.SGD(0.0), falling_adam(3e-3, epochs=20), steps_per_execution=10)
fixed.fit(batches(), epochs=20, shuffle=False, verbose=0)

# %%
side = np.linspace(-1.6, 1.6, 321)
plane = np.stack(np.meshgrid(side, side), axis=-1)
cell = (side[1] - side[0]) ** 2


def judge(gan, points):
    """Returns D at points of the plane."""
    logits = gan.discriminator(points.reshape(-1, 2).astype(np.float32))
    return keras.ops.convert_to_numpy(keras.ops.sigmoid(logits)).reshape(points.shape[:-1])


density, q = p(plane), gaussian(plane, 0, SPREAD)
best, trained = density / (density + q), judge(fixed, plane)
weight = (density + q) / 2 * cell  # of the points that a discriminator meets
print(f"share of the points that the drawn part of the plane holds: {weight.sum():.4f}")
np.testing.assert_allclose(best, optimal_discriminator(density, q), atol=1e-9)  # the package's
distance = np.sum(weight * np.abs(trained - best))
reward = {name: cell * np.sum(xlogy(density, d) + xlogy(q, 1 - d)) for name, d in (("D*", best), ("D", trained))}
print(f"trained D against p / (p + q), mean distance = {distance:.3f}")
print(f"V(D*, G) = {reward['D*']:.3f}")
print(f"V(D, G) of the trained D = {reward['D']:.3f}")


# %%
def draw_field(ax, field, title):
    """Draws a discriminator as colours, and the level 1/2 as a line."""
    colours = ax.imshow(field, vmin=0, vmax=1, cmap="RdBu", origin="lower", extent=(side[0], side[-1]) * 2)
    ax.contour(side, side, field, levels=[0.5], colors="k", linewidths=1)
    ax.set(title=title, xlabel="$x_1$", aspect="equal")
    return colours


fig, axes = plt.subplots(1, 3, figsize=(13, 4.6), layout="constrained")
fig.get_layout_engine().set(wspace=0.06)
for ax, (title, field) in zip(axes, {"$D^* = p / (p + q)$": best, "D, trained": trained}.items(), strict=False):
    colours = draw_field(ax, field, title)
axes[0].set_ylabel("$x_2$")
fig.colorbar(colours, ax=axes[:2], label="D(x): 1 real, 0 generated", location="bottom", shrink=0.5)
along = np.linspace(-np.pi, np.pi, 721)
circle = RADIUS * np.stack([np.cos(along), np.sin(along)], axis=1)
ratio = p(circle) / (p(circle) + gaussian(circle, 0, SPREAD))
axes[2].plot(np.degrees(along), ratio, "k--", label="$D^*$")
axes[2].plot(np.degrees(along), judge(fixed, circle), "C1-", label="D, trained")
axes[2].set(title="On the circle through the modes", xlabel="angle (degrees)", ylabel="D(x)", ylim=(0, 1.25))
axes[2].set_xticks(range(-180, 181, 90))
axes[2].legend(loc="upper center", ncols=2)

# %% [markdown]
# **What to see.** The black line is $D = 1/2$: inside it a point is more likely real than generated. The trained $D$
# has eight islands where the formula has them, but its values between them are too high: 128 units can't form valleys
# that sharp. $V$ of the trained $D$ is a little lower than that of $D^*$, as it must be. It was never given $p$ or $q$;
# it has only seen points. (The package implements the formula as `optimal_discriminator`.) If the generator were
# perfect, $p = q$, the formula would give 1/2 everywhere: the deck's equilibrium.
#
# With $D^*$ in place, $V(D^*, G) = -2 \log 2 + 2 \, \text{JSD}(p, q)$, the Jensen-Shannon divergence between the two
# densities, which is 0 only for $p = q$: a generator that minimises it reproduces the data distribution.
#
# ## Question 2: what does the generator learn from a good discriminator?
#
# In the deck the generator minimises $V$, of which only $\log(1 - D(G(z)))$ depends on it. Its slope with respect to
# the logit $l$ of $D = \sigma(l)$ is $-D$. The paper proposes maximising $\log D(G(z))$ instead, the *non-saturating*
# loss, whose slope is $1 - D$. Both pull in the same direction but vanish at opposite ends. Early in training, $D$ is
# certain that the generated points are generated, so $D$ is close to 0 there.
#
# We take a new generator with all its points near 0, keep it fixed, and train a discriminator against it.
# `GradientNormMonitor` records the norm of the gradient in each layer of both networks at every step. We do this for
# both losses; everything else is the same.

# %%
LOSSES = ("minimax", "non-saturating")


def new_gan(loss, generator_optimizer, discriminator_optimizer, spread, **options):
    """Builds two networks, with the same initial weights at every call."""
    keras.utils.set_random_seed(0)
    gan = GAN(build_mlp(2, "generator", spread), build_mlp(1, "discriminator"), seed=0)
    gan.compile(generator_optimizer, discriminator_optimizer, loss, **options)
    return gan


STEPS_AHEAD = 3  # epochs of 100 steps
monitors, histories = {}, {}
for loss in LOSSES:
    gan = new_gan(loss, keras.optimizers.SGD(0.0), keras.optimizers.Adam(RATE, beta_1=0.5), spread=0.005)
    monitors[loss] = GradientNormMonitor()
    gan.fit(batches(), epochs=STEPS_AHEAD, callbacks=[monitors[loss]], shuffle=False, verbose=0)
    surest = judge(gan, keras.ops.convert_to_numpy(gan.generator(draw_latents(10_000, 2))))
gradients = {loss: np.linalg.norm(m.norms.filter(like="generator/"), axis=1) for loss, m in monitors.items()}
print(f"D on generated points after {len(gradients['minimax'])} steps = {surest.mean():.4f}")
ends = {loss: np.median(norms[-50:]) for loss, norms in gradients.items()}
for loss, norms in gradients.items():
    print(f"{loss}, gradient norm of G, last 50 steps over its largest = {ends[loss] / norms.max():.4f}")
print(f"non-saturating over minimax, last 50 steps = {ends['non-saturating'] / ends['minimax']:.0f}")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
logit = np.linspace(-8, 8, 321)
chance = 1 / (1 + np.exp(-logit))
left.plot(chance, chance, "C0-", label="minimax, $\\log(1 - D)$: slope $-D$")
left.plot(chance, 1 - chance, "C1--", label="non-saturating, $-\\log D$: slope $-(1 - D)$")
left.set(xlabel="D(G(z))", ylabel="size of the slope in the logit of D", title="Formula")
for loss, style in zip(LOSSES, ("C0-", "C1--"), strict=True):
    right.plot(gradients[loss], style, label=loss)
right.set(yscale="log", xlabel="steps of D, while G stays", ylabel="gradient norm of G", title="GradientNormMonitor")
for ax in (left, right):
    ax.legend()

# %% [markdown]
# **What to see.** At the first step $D = 1/2$ and both losses pull equally. While $D$ gets steeper, both gradients
# grow. Then $D$ separates the points, and with minimax the generator's gradient falls with $D(G(z))$ to less than a
# hundredth of its maximum, except for an occasional batch for which $D$ is less certain; with the other loss it stays
# large. By the formula, the ratio of the two is $(1 - D) / D$, here several hundred. That is why almost everyone trains
# with the second loss, which has the same fixed point. (Adam divides each gradient by its own size, so minimax can do
# less harm with Adam than the curve suggests: exercise 2.)
#
# ## Question 3: where does the game end?
#
# Now both networks learn, each with its own Adam, with the non-saturating loss. This generator starts with its points
# spread over the plane. (If they start in a single cluster, it sometimes learns an arc through the modes that never
# closes to a ring.)

# %%
EPOCHS, SHOWN = 40, (1, 4, 40)
adams = falling_adam(RATE, EPOCHS), falling_adam(RATE, EPOCHS)
gan = new_gan("non-saturating", *adams, spread=0.05, steps_per_execution=10)
latents, snapshots = draw_latents(10_000, 2, seed=1), {}


def look(epoch, logs):
    """Stores generated points and D on the plane."""
    if epoch + 1 in SHOWN:
        snapshots[epoch + 1] = keras.ops.convert_to_numpy(gan.generator(latents)), judge(gan, plane)


callback = keras.callbacks.LambdaCallback(on_epoch_end=look)
history = gan.fit(batches(), epochs=EPOCHS, callbacks=[callback], shuffle=False, verbose=0).history

# %%
points, field = snapshots[EPOCHS]
distances = np.linalg.norm(points[:, np.newaxis] - centers, axis=-1)
near = distances.argmin(axis=1)[distances.min(axis=1) < 3 * WIDTH]
shares = np.bincount(near, minlength=MODES) / len(points)
print("share of generated points within three widths of each centre:", *(f"{share:.3f}" for share in shares))
print(f"modes found, of {MODES} = {np.sum(shares > 1 / (2 * MODES))}")
print(f"share of the points that are near a mode = {shares.sum():.3f}")
for name in ("d_real", "d_fake", "value"):
    print(f"{name} in the last epoch = {history[name][-1]:.3f}")
met = density * cell  # where the data are
for epoch, (_, seen) in snapshots.items():
    print(f"epoch {epoch}, mean distance of D to 1/2 on the data = {np.sum(met * np.abs(seen - 0.5)):.3f}")

# %%
edges = np.linspace(-1.2, 1.2, 61)
fig, axes = plt.subplots(2, 4, figsize=(13, 6.6), layout="constrained", sharex=True, sharey=True)
fig.get_layout_engine().set(h_pad=0.1)
for column, (epoch, (points, field)) in enumerate(snapshots.items()):
    counts, _, _ = np.histogram2d(*points.T, bins=edges, density=True)
    generated = axes[0, column].imshow(
        counts.T, vmin=0, vmax=density.max(), cmap="viridis", origin="lower", extent=(-1.2, 1.2) * 2
    )
    axes[0, column].set(title=f"generator, epoch {epoch}")
    colours = draw_field(axes[1, column], field, f"D, epoch {epoch}")
axes[0, 3].imshow(density, vmin=0, vmax=density.max(), cmap="viridis", origin="lower", extent=(side[0], side[-1]) * 2)
axes[0, 3].set(title="data", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2))
draw_field(axes[1, 3], np.full_like(density, 0.5), "optimum: 1/2 wherever\nthere are points")
for ax in axes[:, 0]:
    ax.set_ylabel("$x_2$")
fig.colorbar(generated, ax=axes[0], label="density", extend="max")
fig.colorbar(colours, ax=axes[1], label="D(x): 1 real, 0 generated")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
plot_discriminator(pd.DataFrame(history), ax=left)
plot_value(pd.DataFrame(history), ax=right)
left.legend(["real points, D(x)", "generated points, D(G(z))", "optimum, 1/2"], fontsize=12)

# %% [markdown]
# **What to see.** The generator first puts all its points on one side, then on the other, then finds the ring; $D$
# follows. At the end $D$ is 1/2 where the data are, to within about 0.01, and $V$ is $-2 \log 2$ to within a few
# thousandths of a nat. Only where there are neither data nor generated points, in the middle and outside, $D$ can take
# any value, because no point constrains it.
#
# The figures show what the numbers don't. The generated modes are narrower than those of the data, and thin streets of
# points connect them: a continuous map can't tear one cloud into eight. $D = 1/2$ on all points means that *this*
# discriminator finds no difference. It is an equilibrium of two networks with 128 units per layer. The deck's
# conclusion $p_\text{gen} = p_\text{data}$ needs a discriminator that can represent $p / (p + q)$.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start discriminator_loss` (and `generator_losses`,
# `generator_gradients`). Then explore:
#
# 1. Give the discriminator of `new_gan` 512 units in each hidden layer (`build_mlp` needs an argument for it) and
#    repeat question 3. What happens to the streets, and to $D$ on the data?
# 2. Start question 3 with `"minimax"` and a discriminator that is 300 steps ahead: fit 3 epochs as in question 2, with
#    `spread=0.05`, then `compile` again. Compare the modes found with Adam and with `keras.optimizers.SGD(0.05)`, which
#    doesn't rescale gradients, for the generator. (Adam finds all 8. With SGD the points run off to NaN in the first
#    epoch: the slope $-D$ is largest where $D$ is fooled already. With `clipnorm=1.0`, or the non-saturating loss, SGD
#    finds 8 too.)
# 3. Move the centres to a radius of 0.3, so that the modes overlap. Predict $V(D^*, G)$ of question 1: more or less?
#    (Less, -0.763, because $q$ is larger there. With a radius of 0.1 it is more, -0.440: why?)
# 4. Use a constant rate of 2e-3. Does $D$ still settle at 1/2? Do the generator's points settle?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The streets stay: 0.043 of the points are between the modes, 0.044 with 128 units (seed 0). They belong to the
#    generator, a continuous map, and a sharper $D$ can't tear it. $D$ on the data is 0.021 from 1/2 on average instead
#    of 0.009, between 0.35 and 0.55: with 265,000 parameters it follows the last points that it saw more closely.
# 2. As the text says: 8 modes with Adam, NaN with SGD, 8 with the clipped SGD and with the non-saturating loss. The
#    shares of points that are near a mode are 0.94, 0.88 (clipped) and 0.93 (non-saturating), lower than the 0.96 of
#    question 3: a discriminator that starts ahead costs something even where it does not win.
# 3. -0.639 at 0.7, -0.798 at 0.5, -0.763 at 0.3, -0.629 at 0.2 and -0.440 at 0.1. The mean of $q$ where the data are
#    grows from 0.24 to 0.52 and 0.61 (radius 0.7, 0.3, 0.1). But once the modes lie on top of each other, the mean of
#    $p$ grows faster, from 1.6 to 2.0 and 6.6: one narrow peak is easy to tell from a broad cloud.
# 4. $D$ is 1/2 on average (0.501 and 0.499), but at each place it swings: 0.02 to 0.04 away from 1/2 on the data in
#    epochs 40 to 44, instead of 0.009. Nor do the points settle: in one more epoch they move by 0.07 to 0.11 on
#    average, more than the width of a mode, and the share near a mode goes up and down between 0.93 and 0.97. After the
#    falling rate they still move by 0.05 in another epoch.
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
