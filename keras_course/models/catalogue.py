"""Where each architecture was published, and for which images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Publication:
    """The paper of an architecture.

    Args:
        year: In which it first appeared.
        authors: Their family names.
        title: Of the paper.
        input_shape: (height, width, channels) of the published net's images, in pixels.
        num_classes: Of the published net.
    """

    year: int
    authors: str
    title: str
    input_shape: tuple[int, int, int]
    num_classes: int


MNIST = ((28, 28, 1), 10)
IMAGENET = ((224, 224, 3), 1000)

VGG = Publication(
    2014, "Simonyan, Zisserman", "Very deep convolutional networks for large-scale image recognition", *IMAGENET
)
RESNET = Publication(2015, "He, Zhang, Ren, Sun", "Deep residual learning for image recognition", *IMAGENET)

CATALOGUE: dict[str, Publication] = {
    # the first three predate shared image data sets: they get the images that they are usually shown on today
    "perceptron": Publication(
        1958, "Rosenblatt", "The perceptron: a probabilistic model for information storage", *MNIST
    ),
    "mlp": Publication(
        1986, "Rumelhart, Hinton, Williams", "Learning representations by back-propagating errors", *MNIST
    ),
    "recurrent": Publication(1997, "Hochreiter, Schmidhuber", "Long short-term memory", *MNIST),
    "lenet": Publication(
        1998,
        "LeCun, Bottou, Bengio, Haffner",
        "Gradient-based learning applied to document recognition",
        input_shape=(32, 32, 1),
        num_classes=10,
    ),
    # no net of that paper, but one of its manner for small grey images
    "fast": Publication(2024, "Jordan", "94% on CIFAR-10 in 3.29 seconds on a single GPU", *MNIST),
    "alexnet": Publication(
        2012,
        "Krizhevsky, Sutskever, Hinton",
        "ImageNet classification with deep convolutional neural networks",
        input_shape=(227, 227, 3),  # the paper says 224, but its first map of 55x55 takes 227
        num_classes=1000,
    ),
    **{f"vgg{depth}": VGG for depth in (11, 13, 16, 19)},
    "googlenet": Publication(
        2014,
        "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
        "Going deeper with convolutions",
        *IMAGENET,
    ),
    **{f"resnet{depth}": RESNET for depth in (18, 34, 50, 101, 152)},
    "centernet": Publication(
        2019, "Zhou, Wang, Krähenbühl", "Objects as points", input_shape=(512, 512, 3), num_classes=80
    ),
    "unet": Publication(
        2015,
        "Ronneberger, Fischer, Brox",
        "U-Net: convolutional networks for biomedical image segmentation",
        input_shape=(572, 572, 1),
        num_classes=2,
    ),
    "fcn": Publication(
        2015,
        "Long, Shelhamer, Darrell",
        "Fully convolutional networks for semantic segmentation",
        input_shape=(512, 512, 3),  # the paper's have up to 500x500 pixels of any shape, and a frame of 100 around them
        num_classes=21,
    ),
    "captioner": Publication(
        2015,
        "Xu, Ba, Kiros, Cho, Courville, Salakhutdinov, Zemel, Bengio",
        "Show, attend and tell: neural image caption generation with visual attention",
        input_shape=(224, 224, 3),
        num_classes=10_000,
    ),
}
