"""One `.keras` file for two nets, two optimizers, the average and the random state."""

from typing import Any, ClassVar

import keras
import numpy as np

from keras_course.runs.seeds import random_states


class SavedWhole(keras.Model):
    """How Keras saves and loads a model of two nets that train each other.

    A subclass says what its constructor and its `compile` are given, each kept as an attribute of the same name; the
    two optimizers come beside.

    Example:
        >>> from keras_course.adversarial import SavedWhole
        >>> SavedWhole.made_of
        ('generator', 'discriminator', 'averaging', 'name')
    """

    made_of: ClassVar[tuple[str, ...]] = ("generator", "discriminator", "averaging", "name")
    compiled_with: ClassVar[tuple[str, ...]] = ("run_eagerly", "steps_per_execution")

    def settle_average(self) -> None:
        """Makes the averaged generator ready for use."""
        raise NotImplementedError

    def save_own_variables(self, store: Any) -> None:
        """Saves the random state, which Keras leaves out; layers and optimizers are saved by themselves."""
        self.settle_average()
        for number, state in enumerate(random_states(self)):
            store[f"random_state_{number}"] = keras.ops.convert_to_numpy(state)

    def load_own_variables(self, store: Any) -> None:
        """Loads what `save_own_variables` saved."""
        for number, state in enumerate(random_states(self)):
            state.assign(np.asarray(store[f"random_state_{number}"]))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that make an equal model, without its weights."""
        return self._serialized(*self.made_of)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> "SavedWhole":
        """Makes the model of `get_config`."""
        return cls(**keras.saving.deserialize_keras_object(config, custom_objects=custom_objects))

    def get_compile_config(self) -> dict[str, Any]:
        """Returns the arguments of `compile`, with the optimizers' settings."""
        if not self.compiled:
            return {}
        return self._serialized("generator_optimizer", "discriminator_optimizer", *self.compiled_with)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles with the arguments of `get_compile_config`."""
        self.compile(**keras.saving.deserialize_keras_object(config))

    def _serialized(self, *names: str) -> dict[str, Any]:
        return {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in names}
