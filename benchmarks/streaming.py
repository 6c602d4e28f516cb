"""Images that stay on disk against images in memory: seconds of an epoch of LeNet, and the peak of the memory."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow_datasets as tfds

from benchmarks.clock import EpochClock
from benchmarks.table import Row
from keras_course.data import ImageData, load_images
from keras_course.export.images import polarity_of
from keras_course.models import build_lenet
from keras_course.training.recipes import LENET_OF_TODAY

CACHES = ("memory", "disk", "none")
ROUNDS = 5
SLOWER = 1.15
ENLARGED = 4  # times height and width
DECODED = 2 * 1024**3  # bytes
COUNT = -(-DECODED // (28 * ENLARGED) ** 2)
SHARE = 0.5
STEPS = 20


class EnlargedFashion(tfds.core.GeneratorBasedBuilder):
    """Fashion-MNIST's training images, enlarged and repeated until they are 2 GiB."""

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        side = 28 * ENLARGED
        image = tfds.features.Image(shape=(side, side, 1))
        label = tfds.features.ClassLabel(num_classes=10)
        features = tfds.features.FeaturesDict({"image": image, "label": label})
        return self.dataset_info_from_configs(features=features, supervised_keys=("image", "label"))

    def _split_generators(self, dl_manager):
        del dl_manager
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        examples = load_images("fashion_mnist", validation_fraction=0).train_examples
        for index in range(COUNT):
            image = examples.images[index % len(examples.images)]
            enlarged = image.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
            yield index, {"image": enlarged, "label": int(examples.labels[index % len(examples.labels)])}


def run() -> list[Row]:
    """Compares epochs of LeNet in turn, then measures peaks of memory in processes of their own.

    Raises:
        FileNotFoundError: If Fashion-MNIST is neither prepared nor in `KERAS_COURSE_MIRROR` nor on the network.
    """
    seconds = _epochs()
    with tempfile.TemporaryDirectory() as folder:
        EnlargedFashion(data_dir=folder).download_and_prepare()
        empty = _peak("empty", folder)
        peaks = {cache: _peak(cache, folder) - empty for cache in CACHES[1:]}
    return [*(_time_row(cache, seconds) for cache in CACHES[1:]), *(_memory_row(*pair) for pair in peaks.items())]


def _epochs() -> dict[str, list[float]]:
    """Returns seconds of warm epochs by cache, measured in turn."""
    given = {cache: load_images("fashion_mnist", cache=_place(cache)) for cache in CACHES}
    trained = {cache: (_lenet(data), data.train) for cache, data in given.items()}
    seconds: dict[str, list[float]] = {cache: [] for cache in CACHES}
    for turn in range(ROUNDS + 1):
        for cache in CACHES if turn % 2 else CACHES[::-1]:
            clock = EpochClock()
            model, train = trained[cache]
            model.fit(train, shuffle=False, verbose=0, callbacks=clock.around())
            seconds[cache].append(clock.seconds)
    return {cache: one[1:] for cache, one in seconds.items()}  # the first epoch traces


def _place(cache: str) -> str | None:
    return None if cache == "none" else cache


def _lenet(data: ImageData) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build_lenet(data.input_shape, data.num_classes, **LENET_OF_TODAY)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def _time_row(cache: str, seconds: dict[str, list[float]]) -> Row:
    ratio = statistics.median(np.divide(seconds[cache], seconds["memory"]))
    ours, theirs = (statistics.median(seconds[one]) for one in (cache, "memory"))
    return Row(
        f"LeNet on Fashion-MNIST, warm epoch, --cache {cache} / --cache memory",
        f"{ratio:.3f} ({ours:.2f} s against {theirs:.2f} s, {ROUNDS} rounds in turn)",
        f"<= {SLOWER}",
        bool(ratio <= SLOWER),
    )


def _memory_row(cache: str, peak: float) -> Row:
    share = peak / DECODED
    return Row(
        f"{COUNT:,} images {28 * ENLARGED}x{28 * ENLARGED}, 2 GiB decoded, --cache {cache}: loading, an epoch of "
        f"batches, {STEPS} steps of LeNet; peak memory over that of an empty process",
        f"{share:.2f} of the decoded size ({peak / 1024**2:.0f} MiB)",
        f"<= {SHARE}",
        share <= SHARE,
    )


def _peak(task: str, folder: str) -> int:
    """Returns the largest resident size of a process that does a task, in bytes."""
    program = "import sys; from benchmarks.streaming import main; main(*sys.argv[1:])"
    command = [
        sys.executable,
        "-c",
        program,
        task,
        folder,
    ]  # tfds looks for the builder's package, which __main__ lacks
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), cwd=Path(__file__).parents[1])
    if done.returncode:
        raise RuntimeError(done.stderr)
    return int(done.stdout.split()[-1])


def main(task: str, folder: str) -> None:
    """Does a task and prints the largest resident size of this process: "empty" does nothing but import."""
    if task != "empty":
        data = load_images("enlarged_fashion", data_dir=folder, cache=_place(task), batch_size=128)
        polarity_of(data.train_examples.images)  # as before the first step of a training
        seen = sum(len(labels) for _, labels in data.train)
        if seen != data.train_size:
            raise RuntimeError(f"{seen} images in an epoch of {data.train_size}")
        _lenet(data).fit(data.train.take(STEPS), shuffle=False, verbose=0)
    status = Path("/proc/self/status").read_text()  # ru_maxrss would begin with what the parent had: exec keeps it
    print(1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]))
