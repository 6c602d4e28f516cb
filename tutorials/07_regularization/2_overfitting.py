# %% [markdown]
r"""# What does a network learn by heart, and what can be done about it?

Chapter 7 of the deck: "Training too much on training set limits generalization", "Stop learning if validation error
increase", and three solutions. Here a network memorises 150 digits, wrong labels included. Then it gets one remedy
after the other, and what each is worth is measured three times, on other digits with other first weights.

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
# ## Question 1: what is learned by heart, and when?
#
# A hundred and fifty training images. So that there is something not worth learning, each label is wrong with a
# probability of 15 %, as happens where people label in a hurry. The validation images keep their true labels. The seed
# decides which images, and which labels: three seeds are three trainings that have nothing in common but the method.

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
# The network has two hidden layers and 50,826 parameters, more than 300 for each image. Two details of the training:
#
# - An epoch of 150 images would be three steps. `repeat` strings the epochs together, and ten steps are called a round.
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
# A callback writes down what the network says of its training images after every round.


# %%
def predict(model, examples):
    """Returns the class that the model gives to each image, without dropout and the like."""
    return np.argmax(model(examples.images / np.float32(255), training=False), axis=1)


class Answers(keras.callbacks.Callback):
    """Collects what the model says of `examples` after each epoch of `fit`."""

    def __init__(self, examples):
        super().__init__()
        self.examples, self.classes = examples, []

    def on_epoch_end(self, epoch, logs=None):
        """Asks the model."""
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
kinds = {"right label: says the label": [], "wrong label: says the label": [], "wrong label: says the true class": []}
for seed in SEEDS:
    drawn, true = draw(seed)
    given, said = drawn.train_examples.labels, np.array(watches[seed].classes)  # (rounds, images)
    kinds["right label: says the label"].append(np.mean((said == given)[:, given == true], axis=1))
    kinds["wrong label: says the label"].append(np.mean((said == given)[:, given != true], axis=1))
    kinds["wrong label: says the true class"].append(np.mean((said == true)[:, given != true], axis=1))
fig, ax = plt.subplots(figsize=(9, 4.2), layout="constrained")
for (label, shares), style in zip(kinds.items(), ["C0o-", "C3v-", "C2^-"], strict=True):
    band(ax, shares, style, label)
ax.set(xlabel="steps of Adam", ylabel="share of the training images", title="What the network says of its own images")
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
    ax.set_title(f"a {true[image]}, label {given[image]}\nsays {early}, at the end {late}", fontsize=11)
    ax.set_axis_off()
fig.suptitle(f"Wrong labels: what the network says after step {STEPS * (best_round[0] + 1)}, and at the end (seed 0)")

# %% [markdown]
# **What to see.** The first figure has the deck's curves: in training the cross-entropy goes to 0 nats and the accuracy
# to 1.00; in validation the cross-entropy turns after 30 to 70 of the 300 steps and climbs, by half on average, and the
# accuracy falls from 0.84 to 0.81 (on one seed it doesn't). (The first point is after ten steps.)
#
# The second says what happens after that turn. After 30 steps the network has the well labelled images right, and gives
# almost two thirds of the others *the true class, which nobody has told it*: what many digits have in common is learned
# first. The next fifty steps go into believing the labels, until it believes all of them (Arpit et al. 2017, "A closer
# look at memorization"). The third shows ten of them. Training accuracy can't tell the two phases apart; validation
# can.
#
# ## Question 2: what is each remedy worth?
#
# Seven remedies, one after the other, each with the three seeds. Their strengths were chosen with another draw of
# 150 images, by the accuracy in validation: other training images than the three below, but the same validation images,
# so these gains are a little too good. Question 3 asks the test images.
#
# **Early stopping**, the deck's "stop learning if validation error increase". Curves jitter, so it waits for five
# rounds without a new minimum. Then it takes back the weights of the best round, which is what matters: stopping alone
# would keep the weights of five rounds later.

# %%
runs["early stopping"] = {}
for seed in SEEDS:
    stop = keras.callbacks.EarlyStopping("val_nats", mode="min", patience=5, restore_best_weights=True)
    runs["early stopping"][seed] = train(seed, callbacks=[stop])
    print(f"seed {seed}: stopped after step {STEPS * (stop.stopped_epoch + 1)}", end=", ")
    print(f"took back the weights of step {STEPS * (stop.best_epoch + 1)}")

# %% [markdown]
# **Weight decay**, eq. 48: large weights cost. (`1_weight_decay.py` takes it apart.)

# %%
runs["weight decay"] = {seed: train(seed, weight_decay=0.03) for seed in SEEDS}

# %% [markdown]
# **Dropout.** In each step 70 % of the hidden units are set to 0, others each time, and what is left is divided by 0.3.
# No unit can rely on a particular other one to correct it (Srivastava et al. 2014). After training all of them work.

# %%
runs["dropout"] = {seed: train(seed, dropout=0.7) for seed in SEEDS}

# %% [markdown]
# **Batch normalisation** makes training faster (next tutorial). It also disturbs it: what a unit says of one image
# depends on the other 49 in the batch.

# %%
runs["batch normalisation"] = {seed: train(seed, batch_norm=True) for seed in SEEDS}

# %% [markdown]
# **Data augmentation.** A digit that is moved by one pixel is the same digit. `"crop"` moves every image by up to an
# eighth of its width, here one pixel, either way and by chance: 150 images make 1350, and a wrong label is harder to
# learn by heart on nine versions of an image.

# %%
runs["augmentation"] = {seed: train(seed, augment=("crop",)) for seed in SEEDS}

# %% [markdown]
# **A smaller net**: one hidden layer of 16 units, 1,210 parameters instead of 50,826.

# %%
runs["smaller net"] = {seed: train(seed, hidden=(16,)) for seed in SEEDS}

# %% [markdown]
# **More data**: all 719 images that there are, the same 150 among them, labels wrong with the same probability. As many
# steps as before, so each image is seen a fifth as often.

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
        ax.plot(taken, history["nats"], "C0--", label="training, as it went" if first else None)
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
# **What to see.** Grey is the climb without a remedy. Early stopping goes along with it and steps back to the turn; on
# one seed there is nearly no climb to be spared. Weight decay and dropout keep the two curves together to the end, as
# the deck's cure should: the network doesn't get round to the wrong labels. With dropout the dashed curve even lies
# above the other: it is measured with 30 % of the units. It is also measured on labels of which some are wrong, while
# those of validation are true; that is why it lies above with more data, too. Batch normalisation lets the training
# loss fall to 0 faster than before: it makes learning by heart *easier*, and its validation curve still climbs.
# Augmentation and the smaller net slow the memorising down more than they prevent it; at step 300 their gap is still
# opening. More data is the only remedy that falls and stays low on every seed. (The axis ends at 2.4, below the first
# points of dropout.)
#
# The dashed curves can't be compared with one another: they are what Keras computes on the way, with units dropped and
# images moved. For the table each trained network looks once more at its training images as they are, with all its
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
units = ("accuracy", "cross-entropy (nats), how much lower")
for column, (ax, unit) in enumerate(zip(axes, units, strict=True)):
    for height, name in enumerate(REMEDIES):
        gain = gains[name][:, column]
        ax.barh(height, gain.mean(), color="C0", alpha=0.35)
        ax.plot(gain, np.full(3, height), "ko", markersize=6, label="one seed" if height == 0 else None)
    ax.axvline(0, color="k", linewidth=1)
    ax.set(xlabel=f"gain in validation: {unit}", yticks=range(len(REMEDIES)), yticklabels=REMEDIES)
axes[0].invert_yaxis()
axes[0].legend(loc="center right")
fig.suptitle("What each remedy is worth. Bar: mean of three seeds")

# %%
print(f"no remedy, training accuracy = {table['no remedy'][:, 0].mean():.2f}")
for name, gain in gains.items():
    print(f"{name}, gain in validation accuracy = {gain[:, 0].mean():.3f}")
    print(f"{name}, gain in validation cross-entropy (nats) = {gain[:, 1].mean():.2f}")

# %% [markdown]
# **What to see.** Everything helps on average, in both measures, and most of it on every seed, but by very different
# amounts, and few of the differences *between* remedies are larger than the scatter of three seeds. Five times the data
# is worth more than any trick. Among those that are free, dropout comes first, and evenly so: 0.05 of accuracy on each
# seed, at a strength that was tuned. Early stopping and weight decay follow with 0.04.
#
# Where a remedy doesn't help: batch normalisation and the smaller net are worth 0.01 of accuracy, and augmentation,
# 0.02 on average, is worth a single image (one of 718 is 0.0014) on one seed; whoever adds batch normalisation for the
# sake of overfitting will be disappointed. Weight decay and the smaller net make accuracy better on all seeds and the
# cross-entropy *worse* on one. The trained networks with batch normalisation still have 1.00 of the training labels
# right, wrong ones included; the others give up some of them, and they are right to: a network with every true class
# and no wrong label has 0.88 here.
#
# ## Question 3: all at once? And does the gain last on images that nothing was chosen with?
#
# Dropout, augmentation and early stopping cost no further data and can be combined. First with the dropout rate that
# was the best one alone, 0.7; then, as that turns out to be too much, with 0.3. The test images decide. They are used
# here for the first time and once: early stopping has looked at the validation images to choose its round, and we have
# to choose the strengths and to give up 0.7, so the gains there are partly chosen too. (Dropout and augmentation make
# the curves noisier, so early stopping waits for ten rounds here.)

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
ax.set_title("One marker for each seed")
ax.legend(loc="upper left")

# %% [markdown]
# **What to see.** The gains last: test and validation accuracy of a network agree within two or three standard errors
# of 360 images (one is 0.02), and the order of the methods is the same. Three remedies together, each as strong as it
# was good alone, are *worse than none*: the network doesn't even learn what it should in 300 steps, it underfits. With
# the weaker dropout they are as good as dropout alone or a little better. Strengths don't add up; they have to be
# chosen together; that is what validation images are for, and what test images are not for.
#
# ## Exercises
# 1. Let `SHARE_WRONG` be 0. How much of the overfitting is left, and what is dropout worth? (The training accuracy
#    still goes to 1.00, but validation ends at 0.92 instead of 0.81 and within 0.05 nats of its minimum; dropout is
#    worth nothing. What had been so harmful was wrong labels learned by heart.)
# 2. `train(seed, augment=("flip",))` mirrors each image with a probability of 1/2. Expect it to be no remedy: 0.795,
#    less than without. A mirrored 2 isn't a digit that validation shows. Which data set of photographs would you flip?
# 3. Was "three together, dropout 0.7" beaten or only slow? Give it `ROUNDS = 100`. (Slow: 0.84 and still rising after
#    1000 steps, but it takes three times as long to come near the 0.86 of dropout alone.)
# 4. Early stopping by accuracy: `EarlyStopping("val_accuracy", mode="max", ...)`. Accuracy jumps by whole images; does
#    the kept round come earlier or later, and what is its cross-entropy?
# 5. How many trained networks have been looked at in validation here? (30, with the seeds, and those that chose the
#    strengths are not even counted.) What of each gain may be chance, if the best of 30 is reported?
#    `4_cross_validation.py` measures it.

# %%
if "__file__" in globals():  # run as a script; a notebook has shown its figures already
    folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name
    folder.mkdir(parents=True, exist_ok=True)
    for number in plt.get_fignums():
        path = folder / f"{Path(__file__).stem}_{number}.png"
        plt.figure(number).savefig(path, dpi=150)
        print("figure:", path)
