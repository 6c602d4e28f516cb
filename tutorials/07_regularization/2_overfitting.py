# %% [markdown]
r"""# What does a network memorise, and what helps against overfitting?

Chapter 7 of the deck: "Training too much on training set limits generalization", "Stop learning if validation error
increase", and three solutions. Here a network memorises 150 digits, including wrong labels. Then we try one remedy
after the other and measure the gain of each three times, with different digits and initial weights.

```
python tutorials/07_regularization/2_overfitting.py
```

Measured with that command in 74 s on 2 CPU cores. Digits, 150 training images, 16 to 23 of them with a wrong
label, 718 validation images; means of 3 seeds, gains against the same seed without a remedy:

| measured | value | agrees within |
| --- | --- | --- |
| no remedy, training accuracy | 1.00 | ± 0.01 |
| no remedy, validation accuracy | 0.81 | ± 0.02 |
| early stopping, gain in validation accuracy | 0.036 | ± 0.02 |
| weight decay, gain in validation accuracy | 0.039 | ± 0.02 |
| dropout, gain in validation accuracy | 0.054 | ± 0.02 |
| batch normalisation, gain in validation accuracy | 0.013 | ± 0.02 |
| augmentation, gain in validation accuracy | 0.023 | ± 0.02 |
| smaller net, gain in validation accuracy | 0.012 | ± 0.02 |
| more data, gain in validation accuracy | 0.112 | ± 0.03 |
| three together, dropout 0.7, validation accuracy | 0.74 | ± 0.05 |
| three together, dropout 0.3, validation accuracy | 0.88 | ± 0.02 |
| no remedy, test accuracy | 0.82 | ± 0.02 |
| dropout, test accuracy | 0.88 | ± 0.02 |
| more data, test accuracy | 0.90 | ± 0.02 |
"""

# %%
from dataclasses import replace
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from keras_course.data import Examples, load_images
from keras_course.models import build_mlp

data = load_images("digits", validation_fraction=0.5, batch_size=1000)
print(data)

# %% [markdown]
# ## Question 1: what does the network memorise, and when?
#
# We use 150 training images. To give the network something that it should not learn, each label is wrong with a
# probability of 15 %, as happens when people label in a hurry. The validation images keep their true labels. The seed
# determines which images and which labels, so runs with three seeds have only the method in common.

# %%
SEEDS = (0, 1, 2)
SHARE_WRONG = 0.15


def draw(seed, size=150, augment=()):
    """Returns `data` with `size` of its training images, and the true labels of these."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(data.train_size)
    true = data.train_examples.labels[order]
    wrong = rng.random(len(order)) < SHARE_WRONG
    given = np.where(wrong, (true + rng.integers(1, 10, len(order))) % 10, true)
    examples = Examples(data.train_examples.images[order][:size], given[:size])
    return replace(data, train_examples=examples, batch_size=50, seed=seed, augment=augment), true[:size]


for seed in SEEDS:
    drawn, true = draw(seed)
    print(f"seed {seed}: {np.sum(drawn.train_examples.labels != true)} of {drawn.train_size} labels are wrong")

# %% [markdown]
# The network has two hidden layers and 50,826 parameters, more than 300 per image. Two details of the training:
#
# - An epoch of 150 images would be only three steps. `repeat` concatenates the epochs, and we call ten steps a round.
# - A `kernel_regularizer` adds its penalty to the `loss` that Keras reports. The metric `nats` is the cross-entropy
#   alone, so that curves with and without a penalty can be compared.

# %%
STEPS, ROUNDS = 10, 30


def train(seed, *, size=150, augment=(), callbacks=(), **options):
    """Trains `build_mlp(..., **options)`; returns it, and its scores after each round."""
    drawn, _ = draw(seed, size, augment)
    keras.utils.set_random_seed(seed)
    model = build_mlp(data.input_shape, data.num_classes, **options)
    model.compile(
        keras.optimizers.Adam(0.003),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(from_logits=True, name="nats")],
    )
    schedule = {"steps_per_epoch": STEPS, "epochs": ROUNDS, "shuffle": False}  # the data set shuffles itself
    history = model.fit(
        drawn.train.repeat(), validation_data=data.validation, callbacks=[*callbacks], verbose=0, **schedule
    )
    return model, pd.DataFrame(history.history)


# %% [markdown]
# A callback records the network's predictions for its training images after every round.


# %%
def predict(model, examples):
    """Returns the class that the model predicts for each image, in inference mode (no dropout)."""
    return np.argmax(model(examples.images / np.float32(255), training=False), axis=1)


class Answers(keras.callbacks.Callback):
    """Collects the model's predictions for `examples` after each epoch of `fit`."""

    def __init__(self, examples):
        super().__init__()
        self.examples, self.classes = examples, []

    def on_epoch_end(self, epoch, logs=None):
        """Records the predictions."""
        self.classes.append(predict(self.model, self.examples))


