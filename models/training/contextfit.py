"""Fit the spatial context on painted chips; the temporal encoder and the heads stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.network import CropNet, Heads
from models.packed import packed_features
from models.series.sample import SeriesSet, grid_days
from models.series.vigour import vigour_targets
from models.training.chips import IGNORED, Chip, Palette, paint_chip, palettes
from models.training.seriesfit import Progress, draw_weights, vigour_loss, work_key

_PIXELS = 256


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """How the context is fitted.

    Attributes:
        seed: seed of everything random.
        chips: chips painted for training.
        check: chips painted to measure what context adds.
        size_px: rows and columns of a chip.
        epochs: passes over the chips.
        batch: chips a step.
        rate: highest learning rate of the one-cycle schedule.
        balance: power by which rare groups are painted more often (see FitPlan).
        device: torch device.
        mixed: whether products are made in bfloat16 (mixed precision), as a GPU does sooner.
    """

    seed: int = 7
    chips: int = 960
    check: int = 72
    size_px: int = 64
    epochs: int = 20
    batch: int = 8
    rate: float = 2e-3
    balance: float = 0.4
    device: str = "cpu"
    mixed: bool = False

    @property
    def layout(self) -> torch.memory_format:
        """Order of maps in memory: channels last suits the convolutions of a GPU."""
        return torch.contiguous_format if torch.device(self.device).type == "cpu" else torch.channels_last


@dataclass(frozen=True, slots=True)
class Encoded:
    """Chips after the temporal encoder: (n, features | classes, y, x), vigour, and what they should be."""

    features: Tensor
    logits: Tensor
    vigour: Tensor
    target: Tensor
    vigour_target: Tensor

    def take(self, rows: Tensor) -> Encoded:
        """Chips by index."""
        return Encoded(*(getattr(self, name)[rows] for name in self.__slots__))

    def turned(self, turns: int, *, mirrored: bool) -> Encoded:
        """The same chips turned by quarters, and mirrored."""
        parts = [torch.rot90(getattr(self, name), turns, (-2, -1)) for name in self.__slots__]
        return Encoded(*(part.flip(-1) if mirrored else part for part in parts))

    def to(self, device: str) -> Encoded:
        """The same chips on a device."""
        return Encoded(*(getattr(self, name).to(device) for name in self.__slots__))

    @property
    def heads(self) -> Heads:
        """What the temporal encoder alone says."""
        return Heads(self.features, self.logits, self.vigour)


@dataclass(frozen=True, slots=True)
class ContextGain:
    """Share of labelled pixels right on painted chips, without and with context."""

    alone: float
    with_context: float


def fit_context(
    network: CropNet,
    series: SeriesSet,
    classes: tuple[str, ...],
    plan: ContextPlan,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> None:
    """Train the context of a network in place; its other parts do not change.

    A run that ended early goes on from its checkpoint and ends with the same weights.

    Args:
        network: fitted on series, in evaluation mode, on the CPU.
        series: what to paint with.
        classes: legend keys in channel order.
        plan: how to fit.
        checkpoint: file that holds the state after each epoch; none is kept where this is None.
        progress: told after each epoch.
    """
    context = network.context.to(plan.device, memory_format=plan.layout)  # type: ignore[call-overload]  # not in torch's stubs
    optimizer = torch.optim.AdamW(context.parameters(), lr=plan.rate, weight_decay=0.01)
    steps = plan.epochs * (plan.chips // plan.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, plan.rate, total_steps=steps)
    parts = (context, optimizer, schedule)
    key = work_key(series, classes, network.spec, (plan, _digest(network)))
    done = _load(checkpoint, parts, key)
    if done < plan.epochs:
        learn = _encode_all(network, series, classes, plan, plan.chips, plan.seed)
        for epoch in range(done, plan.epochs):
            loss = _epoch(network, learn, optimizer, schedule, plan, epoch)
            _save(checkpoint, parts, key, epoch + 1)
            if progress is not None:
                progress("context", epoch + 1, plan.epochs, loss)
    network.to("cpu").eval()


def context_gain(network: CropNet, series: SeriesSet, classes: tuple[str, ...], plan: ContextPlan) -> ContextGain:
    """What context adds on chips painted with series that neither encoder nor context has seen."""
    check = _encode_all(network, series, classes, plan, plan.check, plan.seed + 1)
    with torch.no_grad():
        both = network.with_context(check.heads)
    return ContextGain(_share_right(check.logits, check.target), _share_right(both.logits, check.target))


Parts = tuple[torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]


def _digest(network: CropNet) -> str:
    """Hash of the weights that the context is fitted upon."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.temporal.state_dict().items()):
        digest.update(name.encode() + tensor.cpu().numpy().tobytes())
    return digest.hexdigest()


