"""Typical mistakes of `inception_block`, written a second time."""

from keras import layers


def conv(filters, size, activation="relu"):
    return layers.Conv2D(filters, size, padding="same", activation=activation)


def pooled(x):
    return layers.MaxPool2D(3, strides=1, padding="same")(x)


def paths(x, filters):
    """The four paths as they should be."""
    one, reduce_3, three, reduce_5, five, pool = filters
    return [
        conv(one, 1)(x),
        conv(three, 3)(conv(reduce_3, 1)(x)),
        conv(five, 5)(conv(reduce_5, 1)(x)),
        conv(pool, 1)(pooled(x)),
    ]


def no_reduction(x, filters):
    one, _, three, _, five, pool = filters
    parts = [conv(one, 1)(x), conv(three, 3)(x), conv(five, 5)(x), conv(pool, 1)(pooled(x))]
    return layers.concatenate(parts)


def average_pooling(x, filters):
    one, reduce_3, three, reduce_5, five, pool = filters
    a = conv(one, 1)(x)
    b = conv(three, 3)(conv(reduce_3, 1)(x))
    c = conv(five, 5)(conv(reduce_5, 1)(x))
    d = conv(pool, 1)(layers.AveragePooling2D((3, 3), strides=(1, 1), padding="same")(x))
    return layers.Concatenate()([a, b, c, d])


def pooling_first(x, filters):
    one, three, five, pool = paths(x, filters)
    return layers.Concatenate()([pool, one, three, five])


def large_before_small(x, filters):
    one, three, five, pool = paths(x, filters)
    return layers.Concatenate()([one, five, three, pool])


def linear_reductions(x, filters):
    a = conv(filters[0], 1)(x)
    b = conv(filters[2], 3)(conv(filters[1], 1, None)(x))
    c = conv(filters[4], 5)(conv(filters[3], 1, None)(x))
    d = conv(filters[5], 1)(pooled(x))
    return layers.Concatenate(axis=-1)([a, b, c, d])


def linear_outputs(x, filters):
    a = conv(filters[0], 1, None)(x)
    b = conv(filters[2], 3, None)(conv(filters[1], 1)(x))
    c = conv(filters[4], 5, None)(conv(filters[3], 1)(x))
    d = conv(filters[5], 1, None)(pooled(x))
    return layers.Concatenate(axis=-1)([a, b, c, d])


def three_for_five(x, filters):
    one, reduce_3, three, reduce_5, five, pool = filters
    parts = [conv(one, 1)(x)]
    for reduction, outputs in ((reduce_3, three), (reduce_5, five)):
        parts.append(conv(outputs, 3)(conv(reduction, 1)(x)))
    parts.append(conv(pool, 1)(pooled(x)))
    return layers.concatenate(parts, axis=3)


def pooling_unprojected(x, filters):
    one, reduce_3, three, reduce_5, five, _ = filters
    a = conv(one, 1)(x)
    b = conv(three, 3)(conv(reduce_3, 1)(x))
    c = conv(five, 5)(conv(reduce_5, 1)(x))
    return layers.Concatenate()([a, b, c, pooled(x)])


def path_without_pooling(x, filters):
    one, reduce_3, three, reduce_5, five, pool = filters
    a = conv(one, 1)(x)
    b = conv(three, 3)(conv(reduce_3, 1)(x))
    c = conv(five, 5)(conv(reduce_5, 1)(x))
    return layers.Concatenate()([a, b, c, conv(pool, 1)(x)])
