"""Kernel logistic regression on whole series: another kind of voice beside networks, trained in seconds.

It listens in two ways: to the gap-filled series themselves, and to random convolutions of them, as in ROCKET (Dempster,
Petitjean and Webb 2020), from each of which the share of slots above a threshold, the maximum and the mean slot above
the threshold are kept, with a smooth threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.special import log_softmax
from torch import Tensor
from torch.nn import functional

from models.network import normalised_differences
from models.training.seriesnet import fill_series

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]

#: Squared distance at which similarity falls to 1/e, in mean squared standard deviations over features.
_REACH: Final = 1.0
_RIDGE: Final = 0.02
_ITERATIONS: Final = 150
_FARTHEST: Final = 5.0

#: Dilation and length of the random convolutions, in slots, and how many of each there are.
_SHAPES: Final = ((1, 3), (1, 5), (1, 9), (2, 5), (2, 9), (3, 9), (4, 5))
_OF_SHAPE: Final = 214

#: Channels that a random convolution hears on average, and the steepness of its threshold.
_CHANNELS_HEARD: Final = 3
_STEEPNESS: Final = 3.0
_THRESHOLD_ROWS: Final = 20
_BATCH: Final = 2048


def plain_features(values: Values, days: Values) -> Floats:
    """Gap-filled bands and their normalised differences, (n, slots x (bands + 5)).

    Args:
        values: (n, slots, bands) float32 reflectance, NaN gaps.
        days: (slots,) middle of the slots, days since 1 January of the main year.
    """
    return _channels(values, days).flatten(1).double().numpy()


def convolution_features(values: Values, days: Values, seed: int) -> Floats:
    """Random convolutions of gap-filled bands and normalised differences, (n, 3 x number of convolutions).

    Arguments as in `plain_features`; channels are brought to mean 0 and standard deviation 1 over all series given.
    """
    channels = _channels(values, days).transpose(1, 2)
    scaled = (channels - channels.mean(dim=(0, 2), keepdim=True)) / (channels.std(dim=(0, 2), keepdim=True) + 1e-6)
    rng = torch.Generator().manual_seed(seed)
    parts = [_convolved(scaled, dilation, length, rng) for dilation, length in _SHAPES]
    return torch.cat(parts, dim=1).double().numpy()


def _channels(values: Values, days: Values) -> Tensor:
    """Bands and normalised differences without gaps, (n, slots, channels)."""
    filled = fill_series(torch.from_numpy(values), torch.from_numpy(days)).values
    return torch.cat([filled, normalised_differences(filled)], dim=2)


def _convolved(scaled: Tensor, dilation: int, length: int, rng: torch.Generator) -> Tensor:
    """Features of the convolutions of one shape, (n, 3 x convolutions)."""
    weights = _weights(scaled.shape[1], length, rng)
    rows = torch.randint(len(scaled), (_THRESHOLD_ROWS,), generator=rng)
    sample = _convolve(scaled[rows], weights, dilation).transpose(0, 1).flatten(1)
    level = 0.1 + 0.8 * torch.rand(len(sample), generator=rng)
    ordered = sample.sort(dim=1).values
    threshold = ordered.gather(1, (level * (ordered.shape[1] - 1)).long()[:, None])
    return torch.cat([_summary(_convolve(part, weights, dilation), threshold) for part in torch.split(scaled, _BATCH)])


def _weights(channels: int, length: int, rng: torch.Generator) -> Tensor:
    """Random weights, (convolutions, channels, length), zero for most channels; half hear changes in time only."""
    weights = torch.randn(_OF_SHAPE, channels, length, generator=rng)
    weights = weights * (torch.rand(_OF_SHAPE, channels, 1, generator=rng) < _CHANNELS_HEARD / channels)
    changes = torch.rand(_OF_SHAPE, 1, 1, generator=rng) < 0.5  # noqa: PLR2004 - half
    return weights - weights.mean(dim=2, keepdim=True) * changes


def _convolve(scaled: Tensor, weights: Tensor, dilation: int) -> Tensor:
    return functional.conv1d(scaled, weights, padding=dilation * (weights.shape[2] // 2), dilation=dilation)


def _summary(heard: Tensor, threshold: Tensor) -> Tensor:
    above = torch.sigmoid((heard - threshold) * _STEEPNESS)
    slot = torch.linspace(0, 1, heard.shape[2])
    when = (above * slot).sum(dim=2) / above.sum(dim=2).clamp(min=1e-3)
    return torch.cat([above.mean(dim=2), heard.amax(dim=2), when], dim=1)


def kernel_logits(features: Floats, target: Indices, classes: int, ask: Sequence[Floats]) -> list[Floats]:
    """Fit a kernel logistic regression and ask it.

    Args:
        features: (n, features) of the labelled series.
        target: (n,) class index of these.
        classes: number of classes.
        ask: features of other series, each (m, features).

    Returns:
        For each of `ask`, log-probabilities (m, classes) where all classes are alike in number.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    known = _scaled(features, mean, spread)
    root = cholesky(_similarity(known, known) + 1e-6 * np.eye(len(known)), lower=True)
    weights, bias = _logistic(root, target, classes)
    dual = solve_triangular(root, weights, lower=True, trans=1)
    return [
        np.asarray(log_softmax(_similarity(_scaled(other, mean, spread), known) @ dual + bias, axis=1)) for other in ask
    ]


def _scaled(features: Floats, mean: Floats, spread: Floats) -> Floats:
    return np.clip((features - mean) / spread, -_FARTHEST, _FARTHEST)


def _similarity(first: Floats, second: Floats) -> Floats:
    """Gaussian kernel, (n, m)."""
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.asarray(np.exp(-np.maximum(squares, 0) / (_REACH * first.shape[1])), dtype=np.float64)


def _logistic(inputs: Floats, target: Indices, classes: int) -> tuple[Floats, Floats]:
    """Multinomial logistic regression with a ridge: weights (inputs, classes) and bias (classes,).

    Frequencies in training are added in the loss, so that the outcome is free of them.
    """
    wanted = np.eye(classes)[target]
    prior = np.log(np.maximum(wanted.mean(axis=0), 1e-6))

    def loss(packed: Floats) -> tuple[float, Floats]:
        weights, bias = packed[:-classes].reshape(-1, classes), packed[-classes:]
        said = log_softmax(inputs @ weights + bias + prior, axis=1)
        error = np.exp(said) - wanted
        slope = np.concatenate([(inputs.T @ error + _RIDGE * weights).ravel(), error.sum(axis=0)])
        return float(_RIDGE / 2 * (weights**2).sum() - (wanted * said).sum()), slope

    start = np.zeros((inputs.shape[1] + 1) * classes)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS})
    return found.x[:-classes].reshape(-1, classes), found.x[-classes:]
