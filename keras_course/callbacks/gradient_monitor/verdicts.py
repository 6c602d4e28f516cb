"""What gradient norms say about the layers of a net."""

import keras
import numpy as np
import pandas as pd

VANISHING = 1e-3
EXPLODING = 1e3


def judge_gradients(norms: pd.DataFrame, update_ratios: pd.DataFrame, *, skips_overflow: bool = False) -> pd.DataFrame:
    """Judges every layer by its gradient norms.

    Args:
        norms: Index = step, one column per layer in forward order, as `GradientNormMonitor.norms`.
        update_ratios: Norm of update over norm of weight, as `GradientNormMonitor.update_ratios`.
        skips_overflow: Whether the optimizer scales its loss and skips the steps that overflow, so that non-finite
            ones are no failure.

    Returns:
        Index = layer in forward order; columns `median_norm`, `relative_to_last` (its ratio to the last layer's),
        `update_ratio` (median over the steps that changed the weights), `nonfinite` (recorded steps with a NaN or
        infinite gradient) and `verdict`: "non-finite", "no gradient", "vanishing" (less than 1/1000 of the last
        layer's norm), "exploding" (more than 1000 times that, or a norm above 1000) or "healthy".

    Raises:
        ValueError: If `norms` is empty.

    Example:
        >>> import pandas as pd
        >>> from keras_course.callbacks import judge_gradients
        >>> norms = pd.DataFrame({"hidden1": [1e-5, 3e-5], "hidden2": [0.3, 0.5], "logits": [1.0, 1.0]})
        >>> judge_gradients(norms, update_ratios=norms / 1000)["verdict"]
        layer
        hidden1 vanishing
        hidden2 healthy
        logits healthy
        Name: verdict, dtype: ...
    """
    if norms.empty:
        raise ValueError("`norms` must have at least one step. Received: norms=an empty table")
    finite = norms.replace([np.inf, -np.inf], np.nan)
    table = pd.DataFrame({"median_norm": finite.median()})
    table["relative_to_last"] = table["median_norm"] / table["median_norm"].iloc[-1]
    table["update_ratio"] = update_ratios.replace([np.inf, -np.inf, 0.0], np.nan).median()
    table["nonfinite"] = finite.isna().sum()
    failed = table["median_norm"].isna() | ((table["nonfinite"] > 0) & (not skips_overflow))
    table["verdict"] = np.select(
        [
            failed,
            finite.max() == 0,
            table["relative_to_last"] < VANISHING,
            (table["relative_to_last"] > EXPLODING) | (table["median_norm"] > EXPLODING),
        ],
        ["non-finite", "no gradient", "vanishing", "exploding"],
        "healthy",
    )
    return table.rename_axis("layer")


def first_nonfinite(norms: pd.DataFrame) -> tuple[int, str] | None:
    """Finds the first step with a NaN or infinite gradient, and the first such layer in it.

    Args:
        norms: Index = step, one column per layer in forward order.

    Returns:
        (step, layer), or None if every norm is finite.

    Example:
        >>> import pandas as pd
        >>> from keras_course.callbacks import first_nonfinite
        >>> first_nonfinite(pd.DataFrame({"conv": [1.0, 2.0, float("nan")], "logits": [1.0, float("inf"), 1.0]}))
        (1, 'logits')
    """
    bad = ~np.isfinite(norms.to_numpy())
    if not bad.any():
        return None
    row = int(bad.any(axis=1).argmax())
    return int(norms.index[row]), str(norms.columns[int(bad[row].argmax())])


def skips_overflow(optimizer: keras.optimizers.Optimizer) -> bool:
    """Says whether an optimizer scales its loss and skips the steps whose gradients overflow.

    Example:
        >>> import keras
        >>> from keras_course.callbacks import skips_overflow
        >>> plain = keras.optimizers.SGD()
        >>> skips_overflow(plain), skips_overflow(keras.optimizers.LossScaleOptimizer(plain))
        (False, True)
    """
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
