# %% [markdown]
r"""# How do two perceptrons learn to write digits, and how good are the digits?

Chapter 9 of the deck shows a grid of generated digits, "Epoch 100". Here we train the plain GAN for as many epochs,
compute its training step by hand, and score its images in comparison with real ones: a grid of pictures doesn't tell
how far they are from real images, which digits are rare, or which are copies.

```
python tutorials/09_generative_adversarial_networks/2_gan_on_digits.py
```

Measured with that command in 71 s on 2 CPU cores. Digits, 100 epochs, as `keras-course gan --architecture mlp` trains:

| measured | value | agrees within |
| --- | --- | --- |
| losses of 5 steps by hand and by GAN, largest difference | 0 | ± 0.001 |
| accuracy of the classifier on test images | 0.992 | ± 0.01 |
| classifier score over that of real images | 0.80 | ± 0.06 |
| classes of 10 that occur | 10 | ± 0 |
| Fréchet distance | 3.2 | × 1.5 |
| Fréchet distance of real test images | 0.63 | × 1.3 |
| nearest training image, median distance | 1.26 | ± 0.1 |
| nearest training image of a test image, median distance | 1.02 | ± 0.01 |
| classifier score of the loser | 1.8 | × 2 |

A GAN's training amplifies rounding, so another processor gives other images, as another seed does: with the seeds 0 to
5 the Fréchet distance ends at 4.5, 3.8, 3.0, 2.8, 2.2 and 3.3, and the ratio of the scores at 0.77 to 0.81.
"""

# %%
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

# %%
from keras_course.data import load_images
from keras_course.gan import (
    GAN,
    GAN_RECIPES,
    CollapseAlarm,
    SampleGrid,
    build_gan_discriminator,
    build_gan_generator,
    class_shares,
    draw_latents,
    load_reference,
    nearest_images,
    scorecard,
    scorecard_table,
    train_gan,
)
from keras_course.visualization import (
    plot_class_shares,
    plot_discriminator,
    plot_neighbors,
    plot_scores,
    plot_value,
    tile_images,
)

# %%
data = load_images("digits", validation_fraction=0)
recipe = GAN_RECIPES["mlp"].for_data(data.train_size)  # what `keras-course gan --architecture mlp` takes
data = replace(data, batch_size=recipe.batch_size)
print(data)
print(recipe)

# %% [markdown]
# ## Question 1: what is one step of the game?
#
# The generator maps noise $z \sim \mathcal N(0, I)$ to an image, the discriminator maps an image to a logit $l$, with
# $D(x) = \sigma(l)$. A step takes three passes and computes two losses from the same logits. The discriminator
# maximises $V(D, G) = \mathbb E[\log D(x)] + \mathbb E[\log(1 - D(G(z)))]$. The generator minimises $-\log D(G(z))$,
# which pulls in the same direction as the deck's $\log(1 - D(G(z)))$ and keeps its gradient while $D$ is winning
# (`1_gan_on_a_mixture.py`). In logits, $-\log D = \log(1 + e^{-l})$ is a softplus.


# %%
def step_by_hand(generator, discriminator, images, latents, smoothing):
    """Returns both losses and both gradients on one batch; images in [0, 1]."""
    with tf.GradientTape(persistent=True) as tape:
        real = discriminator(2 * images - 1, training=True)  # logits
        fake = discriminator(generator(latents, training=True), training=True)
        says_real = (1 - smoothing) * tf.nn.softplus(-real) + smoothing * tf.nn.softplus(real)
        discriminator_loss = tf.reduce_mean(says_real + tf.nn.softplus(fake))
        generator_loss = tf.reduce_mean(tf.nn.softplus(-fake))
    gradients = [
        tape.gradient(loss, net.trainable_variables)
        for loss, net in ((generator_loss, generator), (discriminator_loss, discriminator))
    ]
    return float(generator_loss), float(discriminator_loss), gradients


# %% [markdown]
# `smoothing` sets the target of $D$ for real images to 0.9 instead of 1, so that it never becomes too confident. Two
# Adam optimizers apply the gradients, one per network. `GAN` does all of this inside `fit`. Does it give the same
# result? Both start from the same weights and use the same noise. (We leave out dropout, whose noise would differ.)

# %%
SMOOTHING, RATE, BATCHES = 0.1, 1e-3, 5


def optimizers():
    """Returns one Adam per network; with β₁ = 0.9, the default, each would react to what the other did long ago."""
    return [keras.optimizers.Adam(RATE, beta_1=0.5) for _ in range(2)]


keras.utils.set_random_seed(0)
nets = [build_gan_generator(data.input_shape), build_gan_discriminator(data.input_shape, dropout=0)]
copies = [keras.models.clone_model(net) for net in nets]
for copy, net in zip(copies, nets, strict=True):
    copy.set_weights(net.get_weights())
gan = GAN(*nets, seed=7)
gan.compile(*optimizers(), label_smoothing=SMOOTHING)

