"""What a user's own callbacks remember from epoch to epoch, kept in the checkpoint as far as a file can hold it."""

import inspect
import json
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from keras_course.runs.state import Arrays, State, pack_numbered, unpack_numbered

OF_KERAS = ("model", "_model", "params", "_params")


class CallbackStates(State):
    """The attributes of callbacks that hold numbers, strings, arrays, and lists and dicts of them.

    What the constructor takes is a setting and stays as the new call has it. A callback is found again by its class
    and its place among those of that class.

    Args:
        callbacks: The callbacks.

    Example:
        >>> import keras
        >>> stopping = keras.callbacks.EarlyStopping(patience=3)
        >>> states = CallbackStates([stopping])
        >>> stopping.wait = 2
        >>> arrays = states.pack()
        >>> stopping.wait = 0
        >>> states.unpack(arrays)
        >>> states.put_back()
        >>> stopping.wait
        2
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback]):
        self._callbacks = dict(_named(callbacks))
        self._found: dict[str, Any] | None = None
        self.stopped = False

    def keep(self, epoch, logs):
        """Notes whether one of them, or the user, has ended the training."""
        del epoch, logs
        self.stopped = any(callback.model.stop_training for callback in self._callbacks.values())

    def enough(self, epoch):
        """Says whether one of them has ended the training."""
        del epoch
        return self.stopped and bool(self._callbacks)

    def pack(self):
        """Returns the attributes: one text of JSON, and the arrays that it names."""
        kept: dict[str, Any] = {}
        packed: Arrays = {}
        for name, callback in self._callbacks.items():
            values, arrays, lost = _attributes(callback)
            listed = {key: isinstance(many, list) for key, many in arrays.items()}
            kept[name] = {"values": values, "arrays": listed, "lost": lost}
            for key, many in arrays.items():
                packed |= pack_numbered(f"callbacks_{name}_{key}", many if listed[key] else [many])
        return {"callbacks": np.array(json.dumps({"stopped": self.stopped, "kept": kept})), **packed}

    def unpack(self, arrays):
        """Holds them ready for `put_back`."""
        if "callbacks" not in arrays:  # of a version that kept none
            return
        found = json.loads(str(arrays["callbacks"]))
        self.stopped, self._found = found["stopped"], found["kept"]
        for name, kept in self._found.items():
            for key, listed in kept["arrays"].items():
                many = unpack_numbered(f"callbacks_{name}_{key}", arrays)
                kept["values"][key] = many if listed else many[0]

    def put_back(self) -> None:
        """Gives the callbacks their attributes, after `on_train_begin` has reset them; warns of what starts anew."""
        found, self._found, anew = self._found, None, list[str]()
        if found is None:
            return
        for name, callback in self._callbacks.items():
            kind = type(callback).__name__
            values, arrays, _ = _attributes(callback)
            if name not in found:
                anew += [kind] if values or arrays else []
                continue
            anew += [f"{key!r} of {kind}" for key in found[name]["lost"]]
            for key, value in found[name]["values"].items():
                if key not in _settings(callback):
                    setattr(callback, key, value)
        if anew:
            warnings.warn(f"`callbacks`: after this resume {', '.join(anew)} starts anew", stacklevel=2)


def _named(callbacks: Sequence[keras.callbacks.Callback]) -> Iterator[tuple[str, keras.callbacks.Callback]]:
    seen: Counter[str] = Counter()
    for callback in callbacks:
        kind = f"{type(callback).__module__}.{type(callback).__qualname__}"
        seen[kind] += 1
        yield f"{kind}_{seen[kind]}", callback


def _settings(callback: keras.callbacks.Callback) -> set[str]:
    """Returns the names that the constructors of a callback take."""
    constructors = [vars(cls)["__init__"] for cls in type(callback).__mro__ if "__init__" in vars(cls)]
    return {name for constructor in constructors[:-1] for name in inspect.signature(constructor).parameters}


def _attributes(callback: keras.callbacks.Callback) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Returns the attributes that JSON can hold, those of arrays, and the names of public ones that nothing can."""
    values, arrays, lost = dict[str, Any](), dict[str, Any](), list[str]()
    for name, value in vars(callback).items():
        if name in OF_KERAS or name in _settings(callback) or callable(value):
            continue
        try:
            values[name] = _plain(value)
        except TypeError:
            if isinstance(value, np.ndarray) or _are_arrays(value):
                arrays[name] = value
            elif not name.startswith("_"):
                lost.append(name)
    return values, arrays, lost


def _are_arrays(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, np.ndarray) for one in value)


def _plain(value: Any) -> Any:
    """Returns what JSON gives back as it is; NumPy's numbers become Python's.

    Raises:
        TypeError: If there is no such thing.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(one) for key, one in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(type(value).__name__)
