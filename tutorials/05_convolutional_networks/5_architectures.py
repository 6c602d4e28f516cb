# %% [markdown]
r"""# How did convolutional networks evolve, and what does a shortcut change?

Chapter 5 of the deck ends with four networks: AlexNet, VGG, GoogLeNet and ResNet. Here we build them at their published
size, go through them layer by layer, and compare their cost and accuracy. Then we test the last step of this evolution,
the residual block: 34 layers with and without it.

```
python tutorials/05_convolutional_networks/5_architectures.py
```

Measured with that command in 75 s on 2 CPU cores. Digits enlarged to 16x16, 34 layers, a quarter of the published
width, SGD with momentum 0.9, 6 epochs:

| measured | value | agrees within |
| --- | --- | --- |
| AlexNet, parameters (millions) | 62.4 | ± 0.1 |
| VGG-16, parameters (millions) | 138.4 | ± 0.1 |
| GoogLeNet, parameters (millions) | 7.0 | ± 0.1 |
| ResNet-34, parameters (millions) | 21.8 | ± 0.1 |
| VGG-16, multiply-accumulates (billions) | 15.5 | ± 0.1 |
| ResNet-34, multiply-accumulates (billions) | 3.7 | ± 0.1 |
| plain-34, gradient norm of the first layer / the logits at step 0 | 35 | × 3 |
| residual-34, gradient norm of the first layer / the logits at step 0 | 1.5 | × 3 |
| plain-34, training accuracy | 0.63 | ± 0.25 |
| residual-34, training accuracy | 0.99 | ± 0.05 |
"""

# %%
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from keras_course.callbacks import GradientNormMonitor
from keras_course.data import load_images
from keras_course.inspection import ledger, ledger_totals
from keras_course.models import build_alexnet, build_googlenet, build_lenet, build_resnet, build_vgg
from keras_course.visualization import plot_evolution, plot_gradient_norms

# %% [markdown]
# ## Question 1: what did each step add?
#
# A builder needs the image size and the number of classes. The weights of these networks would take up a gigabyte, and
# we don't need their values here: inside a `StatelessScope` they aren't initialised.

# %%
imagenet = ((224, 224, 3), 1000)
with keras.StatelessScope(initialize_variables=False):
    networks = {
        "LeNet-5, 1998": build_lenet((32, 32, 1), 10),
        "AlexNet, 2012": build_alexnet((227, 227, 3), 1000),
        "VGG-16, 2014": build_vgg(*imagenet, depth=16),
        "GoogLeNet, 2014": build_googlenet(*imagenet),
        "ResNet-34, 2015": build_resnet(*imagenet, depth=34),
        "ResNet-152, 2015": build_resnet(*imagenet, depth=152),
    }
totals = pd.DataFrame({name: ledger_totals(ledger(network)) for name, network in networks.items()}).T
print(totals[["depth", "parameters", "multiply_accumulates", "receptive_field_height"]].to_string())
for name, row in totals.iloc[1:5].iterrows():
    print(f"{name.split(',')[0]}, parameters (millions) = {row['trainable_parameters'] / 1e6:.1f}")
    print(f"{name.split(',')[0]}, multiply-accumulates (billions) = {row['multiply_accumulates'] / 1e9:.1f}")

# %%
fig, axes = plt.subplots(1, 3, figsize=(13, 4.2), sharey=True, layout="constrained")
panels = {
    "depth": ("layers with weights", 1),
    "trainable_parameters": ("parameters (millions)", 1e6),
    "multiply_accumulates": ("multiply-accumulates (billions)", 1e9),
}
for ax, (column, (label, unit)) in zip(axes, panels.items(), strict=True):
    bars = ax.barh(totals.index, totals[column].astype(float) / unit, color="C0")
    ax.bar_label(bars, fmt="%.3g", padding=3)
    ax.set(xlabel=label)
    ax.margins(x=0.18)
axes[0].invert_yaxis()  # time runs down
fig.suptitle("Evolution of CNN: one image through each network at its published size")

# %% [markdown]
# **What to see.** Depth keeps growing: 5, 8, 16, 22, 34, 152 layers. The number of parameters doesn't. It peaks with
# VGG, whose first dense layer alone has 103 million; GoogLeNet and ResNet-34 average each feature map to one number
# before the logits and need only a twentieth and a sixth of VGG's parameters. Computation peaks with VGG too: its first
# convolutions work on all 224x224 pixels, while those of the others use strides.
#
# ## Question 2: how do you read a network?
#
# The ledger lists the layers of VGG-16: the output shape, the cost and the receptive field of each.

# %%
table = ledger(networks["VGG-16, 2014"])
columns = {"output_shape": "output", "trainable_parameters": "parameters", "multiply_accumulates": "MACs"}
shown = table[table["trainable_parameters"] > 0].rename(columns=columns)
print(shown[[*columns.values(), "receptive_field_height"]].to_string())

# %% [markdown]
# **What to see.** Two 3x3 convolutions see 5x5 pixels, three see 7x7: the deck's reason for small filters. After four
# poolings each unit of the last convolution sees 196 of the 224 pixels; the dense layers see all of them. Convolutions
# account for 99 % of the computation, dense layers for 89 % of the parameters.
#
# ## Question 3: what accuracy do they reach at what cost?
#
# `keras-course train NAME --data fashion_mnist` trains each with its recipe, narrower than published, in minutes.
# `python -m benchmarks evolution` does that for all seven and produced this table.