# %%
batches = data.train.take(BATCHES).cache()
noise, mine, names = keras.random.SeedGenerator(7), optimizers(), ("generator_loss", "discriminator_loss")
by_hand, by_fit = [], []
for images, labels in batches:
    latents = keras.random.normal((len(images), gan.latent_dim), seed=noise)
    *losses, gradients = step_by_hand(*copies, images, latents, SMOOTHING)
    for optimizer, net, gradient in zip(mine, copies, gradients, strict=True):
        optimizer.apply(gradient, net.trainable_variables)
    by_hand.append(losses)
    logs = gan.fit(tf.data.Dataset.from_tensors((images, labels)), shuffle=False, verbose=0).history
    by_fit.append([logs[name][0] for name in names])
print("losses by hand:", *(f"{generator:.4f} {discriminator:.4f}" for generator, discriminator in by_hand), sep="\n")
difference = np.max(np.abs(np.subtract(by_hand, by_fit)))
print(f"losses of {BATCHES} steps by hand and by GAN, largest difference = {difference:.6f}")

# %% [markdown]
# ## Question 2: what do a hundred epochs produce?
#
# We use the recipe of `keras-course gan --architecture mlp`: dropout in $D$, a decaying rate, and images from a moving
# average of the generator's weights, which is closer to the centre of the generator's oscillations. `SampleGrid` draws
# the images of the same latent vectors after every second epoch and turns them into an animation.

# %%
keras.utils.set_random_seed(0)
gan = recipe.build(data.input_shape, seed=0)
reference = load_reference("digits")  # real images, and a classifier that was trained on them, to compare with
SHOWN = [epoch for epoch in (1, 2, 5, 10, 20, 50, recipe.epochs) if epoch <= recipe.epochs]
latents, grids = draw_latents(12, gan.latent_dim, seed=0), {}


def keep_grid(epoch, logs):
    """Stores the images of twelve latent vectors."""
    if epoch + 1 in SHOWN:
        grids[epoch + 1] = gan.images_of(latents)


# %%
with TemporaryDirectory() as pictures:
    film = Path(pictures) / "film.gif"
    run = train_gan(
        gan,
        data,
        epochs=recipe.epochs,
        decay=recipe.make_decay(recipe.epochs),
        reference=reference,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_end=keep_grid),
            SampleGrid(pictures, every=2, film=film),
        ],
        verbose=0,
    )
    film = film.read_bytes()
if "__file__" in globals():  # run as a script: saved next to the figures of the last cell
    path = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name / f"{Path(__file__).stem}_film.gif"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(film)
    print("figure:", path)

# %%
fig, axes = plt.subplots(len(grids) + 1, 1, figsize=(9, 0.85 * (len(grids) + 1)), layout="constrained")
rows = {f"epoch {epoch}": images for epoch, images in grids.items()} | {"real": data.test_examples.images[:12]}
for ax, (name, images) in zip(axes, rows.items(), strict=True):
    ax.imshow(tile_images(images, columns=12, gap=1, fill=64)[..., 0], cmap="gray_r", vmin=0, vmax=255)
    ax.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=12)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
fig.suptitle("Each column: one latent vector, as the generator learns")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2), layout="constrained")
plot_discriminator(run.history, optimum=(1 - recipe.label_smoothing) / 2, ax=left)
plot_value(run.history, ax=right)

# %% [markdown]
# **What to see.** In the first epochs all twelve latent vectors give nearly the same noise, and $D$ recognises it every
# time. Then the middle of the image fills up, strokes appear, and by epoch 100 most images are digits. $D(x)$ and
# $D(G(z))$ approach each other, and $V$ approaches $-2 \log 2$; neither gets there, so $D$ still finds differences.
# (Smoothing shifts the optimum: with a target of 0.9 for real images, the best $D$ is $0.9 \, p / (p + q)$, which is
# 0.45 for $p = q$. The curves end at 0.49 and 0.42.) None of these curves tells how good the images are.
#
# ## Question 3: how good are they?
#
# For the scorecard, a digit classifier evaluates 1,000 generated images, and real ones that it wasn't trained on: a
# score of generated images only means something in comparison with that of real ones. The *Fréchet distance* compares
# the two distributions of features; *precision* is the share of generated images that lie among real ones; *recall* is
# the share of real images that lie among generated ones; and the *classifier score* is high if each image is clear and
# all classes occur.

# %%
card = run.scorecard.iloc[-1].dropna()
print(scorecard_table(card).drop(columns="meaning").round(3).to_string())
print(f"accuracy of the classifier on test images = {card['classifier_accuracy']:.3f}")
ratio = card["classifier_score"] / card["test/classifier_score"]
print(f"classifier score over that of real images = {ratio:.3f}")
shares = class_shares(card, reference.class_names)
print(f"classes of 10 that occur = {np.sum(shares['generated'] > 0)}")
print(f"Fréchet distance = {card['frechet_distance']:.2f}")
print(f"Fréchet distance of real test images = {card['test/frechet_distance']:.2f}")
plot_scores(run.scorecard)
plot_class_shares(shares)

