"""What counts as a sequence, and the message for what does not."""

import numpy as np
import pytest

from keras_course.arguments import require_sequence


@pytest.mark.parametrize("value", [[1], (1, 2), range(3), np.ones(1)])
def test_sequences_are_welcome(value):
    require_sequence("units", value, at_least=1)


@pytest.mark.parametrize("value", [5, None, "ab", np.ones(()), np.ones((2, 2)), {1, 2}, []])
def test_what_is_no_sequence_is_refused(value):
    with pytest.raises(ValueError, match="`units` must be a sequence of at least 1 entry. Received: units="):
        require_sequence("units", value, at_least=1)
