"""Mutants of the exercises' solutions that no input tells from the solution: exercise -> changed line -> reason."""

SAME_LENGTH = "x and t have the same length"
TWO_AXES = "of two axes, the last is axis 1"
CASE = "Keras writes the padding in small letters itself"

EQUIVALENT: dict[str, dict[str, str]] = {
    "perceptron_epoch": {
        "for features, target in zip(x, t, strict=None):": SAME_LENGTH,
        "for features, target in zip(x, t, ):": SAME_LENGTH,
        "for features, target in zip(x, t, strict=False):": SAME_LENGTH,
    },
    "cross_correlation": {
        'return np.einsum("KJINM,CKNM->CJI", windows[:, ::stride, ::stride], kernel)': "the same indices, renamed",
    },
    "box_iou": {
        "areas = np.prod(a[..., 2:] - a[..., :2], axis=-1) + np.prod(b[..., 2:] - b[..., :2], axis=+1)": TWO_AXES,
    },
    "gram_matrix": {
        "flat = maps.reshape(-2, maps.shape[-1])": "NumPy takes every negative length for the unknown one",
    },
    "residual_block": {
        'y = keras.layers.Conv2D(filters, 3, strides=strides, padding="SAME", activation="relu")(x)': CASE,
        'y = keras.layers.Conv2D(filters, 3, padding="SAME")(y)': CASE,
    },
    "inception_block": {
        'return keras.layers.Conv2D(count, size, padding="SAME", activation="relu")(x)': CASE,
    },
    "serving_function": {
        "logits = model(keras.ops.cast(images, None) / 255)": "None is Keras's float32",
        "return keras.ops.softmax(logits), keras.ops.argmax(logits, axis=+1)": TWO_AXES,
    },
}
