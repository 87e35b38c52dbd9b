"""CropNet against a U-TAE-like network: validation F1, speed and multiply-adds; and the run's map stage, in one run.

    python benchmarks/predict.py                                # simulated series, the shipped network's encoder
    python benchmarks/predict.py --backbone resnet18            # another encoder, for both networks
    python benchmarks/predict.py --data DATA                    # real and simulated series
    python benchmarks/predict.py --device cuda --peak-tflops 989 --bandwidth-gbs 3350
    python benchmarks/predict.py --quick                        # seconds, to see that it runs

Both networks have the same encoder and decoder of segmentation_models_pytorch and learn from their first weights on
the same painted chips, in the same order, for as many epochs, with the same loss and optimiser. F1 is that of pixels
of chips painted with series of blocks that no network has seen. The peer (benchmarks/utae.py) runs the encoder once a
date, CropNet once a season. Both are timed at their best batch, in rounds by turns; a ratio is the median of the
rounds' ratios. "One window" takes a square as it is. "Part of a large map" counts the inner pixels of a block whose
halo keeps seams out: the peer must look at the halo on all dates, CropNet reads each pixel's series once and the halo
on the feature map alone. The last table sets the map stage of a run (a stored cube in, COGs out) against the network
alone. Peaks are what a large matrix product and a large copy reach here, or what the options say.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import torch
from predict_chips import Chips, OnChips, confusions, f1_gain, fit, macro_f1, paint, right_share, window
from predict_pipeline import pipeline
from predict_roofline import Peaks, counted, peaks_of, seconds
from torch import Tensor, nn
from utae import UTAE

from models.release import load_release

_SPEED_TARGET = 3.0
_PIPELINE_TARGET = 0.85


@dataclass(frozen=True, slots=True)
class Rivals:
    """Two fitted networks, the interval of ours less the peer's F1, and whether ours has no lower F1."""

    ours: OnChips
    peer: UTAE
    no_worse: bool


def train_both(options: argparse.Namespace) -> tuple[Rivals, Chips]:
    """Both networks, fitted, and the chips that they were scored on; prints the scores."""
    classes, learn, check = paint(options)
    spec = replace(load_release().network.spec, classes=len(classes), backbone=options.backbone)
    print(f"{len(learn.values)} chips of {options.chip_px} px, {options.epochs} epochs, {len(classes)} classes")
    print(f"{len(learn.days)} ten-day steps, {learn.clear_share:.0%} of them clear; encoder {options.backbone}")
    torch.manual_seed(options.seed)
    ours = OnChips(spec)
    torch.manual_seed(options.seed)
    peer = UTAE(spec)
    found = []
    for name, network in (("CropNet", ours), ("U-TAE-like", peer)):
        took = fit(network, learn, options)
        found.append(confusions(network, check, len(classes), options.device))
        weights = sum(weight.numel() for weight in network.parameters())
        score = f"macro-F1 {macro_f1(found[-1].sum(axis=0)):.3f}, pixels right {right_share(found[-1]):.3f}"
        print(f"{name:12}{weights:>12,} weights, fitted in {took:.0f} s; on {len(check.values)} unseen chips: {score}")
    low, high = f1_gain(found[0], found[1], options.seed)
    print(f"F1 of CropNet less that of the peer: 95 % interval over chips {low:+.3f} to {high:+.3f}")
    ours_f1, peer_f1 = (macro_f1(confusion.sum(axis=0)) for confusion in found)
    return Rivals(ours, peer, ours_f1 >= peer_f1), check


