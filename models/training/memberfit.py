"""Train one SeriesNet on any labelled series with any classes: seeded, on CPU or GPU.

Logits are free of the class frequencies that a member was trained on: a pool's own frequencies are added to them in
the loss (logit adjustment, Menon et al. 2021), and those of the place of use when probabilities are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.series.augment import Augmentation, augment
from models.training.seriesnet import SeriesNet, SeriesSpec, fill_series

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]

#: Changes for series whose calendar and levels are those of the place of use.
MILD: Final = Augmentation(
    drop_up_to=0.4,
    gap_up_to_days=30,
    window_share=0.0,
    shift_days=6,
    gain=0.05,
    band_gain=0.03,
    offset=0.004,
    noise=0.04,
    cloud_share=0.03,
    mix_share=0.0,
    mix_up_to=0.0,
)

_BATCH: Final = 1024


@dataclass(frozen=True, slots=True)
class EnsemblePlan:
    """How an ensemble is fitted.

    Attributes:
        seed: seed of everything random; each member has its own, made of it.
        members: number of networks.
        steps: optimizer steps of a member.
        batch: series of the labelled pool a step.
        rate: highest learning rate of the one-cycle schedule.
        decay: weight decay.
        smoothing: label smoothing.
        mixup: both parameters of the beta distribution of mixing; 0 mixes nothing.
        average: decay of the running average of weights that is kept in the end.
        width: channels of a member (see SeriesSpec).
        kernels: lengths of the convolutions, one after the other over members.
        shifts: calendar shifts over which a prediction is averaged, days.
        device: torch device.
        augmentation: strength of augmentation.
    """

    seed: int = 0
    members: int = 5
    steps: int = 600
    batch: int = 64
    rate: float = 3e-3
    decay: float = 0.05
    smoothing: float = 0.05
    mixup: float = 0.3
    average: float = 0.99
    width: int = 64
    kernels: tuple[int, ...] = (5, 3, 7)
    shifts: tuple[float, ...] = (-3.0, 0.0, 3.0)
    device: str = "cpu"
    augmentation: Augmentation = field(default_factory=lambda: MILD)

    def of_member(self, number: int) -> EnsemblePlan:
        """The plan of one member alone."""
        return replace(
            self, members=1, seed=self.seed * 1009 + number, kernels=(self.kernels[number % len(self.kernels)],)
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """Series to learn from.

    Attributes:
        values: (n, slots, bands) float32 reflectance, NaN gaps.
        target: (n, classes) float32 probability of each class, rows add up to 1.
        prior: (classes,) float64 frequency of the classes among these series.
        weight: (n,) float64 how often a series is drawn, up to a factor.
        batch: series drawn a step.
    """

    values: Values
    target: Values
    prior: Floats
    weight: Floats
    batch: int

    @classmethod
    def labelled(cls, values: Values, target: Indices, classes: int, batch: int, weight: Floats | None = None) -> Pool:
        """Pool of series whose class index, (n,), is known; drawn alike without weights."""
        drawn = np.ones(len(target)) if weight is None else weight
        counts = np.bincount(target, weights=drawn, minlength=classes)
        return cls(values, np.eye(classes, dtype=np.float32)[target], counts / counts.sum(), drawn, batch)

    @classmethod
    def guessed(cls, values: Values, probabilities: Floats, batch: int) -> Pool:
        """Pool of series for whose classes there are only probabilities, (n, classes)."""
        weight = np.ones(len(values))
        return cls(values, probabilities.astype(np.float32), probabilities.mean(axis=0), weight, batch)


def log_prior(prior: Floats) -> Floats:
    """Logarithm of class frequencies, (classes,); a class that never occurs is given one in a million."""
    return np.asarray(np.log(np.maximum(prior, 1e-6)), dtype=np.float64)


def fit_member(pools: Sequence[Pool], days: Values, plan: EnsemblePlan) -> tuple[SeriesNet, float]:
    """Train one network; returned in evaluation mode on the CPU with the mean loss of the last tenth of its steps."""
    torch.manual_seed(plan.seed)
    rng = torch.Generator().manual_seed(plan.seed)
    spec = SeriesSpec(classes=pools[0].target.shape[1], width=plan.width, kernel=plan.kernels[0])
    network = SeriesNet(spec, *_levels(pools)).to(plan.device)
    draws = [_Draw.of(pool, plan) for pool in pools]
    average = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(plan.average),  # type: ignore[no-untyped-call]  # untyped in torch
        use_buffers=True,
    )
    losses = list(_steps(network, average, draws, torch.from_numpy(days), plan, rng))
    network.load_state_dict(average.module.state_dict())
    return network.to("cpu").eval(), float(torch.stack(losses[-max(1, plan.steps // 10) :]).mean())


def _levels(pools: Sequence[Pool]) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each band over the clear slots of all pools."""
    known = np.concatenate([pool.values.reshape(-1, pool.values.shape[2]) for pool in pools])
    known = known[np.isfinite(known).all(axis=1)]
    return torch.from_numpy(known.mean(axis=0)), torch.from_numpy(known.std(axis=0) + np.float32(1e-3))


