"""Instance normalisation that is told by a vector how to scale and shift each channel (Perez et al. 2018)."""

import keras

from keras_course.models.layers.instance_normalization import InstanceNormalization


@keras.saving.register_keras_serializable(package="keras_course")
class ModulatedNormalization(InstanceNormalization):
    """Computes (1 + a(v)) n(x) + b(v): instance normalisation n, scaled and shifted as a vector v says, linearly.

    Takes [maps (batch, height, width, channels), vectors (batch, size)] and returns the shape of the maps. Beside γ and
    β of the normalisation it has the weights of a and b, (size, 2 channels) and a bias.

    Args:
        epsilon: As for `InstanceNormalization`.
        **options: `name`, `dtype` and what else a Keras layer takes.

    Example:
        >>> import numpy as np
        >>> from keras_course.models.layers import ModulatedNormalization
        >>> layer = ModulatedNormalization()
        >>> tuple(layer([np.ones((1, 2, 2, 3)), np.zeros((1, 4))]).shape)
        (1, 2, 2, 3)
        >>> layer.count_params()  # 2 per channel, and 2 (4 + 1)
        36

    Source: Perez et al. (2018), "FiLM: visual reasoning with a general conditioning layer", arXiv:1709.07871; Dumoulin
        et al. (2017), arXiv:1610.07629, for normalisation and modulation in one.
    """

    def build(self, input_shape):
        """Makes the weights."""
        maps, (_, size) = input_shape
        super().build(maps)
        self.kernel = self.add_weight(shape=(size, 2 * maps[-1]), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(2 * maps[-1],), initializer="zeros", name="bias")

    def call(self, inputs):
        """Normalises and modulates the maps."""
        maps, vectors = inputs
        told = keras.ops.matmul(vectors, self.kernel) + self.bias
        factor, offset = (part[:, None, None] for part in keras.ops.split(told, 2, axis=-1))
        x, scale, shift = self.affine(maps)
        factor, offset = (keras.ops.cast(part, x.dtype) for part in (1 + factor, offset))
        return keras.ops.cast(x * (scale * factor) + (shift * factor + offset), self.compute_dtype)

    def compute_output_shape(self, input_shape):
        """Returns the shape of the maps."""
        return input_shape[0]
