# %% [markdown]
r"""# How does a trained network leave Python and Keras?

Chapter 10 of the deck lists what the course has presented: how to build and train a network. Here we put a network to
work: we export it as a SavedModel, and a second program, without Keras and without our package, classifies with it.

```
python tutorials/10_conclusions/1_export_and_serve.py
```

Measured with that command in 32 s on 2 CPU cores. LeNet on the digits, 2 + 20 epochs:

| measured | value | agrees within |
| --- | --- | --- |
| test accuracy of version 1 | 0.74 | ± 0.15 |
| test accuracy of version 2 | 0.98 | ± 0.02 |
| largest difference from Keras, SavedModel | 5e-07 | ± 1e-05 |
| calls per second, SavedModel / model.predict | 120 | × 5 |
"""

# %%
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from keras_course.callbacks import ExponentialDecay
from keras_course.data import load_images
from keras_course.export import export_litert, export_onnx, export_saved_model, load_saved_model
from keras_course.models import build_lenet
from keras_course.training import train_classifier
from keras_course.visualization import plot_images

data = load_images("digits")
test_images, test_labels = data.test_examples  # uint8 in 0..255, as they come from a camera or a file
print(data, test_images.dtype, test_images.shape)

# %% [markdown]
# ## Question 1: what has to be exported with the weights?
#
# Users of the model should not need to know that it was trained on pixels divided by 255, that it outputs logits, or
# that class 3 is called "3". `export_saved_model` includes all of that: raw pixels go in, probabilities and class ids
# come out, and the class names are stored with the model. We export twice during training, after 2 epochs and after 20
# more, and get two version numbers.

# %%
workspace = tempfile.TemporaryDirectory()  # deleted at the end of the tutorial
directory = Path(workspace.name, "lenet_digits")
keras.utils.set_random_seed(0)
options = {"activation": "relu", "pooling": "max", "dropout": 0.3, "width": 2.0}
model = build_lenet(data.input_shape, data.num_classes, **options)
for epochs in (2, 20):
    run = train_classifier(model, data, epochs=epochs, decay=ExponentialDecay(2e-3, decay_rate=0.15), verbose=0)
    path = export_saved_model(model, directory, class_names=data.class_names)
    print(f"{epochs} epochs of training, test accuracy {run.evaluation.accuracy:.3f}: version {path.name}")

# %%
for file in sorted(directory.rglob("*")):
    if file.is_file():
        print(f"{file.stat().st_size:>8,} bytes  {file.relative_to(directory.parent)}")

# %% [markdown]
# **What to see.** There is one self-contained folder per version: the graph (`saved_model.pb`), the weights
# (`variables/`) and the class names (`assets/`). TensorFlow Serving reads this layout and serves the highest version
# number. Nothing is ever overwritten, so to go back to an older version you delete a folder.
#
# ## Question 2: what does the export say about itself?

# %%
signature = tf.saved_model.load(str(directory / "2")).signatures["serving_default"]
for name, spec in signature.structured_input_signature[1].items():
    print(f"in   {name}: {spec.dtype.name} {spec.shape}")
for name, spec in signature.structured_outputs.items():
    print(f"out  {name}: {spec.dtype.name} {spec.shape}")
print("names", (directory / "2/assets/class_names.txt").read_text().split())

# %% [markdown]
# ## Question 3: does it work without Keras?
#
# The program below uses only TensorFlow, the folder and a file of images, and runs in a separate process. TensorFlow
# imports Keras by itself where it is installed, so the first lines block Keras and our package: importing them there
# raises an `ImportError`, as on a computer that doesn't have them.

# %%
PROGRAM = """
import sys
sys.modules["keras"] = sys.modules["keras_course"] = None
import numpy as np
import tensorflow as tf

folder, images_file, answer_file = sys.argv[1:]
signature = tf.saved_model.load(folder).signatures["serving_default"]
outputs = signature(images=tf.constant(np.load(images_file)))
np.save(answer_file, outputs["probabilities"].numpy())
print("modules of Keras in this process:", sum(name.startswith("keras.") for name in sys.modules))
print("class ids of the first images:", outputs["class_id"].numpy()[:8])
"""
images_file, answer_file = Path(workspace.name, "images.npy"), Path(workspace.name, "answer.npy")
np.save(images_file, test_images)
command = [sys.executable, "-c", PROGRAM, directory / "2", images_file, answer_file]
result = subprocess.run(command, capture_output=True, text=True, check=True)
print(result.stdout)

# %%
probabilities = np.load(answer_file)
logits = model.predict(test_images / np.float32(255), verbose=0)
expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
print(f"largest difference from Keras, SavedModel = {np.abs(probabilities - expected).max():.0e}")

# %% [markdown]
# **What to see.** The probabilities are the same up to float32 rounding, and no Keras was loaded in that process.
# `load_saved_model` does the same as that program, with checks: it takes the highest version in a folder, or the
# version that you give it.

# %%
for path in (directory / "1", directory):
    classifier = load_saved_model(path)
    accuracy = np.mean(classifier.predict(test_images).class_id == test_labels)
    print(f"test accuracy of version {classifier.path.name} = {accuracy:.3f}")

# %% [markdown]
# ## Question 4: for which images is it uncertain?

