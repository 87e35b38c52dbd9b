"""Work of a forward pass, operation by operation, and the time that a device would need at its best."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

_SIDE = 2048
_COPIED_MIB = 256


@dataclass(frozen=True, slots=True)
class Peaks:
    """What a device can do at most: floating-point operations a second, and bytes moved a second."""

    flops: float
    bandwidth: float


@dataclass(frozen=True, slots=True)
class Work:
    """Operations of one forward pass: (floating-point operations, bytes read and written) of each.

    Only products and convolutions count as floating-point operations; every operation moves its tensors once.
    """

    operations: tuple[tuple[float, float], ...]

    @property
    def flops(self) -> float:
        """Floating-point operations in all; a multiply-add is two."""
        return sum(flops for flops, _ in self.operations)

    def best_seconds(self, peaks: Peaks) -> float:
        """Roofline: every operation takes as long as its arithmetic or its memory, whichever is longer.

        Williams, Waterman and Patterson, "Roofline", Communications of the ACM 52 (2009).
        """
        return sum(max(flops / peaks.flops, moved / peaks.bandwidth) for flops, moved in self.operations)


class _Counting(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[float, float]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func.overloadpacket not in flop_registry:  # layers whose products are counted only when they are taken apart
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        result = func(*args, **kwargs)
        if not func.is_view:
            tensors = [leaf for leaf in tree_leaves((args, kwargs, result)) if isinstance(leaf, Tensor)]
            count = flop_registry.get(func.overloadpacket)
            flops = float(count(*args, **kwargs, out_val=result)) if count is not None else 0.0
            self.operations.append((flops, float(sum(tensor.nbytes for tensor in tensors))))
        return result


def counted(work: Callable[[], object]) -> Work:
    """What a forward pass does."""
    with _Counting() as counting:
        work()
    return Work(tuple(counting.operations))


def peaks_of(device: str, dtype: torch.dtype, tflops: float | None, gbs: float | None) -> Peaks:
    """Peaks as stated, or where they are not, as a large matrix product and a large copy reach them here."""
    flops = tflops * 1e12 if tflops else _product_rate(device, dtype)
    return Peaks(flops, gbs * 1e9 if gbs else _copy_rate(device))


def _product_rate(device: str, dtype: torch.dtype) -> float:
    side = _SIDE if device == "cpu" else 4 * _SIDE
    square = torch.rand(side, side, device=device).to(dtype)
    return 2 * side**3 / _best(lambda: square @ square, device)


def _copy_rate(device: str) -> float:
    source = torch.rand(_COPIED_MIB * 2**18, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / _best(lambda: target.copy_(source), device)


def _best(work: Callable[[], object], device: str) -> float:
    return min(seconds(work, device) for _ in range(4))


def seconds(work: Callable[[], object], device: str) -> float:
    """How long a piece of work takes, until the device is done with it."""
    if device == "cpu":
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    work()
    last.record()
    torch.cuda.synchronize()
    return first.elapsed_time(last) / 1e3
