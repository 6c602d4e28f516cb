"""The tfds data set `schematic_faces`: faces drawn by numbers, whose true picture with other units is known."""

import numpy as np
import tensorflow_datasets as tfds

from keras_course.data.digit_scenes import encoded_png
from keras_course.data.faces import UNITS, draw_face, draw_identity
from keras_course.data.scenes import SIDE

TRAIN, TEST, JUDGE = 8000, 1000, 3000
TRUTH, JUDGING = "truth", "judge"


class SchematicFaces(tfds.core.GeneratorBasedBuilder):
    """Faces of 64x64 pixels, 8,000 to train and 1,000 to test, with four action units in [0, 1].

    Who a face is and what it does are independent numbers. Test faces are of other identities, before other
    photographs. The split `truth` has each test face once more, as it looks with other units; the split `judge` has
    3,000 faces of identities that are in no other split, for a regressor that judges. `load_faces` gives neither;
    `load_true_faces` does.

    Source: drawn by `draw_face`; the photographs are those in scikit-image's wheel.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    AUGMENTATIONS = ("flip", "shift", "colour")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description="Drawn faces with action units, and their true pictures with other units.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(SIDE, SIDE, 3)),
                    "units": dict.fromkeys(UNITS, np.float32),
                    "face_id": np.int64,
                }
            ),
            homepage="https://arxiv.org/abs/1807.09251",
        )

    def _split_generators(self, dl_manager):
        del dl_manager  # nothing to download
        return {
            "train": self._generate_examples("train", range(TRAIN)),
            "test": self._generate_examples("test", range(TEST)),
            TRUTH: self._generate_examples("test", range(TEST), others=True),
            JUDGING: self._generate_examples("train", range(TRAIN, TRAIN + JUDGE)),
        }

    def _generate_examples(self, split, members, others=False):
        for index in members:
            identity, own, other = draw_identity(split, index)
            units = (other if others else own).astype(np.float32)
            image = encoded_png(draw_face(identity, units))
            yield index, {"image": image, "units": dict(zip(UNITS, units, strict=True)), "face_id": index}
