# %% [markdown]
r"""# How good is a model really, and is it better than another one?

"If possible, make 3 sets: training, validation, test", says chapter 7 of the deck, and "when little data: split dataset
in k sets", K-fold cross-validation, "report mean performances". Here we test each of these recommendations in a setting
where the truth is known: 200 digits are ours, and 1,237 others, which we pretend not to have, tell how good a model
really is.

```
python tutorials/07_regularization/4_cross_validation.py
```

Measured with that command in 25 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| one split, standard deviation of the accuracy | 0.038 | ± 0.005 |
| splits that see no advantage of the better model | 0.19 | ± 0.05 |
| 5 folds, standard deviation of the mean accuracy | 0.009 | ± 0.003 |
| 5 folds, mean | 0.926 | ± 0.01 |
| accuracy in the world with the chosen k | 0.941 | ± 0.02 |
| best of 300 chosen by the test, reported minus true accuracy | 0.168 | ± 0.02 |
| best of 300 chosen by validation, reported minus true accuracy | -0.008 | ± 0.015 |
| network minus neighbours, mean difference | -0.025 | ± 0.03 |
| Student's, 20 random splits, differences found where there is none | 0.41 | ± 0.05 |
| corrected, 20 random splits, differences found where there is none | 0.063 | ± 0.025 |
| Student's, 10 folds, differences found where there is none | 0.085 | ± 0.03 |
| corrected, 10 folds, differences found where there is none | 0.018 | ± 0.015 |
| test accuracy of the chosen | 0.953 | ± 0.02 |

The result of a single split is mostly luck, choosing a model on the test images makes the test accuracy worthless, and
a t-test that treats folds as independent finds differences that are not there.
"""

# %%
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from keras_course.data import Examples, load_images
from keras_course.evaluation import paired_difference
from keras_course.models import build_mlp
from keras_course.selection import cross_validate, final_evaluation
from keras_course.visualization import plot_fold_scores

# %% [markdown]
# ## Question 1: what does a single split tell us?
#
# We set aside 200 training digits, stratified by class. They are all that we have. The others are "the world", on which
# the model has to work later. The test images of `data` stay untouched until the last cell.

# %%
data = load_images("digits", validation_fraction=0)
images, world_images, labels, world_labels = train_test_split(
    *data.train_examples, train_size=200, stratify=data.train_examples.labels, random_state=0
)
print(f"ours: {len(labels)} digits; the world: {len(world_labels)}")


def flatten(images):
    """Turns images (n, height, width, channels) into rows of pixels in [0, 1]."""
    return images.reshape(len(images), -1) / 255


def neighbors(k):
    """Returns an untrained classifier: the majority among the k nearest training images."""
    search = KNeighborsClassifier(k, algorithm="kd_tree")  # too few images for multi-threaded brute force to pay off
    return make_pipeline(FunctionTransformer(flatten), search)


# %% [markdown]
# We train on 160 and evaluate on the other 40. What if another 40 had been drawn? We make 100 random splits and measure
# the accuracy of two models for each, 3 and 12 nearest neighbours.

# %%
SPLITS = StratifiedShuffleSplit(n_splits=100, test_size=40, random_state=0)
one_split = {k: [] for k in (3, 12)}
for kept, held_out in SPLITS.split(images, labels):
    for k, accuracies in one_split.items():
        fitted = neighbors(k).fit(images[kept], labels[kept])
        accuracies.append(fitted.score(images[held_out], labels[held_out]))
one_split = {k: np.array(accuracies) for k, accuracies in one_split.items()}
truth = {k: neighbors(k).fit(images, labels).score(world_images, world_labels) for k in one_split}
gap = one_split[3] - one_split[12]
print("accuracy in the world:", ", ".join(f"{k} neighbours {value:.3f}" for k, value in truth.items()))
print(f"lowest and highest accuracy of 3 neighbours: {one_split[3].min():.3f}, {one_split[3].max():.3f}")
print(f"one split, standard deviation of the accuracy = {one_split[3].std():.3f}")
print(f"splits that see no advantage of the better model = {np.mean(gap <= 0):.2f}")

# %% [markdown]
# ### What about K folds?
#
# Cross-validation divides the 200 into 5 folds of 40. Each fold is held out once while the model is trained on the
# other four; the mean of the five accuracies is reported. `cross_validate` does that for any model, with the training
# and validation images of an `ImageData`. We repeat it with 40 different divisions:

