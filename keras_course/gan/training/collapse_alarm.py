"""CollapseAlarm: tells when a GAN has stopped learning, and how."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from keras_course.adversarial import Alarm, what_is_not_finite
from keras_course.arguments import require_integer, require_number
from keras_course.data import ImageData
from keras_course.gan.judging.reference import Reference
from keras_course.gan.training import collapse_signs as signs


class CollapseAlarm(Alarm):
    """Watches a GAN's training for four ways of failing, mode collapse among them, and says which one it saw.

    | kind | what it saw |
    | --- | --- |
    | NaN | a loss or a weight is NaN or infinite; the training stops |
    | D(x) at 1 | D separates real from generated images almost perfectly, see `certainty` |
    | one image | generated images, or those of one class asked for, spread less than `spread` of what real ones do |
    | one class | more than `share` of the generated images are of one class |

    All but the first must last for `patience` epochs in a row; each is reported once until it is over. Findings are
    logged as warnings and kept in `findings`; `logs["collapse"]` gets the number of alarms that ring.

    Args:
        real: uint8 (n, height, width, channels), some real images to compare the spread with; None compares with the
            spread of pixel values within the generated images.
        classify: Maps uint8 images to class ids (n,), or None not to look at classes.
        class_names: One name per class, for the messages.
        count: Integer >= 2, generated images to look at; the classes of a conditional GAN are looked at one by one if
            there are at least two images of each.
        seed: Integer >= 0, of their latents.
        certainty: Float in (1/2, 1). D counts as sure if its means over an epoch are above `certainty` on real images
            and below 1 - `certainty` on generated ones. Label smoothing and the least-squares loss ask for less than 1
            and more than 0; the two thresholds then move in proportion. "wasserstein-gp" has none.
        spread: Float in (0, 1).
        share: Float in (0, 1).
        patience: Integer >= 1, epochs.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> from keras_course.gan import GAN, CollapseAlarm, build_gan_discriminator, build_gan_generator
        >>> generator = build_gan_generator((8, 8, 1), latent_dim=4, hidden=(8,))
        >>> generator.get_layer("pixels").set_weights([np.zeros((8, 64)), np.zeros(64)])  # grey whatever the latents
        >>> gan = GAN(generator, build_gan_discriminator((8, 8, 1), hidden=(8,)))
        >>> CollapseAlarm(real=np.arange(128, dtype=np.uint8).reshape(2, 8, 8, 1)).look(gan, {})
        {'one image': 'generated images have 0 % of the spread of real ones: mode collapse'}
    """

    def __init__(
        self,
        *,
        real: np.ndarray | None = None,
        classify: Callable[[np.ndarray], np.ndarray] | None = None,
        class_names: Sequence[str] | None = None,
        count: int = 100,
        seed: int = 0,
        certainty: float = 0.99,
        spread: float = 0.25,
        share: float = 0.8,
        patience: int = 2,
    ):
        super().__init__(patience=patience)
        require_integer("count", count, at_least=2)
        require_integer("seed", seed, at_least=0)
        require_number("certainty", certainty, above=0.5, below=1)
        require_number("spread", spread, above=0, below=1)
        require_number("share", share, above=0, below=1)
        self.classify = classify
        self.class_names = class_names
        self.count, self.seed = count, seed
        self.certainty, self.spread, self.share = certainty, spread, share
        self._usual = None if real is None else signs.mean_spread(real)

    @classmethod
    def of_data(cls, data: ImageData, reference: Reference | None, *, seed: int) -> "CollapseAlarm":
        """Makes the alarm for the images of a data set, which the classifier of the reference tells apart.

        Args:
            data: As `load_images` gives it.
            reference: From `load_reference`; None doesn't look at classes.
            seed: Integer >= 0, of the latents.
        """

        def classify(images: np.ndarray) -> np.ndarray:
            return reference.classifier.classify(images).classes  # type: ignore[union-attr]

        return cls(
            real=data.train_examples.images[:: max(1, data.train_size // 1000)],
            classify=None if reference is None else classify,
            class_names=data.class_names,
            seed=seed,
        )

    def look(self, gan: Any, logs: dict[str, Any]) -> dict[str, str]:
        """Returns what can be seen now: a message for each kind of failure.

        Args:
            gan: The model.
            logs: Its figures of an epoch.
        """
        if seen := what_is_not_finite(gan, logs):
            return seen
        if signs.is_sure(gan, logs, self.certainty):
            seen[signs.LOST_GAME] = (
                f"D is {logs['d_real']:.4f} on real images and {logs['d_fake']:.4f} on generated ones: the generator "
                "has nothing to learn from. A slower discriminator or another loss gives it a chance."
            )
        images = gan.generate(self.count, seed=self.seed)
        label, spread = signs.least_spread(gan, images)
        ratio = spread / (self._usual or max(float(images.std()), 1.0))
        if ratio < self.spread:
            whose = "" if label is None else f" of class {self._name(label)!r}"
            seen[signs.ONE_IMAGE] = (
                f"generated images{whose} have {100 * ratio:.0f} % of the spread of real ones: mode collapse"
            )
        if self.classify is not None:
            found, counts = np.unique(np.asarray(self.classify(images)), return_counts=True)
            share = counts.max() / counts.sum()
            if share > self.share:
                name = self._name(found[counts.argmax()])
                seen[signs.ONE_CLASS] = f"{100 * share:.0f} % of the generated images are of class {name!r}"
        return seen

    def _name(self, label: int) -> str:
        return str(self.class_names[label] if self.class_names else label)
