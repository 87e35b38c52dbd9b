"""How networks are trained anew for folds of spatial blocks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from models.kernelmachine import KernelPlan
from models.training.memberfit import EnsemblePlan

#: Parcels below which folds are more and networks smaller, and both kinds of network.
_FEW: Final = 1000
_SMALL: Final = EnsemblePlan(steps=300, width=32, batch=64)
_LARGE: Final = EnsemblePlan(steps=700, width=48, batch=96)


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """How parcels are predicted by networks that never saw their block.

    Attributes:
        seed: of folds and training.
        folds: outer folds of whole blocks.
        inner: folds of the remaining blocks; each has a network that leaves it out.
        network: how a network is fitted.
        balance: power by which rare classes are drawn more often.
        prior: power of the class frequencies that are added to the networks' logits, which are free of them: 1 is for
            most parcels right, 0 for all classes alike.
        kernel: how the kernel machine beside the networks is fitted.
        level: of the conformal sets.
        known_share: known parcels that the limit of novelty is to let pass.
        strangers_decided: share of strangers that may be decided, where the training blocks hold any.
    """

    seed: int = 7
    folds: int = 5
    inner: int = 3
    network: EnsemblePlan = field(default_factory=lambda: _SMALL)
    balance: float = 0.5
    prior: float = 0.5
    kernel: KernelPlan = field(default_factory=KernelPlan)
    level: float = 0.9
    known_share: float = 0.95
    strangers_decided: float = 0.25

    @classmethod
    def on(cls, device: str, seed: int, parcels: int) -> BlockPlan:
        """The standard plan: few parcels are left to learn from in more and larger parts."""
        few = parcels < _FEW
        network = _SMALL if few else _LARGE
        return cls(seed=seed, folds=10 if few else 5, network=replace(network, seed=seed, device=device))

    def describe(self) -> str:
        """One line for reports."""
        return (
            f"{self.folds} folds of blocks; in each {self.inner} networks ({self.network.steps} steps, width "
            f"{self.network.width}) and a kernel machine, calibrated on inner folds; seed {self.seed}"
        )
