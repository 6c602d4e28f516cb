"""The from-scratch equations against the libraries that do the same."""

import numpy as np

from benchmarks.clock import ROUNDS, alternate
from benchmarks.table import Row


def run() -> list[Row]:
    """Runs the comparisons of `keras_course.numerics`."""
    return [
        least_squares(),
        *cross_correlation(),
        *matrix_of_a_convolution(),
        *epochs_on_digits(),
    ]


def least_squares() -> Row:
    """Compares `fit_least_squares` with scikit-learn's `LinearRegression` on 100,000 samples of 50 features."""
    from sklearn.linear_model import LinearRegression

    from keras_course.numerics.linear_regression import fit_least_squares

    rng = np.random.default_rng(0)
    x = rng.normal(size=(100_000, 50))
    t = x @ rng.normal(size=50) + rng.normal(size=100_000)
    ratio, ours, peer = alternate(lambda: fit_least_squares(x, t), lambda: LinearRegression().fit(x, t))
    difference = np.abs(fit_least_squares(x, t)[1:] - LinearRegression().fit(x, t).coef_).max()
    measured = (
        f"{ratio:.2f} ({ours * 1000:.0f} ms against {peer * 1000:.0f} ms, {ROUNDS} rounds), "
        f"largest difference of a weight {difference:.0e}"
    )
    name = "fit_least_squares, 100,000 x 50 / scikit-learn LinearRegression"
    return Row(name, measured, "<= 1.5, same weights", bool(ratio <= 1.5 and difference < 1e-9))


def cross_correlation() -> list[Row]:
    """Compares `cross_correlate_2d` with TensorFlow and with a loop over pixels: 3 to 64 channels, 3x3, 224x224."""
    import keras

    from keras_course.numerics.convolution import cross_correlate_2d

    rng = np.random.default_rng(0)
    image = rng.normal(size=(3, 224, 224)).astype(np.float32)
    kernel = rng.normal(size=(64, 3, 3, 3)).astype(np.float32)
    tensor = keras.ops.convert_to_tensor(image.transpose(1, 2, 0)[np.newaxis])
    weights = keras.ops.convert_to_tensor(kernel.transpose(2, 3, 1, 0))

    def ours():
        return cross_correlate_2d(image, kernel)

    def tensorflow():
        return keras.ops.convert_to_numpy(keras.ops.conv(tensor, weights))

    def loop():
        output = np.empty((64, 222, 222), np.float32)
        for j in range(222):
            for i in range(222):
                output[:, j, i] = (kernel * image[:, j : j + 3, i : i + 3]).sum(axis=(1, 2, 3))
        return output

    ratio, seconds, peer = alternate(ours, tensorflow)
    difference = max(np.abs(ours() - other).max() for other in (tensorflow()[0].transpose(2, 0, 1), loop()))
    measured = f"{ratio:.2f} ({seconds * 1000:.1f} ms against {peer * 1000:.1f} ms, {ROUNDS} rounds)"
    name = "cross_correlate_2d, 3 to 64 channels, 3x3, 224x224 float32"
    first = Row(f"{name} / keras.ops.conv", measured, "<= 4, same values", bool(ratio <= 4 and difference < 1e-4))
    ratio, seconds, peer = alternate(ours, loop)
    measured = f"{1 / ratio:.0f} times faster ({seconds * 1000:.1f} ms against {peer * 1000:.0f} ms, {ROUNDS} rounds)"
    return [first, Row(f"{name} against a loop over pixels", measured, "at least 100 times faster", ratio <= 0.01)]


