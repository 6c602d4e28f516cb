"""Records what filters of VGG-16 respond to most, for the tutorial "What does a convolutional network see?".

    python -m benchmarks.inside_vgg

writes `tutorials/05_convolutional_networks/inside_vgg16.jpg`, in minutes where the tutorial has seconds.
"""

from pathlib import Path

import matplotlib.pyplot as plt

from keras_course.inspection import activation_maximization
from keras_course.models import load_features
from keras_course.quiet import quiet_tensorflow
from keras_course.visualization import tile_images

FIGURE = Path(__file__).parents[1] / "tutorials/05_convolutional_networks/inside_vgg16.jpg"
SIZES = {1: 32, 2: 48, 3: 64, 4: 80, 5: 112}  # of the images by stage, in pixels
FILTERS = 8
STEPS = 50


def main() -> None:
    """Computes and draws the first filters of the first convolution of each stage."""
    quiet_tensorflow()
    features = load_features("edges")
    fig, axes = plt.subplots(len(SIZES), 1, figsize=(8, 6.2), layout="constrained")
    for ax, (stage, size) in zip(axes, SIZES.items(), strict=True):
        found = activation_maximization(
            features, f"stage{stage}_conv1", range(FILTERS), steps=STEPS, image_size=size, batch_size=4
        )
        ax.imshow(tile_images(found.images, columns=FILTERS, gap=max(1, size // 32), fill=1.0))
        ax.set_title(f"convolution {stage}-1, images of {size}x{size} pixels", fontsize=9)
        ax.set_axis_off()
        print(stage, found.activations.round(1).tolist(), found.start_activations.round(1).tolist(), flush=True)
    fig.savefig(FIGURE, dpi=100, pil_kwargs={"quality": 85})


if __name__ == "__main__":
    main()