# %%
prediction = classifier.predict(test_images)
unsure = np.argsort(prediction.probabilities.max(axis=1))[:16]
wrong = prediction.class_id != test_labels
print(f"{wrong.sum()} errors in total, {wrong[unsure].sum()} of them among the 16 least certain")
titles = []
for index in unsure:
    answer = f"{prediction.class_name[index]}: {prediction.probabilities[index].max():.2f}"
    true = data.class_names[test_labels[index]]
    titles.append(answer if prediction.class_name[index] == true else f"{answer}\n(true {true})")
fig = plot_images(test_images[unsure], titles)
fig.suptitle("The 16 least certain of 360 test images: predicted class, probability (true class if wrong)")

# %% [markdown]
# **What to see.** Most of the errors are among the few images for which the largest probability is low, so a program
# that uses the network can ask a person in those cases.
#
# ## Question 5: what does a call cost?
#
# A service gets images one at a time. We compare three ways to classify a single image. They are measured in turn, so
# that other load on the computer affects all of them; we report the median of the rounds.

# %%
image = test_images[:1]
scaled = image / np.float32(255)
ways = {
    "model.predict": (20, lambda: model.predict(scaled, verbose=0)),
    "model(images)": (50, lambda: model(scaled, training=False).numpy()),
    "SavedModel": (500, lambda: classifier.predict(image).probabilities),
}
seconds = {name: [] for name in ways}
for _ in range(7):
    for name, (calls, way) in ways.items():
        start = time.perf_counter()
        for _ in range(calls):
            way()
        seconds[name].append((time.perf_counter() - start) / calls)
per_second = {name: 1 / statistics.median(rounds) for name, rounds in seconds.items()}

# %%
fig, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
bars = ax.barh(list(per_second), list(per_second.values()))
ax.bar_label(bars, fmt="{:,.0f}", padding=4)
ax.set(xlabel="calls per second, one image per call", title="Speed of a single prediction")
ax.margins(x=0.12)
ax.invert_yaxis()
speedup = per_second["SavedModel"] / per_second["model.predict"]
print(f"calls per second, SavedModel / model.predict = {speedup:.0f}")

# %% [markdown]
# **What to see.** `model.predict` is designed for whole data sets: every call sets up a data pipeline, callbacks and a
# loop. Calling the model directly avoids that, but still runs layer by layer in Python. The SavedModel is a single
# compiled graph.
#
# ## Question 6: what if there is no TensorFlow either?
#
# ONNX Runtime and LiteRT (for phones and small devices) run the same function, with the same input and output names,
# from one file each. Writing and running them needs the extra `pip install "keras_course[formats]"`.


# %%
def run_onnx(path):
    """Returns the probabilities of the test images, from ONNX Runtime."""
    import onnxruntime

    return onnxruntime.InferenceSession(path).run(["probabilities"], {"images": test_images})[0]


def run_litert(path):
    """Returns the probabilities of the test images, from LiteRT."""
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(str(path)).get_signature_runner("serving_default")(images=test_images)["probabilities"]


# %%
formats = {
    "ONNX": (("tf2onnx", "onnxruntime"), export_onnx, "lenet.onnx", run_onnx),
    "LiteRT": (("ai_edge_litert",), export_litert, "lenet.tflite", run_litert),
}
for name, (packages, export, file_name, run_file) in formats.items():
    if not all(importlib.util.find_spec(package) for package in packages):
        print(f"{name}: skipped, the extra [formats] isn't installed")
        continue
    path = export(model, Path(workspace.name, file_name), class_names=data.class_names)
    difference = np.abs(run_file(path) - expected).max()
    print(f"{name}: {path.stat().st_size:,} bytes, largest difference from Keras {difference:.0e}")

# %%
workspace.cleanup()

# %% [markdown]
# ## Exercises
# Write it yourself and have it checked: `keras-course exercise start serving_function`. Then explore:
#
# 1. Give `classifier.predict` the pixels divided by 255, as float32. What happens, and why is that better than a
#    prediction?
# 2. Draw a digit, white on black, save it as a PNG, and classify it with `classifier.predict(PIL.Image.open(...))`. The
#    error message tells what is missing.
# 3. Repeat question 5 with all 360 test images in one call. Which way gains the most, and why?
#
# <details><summary>Discussion: what we measured</summary>
#
# 1. `ValueError`: images must be uint8 in 0..255, received float32. The export divides by 255 itself. Divided twice,
#    all images are black to the network: its accuracy on the test images is 0.10, with probabilities up to 0.17. A
#    prediction would have been wrong without a word.
# 2. The picture has another size, and `resize=True` is missing. Of four digits drawn with lines and an ellipse on 80x80
#    pixels it then reads 0, 1 and 4 with probabilities of 0.99, 1.00 and 0.94 and a 7 with 0.48. A narrow 0 that leaves
#    the sides empty becomes a 4 (0.78), and one in the corner a 5 (0.76): the digits that it has learned fill their
#    picture.
# 3. In CPU time, medians of five rounds on a busy computer: with one image 64 ms, 8.5 ms and 0.83 ms per call
#    (`model.predict`, `model(images)`, SavedModel), with all 360 it is 88, 12 and 2.6 ms. Per image the first two gain
#    by a factor of 260, the third by 110: what they gain is the fixed cost of a call, and the SavedModel has little of
#    it. It is still 33 times as fast as `model.predict`, instead of 76 times.
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
