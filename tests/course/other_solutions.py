"""Right answers to the exercises in other code than the solutions: loops, SciPy, scikit-learn, lists for arrays."""

import math
import random
from fractions import Fraction

import numpy as np
from scipy import linalg, optimize, signal, spatial, special, stats
from sklearn import kernel_ridge as sklearn_kernel_ridge
from sklearn import linear_model, preprocessing


def least_squares(x, t):
    model = linear_model.LinearRegression().fit(x, t)
    return [model.intercept_, *model.coef_]


def ridge(x, t, penalty, noise_precision):
    rows = [[1.0, *row] for row in np.asarray(x, float)]
    root = math.sqrt(penalty / noise_precision)
    size = len(rows[0])
    rows += [[root if i == j else 0.0 for j in range(size)] for i in range(size)]
    return linalg.lstsq(rows, [*t, *[0.0] * size])[0]


def gaussian_density(x, mean, variance):
    return stats.norm.pdf(x, loc=mean, scale=math.sqrt(variance))


def log_likelihood(predictions, t, noise_precision):
    return sum(stats.norm.logpdf(a, b, noise_precision**-0.5) for a, b in zip(predictions, t, strict=True))


def polynomial_features(x, degree):
    return preprocessing.PolynomialFeatures(degree, include_bias=False).fit_transform(np.reshape(x, (-1, 1)))


def rbf_kernel(x, y, gamma):
    return np.exp(-gamma * spatial.distance.cdist(x, y, "sqeuclidean"))


def kernel_ridge(kernel, t, penalty, kernel_new):
    model = sklearn_kernel_ridge.KernelRidge(alpha=penalty, kernel="precomputed")
    return model.fit(kernel, t).predict(kernel_new)


def information_gain(left, right):
    node = left + right
    weighted = sum(side.sum() / node.sum() * stats.entropy(side) for side in (left, right))
    return stats.entropy(node) - weighted


def bag_of_words(descriptors, words):
    counts = [0] * len(words)
    for descriptor in descriptors:
        lengths = [math.dist(descriptor, word) for word in words]
        counts[lengths.index(min(lengths))] += 1
    return [count / len(descriptors) for count in counts]


def perceptron_epoch(x, t):
    bias, weights = 0.0, [0.0] * x.shape[1]
    for i in range(len(x)):
        output = bias + sum(weights[j] * x[i, j] for j in range(x.shape[1]))
        if not output * t[i] > 0:
            bias += t[i]
            weights = [weights[j] + t[i] * x[i, j] for j in range(x.shape[1])]
    return np.array([bias, *weights])


def two_layer_forward(x, weights_1, bias_1, weights_2, bias_2):
    outputs = []
    for sample in x:
        hidden = [max(0.0, sample @ weights_1[:, j] + bias_1[j]) for j in range(len(bias_1))]
        outputs.append([np.dot(hidden, weights_2[:, k]) + bias_2[k] for k in range(len(bias_2))])
    return outputs


def two_layer_backward(x, weights_1, bias_1, weights_2, bias_2, output_gradient):
    gradients = [np.zeros(np.shape(array)) for array in (weights_1, bias_1, weights_2, bias_2)]
    for sample, slope in zip(x, output_gradient, strict=True):
        sums = weights_1.T @ sample + bias_1
        back = [float(total > 0) * (row @ slope) for total, row in zip(sums, weights_2, strict=True)]
        gradients[0] += np.outer(sample, back)
        gradients[1] += back
        gradients[2] += np.outer(np.clip(sums, 0, None), slope)
        gradients[3] += slope
    return gradients


def softmax_cross_entropy(logits, labels):
    one_hot = np.eye(logits.shape[1])[labels]
    loss = np.mean(special.logsumexp(logits, axis=1) - (logits * one_hot).sum(axis=1))
    return float(loss), (special.softmax(logits, axis=1) - one_hot) / len(logits)


def output_size(size, kernel_size, stride, padding, dilation):
    last = size + 2 * padding - (dilation * (kernel_size - 1) + 1)
    return len(range(0, last + 1, stride))


def cross_correlation(image, kernel, stride, padding):
    image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    maps = [
        sum(signal.correlate2d(channel, weights, mode="valid") for channel, weights in zip(image, one, strict=True))
        for one in kernel
    ]
    return np.array(maps)[:, ::stride, ::stride]


def convolution_matrix(kernel, height, width):
    columns = []
    for pixel in range(height * width):
        image = np.zeros((height, width))
        image.flat[pixel] = 1
        columns.append(signal.correlate2d(image, kernel, mode="valid").ravel())
    return np.array(columns).T


def max_pool_gradient(output_gradient, x, pool_size):
    result = np.zeros(x.shape)
    for j in range(len(output_gradient)):
        for i in range(len(output_gradient[0])):
            best = None
            for row in range(j * pool_size, (j + 1) * pool_size):
                for column in range(i * pool_size, (i + 1) * pool_size):
                    if best is None or x[row, column] > x[best]:
                        best = row, column
            result[best] += output_gradient[j, i]
    return result


def momentum_step(parameters, gradient, velocity, learning_rate, momentum):
    new = np.empty(np.shape(parameters))
    speed = np.empty(np.shape(parameters))
    for index in np.ndindex(np.shape(parameters)):
        speed[index] = learning_rate * gradient[index] + velocity[index] * momentum
        new[index] = parameters[index] - speed[index]
    return [new, speed]


def adam_step(parameters, gradient, first, second, step, learning_rate, beta_1, beta_2, epsilon):
    first = first + (1 - beta_1) * (gradient - first)
    second = second + (1 - beta_2) * (np.square(gradient) - second)
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return parameters - rate * first / (np.sqrt(second) + epsilon * np.sqrt(1 - beta_2**step)), first, second