def matrix_of_a_convolution() -> list[Row]:
    """Compares `convolution_matrix` with rows set one by one, and its product with SciPy: 3x3 on 128x128."""
    import scipy.signal
    import scipy.sparse

    from keras_course.numerics.convolution import convolution_matrix

    rng = np.random.default_rng(0)
    image, kernel = rng.normal(size=(128, 128)), rng.normal(size=(3, 3))

    def ours():
        return convolution_matrix(kernel, (128, 128))

    def row_by_row():
        matrix = scipy.sparse.lil_array((126 * 126, 128 * 128))
        for j in range(126):
            for i in range(126):
                first = j * 128 + i
                columns = [first + n * 128 + m for n in range(3) for m in range(3)]
                matrix.rows[j * 126 + i], matrix.data[j * 126 + i] = columns, kernel.ravel().tolist()
        return matrix.tocsr()

    def product():
        return (matrix @ image.ravel()).reshape(126, 126)

    def scipy_correlation():
        return scipy.signal.correlate2d(image, kernel, "valid")

    matrix = ours()
    same = (matrix != row_by_row()).nnz == 0 and np.allclose(product(), scipy_correlation())
    ratio, seconds, peer = alternate(ours, row_by_row)
    measured = f"{ratio:.3f} ({seconds * 1000:.1f} ms against {peer * 1000:.1f} ms, {ROUNDS} rounds)"
    name = "convolution_matrix, 3x3 on 128x128"
    first = Row(f"{name} / row by row in Python", measured, "< 0.2, same matrix", bool(ratio < 0.2 and same))
    ratio, seconds, peer = alternate(product, scipy_correlation)
    measured = f"{ratio:.2f} ({seconds * 1e6:.0f} µs against {peer * 1e6:.0f} µs, {ROUNDS} rounds)"
    return [first, Row("its product with the image / scipy.signal.correlate2d", measured, "< 3", ratio < 3)]


def epochs_on_digits() -> list[Row]:
    """Compares an epoch of `train_epoch` with one of Keras's `fit`: a small net, bound by dispatch, and a wide one."""
    ratio, same, measured = epoch_on_digits((64, 128, 64, 10), batch_size=64, threads=1)
    small = Row(
        "train_epoch, digits, 64-128-64-10, batch 64, one thread / Keras fit",
        measured,
        "< 1, same outputs",
        same and ratio < 1,
    )
    _, same, measured = epoch_on_digits((64, 2048, 2048, 10), batch_size=512)
    name = "the same, 64-2048-2048-10, batch 512: products of matrices, which both leave to BLAS"
    return [small, Row(name, measured, "same outputs; no bar on the time", same)]


def epoch_on_digits(units: tuple[int, ...], batch_size: int, threads: int | None = None) -> tuple[float, bool, str]:
    """Returns the ratio ours / Keras, whether the two nets give the same outputs for the same weights, and a text.

    `threads` is how many our BLAS may use: matrices as small as 64 x 128 gain nothing from a second one.
    Keras always has all.
    """
    import keras
    from sklearn.datasets import load_digits
    from threadpoolctl import threadpool_limits

    from keras_course.numerics.network import forward, initialize_layers, train_epoch

    images, labels = load_digits(return_X_y=True)
    x, labels = (images[:1437] / 16).astype(np.float32), labels[:1437]
    rng = np.random.default_rng(0)
    layers = initialize_layers(units, rng)
    hidden = [keras.layers.Dense(width, "relu") for width in units[1:-1]]
    model = keras.Sequential([keras.Input((units[0],)), *hidden, keras.layers.Dense(units[-1])])
    model.set_weights([array for layer in layers for array in layer])
    model.compile(keras.optimizers.SGD(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    difference = np.abs(forward(x, layers).output - keras.ops.convert_to_numpy(model(x))).max()

    def ours():
        return train_epoch(layers, x, labels, learning_rate=0.01, generator=rng, batch_size=batch_size)

    def fit():
        return model.fit(x, labels, batch_size=batch_size, verbose=0)

    with threadpool_limits(threads):
        ratio, seconds, peer = alternate(ours, fit)
    measured = (
        f"{ratio:.2f} ({seconds * 1000:.0f} ms against {peer * 1000:.0f} ms, {ROUNDS} rounds), "
        f"largest difference of an output {difference:.0e}"
    )
    return ratio, bool(difference < 1e-4), measured
