"""A network that describes images (Vinyals et al. 2015; Xu et al. 2015, "Show, attend and tell", arXiv:1502.03044)."""

import math
from typing import Any

import keras

from keras_course.arguments import require_boolean, require_choice, require_integer, require_number
from keras_course.models.backbones import backbone_maps
from keras_course.models.caption_decoders import DECODERS, CaptionDecoder, Cells
from keras_course.models.layers.attention import Attention
from keras_course.models.layers.place_embedding import PlaceEmbedding
from keras_course.models.layers.shown_words import NotShown

FEWEST_WORDS = 5  # the four special ones and one
MARKS = ("cells", "shown_words", "cell_attention_norm", "word_embedding", "words_looked_at", "logits_add")  # of layers
PRIOR = 0.01  # of a word in a cell, before training


def build_captioner(
    input_shape: tuple[int, int, int],
    vocabulary_size: int,
    *,
    decoder: str = "gru",
    attention: bool = True,
    length: int = 32,
    units: int = 128,
    heads: int = 4,
    dropout: float = 0.1,
    backbone: str | keras.Model = "resnet18",
    width: float = 1.0,
    stride: int = 8,
    stem: str = "auto",
) -> keras.Model:
    """Builds a captioner: a backbone makes cells of an image, a decoder writes one word after the other.

    Args:
        input_shape: (height, width, channels) of the images, in pixels; values are expected in [0, 1].
        vocabulary_size: Integer >= 5, the words that are known and the four special ones, `len(vocabulary)`.
        decoder: "gru", whose state attends to the cells and predicts the next word with what it sees there; or
            "transformer", two blocks in which words attend to the words before them and to the cells.
        attention: Whether the decoder sees the cells; else it sees their mean alone, as Vinyals et al.'s.
        length: Integer >= 2, the most words of a caption, its end counted.
        units: Integer, a multiple of `heads`: of each word, cell and state, at width 1.
        heads: Integer >= 1, of attention.
        dropout: Float in [0, 1), before the words are predicted, or in the blocks.
        backbone: A ResNet or VGG by its key in `MODEL_BUILDERS`; or a classifier from its builder, trained or not,
            whose stages are copied with their weights. It is left as it is.
        width: Float > 0, scales the channels of a backbone by name.
        stride: Pixels of the image from one cell to the next; one that a stage of the backbone has.
        stem: Of a backbone by name, as in its builder.

    Returns:
        An uncompiled model of two inputs, "image" (batch, height, width, channels) and "words", ids of shape
        (batch, length) whose first is the start. It returns a dict:

        - "logits", (batch, length, vocabulary_size): of the word after each word.
        - "not_shown", (batch, vocabulary_size): log of the probability that no cell of the image shows the word.

        `keras_course.applications.captioning.caption` writes captions with it.

    Raises:
        ValueError: If an argument is out of range.

    Example:
        >>> from keras_course.models import build_captioner
        >>> model = build_captioner((64, 64, 1), 29, units=32, width=0.25)
        >>> {name: tuple(tensor.shape[1:]) for name, tensor in (("image", model.inputs[0]), ("words", model.inputs[1]))}
        {'image': (64, 64, 1), 'words': (32,)}
        >>> {name: tuple(output.shape[1:]) for name, output in model.output.items()}
        {'logits': (32, 29), 'not_shown': (29,)}

    Source: deck, chapter 8, "Image captioning"; Vinyals et al. (2015), arXiv:1411.4555; Xu et al. (2015); Vaswani et
        al. (2017), arXiv:1706.03762.

    Note: Xu et al. feed what the attention sees back into the recurrence. Here it only helps to predict the next word,
        as Luong et al. (2015, arXiv:1508.04025) do: in training, the attention of all words is then computed at once.
        Cells also predict which words they show, which captions alone teach them (Fang et al. 2015, arXiv:1411.4952);
        the decoder adds what the cells say that it looks at, and so learns much sooner where to look.
    """
    require_integer("vocabulary_size", vocabulary_size, at_least=FEWEST_WORDS)
    require_choice("decoder", decoder, tuple(DECODERS))
    require_boolean("attention", attention)
    require_integer("length", length, at_least=2)
    require_integer("heads", heads, at_least=1)
    require_integer("units", units, at_least=1)
    require_number("dropout", dropout, at_least=0, below=1)
    image, maps = backbone_maps(
        backbone, input_shape, vocabulary_size, stride=stride, width=width, stem=stem, coarsest=stride
    )
    cells = _cells(maps[stride], vocabulary_size, units, heads=heads, attention=attention)
    words = keras.Input((length,), dtype="int32", name="words")
    layers = DECODERS[decoder].new_layers(vocabulary_size, units, heads=heads, dropout=dropout)
    logits = DECODERS[decoder]({layer.name: layer for layer in layers}).sentence(cells, words)
    outputs = {"logits": logits, "not_shown": NotShown(dtype="float32", name="not_shown")(cells.words)}
    name = backbone.name if isinstance(backbone, keras.Model) else backbone
    return keras.Model([image, words], outputs, name=f"captioner_{name}_{decoder}")


def _cells(x: Any, vocabulary_size: int, units: int, *, heads: int, attention: bool) -> Cells:
    """Returns the units of a map as cells that know their place and each other; or the mean of the image as the one."""
    rows, columns, channels = x.shape[1:]
    x = keras.layers.Reshape((rows * columns, channels), name="cells")(x)
    rare = keras.initializers.Constant(-math.log(1 / PRIOR - 1))
    shown = keras.layers.Dense(vocabulary_size, bias_initializer=rare, name="shown_words")(x)
    says = keras.layers.Activation("sigmoid", name="shown_words_sigmoid")(shown)
    x = keras.layers.Concatenate(name="cell_concatenate")([x, says])
    x = PlaceEmbedding(name="cell_places")(keras.layers.Dense(units, name="cell_units")(x))
    x = keras.layers.LayerNormalization(name="cell_norm")(x)
    others, _ = Attention(heads, units, name="cell_attention")(x, x)
    x = keras.layers.LayerNormalization(name="cell_attention_norm")(
        keras.layers.Add(name="cell_attention_add")([x, others])
    )
    if not attention:
        x = keras.layers.GlobalAveragePooling1D("channels_last", keepdims=True, name="image_mean")(x)
        shown = keras.layers.GlobalAveragePooling1D("channels_last", keepdims=True, name="shown_words_mean")(shown)
    return Cells(x, shown)


def cells_of(model: keras.Model) -> keras.Model:
    """Returns the part of a captioner that makes the `Cells` of images."""
    names = [layer.name for layer in model.layers]
    ends = ("image_mean", "shown_words_mean") if "image_mean" in names else ("cell_attention_norm", "shown_words")
    return keras.Model(model.inputs[0], [model.get_layer(end).output for end in ends])


def decoder_of(model: keras.Model) -> CaptionDecoder:
    """Returns the decoder of a captioner, which shares its layers.

    Raises:
        ValueError: If `model` is not a captioner of `build_captioner`.

    Example:
        >>> from keras_course.models import build_captioner
        >>> type(decoder_of(build_captioner((32, 32, 1), 9, units=8))).__name__
        'GRUDecoder'
    """
    layers = {layer.name: layer for layer in getattr(model, "layers", ())}
    kind = "gru" if "decoder_gru" in layers else "transformer"
    if not {*DECODERS[kind].MARKS, *MARKS} <= layers.keys():
        raise ValueError(f"`model` must be a captioner of `build_captioner`. Received: model={model!r}")
    return DECODERS[kind](layers)
