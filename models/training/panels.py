"""Trains the network that tells panels, on simulated works: `python -m models.training.panels OUT_FOLDER`.

Two scenes in three lay panels, the third what is taken for them, shade nets and asphalt most often. Works on one
thread, so that the same machine always gives the same weights.
"""

from __future__ import annotations

import hashlib
import json
import sys
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
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.solar import build_solar, draw_solar
from tiles.simulation.sites.surfaces import MISTAKEN, NETS, PANELS

#: Seeds of training begin here; others are left for tuning (20,000 on) and acceptance (50,000 on).
FIRST_SEED: Final = 10_000
REGIONS: Final = ("huanghuai", "europe", "north_india")

_HIDDEN: Final = (32, 16)
_PIXELS_A_LOOK: Final = 260
_LOOKS: Final = 24
_INSIDE: Final = 0.5
#: Each third scene lays what is taken for panels, in turn; what is nearest to panels comes more often.
_EACH: Final = 3
_OTHERS: Final = (*MISTAKEN, *(("net", *NETS) * 2), "net", "asphalt", "asphalt", "wet_soil")
#: Times that each sample of dark green nets counts: their spectrum is nearest to that of panels.
_NETS_COUNT: Final = 2


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """How the network is trained.

    Attributes:
        scenes: simulated scenes.
        epochs: times that all samples are seen.
        batch: samples a step.
        rate: first step of Adam, falling to nothing along a cosine.
        decay: of weights at each step, as a part of the rate.
        look_noise: noise on what a look shows, in standard deviations of each feature, drawn anew at each step.
        past_noise: the same on the past: simulated years are alike, real ones are not, and fields that turn green after
            a dark winter must not be taken for rows.
    """

    scenes: int = 600
    epochs: int = 16
    batch: int = 4096
    rate: float = 4e-3
    decay: float = 1e-3
    look_noise: float = 0.01
    past_noise: float = 0.3


def draw_samples(seed: int) -> tuple[Singles, Singles]:
    """(n, FEATURES) and (n,) share under rows, of pixels of one simulated scene after works began.

    Each third scene lays something else. The past is 45 to 540 days long; n is 0 where clouds left none.
    """
    rng = np.random.default_rng(seed)
    start = np.datetime64("2023-01-01") + int(rng.integers(0, 365))
    first = start - int(rng.integers(45, 540))
    rhythm = 5 if rng.random() < 0.5 else 10  # noqa: PLR2004
    days = passes(date.fromisoformat(str(first)), date.fromisoformat(str(start + 420)), rhythm)
    ground = draw_ground(rng, 64, days, REGIONS[seed % len(REGIONS)])
    laid = _laid(seed)
    works = draw_solar(rng, 64, start, laid)
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
        "version": "2",
        "weights_sha256": hashlib.sha256(blob).hexdigest(),
        "bands": list(BANDS),
        "trained_on": "simulated works only (tiles.simulation.sites.solar): no real pixel",
        "scenes": plan.scenes,
        "seeds": [FIRST_SEED, FIRST_SEED + plan.scenes - 1],
        "samples": samples,
        "says": "share of a pixel under rows of panels, gaps between rows included",
        "not_for": "roofs, floating panels, imagery at another level than surface reflectance",
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(blob)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def main(folder: Path) -> None:
    """Train and write."""
    torch.set_num_threads(1)
    plan = PanelPlan()
    drawn = []
    for seed in range(FIRST_SEED, FIRST_SEED + plan.scenes):
        drawn += [draw_samples(seed)] * (_NETS_COUNT if _laid(seed) == "net" else 1)
    features, shares = (np.concatenate(part) for part in zip(*drawn, strict=True))
    write_panels(folder, fit_panels(features, shares, plan), plan, len(shares))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
