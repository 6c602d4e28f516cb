"""Checks `epoch_order`: not which order it is, but what an order must be like."""

import numpy as np
from hypothesis import strategies as st

EXAMPLES = 30
CASES = [(30, 0, 0), (30, 0, 1), (30, 1, 0)]


def inputs(draw):
    """Draws a data set so large that no two orders are the same by chance."""
    return draw(st.integers(20, 40)), draw(st.integers(0, 100)), draw(st.integers(0, 100))


def use(answer, num_samples, seed, epoch):
    """Says of an order what is true of it."""
    order = np.asarray(answer(num_samples, seed, epoch))
    np.random.seed(12345)
    again = np.asarray(answer(num_samples, seed, epoch))
    after = np.random.random()
    np.random.seed(12345)

    def differs(other_seed, other_epoch):
        return not np.array_equal(order, np.asarray(answer(num_samples, other_seed, other_epoch)))

    return {
        "holds every sample once": np.array_equal(np.sort(order), np.arange(num_samples)),
        "is not sorted": not np.array_equal(order, np.arange(num_samples)),
        "is the same when asked again": np.array_equal(order, again),
        "differs in the next epoch": differs(seed, epoch + 1),
        "differs for the next seed": differs(seed + 1, epoch),
        "differs from the next seed's epoch before": epoch == 0 or differs(seed + 1, epoch - 1),
        "leaves NumPy's global generator alone": np.random.random() == after,
    }


def expected(num_samples, seed, epoch):
    """Returns what is right: all of it is true."""
    return {
        "holds every sample once": True,
        "is not sorted": True,
        "is the same when asked again": True,
        "differs in the next epoch": True,
        "differs for the next seed": True,
        "differs from the next seed's epoch before": True,
        "leaves NumPy's global generator alone": True,
    }


def epoch_order(num_samples, seed, epoch):
    """Seeds a generator of its own by both numbers."""
    return np.random.default_rng((seed, epoch)).permutation(num_samples)


def wrong_epoch_ignored(num_samples, seed, epoch):
    """Every epoch of yours has the same order."""
    return np.random.default_rng(seed).permutation(num_samples)


def wrong_seed_ignored(num_samples, seed, epoch):
    """The seed has no effect: two runs see the same orders."""
    return np.random.default_rng(epoch).permutation(num_samples)


def wrong_sum(num_samples, seed, epoch):
    """Epoch 1 of seed 0 is your epoch 0 of seed 1: a sum forgets what it was made of."""
    return np.random.default_rng(seed + epoch).permutation(num_samples)


def wrong_global_generator(num_samples, seed, epoch):
    """You seed NumPy's global generator, and with it whatever else draws from it."""
    np.random.seed(1000 * seed + epoch)
    return np.random.permutation(num_samples)


def wrong_unseeded(num_samples, seed, epoch):
    """Asked twice, you give two orders: a resumed run wouldn't see what it should."""
    return np.random.default_rng().permutation(num_samples)


def wrong_with_replacement(num_samples, seed, epoch):
    """Some samples are drawn twice and others never."""
    return np.random.default_rng((seed, epoch)).integers(0, num_samples, num_samples)


def wrong_not_shuffled(num_samples, seed, epoch):
    """Nothing is shuffled."""
    return np.arange(num_samples)


def wrong_global_sum(num_samples, seed, epoch):
    """You seed NumPy's global generator, and by a sum: epoch 1 of seed 0 is your epoch 0 of seed 1."""
    np.random.seed(seed + epoch)
    return np.random.permutation(num_samples)
