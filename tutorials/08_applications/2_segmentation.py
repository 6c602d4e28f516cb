# %% [markdown]
r"""# Which class has each pixel, and why must a network go up again?

A classifier halves its maps until one answer is left for the whole image. Segmentation, in chapter 8 of the deck, asks
for an answer in every pixel. We measure what the halving loses, how FCN (Long et al. 2015) and U-Net (Ronneberger et
al. 2015) get it back, and what Dice, the other loss of this field, does for a class of few pixels.

```
python tutorials/08_applications/2_segmentation.py
```

Measured with that command in 76 s on 2 CPU cores:

| measured | value | agrees within |
| --- | --- | --- |
| background everywhere, pixel accuracy | 0.933 | ± 0.001 |
| background everywhere, mean IoU | 0.085 | ± 0.001 |
| stride 4, mean IoU | 0.666 | ± 0.001 |
| stride 8, mean IoU | 0.280 | ± 0.001 |
| stride 32, mean IoU | 0.085 | ± 0.001 |
| FCN-8, IoU of ink | 0.24 | ± 0.1 |
| U-Net, IoU of ink | 0.53 | ± 0.1 |
| FCN-8, boundary F | 0.32 | ± 0.1 |
| U-Net, boundary F | 0.68 | ± 0.1 |
| cross-entropy, highest Dice | 0.52 | ± 0.1 |
| cross-entropy, threshold of the highest Dice | 0.22 | ± 0.1 |
| dice, highest Dice | 0.49 | ± 0.1 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy.ndimage import distance_transform_cdt

from keras_course.applications.segmentation import dice_loss, pixel_cross_entropy, segment, train_segmenter
from keras_course.data import MaskData, load_masks
from keras_course.evaluation import evaluate_segmenter
from keras_course.models import build_fcn, build_unet
from keras_course.visualization import plot_masks

data = load_masks("digit_scenes", batch_size=4)
print(data)

# %% [markdown]
# ## Question 1: how is a mask judged?
#
# The scenes have one to four digits in a photograph. The mask has a class for each pixel: 0 is the background, 1 + d
# the digit d. Let a network say "background" everywhere.

# %%
test_images, test_masks = data.test_examples[:2]
plot_masks(test_images[:6], test_masks[:6], data.class_names)
nothing = np.zeros_like(test_masks)

hits = np.array([np.sum((test_masks == k) & (nothing == k)) for k in range(11)])
either = np.array([np.sum((test_masks == k) | (nothing == k)) for k in range(11)])
print(f"background everywhere, pixel accuracy = {np.mean(nothing == test_masks):.3f}")
print(f"background everywhere, mean IoU = {np.mean(hits / either):.3f}")
np.testing.assert_allclose(np.mean(hits / either), evaluate_segmenter(test_masks, nothing, data.class_names).mean_iou)

# %% [markdown]
# **What to see.** Most pixels are background, so a network that finds nothing has a high accuracy. The intersection
# over union of a class, $|T \cap P| / |T \cup P|$, is 0 for each of the ten digits, and the mean over the classes says
# so.
#
# ## Question 2: what does halving lose?
#
# After five halvings one unit stands for 32 x 32 pixels. Suppose that it knew the share of each class in them exactly.
# We reduce the true masks to such shares, enlarge them again by bilinear interpolation, as FCN does at its end, and
# take the most probable class. No network is involved.


# %%
def reduced_and_enlarged(masks, stride):
    """Returns the most probable classes where only the shares of the classes in each square are known."""
    shares = tf.nn.avg_pool2d(tf.one_hot(masks, 11), stride, stride, "VALID")
    return np.argmax(tf.image.resize(shares, masks.shape[1:3], "bilinear"), axis=-1)


strides = (1, 2, 4, 8, 16, 32)
some = test_masks[:200]
known = [evaluate_segmenter(some, reduced_and_enlarged(some, stride), data.class_names) for stride in strides]
for stride, evaluation in zip(strides, known, strict=True):
    print(f"stride {stride}, mean IoU = {evaluation.mean_iou:.3f}")

# %%
scene = np.bincount(np.nonzero(some)[0]).argmax()  # the one with the most ink
shown = np.stack([reduced_and_enlarged(some[scene : scene + 1], stride)[0] for stride in (1, 4, 8, 16)])
titles = ["the truth", "stride 4", "stride 8", "stride 16"]
plot_masks(np.repeat(test_images[scene : scene + 1], 4, axis=0), shown, data.class_names, titles, columns=4)

fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.semilogx(strides, [evaluation.mean_iou for evaluation in known], "C0o-", label="mean IoU")
ax.semilogx(strides, [evaluation.summary["boundary F"] for evaluation in known], "C1s--", label="boundary F-score")
ax.set_xticks(strides, labels=strides)
ax.minorticks_off()
ax.set(xlabel="stride (pixels)", ylabel="of the true masks, reduced and enlarged", ylim=(0, 1.02))
ax.legend()

# %% [markdown]
# **What to see.** The strokes of the digits are two to five pixels wide. At a stride of 4 they are blurred, at 8 holes
# are closed and thin strokes gone, and at 16 and 32 the background outvotes all digits, although every share is right.
# What was lost can't be interpolated: it has to come from maps that still have it.
#
# ## Question 3: where does the detail come from?
#
# FCN-32 enlarges the scores of the coarsest map by 32 at once: question 2 has shown its limit. FCN-8 doubles them, adds
# scores made from the finer map of the backbone, does so again, and leaves the last factor of 8 to the interpolation.
# U-Net goes all the way up, and at each size appends the features of the way down to those from below, so that further
# convolutions can combine "there is a 6" with "here is an edge".
#
# To see the edges we ask for ink alone, whatever the digit, on 800 scenes. Which digit it is takes U-Net minutes to
# learn: `keras-course train unet`.


# %%
some_images, some_masks = data.train_examples[:2]
ink = MaskData.from_arrays(
    some_images[:800],
    (some_masks[:800] > 0).astype(np.uint8),
    test=(test_images[:200], (test_masks[:200] > 0).astype(np.uint8)),
    class_names=["background", "ink"],
    batch_size=4,
)


def train(build, *, loss="cross-entropy", **options):
    """Trains a segmenter of ink for one epoch with Muon."""
    keras.utils.set_random_seed(0)
    model = build(ink.input_shape, ink.num_classes, **options)
    return train_segmenter(model, ink, epochs=1, loss=loss, optimizer="muon", learning_rate=5e-3, verbose=0)


BACKBONE = {"backbone": "resnet18", "stem": "imagenet", "width": 0.25}
UNET = {"depth": 3, "base_filters": 8, "convolutions": (1, 1, 2), "padding": "same", "batch_norm": True}
runs = {
    "FCN-8": train(build_fcn, stride=8, **BACKBONE),
    "U-Net": train(build_unet, dropout=0.0, **UNET),
}
for name, run in runs.items():
    print(f"{name}: {run.config['parameters']:,} parameters, {run.config['training_seconds']:.0f} s")
    print(f"{name}, IoU of ink = {run.evaluation.summary['foreground IoU']:.2f}")

# %% [markdown]
# Where are the mistakes? We measure how far each pixel of a digit is from the nearest edge of a true mask.

# %%
# 1 at the edge of a digit, 2 one pixel further in, ...; what lies beyond the border is background
framed = np.pad(test_masks[:200] > 0, ((0, 0), (1, 1), (1, 1)))
inside = np.stack([distance_transform_cdt(one, "taxicab")[1:-1, 1:-1] for one in framed])
predictions = {name: segment(run.model, test_images[:200]) for name, run in runs.items()}
depths = range(1, 5)
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (name, predicted), style in zip(predictions.items(), ("C1s-", "C0o-"), strict=True):
    right = [np.mean(predicted[inside == depth] == 1) for depth in depths]
    ax.plot(depths, right, style, label=name)
    print(f"{name}, boundary F = {runs[name].evaluation.summary['boundary F']:.2f}")
ax.set(xlabel="pixels from the edge of the digit, 1: at the edge", ylabel="share found")
ax.set(xticks=depths, ylim=(0, 1))
ax.legend()

# %%
scene = int(np.argmax((test_masks[:200] > 0).sum(axis=(1, 2))))
shown = np.stack([test_masks[scene] > 0, *(predicted[scene] for predicted in predictions.values())]).astype(int)
plot_masks(
    np.repeat(test_images[scene : scene + 1], 3, axis=0),
    shown,
    ink.class_names,
    ["the truth", *predictions],
    columns=3,
)

# %% [markdown]
# **What to see.** FCN-8 finds the middle of thick strokes and no edges. U-Net, much the smaller of the two, follows
# them: it has the fine maps.
#
# ## Question 4: what does Dice do for a class of few pixels?
#
# Cross-entropy is the mean of $-\log p$ of the true class over the pixels. Dice of a class is $D = 2 \sum p y / (\sum p
# + \sum y)$, with its probability $p$ and its indicator $y$ summed over the pixels of an image; the loss is one minus
# the mean over the classes in the image. We write out both.

# %%
logits = np.random.default_rng(0).normal(size=(1, 64, 64, 11)).astype(np.float32)
mask = test_masks[scene : scene + 1]
p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
y = np.eye(11)[mask]
entropy = -np.mean(np.log((p * y).sum(axis=-1)))
there = y.any(axis=(1, 2))
dice = 2 * (p * y).sum(axis=(1, 2)) / (p.sum(axis=(1, 2)) + y.sum(axis=(1, 2)))
np.testing.assert_allclose(entropy, pixel_cross_entropy(mask, logits)[0], rtol=1e-5)
np.testing.assert_allclose(1 - dice[there].mean(), dice_loss(mask, logits)[0], rtol=1e-5)

# %% [markdown]
# For cross-entropy a stroke of 30 pixels is 30 of 4,096 terms. For Dice the class counts as much as the background.
# That shows where the network is not sure. Cross-entropy is lowest where $p$ is the true probability, and a pixel gets
# the class where that is the highest of all, for two classes above 1/2. The mask of the highest Dice is larger: it has
# all pixels with $p > D^* / 2$, where $D^*$ is that highest Dice itself, and so below 1/2 (Lipton et al. 2014).
#
# FCN-8 is not sure at the edges. We look for the threshold of the highest Dice of ink, for two networks that were
# trained on one of the losses each.

# %%
rare = {"cross-entropy": runs["FCN-8"], "dice": train(build_fcn, loss="dice", stride=8, **BACKBONE)}
thresholds, truth = np.linspace(0.02, 0.98, 49), test_masks[:200] > 0
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for (loss, run), color in zip(rare.items(), ("C0", "C1"), strict=True):
    p = tf.nn.softmax(run.model.predict(test_images[:200] / np.float32(255), verbose=0))[..., 1].numpy()
    found = [p > threshold for threshold in thresholds]
    dices = [2 * np.sum(one & truth) / (np.sum(one) + np.sum(truth)) for one in found]
    best = int(np.argmax(dices))
    ax.plot(thresholds, dices, color, label=f"trained on {loss}")
    half = max(dices) / 2
    ax.plot(half, np.interp(half, thresholds, dices), f"{color}o", markersize=9, label=f"half of {max(dices):.2f}")
    print(f"{loss}, Dice at a threshold of 1/2 = {dices[24]:.2f}\n{loss}, highest Dice = {max(dices):.2f}")
    print(f"{loss}, threshold of the highest Dice = {thresholds[best]:.2f}")
ax.set(xlabel="threshold for the probability of ink", ylabel="Dice of ink, 200 test scenes")
ax.legend()

# %% [markdown]
# **What to see.** Trained on cross-entropy, the network says how sure it is, and the highest Dice is indeed near the
# threshold of half of it. Trained on Dice it moves its probabilities to 0 and 1: the threshold hardly matters, and
# how sure the network is can't be read from it any more.
#
# ## Exercises
# 1. Train FCN-32, `stride=32`, for five epochs (`train` needs an argument for them). It finds no ink at all. Which
#    probability of ink does it give to the pixels of digits, and to the others? And FCN-16?
# 2. Train U-Net on the ten digits, `ink` replaced by `data`, for one epoch. Which digits does it learn first?
# 3. In the trained U-Net, set the kernel of `up1_conv1` to 0 for the channels of the bridge, the first 8 of 16. What is
#    left of the edges?
# 4. Train FCN-8 on "cross-entropy+dice", and put it beside the other two in `rare`, with a third colour. Where does its
#    curve lie in the last figure?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. FCN-32 gives 0.09 to ink and 0.08 to the others on average, 0.49 at most: nothing exceeds 1/2. FCN-16 gives 0.29
#    and 0.06, and finds ink with an IoU of 0.13. (All figures here are of one seed and of 200 test scenes.)
# 2. The 1 and the 8, with an IoU of 0.10 and 0.07, and a trace of the 3 (0.02). All others are still at 0 after one
#    epoch.
# 3. The IoU of ink falls from 0.51 to 0.19 and the boundary F-score from 0.66 to 0.35. Without the other eight
#    channels, those that come up from below, they are 0.26 and 0.40: what the bridge brings matters more at the edges.
# 4. Between the two, and higher than both: the highest Dice is 0.55, compared with 0.50 (cross-entropy) and 0.49
#    (Dice). It lies at a threshold of 0.22, and from 0.06 to 0.54 the curve stays above 0.9 of it; for cross-entropy
#    that is from 0.12 to 0.42, for Dice from 0.04 to 0.96. The sum moves the probabilities to 0 and 1 too, though less:
#    0.10 of them lie between 0.1 and 0.9, compared with 0.18 and 0.06.
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
