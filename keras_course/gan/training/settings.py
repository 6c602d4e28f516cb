"""The settings of a GAN's training, checked."""

from dataclasses import dataclass

from keras_course.arguments import require_integer
from keras_course.callbacks import LearningRateDecay
from keras_course.data import ImageData
from keras_course.gan.judging.reference import Reference
from keras_course.gan.model.gan import GAN
from keras_course.runs import RunSettings


@dataclass(frozen=True, kw_only=True)
class GANSettings(RunSettings):
    """The arguments of `train_gan`, which explains them."""

    decay: LearningRateDecay | None = None
    reference: Reference | None = None
    score_every: int | None = None
    score_count: int = 1_000

    def __post_init__(self):
        super().__post_init__()
        require_integer("score_count", self.score_count, at_least=4)
        if self.score_every is not None:
            require_integer("score_every", self.score_every, at_least=1)
        if self.reference is not None and not hasattr(self.reference, "classifier"):
            raise ValueError(
                f"`reference` must be a Reference, from load_reference, or None. Received: reference={self.reference!r}"
            )

    def check(self, model: object, data: object) -> None:
        """Raises a ValueError unless model, data and reference fit each other."""
        if not isinstance(model, GAN) or not model.compiled:
            raise ValueError(f"`model` must be a compiled keras_course.gan.GAN. Received: model={model!r}")
        if not isinstance(data, ImageData):
            raise ValueError(f"`data` must be the ImageData that load_images returns. Received: data={data!r}")
        shape, made = tuple(data.input_shape), tuple(model.generator.outputs[0].shape)[1:]
        if made != shape:
            raise ValueError(f"`model` must make images {shape} like those of {data.name!r}. Received: one of {made}")
        if model.conditional and model.num_classes != data.num_classes:
            raise ValueError(
                f"`model` must be built for the {data.num_classes} classes of {data.name!r}. "
                f"Received: one for {model.num_classes}"
            )
        if self.reference is not None and self.reference.classifier.input_shape != shape:
            raise ValueError(
                f"`reference` must be for images {shape}. Received: one for {self.reference.classifier.input_shape}"
            )