# %%
folder = Path(__file__).parent if "__file__" in globals() else Path()
evolution = pd.read_csv(folder / "evolution.csv", index_col="model")
print(evolution[["depth", "parameters", "multiply_accumulates", "seconds_per_epoch", "test_accuracy"]].to_string())
fig = plot_evolution(evolution)

# %% [markdown]
# **What to see.** From the perceptron to ResNet-18 the error more than halves. The number of parameters doesn't explain
# it: LeNet has about as many as the MLP and a lower error, and GoogLeNet has fewer than AlexNet and also a lower error.
# Multiply-accumulates explain it better: a convolution uses each of its weights at every position of the image. VGG-11
# and GoogLeNet can't be ranked: with 10,000 test images, an accuracy of 0.92 has an uncertainty of 0.005. ResNet-18's
# lead is partly its recipe's, which takes another optimizer. On photographs of a thousand classes they are far apart.
#
# ## Question 4: what does the shortcut change?
#
# `residual=False` gives the plain network of the same depth: the same layers without the additions. Both have batch
# normalisation, so the signal doesn't vanish in the forward pass. The monitor records the gradients of the backward
# pass.

# %%
data = load_images("digits", image_size=16, batch_size=64)
names = {"plain-34": False, "residual-34": True}
monitors, histories = {}, {}
for name, residual in names.items():
    keras.utils.set_random_seed(0)
    network = build_resnet(data.input_shape, data.num_classes, depth=34, residual=residual, width=0.25)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss, metrics=["accuracy"])
    monitors[name] = GradientNormMonitor()
    fit = network.fit(data.train, epochs=6, shuffle=False, verbose=0, callbacks=[monitors[name]])
    histories[name] = fit.history
    print(f"{name} trained")

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(13, 4.6), layout="constrained")
for name, style in zip(names, ["C1s-", "C0o-"], strict=True):
    kernels = monitors[name].norms.filter(regex=r"conv\d$|logits").iloc[0]  # step 0, without the scales of batch norm
    left.plot(np.arange(1, len(kernels) + 1), kernels, style, markersize=4, label=name)
    right.plot(np.arange(1, 7), histories[name]["loss"], style, label=name)
    ratio = kernels.iloc[0] / kernels.iloc[-1]
    print(f"{name}, gradient norm of the first layer / the logits at step 0 = {ratio:.2g}")
    print(f"{name}, training accuracy = {histories[name]['accuracy'][-1]:.3f}")
left.set(xlabel="layer", ylabel="gradient L2 norm at step 0", yscale="log", title="Backward through 34 layers")
right.set(xlabel="epoch", ylabel="training cross-entropy (nats)", title="Same training for both", yscale="log")
right.axhline(np.log(10), color="grey", linestyle=":", label="guessing: ln 10")
left.legend()
right.legend()

# %%
fig, axes = plt.subplots(2, 1, figsize=(9, 10), layout="constrained")
for ax, name in zip(axes, names, strict=True):
    kernels = monitors[name].norms.filter(regex=r"conv\d$|logits")
    plot_gradient_norms(kernels, ax=ax, limits=(1e-3, 1e2))  # one scale for both
    ax.set_title(name)

# %% [markdown]
# **What to see.** Batch normalisation prevents vanishing gradients in the plain network but causes the opposite: from
# the logits back to the first stage its gradient grows by about a tenth per layer, roughly a hundredfold over 34
# layers. In the first ten steps the first layers make huge jumps, then hardly anything moves (the dark band after
# them). After six epochs the plain network still misclassifies a third of its *training* digits, so this isn't
# overfitting. With the shortcut, a block is the identity plus something small. The gradient stays within a factor of
# ten, and the same training, with the same number of layers and nearly the same number of weights, reaches a training
# accuracy of 0.99.
#
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start residual_block` (and `inception_block`). Then
# explore:
#
# 1. Train `depth=18` with `residual=False`. Is the shallower plain network better than plain-34? (He et al. started
#    from that observation: a deeper network that is worse on its *training* images can't be overfitting.)
# 2. Build ResNet-34 with `shortcut="identity"`. How many parameters does that save, and does anything else change?
# 3. Call `build_alexnet` with `groups=2`, the two towers of the published network. Which layers' weights are halved,
#    and why those?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. Much better: after 6 epochs plain-18 has a training accuracy of 0.978 and 0.989 (seeds 0 and 1) and a training
#    cross-entropy of 0.06 and 0.05, plain-34 0.626 and 0.498, and 1.08 and 1.38. Both figures are of the training
#    images: not overfitting, but a network that can't be trained.
# 2. 175,616 of 21.8 million, 0.8 %: three 1x1 convolutions, each with batch normalisation, at the beginning of the
#    stages 2 to 4. The multiply-accumulates fall from 3.66 to 3.64 billion, the shapes and the receptive field stay.
#    What changes is the sum: every other pixel is dropped, and the new channels get nothing from the shortcut.
# 3. Those of the second, fourth and fifth convolution: each filter sees the channels of its own tower only. The first
#    sees the three colours, the third is where the towers exchange what they have found, and the dense layers see both.
#    That saves 1.4 of 62.4 million parameters, most of which are in the dense layers, but a third of the
#    multiply-accumulates (1.14 to 0.72 billion).
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