# %% [markdown]
# Are they new? A generator that memorised the 1,437 training images would get the best scores of all. So we look up the
# nearest training image for some generated ones, and compare with the distance of test images to training images.

# %%
images = gan.generate(8, seed=3)
nearest = nearest_images(images, reference.train_images)
plot_neighbors(images, reference.train_images[nearest.indices], nearest.distances)
print(f"nearest training image, median distance = {card['nearest_median']:.2f}")
print(f"nearest training image of a test image, median distance = {card['test/nearest_median']:.2f}")
print(f"smallest distance of a thousand = {card['nearest_smallest']:.2f}")

# %% [markdown]
# **What to see.** The Fréchet distance falls from about 80 after 10 epochs to about 3, and hardly changes after epoch
# 80. Real test images have 0.63. Less than half of the generated images lie among real ones (precision about 0.43; real
# images have 0.89), and they cover most of the variety (recall about 0.8; real images have 0.90): this generator lacks
# quality, not variety. All ten classes occur.
#
# The nearest neighbour of each generated image looks similar, but none is a copy: they are farther from the training
# images than real test images are. For a generator that copies, this distance would be 0 and every other score
# excellent.
#
# ## Question 4: how do you notice that training fails?
#
# The losses of a GAN don't tell, because they don't measure the quality of its images. `CollapseAlarm` checks the
# images and $D$ after each epoch and reports problems such as mode collapse. Here the discriminator learns fifty times
# as fast as the generator.

# %%
keras.utils.set_random_seed(0)
unfair = replace(recipe, generator_rate=2e-5, discriminator_rate=1e-3, label_smoothing=0.0, loss="minimax")
losing = unfair.build(data.input_shape, seed=0)
alarm = CollapseAlarm(
    real=data.train_examples.images,
    classify=lambda images: reference.classifier.classify(images).classes,
    class_names=data.class_names,
)
logs = losing.fit(data.train, epochs=8, callbacks=[alarm], shuffle=False, verbose=0).history
for epoch, kind, message in alarm.findings:
    print(f"epoch {epoch + 1}: {kind}: {message}")
print(f"alarms = {len(alarm.findings)}")
sad = scorecard(losing.generate(1_000, seed=1), reference)
print(f"classifier score of the loser = {sad['classifier_score']:.2f}")

# %% [markdown]
# **What to see.** After three epochs $D$ is at 1 for real images and at 0 for generated ones, and minimax leaves the
# generator no gradient. The alarm reports it. The classifier score, below 2 out of 10, doesn't tell yet: after 8 epochs
# of the recipe itself it is 2.2. `train_gan` uses the same alarm. In question 2 it went off once, in epoch 2, when the
# classifier took nearly all images for an 8: they were noise, but a classifier has to choose some class. That passed.
# An alarm is a reason to look, not to stop.
#
# ## Exercises
# 1. Train with `replace(recipe, label_smoothing=0.0)`. Where should the curves of $D$ meet now? How near do they get?
# 2. Train with `averaging=0.0`: images of the last weights instead of the average. What does the scorecard say, and
#    why?
# 3. Which of the three changes makes training fail in question 4: rate, smoothing or loss? Undo them one at a time.
# 4. Put 100 training images (`reference.train_images`) among 900 generated ones and make a scorecard of them. Which
#    scores get better, and which one reveals the copies?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. At 1/2. They end at 0.558 (real) and 0.446 (generated), a gap of 0.11; with smoothing at 0.497 and 0.412, a gap of
#    0.09 around 0.45 (seed 0). The Fréchet distance ends at 3.9 instead of 3.1, which is within what seeds differ by.
# 2. That it makes no difference at the end: the Fréchet distance is 2.6 instead of 3.1, the precision 0.41 instead of
#    0.46, the recall 0.80 instead of 0.76. The seeds 0 to 5 of the header differ by more. The decayed rate keeps the
#    weights steady at the end. At first it even gains: 57 instead of 85 after 10 epochs, since the average still
#    contains the first weights.
# 3. The loss. With all three changes the alarm reports $D$ at 1 in epoch 3. With the recipe's rates it does so in epoch
#    4, and one class and one image for all; with smoothing in epoch 3. Only with the non-saturating loss it stays
#    silent for the eight epochs, and the classifier score is 2.0 instead of 1.8: it learns, if slowly.
# 4. All but one of them get better: the Fréchet distance falls from 3.06 to 2.42, the precision rises from 0.46 to
#    0.51, the recall from 0.76 to 0.84 and the classifier score from 7.9 to 8.1; even the median distance to the
#    nearest training image hardly changes (1.26 and 1.22). The smallest distance reveals them: 0.00 instead of 0.62,
#    where real test images have 0.47. A generator that copies everything would have a distance of 0.11, a precision of
#    1.00 and a recall of 0.96.
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