watches = {seed: Answers(draw(seed)[0].train_examples) for seed in SEEDS}
runs = {"no remedy": {seed: train(seed, callbacks=[watches[seed]]) for seed in SEEDS}}

# %%
steps = STEPS * np.arange(1, ROUNDS + 1)


def band(ax, curves, style, label):
    """Draws the mean of the curves and, as a band, the lowest and the highest."""
    ax.plot(steps, np.mean(curves, axis=0), style, markersize=5, markevery=4, label=label)
    ax.fill_between(steps, np.min(curves, axis=0), np.max(curves, axis=0), color=style[:2], alpha=0.2)


fig, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
titles = {"nats": "cross-entropy (nats)", "accuracy": "accuracy"}
for ax, (column, title) in zip(axes, titles.items(), strict=True):
    for prefix, style, label in (("", "C0o-", "training, 150 images"), ("val_", "C1s-", "validation, 718 images")):
        band(ax, [history[prefix + column] for _, history in runs["no remedy"].values()], style, label)
    ax.set(xlabel="steps of Adam", ylabel=title, ylim=(0, None))
axes[0].legend()
fig.suptitle("No remedy. Line: mean of three seeds; band: lowest to highest")

# %%
RIGHT, WRONG, TRUE = "right label: predicts it", "wrong label: predicts it", "wrong label: predicts true class"
kinds = {RIGHT: [], WRONG: [], TRUE: []}
for seed in SEEDS:
    drawn, true = draw(seed)
    given, said = drawn.train_examples.labels, np.array(watches[seed].classes)  # (rounds, images)
    kinds[RIGHT].append(np.mean((said == given)[:, given == true], axis=1))
    kinds[WRONG].append(np.mean((said == given)[:, given != true], axis=1))
    kinds[TRUE].append(np.mean((said == true)[:, given != true], axis=1))
fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
for (label, shares), style in zip(kinds.items(), ["C0o-", "C3v-", "C2^-"], strict=True):
    band(ax, shares, style, label)
ax.set(xlabel="steps of Adam", ylabel="share of the training images", title="Predictions for the training images")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
shares = {label: np.mean(shares, axis=0) for label, shares in kinds.items()}
for number in (3, ROUNDS):
    print(f"step {number * STEPS}:", *(f"{label} {share[number - 1]:.2f};" for label, share in shares.items()))
best_round = {seed: int(history["val_nats"].argmin()) for seed, (_, history) in runs["no remedy"].items()}
print("lowest validation cross-entropy after step:", *(STEPS * (best + 1) for best in best_round.values()))

# %%
drawn, true = draw(0)
given, said = drawn.train_examples.labels, watches[0].classes
wrong = np.flatnonzero(given != true)[:10]
fig, axes = plt.subplots(2, 5, figsize=(11, 5.4), layout="constrained")
for ax, image in zip(axes.flat, wrong, strict=True):
    ax.imshow(drawn.train_examples.images[image, :, :, 0], cmap="gray_r")
    early, late = said[best_round[0]][image], said[-1][image]
    ax.set_title(f"true {true[image]}, label {given[image]}\npredicted {early}, at the end {late}", fontsize=11)
    ax.set_axis_off()
fig.suptitle(f"Wrong labels: predictions after step {STEPS * (best_round[0] + 1)} and at the end (seed 0)")

# %% [markdown]
# **What to see.** The first figure has the deck's curves: on the training images the cross-entropy goes to 0 nats and
# the accuracy to 1.00. On the validation images the cross-entropy has its minimum after 30 to 70 of the 300 steps and
# then rises, by half on average, and the accuracy falls from 0.84 to 0.81 (except for one seed). (The first point is
# after ten steps.)
#
# The second figure shows what happens around that minimum. After 30 steps the network classifies the correctly labelled
# images correctly, and for almost two thirds of the others it predicts *the true class, which it was never told*: it
# first learns what many digits have in common. In the next fifty steps it memorises the wrong labels, until it fits all
# of them (Arpit et al. 2017, "A closer look at memorization"). The third figure shows ten of these images. Training
# accuracy can't distinguish the two phases; validation can.
#
# ## Question 2: how much does each remedy gain?
#
# We try seven remedies, one after the other, each with the three seeds. Their strengths were chosen with another draw
# of 150 images, by validation accuracy: the training images differ from the three draws below, but the validation
# images are the same, so these gains are slightly optimistic. Question 3 uses the test images.
#
# **Early stopping**, the deck's "stop learning if validation error increase". Curves are noisy, so it waits for five
# rounds without a new minimum. Then it restores the weights of the best round, which is essential: stopping alone would
# keep the weights from five rounds later.

