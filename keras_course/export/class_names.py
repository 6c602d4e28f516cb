"""Class names as they travel with an export: UTF-8 text, one name a line, in the order of the class ids."""

from collections.abc import Sequence

FILE_NAME = "class_names.txt"


def class_names_text(class_names: Sequence[str] | None, num_classes: int) -> str:
    r"""Returns the names as text, one a line, each line ended by `"\n"`.

    Args:
        class_names: Sequence of `num_classes` strings, each one non-empty line; a name may occur twice (ImageNet has
            two "crane"). `None` names the classes "0" to "num_classes - 1".
        num_classes: Int >= 1.

    Raises:
        ValueError: If `class_names` isn't such a sequence.
    """
    if class_names is None:
        class_names = [str(index) for index in range(num_classes)]
    if isinstance(class_names, str | bytes) or not isinstance(class_names, Sequence):
        raise ValueError(
            f"`class_names` must be a sequence of {num_classes} strings or None. Received: class_names={class_names!r}"
        )
    if len(class_names) != num_classes:
        raise ValueError(
            f"`class_names` must have a name for each of the model's {num_classes} classes. "
            f"Received: class_names={list(class_names)!r}, {len(class_names)} names"
        )
    for name in class_names:
        if not isinstance(name, str) or name.splitlines() != [name]:
            raise ValueError(
                f"`class_names` must be non-empty strings without line breaks. Received: {name!r} among them"
            )
    return "".join(f"{name}\n" for name in class_names)


def parse_class_names(text: str) -> list[str]:
    """Returns the names in a text that `class_names_text` made."""
    return text.splitlines()
