# %% [markdown]
r"""# How did convolutional networks evolve, and what does a shortcut change?

Chapter 5 of the deck ends with four networks: AlexNet, VGG, GoogLeNet and ResNet. Here they are built at their
published size, read layer by layer, compared by what they cost and reach, and the last step of the evolution, the
residual block, is put to the test: 34 layers with and without it.

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
# A builder needs the size of the images and the number of classes. The weights of these networks would fill a gigabyte,
# and nothing here needs their values: in a `StatelessScope` they aren't drawn.

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
# **What to see.** Depth grows without a break: 5, 8, 16, 22, 34, 152 layers. Parameters don't. They peak with VGG,
# whose first dense layer alone has 103 million; GoogLeNet and ResNet-34 average each feature map to one number before
# the logits, and are done with a twentieth and a sixth of VGG's. Computation peaks with VGG too: its first convolutions
# work on all 224x224 pixels, those of the others take strides.
#
# ## Question 2: how does one read a network?
#
# The ledger of VGG-16, stage by stage: what each layer gives, costs, and sees of the image.

# %%
table = ledger(networks["VGG-16, 2014"])
columns = {"output_shape": "output", "trainable_parameters": "parameters", "multiply_accumulates": "MACs"}
shown = table[table["trainable_parameters"] > 0].rename(columns=columns)
print(shown[[*columns.values(), "receptive_field_height"]].to_string())

# %% [markdown]
# **What to see.** Two 3x3 convolutions see 5x5 pixels, three see 7x7: the deck's reason for small filters. After five
# poolings each unit of the last convolution sees 196 of the 224 pixels, and the dense layers see all. 99 % of the
# computation are convolutions, 89 % of the parameters dense layers.
#
# ## Question 3: what do they reach for their cost?
#
# `keras-course train NAME --data fashion_mnist` trains each by its recipe, narrower than published, in minutes.
# `python -m benchmarks evolution` does that for all seven and wrote this table.

# %%
folder = Path(__file__).parent if "__file__" in globals() else Path()
evolution = pd.read_csv(folder / "evolution.csv", index_col="model")
print(evolution[["depth", "parameters", "multiply_accumulates", "seconds_per_epoch", "test_accuracy"]].to_string())
fig = plot_evolution(evolution)

# %% [markdown]
# **What to see.** From the perceptron to ResNet-18 the error halves. Parameters don't explain it: LeNet has about as
# many as the MLP and errs less, GoogLeNet has fewer than AlexNet and errs less too. Multiply-accumulates do better: a
# convolution uses each of its weights at every place of the image. Between the last three nothing is decided: with
# 10,000 test images an accuracy of 0.92 is uncertain by 0.005. On photographs of a thousand classes they are far apart.
#
# ## Question 4: what does the shortcut change?
#
# `residual=False` gives the plain network of the same depth: the same layers but for the additions. Both have batch
# normalisation, so that no signal vanishes on the way forward. The monitor watches the way back.

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
left.set(xlabel="layer", ylabel="gradient L2 norm at step 0", yscale="log", title="Backwards through 34 layers")
right.set(xlabel="epoch", ylabel="training cross-entropy (nats)", title="Same training for both")
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
# **What to see.** Batch normalisation saves the plain network from vanishing gradients, and gives it the opposite: from
# the logits back to the first stage its gradient grows by a tenth a layer, about a hundredfold over 34. The first
# layers are thrown about in the first ten steps, then nothing much moves (the dark band after them), and after six
# epochs the plain network still errs on a third of its *training* digits: this isn't overfitting. With the shortcut a
# block is the identity plus something small. The gradient stays within a factor of ten, and the same training, the same
# number of layers and nearly the same number of weights give 0.99.
#
# ## Exercises
# 1. Train `depth=18` with `residual=False`. Is the shallower plain network better than plain-34? (He et al. began with
#    that observation: a deeper network that is worse on its *training* images can't be overfitting.)
# 2. Build ResNet-34 with `shortcut="identity"`. How many parameters go, and does anything else change?
# 3. Give `build_alexnet` `groups=2`, the published two towers. Which layers' parameters are halved, and why those?


# %%
if "__file__" in globals():  # run as a script; a notebook has shown its figures already
    folder = Path(__file__).parents[1] / "figures" / Path(__file__).parent.name
    folder.mkdir(parents=True, exist_ok=True)
    for number in plt.get_fignums():
        path = folder / f"{Path(__file__).stem}_{number}.png"
        plt.figure(number).savefig(path, dpi=150)
        print("figure:", path)