# %%
runs["early stopping"] = {}
for seed in SEEDS:
    stop = keras.callbacks.EarlyStopping("val_nats", mode="min", patience=5, restore_best_weights=True)
    runs["early stopping"][seed] = train(seed, callbacks=[stop])
    print(f"seed {seed}: stopped after step {STEPS * (stop.stopped_epoch + 1)}", end=", ")
    print(f"restored the weights of step {STEPS * (stop.best_epoch + 1)}")

# %% [markdown]
# **Weight decay**, eq. 48, penalises large weights. (`1_weight_decay.py` covers it in detail.)

# %%
runs["weight decay"] = {seed: train(seed, weight_decay=0.03) for seed in SEEDS}

# %% [markdown]
# **Dropout.** In each step a different random 70 % of the hidden units are set to 0, and the rest are divided by 0.3.
# No unit can rely on another particular unit to correct it (Srivastava et al. 2014). After training all units are used.

# %%
runs["dropout"] = {seed: train(seed, dropout=0.7) for seed in SEEDS}

# %% [markdown]
# **Batch normalisation** makes training faster (next tutorial). It also adds noise: the output of a unit for one image
# depends on the other 49 in the batch.

# %%
runs["batch normalisation"] = {seed: train(seed, batch_norm=True) for seed in SEEDS}

# %% [markdown]
# **Data augmentation.** A digit that is shifted by one pixel is still the same digit. `"crop"` shifts every image at
# random by up to an eighth of its width, here one pixel, in both directions: 150 images become 1350, and it is harder
# to memorise a wrong label for nine versions of an image.

# %%
runs["augmentation"] = {seed: train(seed, augment=("crop",)) for seed in SEEDS}

# %% [markdown]
# **A smaller network**: one hidden layer of 16 units, 1,210 parameters instead of 50,826.

# %%
runs["smaller net"] = {seed: train(seed, hidden=(16,)) for seed in SEEDS}

# %% [markdown]
# **More data**: all 719 training images, including the same 150, with the same share of wrong labels. The number of
# steps is the same, so each image is seen a fifth as often.

# %%
runs["more data"] = {seed: train(seed, size=data.train_size) for seed in SEEDS}

# %%
REMEDIES = list(runs)[1:]
fig, axes = plt.subplots(2, 4, figsize=(14, 7), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes.flat, REMEDIES, strict=False):
    for seed, (_, history) in runs[name].items():
        first = seed == SEEDS[0]
        taken = steps[: len(history)]
        ax.plot(steps, runs["no remedy"][seed][1]["val_nats"], "0.7", label="validation, no remedy" if first else None)
        ax.plot(taken, history["nats"], "C0--", label="training, during fit" if first else None)
        ax.plot(taken, history["val_nats"], "C1-", linewidth=2, label="validation" if first else None)
        if name == "early stopping":
            best = history["val_nats"].argmin()
            ax.plot(taken[best], history["val_nats"][best], "k*", markersize=13, label="kept" if first else None)
    ax.set(title=name, ylim=(0, 2.4))
axes[0, 0].set(xlim=(0, steps[-1]), xticks=(0, 100, 200, 300))
axes[0, 3].tick_params(labelbottom=True)
axes[1, 3].set_axis_off()
axes[1, 3].legend(*axes[0, 0].get_legend_handles_labels(), loc="center", fontsize=12)
fig.supxlabel("steps of Adam")
fig.supylabel("cross-entropy, without penalty (nats)")

# %% [markdown]
# **What to see.** The grey curves show the overfitting without a remedy. Early stopping follows them and goes back to
# the minimum; for one seed there is almost no rise to avoid. Weight decay and dropout keep the two curves together to
# the end, as the deck's solutions should: the network doesn't memorise the wrong labels. With dropout the training
# curve even lies above the validation curve: it is measured with 30 % of the units. It is also measured on labels of
# which some are wrong, while the validation labels are all true; that is why it also lies above with more data. With
# batch normalisation the training loss falls to 0 faster than before: it makes memorising *easier*, and its validation
# curve still rises. Augmentation and the smaller network slow memorising down rather than prevent it; at step 300 the
# gap is still growing. More data is the only remedy whose curve falls and stays low for every seed. (The axis ends at
# 2.4, below the first points of dropout.)
#
# The dashed curves can't be compared with each other: Keras computes them during training, with dropped units and
# shifted images. For the table we evaluate each trained network again on its unmodified training images, with all its
# units.