# %%
small = replace(data, train_examples=Examples(images, labels), validation_examples=None, batch_size=32)
five_folds = np.array([cross_validate(neighbors(3), small, folds=5, seed=seed).mean for seed in range(40)])
fig, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
bins = np.arange(0.8125, 1.02, 0.025)
ax.hist(one_split[3], bins, density=True, alpha=0.6, edgecolor="k", label="one split of 160 and 40")
bins = np.arange(0.8975, 0.95, 0.01)
ax.hist(five_folds, bins, density=True, alpha=0.6, edgecolor="k", hatch="//", label="mean of 5 folds")
ax.axvline(truth[3], color="k", linestyle="--", label="in the world, trained on all 200")
ax.set(xlabel="accuracy of 3 neighbours", ylabel="density")
ax.legend(loc="upper left")
print(f"5 folds, standard deviation of the mean accuracy = {five_folds.std():.3f}")
print(f"5 folds, mean = {five_folds.mean():.3f}")

# %% [markdown]
# **What to see.** A single split is a lottery. The same model, trained on the same number of digits, gets anything from
# 0.82 to 1.00, and in every fifth split 3 neighbours have no advantage, although they are 3 points better in the world.
# The mean of five folds varies a quarter as much, at the cost of training five times. This variation comes only from
# how the digits are divided. Two other sources of error don't show up in it: a fold trains on 160 digits instead of
# 200, so its accuracy is a little too low; and the 200 are themselves one draw from the world, a lucky or an unlucky
# one.
#
# ## Question 2: which k?
#
# Cross-validation tunes "algorithm params" (the deck) as well: try each value on the same folds and take the best mean.
# Here we choose the number of neighbours, with 10 folds of 20 digits. The figure also shows what we normally can't
# know: the accuracy in the world.

# %%
CHOICES = (1, 2, 3, 5, 8, 12, 20, 30, 50)
tuned = {k: cross_validate(neighbors(k), small, folds=10) for k in CHOICES}
in_world = {k: neighbors(k).fit(images, labels).score(world_images, world_labels) for k in CHOICES}
chosen = max(CHOICES, key=lambda k: tuned[k].mean)
fig, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
means = np.array([tuned[k].mean for k in CHOICES])
errors = np.array([tuned[k].standard_deviation for k in CHOICES]) / np.sqrt(10)
ax.errorbar(CHOICES, means, errors, color="C1", marker="o", capsize=4, label="mean of 10 folds, ± sd / √10")
ax.plot(CHOICES, list(in_world.values()), "k--s", label="in the world")
ax.plot(chosen, tuned[chosen].mean, "*", color="C1", markersize=18, markeredgecolor="k", label=f"chosen: k = {chosen}")
ax.set(xscale="log", xlabel="k, number of neighbours", ylabel="accuracy")
ax.set_xticks(CHOICES, CHOICES)
ax.minorticks_off()
ax.legend(loc="lower left")
print(f"k chosen by 10 folds = {chosen}")
print(f"accuracy in the world with the chosen k = {in_world[chosen]:.3f}")
print(f"accuracy in the world with the best k of all = {max(in_world.values()):.3f}")

# %% [markdown]
# **What to see.** The folds agree with the world: with 200 digits the nearest neighbours are the most informative, and
# more distant ones cost accuracy. From 1 to 3 the differences are no larger than the error bars; that the folds chose
# the best k of all is partly luck. What about the level? The star is at 0.955, while the accuracy in the world is
# 0.941. The star is the highest of nine numbers, and the highest is the one that luck helped the most.
#
# ## Question 3: why a third set?
#
# The number used to choose a model must not be the number that is reported. We train 300 decision trees, each on 6
# randomly chosen pixels, on our 200 digits. All of them are bad, some less so than others. Then we draw 40 test digits
# from the world, take the tree that is best *on them*, and report its accuracy *on them*. Alternatively, we choose by
# 40 validation digits and test the chosen tree on 40 others. How do the reported and the true accuracy compare? We
# average over 500 draws of the digits.

# %%
rng = np.random.default_rng(0)
pixels, world_pixels = flatten(images), flatten(world_images)
right = np.empty((300, len(world_labels)), bool)  # tree by digit of the world
for row in right:
    few = rng.choice(64, 6, replace=False)
    tree = DecisionTreeClassifier(random_state=0).fit(pixels[:, few], labels)
    row[:] = tree.predict(world_pixels[:, few]) == world_labels
true_accuracy = right.mean(axis=1)
TRIED = (1, 3, 10, 30, 100, 300)
reported = {"chosen by the test": np.zeros((500, len(TRIED))), "chosen by validation": np.zeros((500, len(TRIED)))}
true = {name: np.zeros((500, len(TRIED))) for name in reported}
for draw in range(500):
    trees = rng.permutation(300)
    validation, test = rng.permutation(len(world_labels))[:80].reshape(2, 40)
    for column, tried in enumerate(TRIED):
        for name, judge in (("chosen by the test", test), ("chosen by validation", validation)):
            best = trees[:tried][right[np.ix_(trees[:tried], judge)].mean(axis=1).argmax()]
            reported[name][draw, column] = right[best, test].mean()
            true[name][draw, column] = true_accuracy[best]