@torch.inference_mode()
def race(rivals: Rivals, chips: Chips, options: argparse.Namespace) -> float:
    """Tables of speed and work. Returns the ratio for one window."""
    device = options.device
    days = chips.days.to(device)
    whole = window(chips, options.block + 2 * options.halo).to(device)
    inner = whole[..., : options.block, : options.block].contiguous()
    _at_their_best(rivals, inner[..., : options.block // 2, : options.block // 2].contiguous(), days, options)
    reach = rivals.ours.features(whole, days)
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    peaks = peaks_of(device, dtype, options.peak_tflops, options.bandwidth_gbs)
    print(f"peaks: {peaks.flops / 1e12:.2f} TFLOP/s, {peaks.bandwidth / 1e9:.0f} GB/s")
    autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=device != "cpu")
    with autocast:
        ratio = _table(
            f"One window of {options.block} px",
            {"CropNet": lambda: rivals.ours(inner, days), "U-TAE-like": lambda: rivals.peer(inner, days)},
            peaks,
            options,
        )
        _table(
            f"Part of a large map: {options.block} px and a halo of {options.halo} px",
            {
                "CropNet": lambda: (rivals.ours.features(inner, days), rivals.ours.around(reach)),
                "U-TAE-like": lambda: rivals.peer(whole, days),
            },
            peaks,
            options,
        )
    return ratio


def _at_their_best(rivals: Rivals, values: Tensor, days: Tensor, options: argparse.Namespace) -> None:
    """Set batch and memory format of each network to what is fastest here."""
    batches = (128, 256, 512) if options.device == "cpu" else (2**14, 2**16, 2**18)
    _tune(rivals.ours, "series_at_once", batches, lambda: rivals.ours(values, days), options)
    _tune(rivals.peer, "dates_at_once", (1, 4, 8, len(days)), lambda: rivals.peer(values, days), options)


def _tune(
    network: nn.Module, name: str, sizes: Sequence[int], work: Callable[[], object], options: argparse.Namespace
) -> None:
    tried: dict[tuple[int, torch.memory_format], float] = {}
    for choice in product(sizes, (torch.contiguous_format, torch.channels_last)):
        _set(network, name, choice)
        tried[choice] = min(seconds(work, options.device) for _ in range(1 if options.quick else 3))
    best = min(tried, key=lambda choice: tried[choice])
    _set(network, name, best)
    print(f"best for {type(network).__name__}: {name} {best[0]}, {str(best[1]).removeprefix('torch.')}")


def _set(network: nn.Module, name: str, choice: tuple[int, torch.memory_format]) -> None:
    setattr(network, name, choice[0])
    network.to(memory_format=choice[1])  # type: ignore[call-overload]  # torch's stubs lack this form


def _table(title: str, works: Mapping[str, Callable[[], object]], peaks: Peaks, options: argparse.Namespace) -> float:
    """Rounds by turns. Returns by how much the first is faster: the median of the rounds' ratios."""
    pixels = options.block**2
    rounds: list[dict[str, float]] = []
    for number in range(options.rounds + 1):
        order = list(works) if number % 2 else list(works)[::-1]
        rounds.append({name: seconds(works[name], options.device) for name in order})
    del rounds[0]  # it warms up
    print(f"\n{title}\n{'':12}{'us/px':>9}{'Mpx/s':>9}{'k MAC/px':>10}{'of the roofline':>17}{'of the peak':>13}")
    for name, work in works.items():
        took, done = statistics.median(found[name] for found in rounds), counted(work)
        speed = f"{took / pixels * 1e6:>9.2f}{pixels / took / 1e6:>9.3f}{done.flops / 2e3 / pixels:>10.1f}"
        print(f"{name:12}{speed}{done.best_seconds(peaks) / took:>17.1%}{done.flops / peaks.flops / took:>13.1%}")
    first, second = works
    ratio = statistics.median(found[second] / found[first] for found in rounds)
    print(f"CropNet is {ratio:.2f} times as fast (target {_SPEED_TARGET:g})")
    return ratio


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    card = load_release().card
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the real series; without it the simulated ones alone")
    parser.add_argument("--areas", type=int, default=12, help="simulated areas of each region")
    parser.add_argument("--backbone", default=card.network.backbone, help="encoder of both networks")
    parser.add_argument("--chips", type=int, default=72)
    parser.add_argument("--chip-px", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=2, help="chips a step")
    parser.add_argument("--rate", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--block", type=int, default=card.tiling.block_px, help="pixels along a window's side")
    parser.add_argument("--halo", type=int, default=card.tiling.halo_px)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each table; medians count")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="cpu, cuda")
    parser.add_argument("--peak-tflops", type=float, help="of the device; by default what a matrix product reaches")
    parser.add_argument("--bandwidth-gbs", type=float, help="of the device's memory; by default what a copy reaches")
    parser.add_argument("--map-px", type=int, default=512, help="side of the stored cube for the map stage")
    parser.add_argument("--dates", type=int, default=80, help="acquisitions of that cube")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="little of everything")
    options = parser.parse_args(arguments)
    if options.quick:
        options.areas, options.chips, options.chip_px, options.epochs, options.block = 4, 4, 32, 1, 32
        options.halo, options.rounds, options.map_px, options.dates = 8, 1, 32, 6
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run all contests. Returns 0 where all targets are met."""
    options = parse(arguments)
    torch.set_num_threads(options.threads)
    print(f"device {options.device}, {options.threads} thread{'s' if options.threads > 1 else ''}")
    rivals, check = train_both(options)
    ratio = race(rivals, check, options)
    share = pipeline(options)
    met = {
        "F1 equal or better": rivals.no_worse,
        f"{_SPEED_TARGET:g} times as fast": ratio >= _SPEED_TARGET,
        f"map stage at {_PIPELINE_TARGET:g} of the network": share >= _PIPELINE_TARGET,
    }
    print("\n" + "\n".join(f"{what}: {'met' if reached else 'MISSED'}" for what, reached in met.items()))
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