@dataclass(frozen=True, slots=True)
class _Draw:
    """A pool as tensors."""

    values: Tensor
    target: Tensor
    prior: Tensor
    weight: Tensor
    batch: int

    @classmethod
    def of(cls, pool: Pool, plan: EnsemblePlan) -> _Draw:
        classes = pool.target.shape[1]
        return cls(
            values=torch.from_numpy(pool.values),
            target=torch.from_numpy(pool.target) * (1 - plan.smoothing) + plan.smoothing / classes,
            prior=torch.from_numpy(log_prior(pool.prior)).float().to(plan.device),
            weight=torch.from_numpy(pool.weight),
            batch=pool.batch,
        )


def _steps(
    network: SeriesNet,
    average: torch.optim.swa_utils.AveragedModel,
    draws: Sequence[_Draw],
    days: Tensor,
    plan: EnsemblePlan,
    rng: torch.Generator,
) -> Iterator[Tensor]:
    """Optimize step by step; gives the loss of each."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=plan.rate, total_steps=plan.steps)
    network.train()
    for _ in range(plan.steps):
        loss = _loss(network, draws, days, plan, rng)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(network)
        yield loss.detach()


def _loss(network: SeriesNet, draws: Sequence[_Draw], days: Tensor, plan: EnsemblePlan, rng: torch.Generator) -> Tensor:
    """Mean over pools; all go through the network as one batch, so that batch normalisation sees them together."""
    rows = [torch.multinomial(draw.weight, draw.batch, replacement=True, generator=rng) for draw in draws]
    values = torch.cat([draw.values[row] for draw, row in zip(draws, rows, strict=True)])
    target = torch.cat([draw.target[row] for draw, row in zip(draws, rows, strict=True)]).to(plan.device)
    changed, shifted = augment(values, days, values, plan.augmentation, rng)
    partner, part = _partners([draw.batch for draw in draws], plan, rng)
    filled = fill_series(changed.to(plan.device), shifted.to(plan.device)).mixed(partner, part)
    mixed = torch.lerp(target, target[partner], part[:, None])
    prior = torch.cat([draw.prior.expand(draw.batch, -1) for draw in draws])
    each = functional.cross_entropy(network(filled) + prior, mixed, reduction="none")
    return torch.stack([part.mean() for part in torch.split(each, [draw.batch for draw in draws])]).mean()


def _partners(batches: Sequence[int], plan: EnsemblePlan, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Whom each series is mixed with, one of its own pool, and by how much, both (n,)."""
    starts = np.cumsum([0, *batches[:-1]])
    partner = torch.cat(
        [int(start) + torch.randperm(batch, generator=rng) for start, batch in zip(starts, batches, strict=True)]
    )
    if plan.mixup == 0:
        return partner.to(plan.device), torch.zeros(len(partner), device=plan.device)
    # Two gamma draws make a beta one; torch's own beta distribution takes no generator.
    shape = torch.full((2, len(partner)), plan.mixup)
    first, second = torch._standard_gamma(shape, generator=rng).clamp(min=1e-12)  # noqa: SLF001 - no public form takes a generator
    part = first / (first + second)
    return partner.to(plan.device), torch.minimum(part, 1 - part).to(plan.device)


def network_logits(network: SeriesNet, values: Values, days: Values, shifts: Sequence[float] = (0.0,)) -> Floats:
    """Mean log-softmax of one network over calendar shifts, (n, classes)."""
    total = np.zeros((len(values), network.spec.classes))
    with torch.inference_mode():
        for shift in shifts:
            at = torch.from_numpy(days) + shift
            parts = [network(fill_series(part, at)) for part in torch.split(torch.from_numpy(values), _BATCH)]
            total += torch.log_softmax(torch.cat(parts).double(), dim=1).numpy()
    return np.asarray(total / len(shifts), dtype=np.float64)
