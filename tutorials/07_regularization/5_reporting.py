# %% [markdown]
r"""# What does one number hide, and what belongs in a report?

Chapter 7 of the deck ends with "Reporting performances": accuracy and confusion matrix for classification, precision,
recall, F1 and mAP for detection. Here we report on a small network in all these ways, check whether its probabilities
are right, and work out mAP by hand for two pictures.

```
python tutorials/07_regularization/5_reporting.py
```

Measured with that command in 22 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| test accuracy | 0.814 | ± 0.04 |
| its interval, lower end | 0.770 | ± 0.04 |
| its interval, upper end | 0.851 | ± 0.04 |
| lowest recall | 0.67 | ± 0.12 |
| eights 0.1, accuracy of never | 0.900 | ± 0.0005 |
| eights 0.1, accuracy | 0.956 | ± 0.01 |
| eights 0.1, recall | 0.73 | ± 0.08 |
| eights 0.1, precision | 0.81 | ± 0.08 |
| eights 0.001, accuracy of never | 0.999 | ± 0.0005 |
| eights 0.001, accuracy | 0.980 | ± 0.01 |
| eights 0.001, recall | 0.73 | ± 0.08 |
| eights 0.001, precision | 0.036 | × 1.6 |
| mean of the average precisions | 0.90 | ± 0.03 |
| temperature | 1.94 | ± 0.4 |
| as trained, mean confidence | 0.907 | ± 0.03 |
| as trained, expected calibration error | 0.096 | ± 0.03 |
| as trained, error that chance makes | 0.027 | ± 0.01 |
| as trained, test cross-entropy (nats) | 0.74 | ± 0.15 |
| with temperature, mean confidence | 0.80 | ± 0.03 |
| with temperature, expected calibration error | 0.067 | ± 0.03 |
| with temperature, error that chance makes | 0.040 | ± 0.01 |
| with temperature, test cross-entropy (nats) | 0.58 | ± 0.1 |
| with temperature, accuracy | 0.814 | ± 0.04 |
| AP50, mean of the classes | 0.653 | ± 0.0005 |
| AP75, mean of the classes | 0.597 | ± 0.0005 |
| AP, mean of the classes | 0.470 | ± 0.0005 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from sklearn import metrics

from keras_course.data import load_images
from keras_course.evaluation import (
    ClassifierEvaluation,
    Detections,
    GroundTruth,
    calibration_curve,
    evaluate,
    expected_calibration_error,
    mean_average_precision,
)
from keras_course.models import build_mlp
from keras_course.numerics.boxes import box_iou
from keras_course.visualization import (
    plot_confusion_matrix,
    plot_precision_recall_curves,
    plot_reliability_diagram,
)

# %% [markdown]
# ## Question 1: how good is the network, and how well do we know it?
#
# We train a network with 64 hidden units on 150 digits, 15 of each class, until it has memorised them; 15 of the 150
# have a wrong label, as happens when people label in a hurry. The validation images are used in question 3; the test
# images are for the report.

# %%
data = load_images("digits", validation_fraction=0.5, batch_size=1024)
examples, rng = data.train_examples, np.random.default_rng(0)
chosen = np.concatenate([rng.permutation(np.flatnonzero(examples.labels == digit))[:15] for digit in range(10)])
images, labels = (examples.images[chosen] / 255).astype("float32"), examples.labels[chosen]
wrong = rng.permutation(150)[:15]
labels[wrong] = (labels[wrong] + rng.integers(1, 10, size=15)) % 10


def train(seed):
    """Returns the network after 100 epochs."""
    keras.utils.set_random_seed(seed)
    model = build_mlp(data.input_shape, data.num_classes, hidden=(64,))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    logs = model.fit(images, labels, batch_size=50, epochs=100, verbose=0).history
    print(f"seed {seed}: training accuracy {logs['accuracy'][-1]:.3f}")
    return model


models = [train(seed) for seed in range(3)]
tests = [evaluate(model, data.test, data.class_names) for model in models]

# %% [markdown]
# The accuracy is the share of the images that are classified correctly. Other test images would give a different share:
# Wilson's interval contains the true accuracies for which our count would not be surprising.

# %%
test = tests[0]
low, high = test.accuracy_interval()
print(f"images = {len(test.labels)}")
print(f"test accuracy = {test.accuracy:.3f}")
print(f"its interval, lower end = {low:.3f}")
print(f"its interval, upper end = {high:.3f}")
print("accuracies of the three seeds:", *(f"{each.accuracy:.3f}" for each in tests))

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(15, 6.4), layout="constrained")
plot_confusion_matrix(test.confusion_matrix, test.class_names, ax=left)
plot_confusion_matrix(test.confusion_matrix, test.class_names, normalize=True, ax=right)
left.set_title("counts")
right.set_title("share of each row")
true, taken_for, times = test.commonest_mistake
print(f"commonest mistake: true {true}, predicted {taken_for}, {times} times")
print(f"lowest recall = {test.per_class['recall'].min():.3f}")
print(test.per_class.round(3))

# %% [markdown]
# **What to see.** The interval is eight points wide: 360 images can't distinguish a network with 0.80 from one with
# 0.82. The matrix shows what the accuracy hides: the errors aren't spread evenly; every 0 is found, but a third of the
# 4s are not. On the left are the measured counts. On the right, the diagonal is the *recall* of each class, which makes
# classes of different size comparable; but a row of five images would look as reliable as one of five hundred, so a
# report should include the counts.
#
# ## Question 2: why does accuracy mislead when a class is rare?
#
# Now we turn the network into a detector for one class: is it an 8? One image in ten is. A threshold on the probability
# gives four cases. Precision and recall leave out the largest one, the true negatives:
#
# $$\text{precision} = \frac{TP}{TP + FP}, \qquad \text{recall} = \frac{TP}{TP + FN}, \qquad
# F_1 = \frac2{1 / \text{precision} + 1 / \text{recall}}.$$

# %%
truth = np.concatenate([each.labels for each in tests])  # the three seeds together: three times as many predictions
probabilities = np.concatenate([each.probabilities for each in tests])
is_eight, p = truth == 8, probabilities[:, 8]


def judge(threshold, weights):
    """Returns accuracy, precision, recall and F1 of `p >= threshold`."""
    found = p >= threshold
    hits, false = weights[found & is_eight].sum(), weights[found & ~is_eight].sum()
    missed = weights[~found & is_eight].sum()
    accuracy = 1 - (false + missed) / weights.sum()
    precision, recall = hits / max(hits + false, 1e-12), hits / (hits + missed)
    return accuracy, precision, recall, 2 * hits / (2 * hits + false + missed)


equal = np.ones(len(p))
print("            accuracy  precision  recall     F1")
for name, threshold in {"never": 2, "p >= 0.9": 0.9, "p >= 0.5": 0.5, "p >= 0.1": 0.1}.items():
    print(f"{name:10} {judge(threshold, equal)[0]:9.3f}", *(f"{x:9.3f}" for x in judge(threshold, equal)[1:]))
print(f"never an 8, accuracy = {judge(2, equal)[0]:.3f}")
np.testing.assert_allclose(judge(0.5, equal)[3], metrics.f1_score(is_eight, p >= 0.5))  # scikit-learn's

# %% [markdown]
# A detector that always says "no" is right nine times out of ten and finds nothing. Now we make eights even rarer, one
# in a hundred and one in a thousand, by giving the other images a larger weight, as if there were more of them. The
# network stays the same.

# %%
shares = (0.1, 0.01, 0.001)
rare = {share: np.where(is_eight, share / is_eight.mean(), (1 - share) / (1 - is_eight.mean())) for share in shares}
for share, weights in rare.items():
    accuracy, precision, recall, f1 = judge(0.5, weights)
    print(f"eights {share:g}, accuracy of never = {judge(2, weights)[0]:.3f}")
    print(f"eights {share:g}, accuracy = {accuracy:.3f}")
    print(f"eights {share:g}, recall = {recall:.3f}")
    print(f"eights {share:g}, precision = {precision:.3f}")

# %% [markdown]
# One threshold gives one point. All thresholds together give a curve, and the area under it, the *average precision*,
# doesn't depend on a threshold.

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 5.6), layout="constrained")
plot_precision_recall_curves({f"digit {k}": test.precision_recall_curve(k) for k in range(10)}, ax=left)
left.set_title("each class against the rest")
for (share, weights), style in zip(rare.items(), ["C0-", "C1--", "C2-."], strict=True):
    precision, recall, _ = metrics.precision_recall_curve(is_eight, p, sample_weight=weights)
    area = metrics.average_precision_score(is_eight, p, sample_weight=weights)
    right.step(recall, precision, style, where="post", label=f"{share:g}: AP {area:.3f}")
    right.plot(*judge(0.5, weights)[2:0:-1], f"{style[:2]}o", markersize=9)
right.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02), title="8, for three shares of eights; dots: p >= 0.5")
legend = right.legend(loc="center left", title="share of eights", handlelength=1.8)
for label in (right.xaxis.label, right.yaxis.label, *legend.get_texts()):
    label.set_size(13)
print(f"mean of the average precisions = {test.average_precision.mean():.3f}")
print(test.averages.round(3))

# %% [markdown]
# **What to see.** Right: the rarer the class, the lower the curve, with the same network. Recall depends on the eights
# only and doesn't change; precision falls, because every image that isn't an 8 is a chance for a false positive. What
# about accuracy? It *rises*, and "never" is the best of all. So for a rare class, report precision and recall, at the
# share of that class that you expect in practice. (The first part of the lowest curve only means that none of about a
# thousand predictions was wrong. If one image in a thousand is an 8, you need many more images to measure the
# precision.) Among the averages, *macro* treats all classes equally, *weighted* weights them by their number of images,
# and *micro* is the accuracy again.
#
# ## Question 3: does a probability of 0.9 mean 9 in 10?
#
# We group the images into bins by confidence, that is, by the probability of the predicted class: how often is the
# prediction right? The mean difference between confidence and accuracy, weighted by the number of images in each bin,
# is the expected calibration error. We compare it with the remedy of Guo et al. (2017): divide the logits by one
# number, the temperature, chosen for the lowest cross-entropy on the validation images.

# %%
validation = evaluate(models[0], data.validation)


def cooled(probabilities, temperature):
    """Returns the probabilities with logits divided by the temperature; the most probable class stays."""
    logits = np.log(np.maximum(probabilities, 1e-30)) / temperature  # up to a constant, which softmax ignores
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def cross_entropy(probabilities, labels):
    """Computes the mean of -ln p of the true class, in nats."""
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()


temperatures = np.geomspace(0.5, 8, 50)
costs = [cross_entropy(cooled(validation.probabilities, each), validation.labels) for each in temperatures]
best = temperatures[np.argmin(costs)]
calm = cooled(test.probabilities, best)
calm = ClassifierEvaluation(test.labels, calm, test.class_names, cross_entropy(calm, test.labels))


def error_by_chance(evaluation):
    """Returns the mean error of 50 simulations in which each prediction is right with exactly its confidence."""
    confidence = evaluation.probabilities.max(axis=1)
    worlds = rng.random((50, len(confidence))) < confidence
    return np.mean([expected_calibration_error(calibration_curve(world, confidence)) for world in worlds])


print(f"temperature = {best:.2f}")

# %%
fig, axes = plt.subplots(1, 2, figsize=(11, 6.4), layout="constrained")
for ax, (name, each) in zip(axes, {"as trained": test, f"temperature {best:.2f}": calm}.items(), strict=True):
    plot_reliability_diagram(each.calibration(), ax=ax)
    box = {"facecolor": "white", "edgecolor": "none"}
    ax.text(0.03, 0.87, f"{name}\nerror {each.expected_calibration_error:.3f}", fontsize=14, bbox=box)
for name, each in {"as trained": test, "with temperature": calm}.items():
    print(f"{name}, mean confidence = {each.probabilities.max(axis=1).mean():.3f}")
    print(f"{name}, expected calibration error = {each.expected_calibration_error:.3f}")
    print(f"{name}, error that chance makes = {error_by_chance(each):.3f}")
    print(f"{name}, test cross-entropy (nats) = {each.loss:.3f}")
    print(f"{name}, accuracy = {each.accuracy:.3f}")

# %% [markdown]
# **What to see.** Left: three quarters of the images are in the last bin, and most points lie below the diagonal. The
# network memorised 150 images, including the wrong labels, until they had probability 1, and it is nearly as certain
# about new images: its mean confidence is 0.91, but its accuracy is 0.81. Right: a single number brings confidence and
# accuracy together and lowers the cross-entropy. The calibration error shrinks less, but in bins of twenty or thirty
# images, chance alone causes more than half of what is left. Compare with that before you blame the network. No
# prediction changed: accuracy, confusion matrix, precision and recall say nothing about calibration.
#
# ## Question 4: what is mAP, and what does the IoU threshold do?
#
# Detection means finding objects *and* locating them. We use two pictures with three and two digits, boxes around their
# ink as (x_min, y_min, x_max, y_max), and detections written by hand: a loose box and a duplicate, a wrong class, a box
# around nothing.

# %%
PLACES = ((0, 3, 2, 8), (0, 8, 38, 3), (0, 3, 74, 12), (1, 8, 10, 10), (1, 8, 62, 4))  # picture, digit, x, y
pictures, objects = np.zeros((2, 40, 108)), []
for picture, digit, x, y in PLACES:
    index = np.flatnonzero(data.test_examples.labels == digit)[x % 5]
    pixels = np.kron(data.test_examples.images[index, ..., 0], np.ones((3, 3)))
    pictures[picture, y : y + 24, x : x + 24] += pixels
    rows, columns = np.nonzero(pixels > 40)
    objects.append((x + columns.min(), y + rows.min(), x + columns.max() + 1, y + rows.max() + 1))
objects = np.array(objects, float)
image_ids, class_ids = np.array(PLACES)[:, 0], np.array(PLACES)[:, 1]
# score, name, picture, box
found = [
    (0.95, 3, 0, objects[0] + [1, 0, 1, 1]),
    (0.90, 8, 0, objects[1] + [3, 3, 4, 3]),  # loose
    (0.70, 8, 0, objects[1] + [1, 0, 1, 0]),  # the same object again, with a better box
    (0.40, 3, 0, objects[2] + [-1, 0, 1, 1]),
    (0.80, 3, 1, objects[3]),  # perfect box, wrong class
    (0.50, 8, 1, objects[4] + [-2, 0, 0, 2]),
    (0.60, 3, 1, np.array([38.0, 14, 53, 34])),  # nothing is there
]
scores, names, pictures_of, boxes = (np.array(values) for values in zip(*found, strict=True))

# %%
fig, axes = plt.subplots(2, 1, figsize=(9, 7.6), layout="constrained")
for picture, ax in enumerate(axes):
    ax.imshow(pictures[picture], cmap="gray_r", vmax=400)
    for box in objects[image_ids == picture]:
        ax.add_patch(Rectangle(box[:2] - 0.5, *(box[2:] - box[:2]), fill=False, edgecolor="C0", linewidth=3))
    for box, name, score in zip(*(values[pictures_of == picture] for values in (boxes, names, scores)), strict=True):
        size = box[2:] - box[:2]
        ax.add_patch(Rectangle(box[:2] - 0.5, *size, fill=False, edgecolor="C1", linestyle="--", linewidth=2))
        ax.text(box[2], box[1], f"{name}: {score:.2f}", color="C1", fontsize=11, va="top")
    ax.set(xlabel="x (pixels)", ylabel="y (pixels)", ylim=(40, -1))
fig.suptitle("Blue: true boxes. Orange, dashed: detections with class and score")

# %% [markdown]
# A detection is a hit if its *intersection over union* (IoU) with an object of its class in its picture is at least the
# threshold, and no detection with a higher score has matched that object. Then we compute precision and recall as
# above, in order of falling score. COCO's average precision is the mean of the precision at the recalls 0, 0.01, …, 1,
# where each takes the best precision at that recall or a higher one.


# %%
def hits_of(digit, threshold):
    """Returns whether each detection of the digit, by falling score, is a hit."""
    free, hits = class_ids == digit, []
    for k in np.argsort(-scores):
        if names[k] != digit:
            continue
        overlaps = box_iou(boxes[k : k + 1], objects)[0] * (free & (image_ids == pictures_of[k]))
        hits.append(overlaps.max() >= threshold)
        if hits[-1]:
            free[overlaps.argmax()] = False
    return np.array(hits)


def average_precision(digit, threshold):
    """Returns COCO's average precision of one class at one threshold."""
    found = np.cumsum(hits_of(digit, threshold))
    precision, recall = found / np.arange(1, len(found) + 1), found / np.sum(class_ids == digit)
    return np.mean([max(precision[recall >= r], default=0) for r in np.linspace(0, 1, 101)])


