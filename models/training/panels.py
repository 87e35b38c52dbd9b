"""Trains the network that tells panels: `python -m models.training.panels OUT_FOLDER --data DATA`.

Works are simulated; half of the land that they are laid on is simulated, the other half carries real series of points
(models.training.realland), read from the folder of data. Two scenes in three lay panels, the third what is taken for
them, shade nets and asphalt most often. Works on one thread, so that the same machine always gives the same weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor, nn

from geo.bands import BANDS
from models.sites.ground import shows_ground
from models.sites.panels import CARD, FEATURES, WEIGHTS, Singles, panel_features, past_of
from models.training.realland import RealPoints, draw_real_ground, read_land
from tiles.simulation.sites.frame import Ground, draw_ground, passes, see_ground
from tiles.simulation.sites.solar import build_solar, draw_solar
from tiles.simulation.sites.surfaces import MISTAKEN, NETS, PANELS

#: Seeds of training begin here; others are left for tuning (20,000 on) and acceptance (50,000 on).
FIRST_SEED: Final = 10_000
#: Seeds of scenes on real land begin here.
FIRST_REAL_SEED: Final = 15_000
REGIONS: Final = ("huanghuai", "europe", "north_india")

_HIDDEN: Final = (48, 24)
_SIDE_PX: Final = 64
_PIXELS_A_LOOK: Final = 260
_LOOKS: Final = 24
_INSIDE: Final = 0.5
#: Each third scene lays what is taken for panels, in turn; what is nearest to panels comes more often.
_EACH: Final = 3
_OTHERS: Final = (*MISTAKEN, *(("net", *NETS) * 2), "net", "asphalt", "asphalt", "wet_soil")
#: Times that each sample of dark green nets counts: their spectrum is nearest to that of panels.
_NETS_COUNT: Final = 3
#: Every other real point is learned from; the others are left for tuning.
_LEARNED: Final = 2
#: Of the real points.
_SOURCES: Final = {
    "worldcereal-series": "France 2023, Corsica 2022, Canada 2017 (WorldCereal reference data): its publisher's terms",
    "benchmark-usa-2021": "Arkansas and California 2021, part of a public benchmark: its publisher's terms",
    "pixels": "Contains modified Copernicus Sentinel data 2016-2024",
}


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """How the network is trained.

    Attributes:
        scenes: on simulated land, and as many on real land.
        kept: part of each scene's samples that is used.
        epochs: times that all samples are seen.
        batch: samples a step.
        rate: first step of Adam, falling to nothing along a cosine.
        decay: of weights at each step, as a part of the rate.
        look_noise: noise on what a look shows, in standard deviations of each feature, drawn anew at each step.
        past_noise: the same on the past: simulated years are alike, real ones are not, and fields that turn green after
            a dark winter must not be taken for rows.
    """

    scenes: int = 600
    kept: float = 0.6
    epochs: int = 10
    batch: int = 4096
    rate: float = 4e-3
    decay: float = 1e-3
    look_noise: float = 0.01
    past_noise: float = 0.2


def draw_samples(seed: int, land: Sequence[RealPoints] = ()) -> tuple[Singles, Singles]:
    """(n, FEATURES) and (n,) share under rows, of pixels of one scene after works began.

    Each third scene lays something else. The past is 45 to 540 days long; n is 0 where clouds left none.

    Args:
        seed: of all randomness; sources of land and regions come in turn with it.
        land: real points that the land carries; simulated land without them.
    """
    rng = np.random.default_rng(seed)
    start = np.datetime64("2023-01-01") + int(rng.integers(0, 365))
    first = start - int(rng.integers(45, 540))
    rhythm = 5 if rng.random() < 0.5 else 10  # noqa: PLR2004
    days = passes(date.fromisoformat(str(first)), date.fromisoformat(str(start + 420)), rhythm)
    ground = _land(rng, days, seed, land)
    laid = _laid(seed)
    works = draw_solar(rng, _SIDE_PX, start, laid)
    seen = see_ground(rng, ground, build_solar(rng, ground, works))
    shown = shows_ground(seen.reflectance, seen.scl)
    before = seen.days < start
    past = past_of(seen.reflectance[before], shown[before])
    features, shares = [np.empty((0, FEATURES), np.float32)], [np.empty(0, np.float32)]
    after = np.flatnonzero(~before & shown.any(axis=(1, 2)))
    for time in rng.permutation(after)[:_LOOKS]:
        rows = works.rows_on(seen.days[time]) if laid == PANELS else np.zeros(past.shape[:2], dtype=np.float32)
        here = np.flatnonzero(shown[time] & np.isfinite(past[..., 0]))
        weight = np.where(works.inside.ravel()[here] > 0, _INSIDE, 1.0 - _INSIDE)
        if len(here):
            chosen = rng.choice(here, size=_PIXELS_A_LOOK, p=weight / weight.sum())
            look = seen.reflectance[time].reshape(len(BANDS), -1)[:, chosen].T
            features.append(panel_features(look, past.reshape(-1, past.shape[-1])[chosen]))
            shares.append(rows.ravel()[chosen])
    return np.concatenate(features), np.concatenate(shares)


def _land(rng: np.random.Generator, days: tuple[date, ...], seed: int, land: Sequence[RealPoints]) -> Ground:
    if land:
        return draw_real_ground(rng, _SIDE_PX, days, land[seed % len(land)])
    return draw_ground(rng, _SIDE_PX, days, REGIONS[seed % len(REGIONS)])


def _laid(seed: int) -> str:
    return _OTHERS[(seed // _EACH) % len(_OTHERS)] if seed % _EACH == 0 else PANELS


def fit_panels(features: Singles, shares: Singles, plan: PanelPlan) -> dict[str, Singles]:
    """Weights by name as `models.sites.panels.load_panel_net` reads them; cross-entropy against shares."""
    torch.manual_seed(7)
    centre, spread = features.mean(axis=0), features.std(axis=0) + np.float32(1e-6)
    inputs, wanted = torch.from_numpy((features - centre) / spread), torch.from_numpy(shares)
    sizes = (FEATURES, *_HIDDEN, 1)
    layers = [nn.Linear(one, other) for one, other in pairwise(sizes)]
    parts = [part for layer in layers[:-1] for part in (layer, nn.ReLU())]
    network = nn.Sequential(*parts, layers[-1])
    _descend(network, inputs, wanted, plan)
    named: dict[str, Singles] = {"centre": centre, "spread": spread}
    for at, layer in enumerate(layers):
        named[f"matrix{at}"] = np.ascontiguousarray(layer.weight.detach().numpy().T)
        named[f"offset{at}"] = layer.bias.detach().numpy()
    return named


def _descend(network: nn.Module, inputs: Tensor, wanted: Tensor, plan: PanelPlan) -> None:
    steps = plan.epochs * (len(inputs) // plan.batch)
    now = torch.full((len(BANDS),), plan.look_noise)
    noise = torch.cat([now, torch.full((FEATURES - len(BANDS),), plan.past_noise)])
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        drawn = torch.randint(len(inputs), (plan.batch,))
        noisy = inputs[drawn] + noise * torch.randn(plan.batch, FEATURES)
        loss = nn.functional.binary_cross_entropy_with_logits(network(noisy)[:, 0], wanted[drawn])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        falling.step()


def write_panels(folder: Path, weights: dict[str, Singles], plan: PanelPlan, samples: int) -> None:
    """Weights and their card."""
    blob = save({name: np.ascontiguousarray(weights[name]) for name in sorted(weights)})
    card = {
        "name": "PanelNet",
        "version": "3",
        "weights_sha256": hashlib.sha256(blob).hexdigest(),
        "bands": list(BANDS),
        "trained_on": "simulated works, half on simulated land, half on land that carries real series of points",
        "sources": _SOURCES,
        "scenes": 2 * plan.scenes,
        "seeds": [[first, first + plan.scenes - 1] for first in (FIRST_SEED, FIRST_REAL_SEED)],
        "samples": samples,
        "says": "share of a pixel under rows of panels, gaps between rows included",
        "not_for": "roofs, floating panels, imagery at another level than surface reflectance",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(blob)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def all_samples(plan: PanelPlan, land: Sequence[RealPoints]) -> tuple[Singles, Singles]:
    """Samples of all scenes, those of dark green nets counted more often."""
    drawn: list[tuple[Singles, Singles]] = []
    for first, here in ((FIRST_SEED, ()), (FIRST_REAL_SEED, land)):
        for seed in range(first, first + plan.scenes):
            features, shares = draw_samples(seed, here)
            kept = np.random.default_rng(seed).random(len(shares)) < plan.kept
            drawn += [(features[kept], shares[kept])] * (_NETS_COUNT if _laid(seed) == "net" else 1)
    features, shares = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return features, shares


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder for weights and card")
    parser.add_argument("--data", type=Path, required=True, help="holds worldcereal-series and benchmark-usa-2021")
    given = parser.parse_args()
    torch.set_num_threads(1)
    land = tuple(points.take(np.arange(len(points)) % _LEARNED == 0) for points in read_land(given.data))
    plan = PanelPlan()
    features, shares = all_samples(plan, land)
    write_panels(given.out, fit_panels(features, shares, plan), plan, len(shares))


if __name__ == "__main__":
    main()
