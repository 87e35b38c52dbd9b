"""Chips for the two networks of benchmarks/predict.py, their training and their scores."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from utae import Maps

from models.network import CropNet, Heads, NetworkSpec
from models.packed import packed_features
from models.series.collection import class_names, learnable, merge_rare, training_series
from models.series.folds import block_folds
from models.series.sample import SeriesSet, grid_days, joined
from models.series.simulated import SimulatedSource, simulated_series
from models.series.vigour import vigour_targets
from models.training.chips import IGNORED, Chip, paint_chip, palettes
from models.training.seriesfit import draw_weights, vigour_loss

#: October of the year before to October of the main year, days since 1 January of the main year.
_SEASON = (-92.0, 303.0)
_FOLDS = 4
_BATCH = 256
_DRAWS = 1000


class OnChips(nn.Module):
    """CropNet with the same way in and out as its peer.

    Where nothing is learned on a CPU, series are worked on in the batches, and as sparsely, as `models.predict` does.
    """

    def __init__(self, spec: NetworkSpec, series_at_once: int = _BATCH) -> None:
        super().__init__()
        self.network = CropNet(spec)
        self.series_at_once = series_at_once

    def forward(self, values: Tensor, days: Tensor) -> Maps:
        """Crop logits and vigour of chips (n, slots, bands, y, x)."""
        return self.around(self.features(values, days))

    def features(self, values: Tensor, days: Tensor) -> Tensor:
        """What the temporal encoder says of every pixel, (n, features, y, x)."""
        count, slots, bands, height, width = values.shape
        encoder, flat = self.network.temporal, values.permute(1, 2, 0, 3, 4).reshape(slots, bands, -1)
        if self.training:
            said = encoder(flat.permute(2, 0, 1), days)
        else:
            parts = flat.split(self.series_at_once, dim=2)
            said = torch.cat([packed_features(encoder, part, days) for part in parts]).nan_to_num_(0.0)
        return said.view(count, height, width, -1).permute(0, 3, 1, 2)

    def around(self, features: Tensor) -> Maps:
        """Heads of a feature map with its context."""
        rows = features.permute(0, 2, 3, 1)
        logits, vigour = self.network.crop_head(rows).permute(0, 3, 1, 2), self.network.vigour_head(rows)[..., 0]
        both = self.network.with_context(Heads(features, logits, vigour))
        return Maps(both.logits, both.vigour)


@dataclass(frozen=True, slots=True)
class Chips:
    """Painted chips.

    Attributes:
        values: (n, slots, bands, y, x) float16 reflectance, NaN where not clear.
        target: (n, y, x) class index, IGNORED where nothing is taught.
        vigour: (n, y, x) target / 100, NaN where there is none.
        days: (slots,) days since 1 January of the main year.
    """

    values: Tensor
    target: Tensor
    vigour: Tensor
    days: Tensor

    @property
    def clear_share(self) -> float:
        """Share of clear slots over all pixels."""
        return float(torch.isfinite(self.values).all(dim=2).float().mean())

    def batch(self, rows: Tensor, turns: int, device: str) -> tuple[Tensor, Tensor, Tensor]:
        """Some chips on a device, turned by quarters: values, target, vigour."""
        parts = (self.values[rows].float(), self.target[rows], self.vigour[rows])
        values, target, vigour = (torch.rot90(part, turns, (-2, -1)).to(device) for part in parts)
        return values, target, vigour


def paint(options: argparse.Namespace) -> tuple[tuple[str, ...], Chips, Chips]:
    """Classes, chips to learn from, and chips painted with series of blocks that the others do not hold."""
    series = _series(options.data, options.areas, options.seed)
    classes = class_names(series)
    unseen = block_folds(series, _FOLDS, options.seed) == 0
    learn = _paint_all(series.take(~unseen), classes, options.chips, options)
    return classes, learn, _paint_all(series.take(unseen), classes, max(2, options.chips // 3), options)


def window(chips: Chips, side: int) -> Tensor:
    """Chips laid side by side to one window (1, slots, bands, side, side)."""
    size = chips.values.shape[-1]
    along = -(-side // size)
    places = torch.arange(along * along) % len(chips.values)
    rows = [torch.cat([chips.values[at] for at in row], dim=-1) for row in places.view(along, along)]
    return torch.cat(rows, dim=-2)[None, ..., :side, :side].float()


def _series(data: Path | None, areas: int, seed: int) -> SeriesSet:
    if data is not None:
        return training_series(data, seed)
    regions = ("europe", "huanghuai", "north_india")
    return merge_rare(learnable(joined(simulated_series(SimulatedSource(region, areas), seed) for region in regions)))


def _paint_all(series: SeriesSet, classes: tuple[str, ...], count: int, options: argparse.Namespace) -> Chips:
    index = {key: place for place, key in enumerate(classes)}
    target = np.array([index[key] for key in series.crop], dtype=np.int64)
    by_source = palettes(series, target, vigour_targets(series), draw_weights(series, 0.4))
    names = sorted(by_source)
    painted = (
        paint_chip(
            by_source[names[number % len(names)]], options.chip_px, np.random.default_rng([options.seed, number])
        )
        for number in range(count)
    )
    return _stacked(painted)


def _stacked(painted: Iterator[Chip]) -> Chips:
    inside = (grid_days() >= _SEASON[0]) & (grid_days() <= _SEASON[1])
    values, targets, vigours = [], [], []
    for chip in painted:
        seen = np.isfinite(chip.values[inside]).all(axis=1).any(axis=0)
        values.append(torch.from_numpy(chip.values[inside]).half())
        targets.append(torch.from_numpy(np.where(seen, chip.target, IGNORED)))
        vigours.append(torch.from_numpy(np.where(seen, chip.vigour, np.float32(np.nan))))
    return Chips(torch.stack(values), torch.stack(targets), torch.stack(vigours), torch.from_numpy(grid_days()[inside]))


def fit(network: nn.Module, chips: Chips, options: argparse.Namespace) -> float:
    """Train a network on chips from its first weights, all of it at once. Returns the seconds that it took."""
    network.to(options.device).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=options.rate, weight_decay=0.01)
    steps = len(chips.values) // options.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=options.epochs * steps)
    rng = torch.Generator().manual_seed(options.seed)
    start = time.perf_counter()
    for _ in range(options.epochs):
        for rows in torch.randperm(len(chips.values), generator=rng)[: steps * options.batch].view(steps, -1):
            turns = int(torch.randint(0, 4, (1,), generator=rng))
            loss = _loss(network, chips, rows, turns, options.device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            schedule.step()
    network.eval()
    return time.perf_counter() - start


def _loss(network: nn.Module, chips: Chips, rows: Tensor, turns: int, device: str) -> Tensor:
    values, target, vigour = chips.batch(rows, turns, device)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=device != "cpu"):
        said = network(values, chips.days.to(device))
    crop = functional.cross_entropy(said.logits.float(), target, ignore_index=IGNORED, label_smoothing=0.05)
    return crop + vigour_loss(said.vigour.float(), vigour)


@torch.inference_mode()
def confusions(network: nn.Module, chips: Chips, classes: int, device: str) -> NDArray[np.int64]:
    """Labelled pixels of every chip, (chips, true class, said class)."""
    found = np.zeros((len(chips.values), classes, classes), dtype=np.int64)
    for place in range(len(chips.values)):
        values, target, _ = chips.batch(torch.tensor([place]), 0, device)
        labelled = target[0] != IGNORED
        said = network(values, chips.days.to(device)).logits[0].argmax(dim=0)
        pairs = target[0][labelled] * classes + said[labelled]
        found[place] = torch.bincount(pairs, minlength=classes**2).cpu().numpy().reshape(classes, classes)
    return found


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Mean F1 over the classes that occur, of (true, said) counts."""
    true, said, right = confusion.sum(axis=1), confusion.sum(axis=0), np.diag(confusion)
    there = true > 0
    return float((2 * right[there] / (true + said)[there]).mean())


def right_share(confusion: NDArray[np.int64]) -> float:
    """Share of labelled pixels right, of (chips, true, said) counts."""
    return float(confusion.trace(axis1=1, axis2=2).sum() / confusion.sum())


def f1_gain(ours: NDArray[np.int64], peer: NDArray[np.int64], seed: int) -> tuple[float, float]:
    """95 % interval of our macro-F1 less the peer's, by drawing whole chips with replacement."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(ours), (_DRAWS, len(ours)))
    gains = [macro_f1(ours[rows].sum(axis=0)) - macro_f1(peer[rows].sum(axis=0)) for rows in drawn]
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)