# %%
fig, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
for (name, values), style in zip(reported.items(), ("C3s", "C2o"), strict=True):
    ax.plot(TRIED, values.mean(axis=0), f"{style}-", markersize=8, label=f"{name}: reported")
    ax.plot(TRIED, true[name].mean(axis=0), f"{style}--", markerfacecolor="w", label=f"{name}: true")
ax.set(xscale="log", xlabel="models tried", ylabel="accuracy of the one chosen")
ax.set_xticks(TRIED, TRIED)
ax.minorticks_off()
ax.legend()
for name in reported:
    excess = reported[name][:, -1].mean() - true[name][:, -1].mean()
    print(f"best of 300 {name}, reported minus true accuracy = {excess:.3f}")

# %% [markdown]
# **What to see.** Choosing helps: the more trees we try, the better the chosen one really is (dashed), 0.51 instead of
# 0.40. But the red squares promise 0.68. With 300 trees the reported number is 0.17 too high, and none of that shows up
# in the world. This is the winner's curse: the best of many is partly best by luck. The green circles follow the deck's
# advice: validation digits for choosing, "use test only to report final performance". They lie on their dashed line,
# however many trees we try: a number that wasn't used for the choice is unbiased.
#
# So the package makes it hard to choose on the test images. `cross_validate` removes them before it starts, and
# `without_test` does the same for your own code:

# %%
try:
    print(data.without_test().test)
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# ## Question 4: is one model better, or was it lucky?
#
# We compare a network and nearest neighbours on the same 5 folds. `build` is called again for each fold, so every
# network starts from new weights.

# %%
build = partial(build_mlp, hidden=(64,))
network = cross_validate(build, small, folds=5, epochs=40, learning_rate=0.01, name="mlp")
nearest = cross_validate(neighbors(chosen), small, folds=5, name=f"k = {chosen}")
print("the same folds:", np.array_equal(network.assignment, nearest.assignment))
fig = plot_fold_scores(pd.DataFrame({result.name: result.scores["accuracy"] for result in (nearest, network)}))
sizes = {"train_size": 160, "test_size": 40}
for corrected in (False, True):
    result = paired_difference(network.accuracies, nearest.accuracies, **sizes, corrected=corrected)
    name = "corrected" if corrected else "Student's"
    print(f"{name} interval of the difference: {result.low:+.3f} to {result.high:+.3f}: {result.verdict}")
    print(f"{name}, half width of the interval = {(result.high - result.low) / 2:.3f}")
print(f"network minus neighbours, mean difference = {result.mean:.3f}")

# %% [markdown]
# Student's paired t-test assumes that the five differences are independent. They are not: any two of the five networks
# were trained on sets that share 120 of their 160 images. Nadeau and Bengio (2003) use a larger variance, $\left(
# \frac1K + \frac{n_2}{n_1} \right) s^2$ instead of $\frac1K s^2$, with $n_2$ held-out images and $n_1$ training images.
#
# Is that necessary? We look at a case where we know that there is no difference: 1,000 data sets of 40 points with 20
# features from the same distribution; one model sees the first ten features, the other one the last ten. (Each assigns
# a point to the class with the nearer mean.) Every difference that a test "finds" at the 5 % level is an error, so 5
# out of 100 are allowed.

# %%
classes = np.tile([0, 1], 20)
points = rng.normal(size=(1000, 40, 2, 10)) + 0.2 * (2 * classes - 1)[:, np.newaxis, np.newaxis]


def accuracies_of_both(kept, held_out):
    """Returns the accuracy of both models on the points held out, of shape (data sets, models)."""
    means = [points[:, kept[classes[kept] == label]].mean(axis=1) for label in (0, 1)]
    towards = points[:, held_out] - (means[0] + means[1])[:, np.newaxis] / 2
    says_one = np.einsum("sntd,std->snt", towards, means[1] - means[0]) > 0
    return (says_one == classes[held_out, np.newaxis]).mean(axis=1)


def found(scores, ratio):
    """Returns the share of data sets whose 95 % interval excludes 0, without and with n₂/n₁."""
    differences = scores[..., 0] - scores[..., 1]  # data sets by splits
    count = differences.shape[1]
    student = np.abs(differences.mean(axis=1)) / np.maximum(differences.std(axis=1, ddof=1), 1e-12)
    limit = stats.t.ppf(0.975, count - 1)
    return [np.mean(student > limit * np.sqrt(1 / count + more)) for more in (0, ratio)]


