"""Fit the temporal encoder and its heads on series: seeded, resumable, the same code on CPU and GPU."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.network import CropNet, NetworkSpec
from models.series.augment import Augmentation, augment, augment_radar
from models.series.sample import SeriesSet, grid_days
from models.series.texture import as_pixels, known_spread
from models.series.vigour import vigour_targets

#: Sources most like what a run sees (surface level, masked, dense) count double, monthly ones without masks less.
_SOURCE_WEIGHT: Final = {"bavaria-2018": 2.0, "france-2023": 1.5, "flanders-2021": 1.5, "canada-2017": 0.7}

#: Simulated series are many and easy: real ones shall set the tone.
_SIMULATED_WEIGHT: Final = 0.4

#: Called after each epoch with (stage, epochs done, epochs in all, mean loss).
Progress = Callable[[str, int, int, float], None]


@dataclass(frozen=True, slots=True)
class FitPlan:
    """How a network is fitted.

    Attributes:
        seed: seed of everything random.
        epochs: number of epochs.
        draws: series drawn an epoch, with replacement.
        batch: series a step.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay.
        smoothing: label smoothing.
        vigour_weight: weight of the vigour loss against the crop loss.
        balance: power by which rare groups (source and crop) are drawn more often; 1 draws groups alike.
        average: decay of the running average of weights that is kept in the end.
        device: torch device.
        mixed: whether products are made in bfloat16 (mixed precision), as a GPU does sooner.
        augmentation: strength of augmentation.
    """

    seed: int = 7
    epochs: int = 80
    draws: int = 16384
    batch: int = 512
    rate: float = 3e-3
    decay: float = 0.02
    smoothing: float = 0.05
    vigour_weight: float = 1.0
    balance: float = 0.4
    average: float = 0.995
    device: str = "cpu"
    mixed: bool = False
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True, slots=True)
class Batches:
    """Tensors to draw from, each of all series.

    Attributes:
        values, radar, spread: of the series (see SeriesSet), the usual spread where there is none.
        target: class index.
        vigour: target of vigour.
        weight: chance of being drawn.
        partner: index of another series of the same source.
    """

    values: Tensor
    radar: Tensor
    spread: Tensor
    target: Tensor
    vigour: Tensor
    weight: Tensor
    partner: Tensor

    @classmethod
    def of(cls, series: SeriesSet, classes: tuple[str, ...], plan: FitPlan) -> Batches:
        """Tensors of a series set."""
        index = {key: position for position, key in enumerate(classes)}
        rng = np.random.default_rng(plan.seed)
        return cls(
            values=torch.from_numpy(series.values),
            radar=torch.from_numpy(series.radar),
            spread=torch.from_numpy(known_spread(series.spread)),
            target=torch.tensor([index[key] for key in series.crop]),
            vigour=torch.from_numpy(vigour_targets(series)),
            weight=torch.from_numpy(draw_weights(series, plan.balance)),
            partner=torch.from_numpy(_partners(series, rng)),
        )


def draw_weights(series: SeriesSet, balance: float) -> NDArray[np.float64]:
    """Probability of drawing each series, (n,), adds up to 1.

    A group (source and crop) of n series is drawn in proportion to n ** (1 - balance) and to its source's weight.
    """
    groups = np.array([f"{source}|{crop}" for source, crop in zip(series.source, series.crop, strict=True)])
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weights = sizes[inverse].astype(np.float64) ** -balance
    weights *= [_SOURCE_WEIGHT.get(str(source), 1.0) for source in series.source]
    weights[series.simulated] *= _SIMULATED_WEIGHT
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _partners(series: SeriesSet, rng: np.random.Generator) -> NDArray[np.intp]:
    """For each series another of its source at random, (n,)."""
    partner = np.arange(len(series))
    for source in np.unique(series.source.astype(str)):
        rows = np.flatnonzero(series.source == source)
        partner[rows] = rng.permutation(rows)
    return partner


def fit_series(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    plan: FitPlan,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> CropNet:
    """Train the temporal encoder and both heads.

    A run that ended early goes on from its checkpoint and ends with the same weights as one that was never stopped.

    Args:
        series: labelled series; every crop is one of `classes`.
        classes: legend keys in channel order.
        spec: what to build.
        plan: how to fit.
        checkpoint: file that holds the state after each epoch; none is kept where this is None.
        progress: told after each epoch.

    Returns:
        The network with averaged weights, on the CPU, in evaluation mode; its context is untouched.
    """
    torch.manual_seed(plan.seed)
    network = CropNet(spec).to(plan.device)
    run = _Run.start(network, plan, work_key(series, classes, spec, plan))
    done = run.load(checkpoint)
    batches = Batches.of(series, classes, plan)
    for epoch in range(done, plan.epochs):
        loss = _epoch(run, batches, plan, epoch)
        run.save(checkpoint, epoch + 1)
        if progress is not None:
            progress("series", epoch + 1, plan.epochs, loss)
    network.load_state_dict(run.average.module.state_dict())
    return network.to("cpu").eval()


def work_key(series: SeriesSet, classes: tuple[str, ...], spec: NetworkSpec, plan: object) -> str:
    """Hash of all that a fit depends on: a checkpoint is used only by the fit that it belongs to."""
    digest = hashlib.sha256(repr((classes, spec, plan)).encode())
    digest.update(np.ascontiguousarray(series.values).tobytes())
    if np.isfinite(series.radar).any():
        digest.update(np.ascontiguousarray(series.radar).tobytes())
    digest.update("|".join([*series.crop, *series.source, *series.block]).encode())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _Run:
    network: CropNet
    average: torch.optim.swa_utils.AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    device: str
    key: str

    @classmethod
    def start(cls, network: CropNet, plan: FitPlan, key: str) -> _Run:
        parts = (network.temporal, network.crop_head, network.vigour_head)
        learned = [weight for part in parts for weight in part.parameters()]
        optimizer = torch.optim.AdamW(learned, lr=plan.rate, weight_decay=plan.decay)
        steps = plan.epochs * steps_of(plan)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=plan.rate, total_steps=steps)
        average = torch.optim.swa_utils.AveragedModel(
            network,
            multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(plan.average),  # type: ignore[no-untyped-call]  # untyped in torch
        )
        return cls(network, average, optimizer, schedule, plan.device, key)

    def _states(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
        }

    def save(self, path: Path | None, epochs: int) -> None:
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        torch.save({**self._states(), "epochs": epochs, "key": self.key}, partial)
        partial.replace(path)

    def load(self, path: Path | None) -> int:
        """Epochs already done: those of a checkpoint of the same plan and data, else none."""
        if path is None or not path.is_file():
            return 0
        state = torch.load(path, weights_only=True, map_location=self.device)
        if state["key"] != self.key:
            return 0
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        return int(state["epochs"])


def steps_of(plan: FitPlan) -> int:
    """Optimizer steps an epoch."""
    return max(1, plan.draws // plan.batch)


def _epoch(run: _Run, batches: Batches, plan: FitPlan, epoch: int) -> float:
    """One epoch; all that is random in it depends on the seed and the epoch alone. Returns the mean loss."""
    rng = torch.Generator().manual_seed(plan.seed * 100_003 + epoch)
    torch.manual_seed(plan.seed * 100_003 + epoch)
    run.network.train()
    total = 0.0
    for rows in _draws(batches, plan, rng):
        loss = _loss(run.network, batches, rows, plan, rng)
        run.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(run.network.parameters(), 2.0)
        run.optimizer.step()
        run.schedule.step()
        run.average.update_parameters(run.network)
        total += loss.item()
    return total / steps_of(plan)


def _draws(batches: Batches, plan: FitPlan, rng: torch.Generator) -> Iterator[Tensor]:
    count = steps_of(plan) * plan.batch
    drawn = torch.multinomial(batches.weight, count, replacement=True, generator=rng)
    return iter(torch.split(drawn, plan.batch))


def _loss(network: CropNet, batches: Batches, rows: Tensor, plan: FitPlan, rng: torch.Generator) -> Tensor:
    days = torch.from_numpy(grid_days())
    pixels = as_pixels(batches.values[rows], batches.spread[rows], plan.augmentation.pixel_share, rng)
    values, shifted = augment(pixels, days, batches.values[batches.partner[rows]], plan.augmentation, rng)
    radar = None
    if network.spec.radar:
        radar = augment_radar(batches.radar[rows], days, plan.augmentation, rng).to(plan.device)
    with torch.autocast(torch.device(plan.device).type, torch.bfloat16, enabled=plan.mixed):
        heads = network.series(values.to(plan.device), shifted.to(plan.device), radar)
    target = batches.target[rows].to(plan.device)
    crop = functional.cross_entropy(heads.logits.float(), target, label_smoothing=plan.smoothing)
    return crop + plan.vigour_weight * vigour_loss(heads.vigour.float(), batches.vigour[rows].to(plan.device))


def vigour_loss(said: Tensor, target: Tensor) -> Tensor:
    """Smooth L1 over the places that have a target; zero where none has."""
    known = torch.isfinite(target)
    error = functional.smooth_l1_loss(said, torch.nan_to_num(target), beta=0.1, reduction="none")
    return (error * known).sum() / known.sum().clamp(min=1)
