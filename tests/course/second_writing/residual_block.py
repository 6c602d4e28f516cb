"""Typical mistakes of `residual_block`, written a second time."""

from keras import layers, ops


def conv(x, filters, size, strides=1, activation=None):
    return layers.Conv2D(filters, size, strides=strides, padding="same", activation=activation)(x)


def shortcut(x, filters, strides):
    if strides == 1 and x.shape[-1] == filters:
        return x
    return conv(x, filters, 1, strides)


def activation_before_sum(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    y = conv(y, filters, 3, activation="relu")
    return layers.add([y, shortcut(x, filters, strides)])


def two_activations(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    y = conv(y, filters, 3, activation="relu")
    return layers.ReLU()(y + shortcut(x, filters, strides))


def no_last_activation(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    y = conv(y, filters, 3)
    return layers.Add()([shortcut(x, filters, strides), y])


def no_inner_activation(x, filters, strides):
    y = conv(x, filters, 3, strides)
    y = conv(y, filters, 3)
    return layers.Activation("relu")(layers.Add()([shortcut(x, filters, strides), y]))


def always_projected(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    y = conv(y, filters, 3)
    return ops.relu(y + conv(x, filters, 1, strides))


def no_shortcut(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    return conv(y, filters, 3, activation="relu")


def strides_in_second(x, filters, strides):
    y = conv(x, filters, 3, activation="relu")
    y = conv(y, filters, 3, strides)
    return layers.ReLU()(layers.Add()([y, shortcut(x, filters, strides)]))


def projection_of_three(x, filters, strides):
    y = layers.ReLU()(conv(x, filters, 3, strides))
    y = conv(y, filters, 3)
    if tuple(x.shape) != tuple(y.shape):
        x = conv(x, filters, 3, strides)
    return layers.ReLU()(layers.Add()([x, y]))


def no_projection(x, filters, strides):
    y = conv(x, filters, 3, strides, "relu")
    return ops.relu(ops.add(x, conv(y, filters, 3)))


def batch_normalization(x, filters, strides):
    def conv_bn(x, size, strides=1):
        return layers.BatchNormalization()(layers.Conv2D(filters, size, strides, "same", use_bias=False)(x))

    y = conv_bn(layers.Activation("relu")(conv_bn(x, 3, strides)), 3)
    changes = strides > 1 or x.shape[-1] != filters
    return layers.Activation("relu")(layers.add([y, conv_bn(x, 1, strides) if changes else x]))