# %%
def score(model, examples):
    """Returns the accuracy, and the cross-entropy in nats."""
    logits = model(examples.images / np.float32(255), training=False)
    nats = keras.losses.sparse_categorical_crossentropy(examples.labels, logits, from_logits=True)
    return float(np.mean(np.argmax(logits, axis=1) == examples.labels)), float(np.mean(nats))


def scores(name):
    """Returns accuracy in training, accuracy and nats in validation, of each seed; shape (3, 3)."""
    rows = []
    for seed, (model, _) in runs[name].items():
        size = data.train_size if name == "more data" else 150
        in_training, _ = score(model, draw(seed, size)[0].train_examples)
        rows.append((in_training, *score(model, data.validation_examples)))
    return np.array(rows)


table = {name: scores(name) for name in runs}
gains = {name: (table[name] - table["no remedy"])[:, 1:] * [1, -1] for name in REMEDIES}  # (seeds, 2), larger is better

# %%
print("                      accuracy              gain in validation, mean ± standard deviation of 3 seeds")
print("                      training  validation  accuracy                  cross-entropy (nats)")
for name, values in table.items():
    row = f"{name:20}  {values[:, 0].mean():8.3f}  {values[:, 1].mean():10.3f}"
    for gain in gains[name].T if name in gains else ():
        row += f"  {gain.mean():+.3f} ± {gain.std(ddof=1):.3f}, {np.sum(gain > 0)} of 3"
    print(row)

# %%
fig, axes = plt.subplots(1, 2, figsize=(12, 4.6), sharey=True, layout="constrained")
units = ("accuracy", "decrease of the cross-entropy (nats)")
for column, (ax, unit) in enumerate(zip(axes, units, strict=True)):
    for height, name in enumerate(REMEDIES):
        gain = gains[name][:, column]
        ax.barh(height, gain.mean(), color="C0", alpha=0.35)
        ax.plot(gain, np.full(3, height), "ko", markersize=6, label="one seed" if height == 0 else None)
    ax.axvline(0, color="k", linewidth=1)
    ax.set(xlabel=f"gain in validation: {unit}", yticks=range(len(REMEDIES)), yticklabels=REMEDIES)
axes[0].invert_yaxis()
axes[0].legend(loc="center right")
fig.suptitle("Gain of each remedy. Bar: mean of three seeds")

# %%
print(f"no remedy, training accuracy = {table['no remedy'][:, 0].mean():.2f}")
for name, gain in gains.items():
    print(f"{name}, gain in validation accuracy = {gain[:, 0].mean():.3f}")
    print(f"{name}, gain in validation cross-entropy (nats) = {gain[:, 1].mean():.2f}")

# %% [markdown]
# **What to see.** Everything helps on average, in both measures, and most remedies help for every seed. But the gains
# are very different, and few of the differences *between* remedies are larger than the variation over three seeds. Five
# times the data gains more than any trick. Among the remedies that need no data, dropout comes first, and consistently:
# 0.05 in accuracy for each seed, at a tuned strength. Early stopping and weight decay follow with 0.04.
#
# Some remedies hardly help: batch normalisation and the smaller network gain 0.01 in accuracy, and augmentation, which
# gains 0.02 on average, gains a single image (one of 718 is 0.0014) for one seed. Don't expect batch normalisation to
# cure overfitting. Weight decay and the smaller network improve accuracy for all seeds, but make the cross-entropy
# *worse* for one. The networks with batch normalisation still fit 1.00 of the training labels, including the wrong
# ones; the others give up on some of them, and rightly so: a network that predicts the true class of every training
# image would have a training accuracy of 0.88 here.
#
# ## Question 3: do the remedies combine, and do the gains hold on the test images?
#
# Dropout, augmentation and early stopping need no additional data and can be combined: first with the dropout rate that
# was best on its own, 0.7; then, because that turns out to be too much, with 0.3. Now we use the test images, for the
# first and only time: early stopping used the validation images to choose its round, and we used them to choose the
# strengths and to reject 0.7, so the gains there are partly a result of that choice. (Dropout and augmentation make the
# curves noisier, so early stopping waits for ten rounds here.)

# %%
for rate in (0.7, 0.3):
    name = f"three together, dropout {rate}"
    runs[name] = {}
    for seed in SEEDS:
        stop = keras.callbacks.EarlyStopping("val_nats", mode="min", patience=10, restore_best_weights=True)
        runs[name][seed] = train(seed, dropout=rate, augment=("crop",), callbacks=[stop])