# %%
ways = {
    "random splits": StratifiedShuffleSplit(n_splits=60, test_size=8, random_state=0),
    "folds": StratifiedKFold(10, shuffle=True, random_state=0),
}
scores = {
    name: np.stack([accuracies_of_both(*split) for split in way.split(classes, classes)], axis=1)
    for name, way in ways.items()
}
COUNTS = (5, 10, 20, 40, 60)
errors = np.array([found(scores["random splits"][:, :count], 8 / 32) for count in COUNTS])
tenfold = found(scores["folds"], 4 / 36)
fig, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
ax.plot(COUNTS, errors[:, 0], "C3s-", markersize=8, label="Student's t-test")
ax.plot(COUNTS, errors[:, 1], "C2o-", markersize=8, label="corrected")
ax.axhline(0.05, color="k", linestyle=":", label="allowed at 95 %")
ax.set(xlabel="random splits into 32 and 8 points", ylabel="share of differences found\nwhere there is none")
ax.set_ylim(0, None)
ax.legend()
for name, column in {"Student's": 0, "corrected": 1}.items():
    print(f"{name}, 20 random splits, differences found where there is none = {errors[2, column]:.3f}")
    print(f"{name}, 10 folds, differences found where there is none = {tenfold[column]:.3f}")

# %% [markdown]
# **What to see.** With 20 random splits, Student's test finds a difference in 41 of 100 data sets, all of them false,
# and more splits make it worse. They are splits of the same 40 points and add no new information, but the root of $1/K$
# keeps shrinking. The corrected interval is wrong 6 times out of 100, whatever the number of splits. With ten folds,
# whose held-out parts don't overlap, Student's test does better: 8 or 9 of 100. There the correction is more cautious
# than necessary: 2 of 100.
#
# What about the network? On five folds of 40 digits it is 2.5 points worse, and the corrected interval extends 5.7
# points to either side. So no difference is shown. That doesn't mean that there is none: five folds of 40 digits can't
# show a small one.
#
# On the command line, such a comparison, with a report, is
#
# ```
# keras-course compare hog+rbf-svm lenet --data digits --folds 5
# ```
#
# ### At the very end
#
# Now that everything is chosen, we use the test images, once: `final_evaluation` records that they were used and
# refuses a second time.

# %%
with TemporaryDirectory() as study:
    model = neighbors(chosen).fit(images, labels)
    final = final_evaluation(model, data, run_dir=study, name=nearest.name)
    low, high = final.accuracy_interval()
    print(f"95 % interval for {len(final.labels)} images: {low:.3f} to {high:.3f}")
    print(f"test accuracy of the chosen = {final.accuracy:.3f}")
    try:
        final_evaluation(neighbors(1).fit(images, labels), data, run_dir=study)
    except ValueError as error:
        print("ValueError:", str(error).replace(study, "study"))

# %% [markdown]
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start stratified_folds`. Then explore:
#
# 1. One split holds out $n = 40$ digits. Compare its standard deviation with $\sqrt{p (1 - p) / n}$, $p = 0.93$: expect
#    0.040. How many held-out digits would reduce it to 0.01? (650.)
# 2. In question 3 choose by 400 digits instead of 40. By how much is the accuracy of the best of 300 trees too high
#    now? (0.02 to 0.03.)
# 3. Use 10 folds in question 4, and their `sizes`, 180 and 20. Do the two intervals become narrower? (Yes: the half
#    width of Student's goes from 0.038 to 0.030, that of the corrected one from 0.057 to 0.044. Of $\frac1K +
#    \frac{n_2}{n_1}$, 0.20 and 0.25 become 0.10 and 0.11, and Student's quantile falls from 2.8 to 2.3; but $s^2$
#    doubles, because a fold has half as many digits.)
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. 0.038 measured with 100 splits, 0.040 by the formula, and 651 digits for 0.01.
# 2. By 0.021: 0.581 are reported and 0.560 true (500 draws, as in question 3), instead of 0.68 and 0.51. The choice is
#    better, too. Chosen by 400 validation digits and tested on 400 others the report is 0.011 too *low*: our world has
#    only 1,237 digits, and the tree that was lucky with 400 of them has less luck left for the rest.
# 3. Yes: 0.038 becomes 0.030, and 0.057 becomes 0.044; $s^2$ goes from 0.00094 to 0.00178. The mean difference is
#    -0.030 instead of -0.025, and even Student's interval, -0.060 to 0.000, shows none. (`k = 1`, seed 0.)
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