evaluation = mean_average_precision(
    GroundTruth(image_ids, class_ids, objects), Detections(pictures_of, names, boxes, scores)
)
thresholds = np.linspace(0.5, 0.95, 10)
by_hand = np.array([[average_precision(digit, each) for each in thresholds] for digit in (3, 8)])
np.testing.assert_allclose(by_hand, evaluation.precision[..., 0].mean(axis=1).T)  # all area ranges together
for digit in (3, 8):
    for threshold in (0.5, 0.75):
        print(f"{digit}, threshold {threshold}:", *("hit" if hit else "miss" for hit in hits_of(digit, threshold)))

# %%
print(evaluation.per_class[["AP", "AP50", "AP75"]].round(3))
for name in ("AP50", "AP75", "AP"):
    print(f"{name}, mean of the classes = {evaluation.summary[name]:.3f}")
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.8), layout="constrained")
for values, digit, style in zip(by_hand, (3, 8), ("C0o-", "C1s--"), strict=True):
    left.plot(thresholds, values, style, markersize=8, label=f"digit {digit}")
left.plot(thresholds, by_hand.mean(axis=0), "k^:", label=f"mean; its mean is mAP, {by_hand.mean():.3f}")
left.set(xlabel="IoU threshold", ylabel="average precision", ylim=(-0.02, 1.02))
left.legend()
pixels = np.arange(0, 13)
for side, style in zip((12, 24, 96), ("C0o-", "C1s--", "C2^-."), strict=True):
    moved = np.array([[k, k, k + side, k + side] for k in pixels], float)
    right.plot(pixels, box_iou([[0, 0, side, side]], moved)[0], style, label=f"box of {side} x {side} pixels")
