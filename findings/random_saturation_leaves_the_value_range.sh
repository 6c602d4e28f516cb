#!/usr/bin/env bash
# keras.layers.RandomSaturation, Keras 3.15.1: saturation in HSV lies in [0, 1] whatever the unit of the image, but the layer clips
# it to `value_range`. With the range [0, 255] nothing holds it at 1, so a factor above 0.5 can give colours far below 0. With
# [0, 1] the layer is right. RandomColorJitter hands its saturation_factor on to this layer.
# Seen: the pixel (200, 100, 50) at a factor of 0.8 becomes (200, -200, -400); as a pixel in [0, 1] with that value_range, times
# 255, it is (200, 67, 0), as by tf.image.adjust_saturation and by Python's colorsys.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "keras==3.15.1" "tensorflow-cpu==2.21.0"
TF_CPP_MIN_LOG_LEVEL=3 "$folder/venv/bin/python" - <<'PY'
import colorsys

import keras
import numpy as np
import tensorflow as tf

FACTOR = 0.8  # the layer multiplies by 0.8 / (1 - 0.8) = 4
pixel = np.float32([[[[200, 100, 50]]]])


def values(images):
    return np.asarray(images).ravel().round().astype(int).tolist()


def saturated(images, value_range):
    return keras.layers.RandomSaturation((FACTOR, FACTOR), value_range=value_range)(images, training=True)


bytes_, unit = values(saturated(pixel, (0, 255))), values(saturated(pixel / 255, (0, 1)) * 255)
by_tf = values(tf.image.adjust_saturation(pixel / 255, FACTOR / (1 - FACTOR)) * 255)
hue, saturation, value = colorsys.rgb_to_hsv(*(pixel.ravel() / 255).tolist())
by_python = values(np.array(colorsys.hsv_to_rgb(hue, min(1, 4 * saturation), value)) * 255)
print(f"Keras {keras.__version__}: {bytes_} in [0, 255], {unit} from [0, 1]; tf.image {by_tf}; colorsys {by_python}")
assert unit == by_tf == by_python == [200, 67, 0] and bytes_ == [200, -200, -400]
PY