def _load(path: Path | None, parts: Parts, key: str) -> int:
    if path is None or not path.is_file():
        return 0
    state = torch.load(path, weights_only=True, map_location="cpu")
    if state["key"] != key:
        return 0
    context, optimizer, schedule = parts
    context.load_state_dict(state["context"])
    optimizer.load_state_dict(state["optimizer"])
    schedule.load_state_dict(state["schedule"])
    return int(state["epochs"])


def _save(path: Path | None, parts: Parts, key: str, epochs: int) -> None:
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    context, optimizer, schedule = parts
    states = {
        "context": context.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
    }
    torch.save({**states, "epochs": epochs, "key": key}, partial)
    partial.replace(path)


def _encode_all(
    network: CropNet, series: SeriesSet, classes: tuple[str, ...], plan: ContextPlan, count: int, seed: int
) -> Encoded:
    index = {key: place for place, key in enumerate(classes)}
    target = np.array([index[key] for key in series.crop], dtype=np.int64)
    weight = draw_weights(series, plan.balance)
    by_source = palettes(series, target, vigour_targets(series), weight)
    names = sorted(by_source)
    parts = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        parts.append(encode_chip(network, paint_chip(_pick(by_source, names, number), plan.size_px, rng)))
    return Encoded(*(torch.stack([getattr(part, name) for part in parts]) for name in Encoded.__slots__))


def _pick(by_source: dict[str, Palette], names: list[str], number: int) -> Palette:
    """Sources in turn, so that each paints as many chips."""
    return by_source[names[number % len(names)]]


def encode_chip(network: CropNet, chip: Chip) -> Encoded:
    """One chip through the temporal encoder."""
    slots, bands, height, width = chip.values.shape
    pixels = torch.from_numpy(chip.values.reshape(slots, bands, -1))
    days = torch.from_numpy(grid_days())
    with torch.no_grad():
        each = torch.cat([packed_features(network.temporal, *part) for part in _parts(pixels, days, chip.radar)])
        each.nan_to_num_(0.0)
        logits = network.crop_head(each).T.reshape(-1, height, width)
        vigour = network.vigour_head(each).reshape(height, width)
    features = each.T.reshape(-1, height, width)
    unseen = ~torch.from_numpy(np.isfinite(chip.values).all(axis=1).any(axis=0))
    target = torch.from_numpy(chip.target).masked_fill(unseen, IGNORED)
    return Encoded(features, logits, vigour, target, torch.from_numpy(chip.vigour).masked_fill(unseen, torch.nan))


def _parts(
    pixels: Tensor, days: Tensor, radar: NDArray[np.float32] | None
) -> Iterator[tuple[Tensor, Tensor, Tensor | None]]:
    """What the encoder reads of some pixels at a time."""
    passes = None if radar is None else torch.from_numpy(radar.reshape(*radar.shape[:2], -1))
    for start in range(0, pixels.shape[2], _PIXELS):
        here = slice(start, start + _PIXELS)
        yield pixels[:, :, here], days, None if passes is None else passes[:, :, here]


def _epoch(
    network: CropNet,
    learn: Encoded,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    plan: ContextPlan,
    epoch: int,
) -> float:
    rng = torch.Generator().manual_seed(plan.seed * 100_003 + epoch)
    torch.manual_seed(plan.seed * 100_003 + epoch)
    network.context.train()
    steps = len(learn.target) // plan.batch
    total = 0.0
    for rows in torch.split(torch.randperm(len(learn.target), generator=rng)[: steps * plan.batch], plan.batch):
        turns, mirror = torch.randint(0, 4, (2,), generator=rng).tolist()
        chips = learn.take(rows).turned(turns, mirrored=mirror % 2 == 1).to(plan.device)
        with torch.autocast(torch.device(plan.device).type, torch.bfloat16, enabled=plan.mixed):
            loss = chip_loss(network, chips)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        schedule.step()
        total += loss.item()
    return total / steps


def chip_loss(network: CropNet, chips: Encoded) -> Tensor:
    """Crop and vigour loss over the labelled pixels."""
    both = network.with_context(chips.heads)
    crop = functional.cross_entropy(both.logits.float(), chips.target, ignore_index=IGNORED, label_smoothing=0.05)
    return crop + vigour_loss(both.vigour.float(), chips.vigour_target)


def _share_right(logits: Tensor, target: Tensor) -> float:
    labelled = target != IGNORED
    return float((logits.argmax(dim=1) == target)[labelled].float().mean())
