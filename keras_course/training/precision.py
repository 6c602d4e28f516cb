"""In which numbers a recipe computes: bfloat16 where that was measured to pay, on processors that multiply in it."""

from pathlib import Path

import tensorflow as tf

from keras_course.arguments import require_choice
from keras_course.runs.mirrored import PRECISIONS

FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # of x86 and Arm, as Linux names them
AMPERE = 8  # major compute capability of the first GPUs with bfloat16


def chosen_precision(asked: str | None, measured: str) -> str:
    """Returns the precision of a training.

    Args:
        asked: "float32", "bfloat16", or "auto", as is None: what the recipe was measured to be best in, if this machine
            multiplies in it.
        measured: "float32" or "bfloat16", of the recipe.

    Raises:
        ValueError: If `asked` is anything else.

    Example:
        >>> chosen_precision("auto", "float32"), chosen_precision("bfloat16", "float32")
        ('float32', 'bfloat16')
    """
    require_choice("precision", asked, (None, "auto", *PRECISIONS))
    if asked in PRECISIONS:
        return str(asked)
    return measured if measured == "float32" or multiplies_bfloat16() else "float32"


def multiplies_bfloat16(information: Path = Path("/proc/cpuinfo")) -> bool:
    """Tells whether the first GPU, else the processor, multiplies in bfloat16; False where nothing says so.

    Args:
        information: What Linux says of the processor.

    Example:
        >>> from pathlib import Path
        >>> multiplies_bfloat16(Path("no such file"))
        False
    """
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return bool(capability[0] >= AMPERE)
    return information.is_file() and bool(FLAGS & {*information.read_text(errors="replace").split()})