for threshold in (0.5, 0.75):
    right.axhline(threshold, color="0.5", linestyle=":")
right.set(xlabel="error of x and of y (pixels)", ylabel="IoU", ylim=(-0.02, 1.02))
right.legend()

# %% [markdown]
# **What to see.** At 0.5 the loose box is a hit and its better duplicate a miss, because the object is already matched.
# At 0.75 the loose box is a miss, and the duplicate, with its lower score, is the hit: the threshold decides *which*
# boxes count. The 8 that was detected as a 3 costs precision at every threshold, although its box is perfect. Beyond
# 0.85 an error of a pixel or two is too much, and everything is missed. Right: the same three pixels hardly matter for
# a large box but are too much for a small one, which is why COCO also reports small, medium and large objects
# separately. So "mAP" without its thresholds means little: say mAP at 0.5, or COCO's mAP, the mean from 0.5 to 0.95.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start precision_recall` (and `average_precision`). Then
# explore:
#
# 1. Choose the threshold with the highest F1 for eights on the validation images. Is it 0.5? What F1 does it give on
#    the test images?
# 2. Draw the reliability diagram with `calibration(bins=5, strategy="quantile")`. Does the error change? Which of the
#    two would you report, and with how many bins?
# 3. Give the duplicate box a score of 0.99. Predict AP50 and AP75 before you compute them.
# 4. Leave out the two detections with the lowest scores. Can that raise an average precision?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. 0.63, 0.46 and 0.74 for the three networks: not 0.5, and not the same. On the 70 validation eights they give an F1
#    of 0.83, 0.77 and 0.83, on the 35 of the test 0.76, 0.74 and 0.75, and a threshold of 0.5 gives 0.80, 0.75 and 0.75
#    there. The gain was one of the validation images only.
# 2. As trained hardly: 0.093 instead of 0.096, and 0.11 with 30 bins of either kind. With the temperature it depends on
#    the bins more than on the network: 0.018 with 5 equally wide bins, 0.044 with 5 equally full ones, then 0.067 and
#    0.060 with 10, 0.089 and 0.085 with 30. Equally full bins have no nearly empty ones; give their number, and the
#    error that chance makes with as many.
# 3. AP50 stays at 0.653: now the duplicate is the hit and the loose box the miss, in the same places of the order. AP75
#    rises from 0.597 to 0.653, since the better box no longer stands behind a miss. (COCO's AP: 0.470 to 0.512.)
# 4. No. Both were hits, and AP50 falls from 0.653 to 0.421, AP75 from 0.597 to 0.337. Had they been misses, nothing
#    would have changed: what follows the last hit counts at no recall. So a detector may report as many uncertain boxes
#    as it likes, a weakness of the measure.
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
