"""Clusters of the training images in the place of classes, for a GAN without labels."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from scipy.stats import norm

from keras_course.arguments import require_integer
from keras_course.gan.model.networks import build_conditional_dcgan_generator

LAYER = "cluster"  # its name in a generator
MOST_VALUES = 2**26  # of pixels that k-means looks at, 256 MiB of them


@keras.saving.register_keras_serializable(package="keras_course")
class ImageClusters(keras.layers.Layer):
    """Sorts images into clusters by the nearest centre, and draws clusters, as frequent, from latents.

    `call` maps latents (batch, latent_dim) of N(0, 1) to clusters int32 (batch,): the first latent alone says which.
    Cluster k gets the share of N(0, 1) that it has of the images. `adapt` finds the clusters and must come first.

    Args:
        num_clusters: Integer >= 2.
        image_shape: (height, width, channels) of the images, in pixels.
        **options: Of a Keras layer.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import ImageClusters
        >>> clusters = ImageClusters(2, (2, 2, 1))
        >>> clusters.adapt(np.array([0, 0, 0, 255], np.uint8).reshape(4, 1, 1, 1).repeat(2, 1).repeat(2, 2))
        >>> white, black = np.ones((1, 2, 2, 1)), -np.ones((1, 2, 2, 1))
        >>> np.asarray(clusters.nearest(np.concatenate([white, black]))).tolist()  # the most frequent one is 0
        [1, 0]
        >>> np.asarray(clusters(np.array([[0.6, 9], [0.7, 9]]))).tolist()  # 3/4 of N(0, 1) is below 0.674
        [0, 1]

    Source: Liu et al. (2020), arXiv:2006.10728, whose clusters are of the discriminator's features and change with it;
        goes beyond the deck, chapter 9.
    """

    def __init__(self, num_clusters: int, image_shape: tuple[int, int, int], **options: Any):
        # Always in float32, also where a copy of the generator computes in bfloat16: a latent rounded to that would
        # draw another cluster now and then.
        super().__init__(**{"trainable": False, **options, "dtype": "float32"}, autocast=False)
        require_integer("num_clusters", num_clusters, at_least=2)
        self.num_clusters, self.image_shape = num_clusters, tuple(image_shape)
        self.centres = self.add_weight(
            shape=(num_clusters, int(np.prod(image_shape))), initializer="zeros", trainable=False, name="centres"
        )
        self.bounds = self.add_weight(shape=(num_clusters - 1,), initializer="zeros", trainable=False, name="bounds")
        self.built = True

    def adapt(self, images: np.ndarray, *, seed: int = 0) -> None:
        """Finds the clusters by k-means of the pixels, the most frequent one first.

        Args:
            images: uint8 (n, height, width, channels), n >= `num_clusters`. Of so many that they would take much
                memory, as many as do not, evenly spaced.
            seed: Integer >= 0, of the first centres.

        Raises:
            ValueError: If the images are fewer, or some cluster stays empty.
        """
        from sklearn.cluster import MiniBatchKMeans  # takes half a second to import

        if images.shape[1:] != self.image_shape or len(images) < self.num_clusters:
            raise ValueError(
                f"`images` must be at least {self.num_clusters} of {self.image_shape}. Received: {images.shape}"
            )
        images = images[:: 1 + (images.size - 1) // MOST_VALUES]
        points = images.reshape(len(images), -1).astype(np.float32) / 127.5 - 1
        means = MiniBatchKMeans(self.num_clusters, random_state=seed, batch_size=2048, n_init=3).fit(points)
        counts = np.bincount(means.predict(points), minlength=self.num_clusters)
        if not counts.all():
            raise ValueError(
                f"`images` must have {self.num_clusters} clusters. Received: only {np.count_nonzero(counts)}"
            )
        order = np.argsort(-counts, kind="stable")
        self.centres.assign(means.cluster_centers_[order])
        self.bounds.assign(norm.ppf(np.cumsum(counts[order])[:-1] / len(images)))

    @property
    def adapted(self) -> bool:
        """Whether there are centres, found by `adapt` or loaded."""
        return bool(np.any(keras.ops.convert_to_numpy(self.centres)))

    def nearest(self, images: Any) -> Any:
        """Returns the cluster of each image in [-1, 1], int32 (batch,)."""
        points = tf.reshape(tf.cast(images, "float32"), (-1, self.centres.shape[1]))
        centres = tf.convert_to_tensor(self.centres)
        distances = tf.reduce_sum(centres**2, axis=1) - 2 * tf.matmul(points, centres, transpose_b=True)
        return tf.argmin(distances, axis=1, output_type=tf.int32)

    def call(self, latents: Any) -> Any:
        """Returns the cluster that each latent vector draws."""
        above = keras.ops.cast(latents[:, :1], "float32") > self.bounds
        return keras.ops.sum(keras.ops.cast(above, "int32"), axis=1)

    def compute_output_spec(self, latents: Any) -> keras.KerasTensor:
        """Returns int32 (batch,)."""
        return keras.KerasTensor(latents.shape[:1], dtype="int32")

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal layer, without its weights."""
        return {**super().get_config(), "num_clusters": self.num_clusters, "image_shape": self.image_shape}


def build_clustered_dcgan_generator(
    image_shape: tuple[int, int, int],
    num_clusters: int,
    *,
    latent_dim: int = 100,
    base_filters: int = 64,
    extra_stage: bool = False,
) -> keras.Model:
    """Builds G(z) = G(z, k(z)): the conditional DCGAN's generator, whose class is a cluster that z draws.

    `GAN` trains it with the discriminator of `build_conditional_dcgan_discriminator`; `train_gan` finds the clusters,
    before `fit` alone `generator.get_layer("cluster").adapt(images)` does.

    Args:
        image_shape: (height, width, channels) of the images, see `build_dcgan_generator`.
        num_clusters: Integer >= 2.
        latent_dim: Integer >= 1, the length of z.
        base_filters: Integer >= 1, the channels of the last hidden map.
        extra_stage: See `build_dcgan_generator`.

    Returns:
        An uncompiled model from z (batch, latent_dim) to images in [-1, 1].

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.gan import build_clustered_dcgan_generator
        >>> model = build_clustered_dcgan_generator((8, 8, 1), 3, latent_dim=4, base_filters=2)
        >>> model.input_shape, model.output_shape
        ((None, 4), (None, 8, 8, 1))
    """
    options: dict[str, Any] = {"latent_dim": latent_dim, "base_filters": base_filters, "extra_stage": extra_stage}
    conditional = build_conditional_dcgan_generator(image_shape, num_clusters, **options)
    latents = keras.Input((latent_dim,), name="latent")
    cluster = ImageClusters(num_clusters, image_shape, name=LAYER)(latents)
    return keras.Model(latents, conditional([latents, cluster]), name="clustered_dcgan_generator")


def clusters_of(generator: keras.Model) -> ImageClusters | None:
    """Returns the layer of a generator that draws a cluster, or None."""
    return next((layer for layer in generator.layers if isinstance(layer, ImageClusters)), None)