# %%
fig, ax = plt.subplots(figsize=(7.5, 6.5), layout="constrained")
COMPARED = ["no remedy", "early stopping", "dropout", "more data", *list(runs)[-2:]]
for name, style in zip(COMPARED, ["ko", "C0s", "C1^", "C2D", "C3v", "C4P"], strict=True):
    validation = np.array([score(model, data.validation_examples) for model, _ in runs[name].values()])
    test = np.array([score(model, data.test_examples) for model, _ in runs[name].values()])
    ax.plot(validation[:, 0], test[:, 0], style, markersize=8, label=name)
    print(f"{name}, validation accuracy = {validation[:, 0].mean():.2f}")
    print(f"{name}, test accuracy = {test[:, 0].mean():.2f}")
    print(f"{name}, test cross-entropy (nats) = {test[:, 1].mean():.2f}")
ax.axline((0.85, 0.85), slope=1, color="grey", linestyle=":", label="equal")
ax.set(xlabel="validation accuracy, 718 images", ylabel="test accuracy, 360 images")
ax.set_title("One marker per seed")
ax.legend(loc="upper left")

# %% [markdown]
# **What to see.** The gains hold: test and validation accuracy of a network agree within two or three standard errors
# of 360 images (one is 0.02), and the order of the methods is the same. Three remedies together, each at the strength
# that was best on its own, are *worse than none*: the network doesn't learn enough in 300 steps; it underfits. With
# less dropout they are as good as dropout alone or a little better. Strengths have to be chosen together. That is what
# validation images are for, and what test images are not for.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start dropout`. Then explore:
#
# 1. Let `SHARE_WRONG` be 0, without the two cells about wrong labels. How much of the overfitting is left, and how much
#    does dropout gain? (The training accuracy still goes to 1.00, but validation ends at 0.92 instead of 0.81 and
#    within 0.05 nats of its minimum; dropout gains nothing. What did the harm was memorising wrong labels.)
# 2. `train(seed, augment=("flip",))` mirrors each image with a probability of 1/2. Expect no gain: a validation
#    accuracy of 0.795, less than without. A mirrored 2 looks like none of the validation digits. For which data set of
#    photographs would you use flips?
# 3. Is "three together, dropout 0.7" bad or only slow? Train it with `ROUNDS = 100`. (Slow: 0.84 and still rising after
#    1000 steps, but it takes three times as long to get close to the 0.86 of dropout alone.)
# 4. Early stopping by accuracy: `EarlyStopping("val_accuracy", mode="max", ...)`. Accuracy changes in steps of whole
#    images; is the best round earlier or later, and what is its cross-entropy?
# 5. How many trained networks have been evaluated on the validation images here? (30, counting the seeds, without those
#    used to choose the strengths.) How much of each gain can be chance if the best of 30 is reported?
#    `4_cross_validation.py` measures it.
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The validation accuracy ends at 0.921 and the cross-entropy at 0.296 nats, for the seeds 0 to 2 0.017, 0.042 and
#    0.004 above its minimum. With dropout they are 0.916 and 0.279. With all labels right there is next to nothing to
#    cure.
# 2. 0.795 with flips and 0.805 without, the means of three seeds; one seed is equal, two lose. The 5 and the 7 lose
#    most (0.89 to 0.83, 0.86 to 0.79), the 8 gains (0.78 to 0.83), since a mirrored 8 is an 8. Flips fit pictures in
#    which left and right don't matter, such as those of animals or clothes.
# 3. Slow, for two of three seeds: after 300 steps the accuracies are 0.68, 0.72 and 0.80, and early stopping keeps
#    0.80, 0.84 and 0.90 after up to 1000 (0.846 on average). Seed 0 stopped after 950 steps at 0.80, still below its
#    0.83 with plain early stopping.
# 4. Earlier, for each seed: after 20, 20 and 40 steps instead of 30, 30 and 70. The accuracy is 0.850 instead of 0.842,
#    the cross-entropy 0.536 nats instead of 0.516. Each criterion picks what it measures. Accuracy counts the images on
#    the right side only, and stops counting what the network learns about being sure.
# 5. If all 30 were equally good, with an accuracy of 0.86, one network's would vary by $\sqrt{0.86 \cdot 0.14 / 718}$ =
#    0.013, and the best of 30 would lie 2.0 times that, 0.026, above the truth on average (drawn at random 20,000
#    times). That assumes that each is judged on images of its own. They share the images here, so the differences
#    between them vary less; but it is more than three of the seven remedies gain.
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