def chain_rule(x, weights):
    def output(changed):
        value = x
        for weight in changed:
            value = special.expit(weight * value)
        return value

    h, weights = 1e-6, np.asarray(weights, float)
    return [(output(weights + step) - output(weights - step)) / (2 * h) for step in h * np.eye(len(weights))]


def he_weights(normal):
    scale = math.sqrt(2) / math.sqrt(len(normal))
    return [[scale * number for number in row] for row in normal]


def step_decay(epoch, initial_rate, drop, every):
    rate = initial_rate
    for t in range(1, epoch + 1):
        if t % every == 0:
            rate *= drop
    return rate


def dropout(x, rate, uniform):
    result = np.array(x, float)
    for index in np.ndindex(x.shape):
        result[index] = 0 if uniform[index] < rate else result[index] / (1 - rate)
    return result


def batch_norm(x, gamma, beta, epsilon):
    columns = []
    for j, column in enumerate(np.asarray(x, float).T):
        mean = sum(column) / len(column)
        variance = sum((value - mean) ** 2 for value in column) / len(column)
        columns.append([gamma[j] * (value - mean) / math.sqrt(variance + epsilon) + beta[j] for value in column])
    return np.transpose(columns)


def batch_norm_in_use(batch, moving_mean, moving_variance, momentum, x, epsilon):
    mean = moving_mean + (1 - momentum) * (np.mean(batch, 0) - moving_mean)
    square = np.mean(np.square(np.asarray(batch, float)), 0) - np.mean(batch, 0) ** 2
    variance = moving_variance + (1 - momentum) * (square - moving_variance)
    return (
        [[(v - m) * (s + epsilon) ** -0.5 for v, m, s in zip(row, mean, variance, strict=True)] for row in x],
        mean,
        variance,
    )


def weight_decay_step(weights, gradient, learning_rate, weight_decay):
    return (1 - learning_rate * weight_decay) * weights - learning_rate * gradient


def stratified_folds(labels, folds):
    earlier = labels[:, np.newaxis] == labels
    return np.tril(earlier, k=-1).sum(axis=1) % folds


def precision_recall(labels, predictions):
    pairs = list(zip(labels.tolist(), predictions.tolist(), strict=True))
    hits, false, missed = pairs.count((1, 1)), pairs.count((0, 1)), pairs.count((1, 0))
    precision = Fraction(hits, max(hits + false, 1))
    recall = Fraction(hits, max(hits + missed, 1))
    f1 = 2 / (1 / precision + 1 / recall) if hits else 0
    return float(precision), float(recall), float(f1)


def average_precision(labels, scores):
    precisions = []
    for score, label in zip(scores, labels, strict=True):
        if label:
            found = labels[scores >= score]
            precisions.append(sum(found) / len(found))
    return sum(precisions) / len(precisions)


def box_iou(boxes, others):
    table = []
    for a in boxes:
        row = []
        for b in others:
            width = max(0, min(a[2], b[2]) - max(a[0], b[0]))
            height = max(0, min(a[3], b[3]) - max(a[1], b[1]))
            union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
            row.append(width * height / union)
        table.append(row)
    return table


def non_max_suppression(boxes, scores, threshold):
    overlap = np.array(box_iou(boxes, boxes))
    alive, kept = np.ones(len(boxes), bool), []
    while alive.any():
        best = int(np.argmax(np.where(alive, scores, -np.inf)))
        kept.append(best)
        alive &= overlap[best] <= threshold
        alive[best] = False
    return kept


def gram_matrix(maps):
    return np.einsum("hwi,hwj->ij", maps, maps) / maps[..., 0].size


def discriminator_loss(real_logits, fake_logits):
    return -special.log_expit(real_logits).mean() - special.log_expit(-fake_logits).mean()


def generator_losses(fake_logits):
    real = [math.log1p(math.exp(-abs(logit))) + max(-logit, 0) for logit in fake_logits.tolist()]
    fake = [math.log1p(math.exp(-abs(logit))) + max(logit, 0) for logit in fake_logits.tolist()]
    return -sum(fake) / len(fake), sum(real) / len(real)


def generator_gradients(fake_logits):
    logits = np.asarray(fake_logits, float)
    minimax = optimize.approx_fprime(logits, lambda values: np.mean(special.log_expit(-values)), 1e-7)
    other = optimize.approx_fprime(logits, lambda values: -np.mean(special.log_expit(values)), 1e-7)
    return minimax, other


def epoch_order(num_samples, seed, epoch):
    order = list(range(num_samples))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    return order


def focal_loss(logits, labels, gamma, alpha):
    values = []
    for logit, label in zip(logits.tolist(), labels.tolist(), strict=True):
        log_p = special.log_expit(logit if label else -logit)
        log_q = special.log_expit(-logit if label else logit)
        values.append((alpha if label else 1 - alpha) * math.exp(gamma * log_q) * -log_p)
    return math.fsum(values) / len(values)


def lstm_step(x, hidden, memory, weights, recurrent, bias):
    units = hidden.shape[1]
    new_hidden, new_memory = np.empty(hidden.shape), np.empty(hidden.shape)
    for row in range(len(x)):
        for unit in range(units):
            i, f, g, o = (
                x[row] @ weights[:, gate * units + unit] + hidden[row] @ recurrent[:, gate * units + unit]
                for gate in range(4)
            )
            i, f, g, o = (value + bias[gate * units + unit] for gate, value in enumerate((i, f, g, o)))
            c = special.expit(f) * memory[row, unit] + special.expit(i) * math.tanh(g)
            new_hidden[row, unit], new_memory[row, unit] = special.expit(o) * math.tanh(c), c
    return new_hidden, new_memory
