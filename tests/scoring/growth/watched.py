"""Simulated runs for tests of findings: parcels of a few crops side by side, with clouds and a few faults."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from geo.season import Season
from scoring.alerts.findings import Findings
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.growth.watching.run import growth_findings, watched_run
from tests.scoring.growth.seasons import DAYS, SEASON, Floats, bare, stand

AT = np.array(DAYS, dtype="datetime64[D]")
END = date(2019, 3, 1)


def fields_of(crops: Sequence[str], seed: int = 0, apart_m: float = 3000.0) -> Fields:
    """Parcels of Bavaria on a square; "" for no crop, "wheat winter" for a form."""
    n = len(crops)
    named = [[*crop.split(), "", ""][:2] for crop in crops]
    points = np.random.default_rng(seed).uniform(0, apart_m, (n, 2))
    calendar = load_calendar("de-bavaria")
    keys, forms = [key for key, _ in named], [form for _, form in named]
    return Fields.of([f"p{k}" for k in range(n)], keys, points, ["bavaria"] * n, [calendar], SEASON, forms=forms)


def mixed(n: int, seed: int) -> tuple[SeasonLooks, Fields]:
    """Maize, wheat, grass and parcels without a crop under clouds; one in eight with a fault."""
    rng = np.random.default_rng(seed)
    crops = [("maize", "wheat winter", "grass", "")[k] for k in rng.choice(4, n, p=[0.5, 0.35, 0.1, 0.05])]
    curves = np.stack([_curve(crop, rng) for crop in crops]) + rng.normal(0, 0.02, (n, len(DAYS)))
    clear = (rng.uniform(size=curves.shape) < 0.55).astype(float)
    late = AT + rng.choice([0, 1, 2, 12], curves.shape, p=[0.3, 0.5, 0.15, 0.05]).astype("timedelta64[D]")
    return SeasonLooks.of(curves, clear, AT, late), fields_of(crops, seed)


def _curve(crop: str, rng: np.random.Generator) -> Floats:
    rise, fall = ("03-25", "07-12") if crop.startswith("wheat") else ("05-28", "09-25")
    faults = (bare(), stand(rise, fall, top=0.5), stand("07-10", "10-25"), _hit(stand(rise, fall), rng))
    return faults[rng.integers(4)] if rng.uniform() < 0.125 else stand(rise, fall)


def _hit(curve: Floats, rng: np.random.Generator) -> Floats:
    return np.where(np.arange(len(curve)) >= rng.integers(25, 40), 0.2 + 0.4 * (curve - 0.2), curve)


def all_findings(looks: SeasonLooks, fields: Fields, season: Season = SEASON, until: date = END) -> list[Findings]:
    """Findings of one block that holds all parcels."""
    run = watched_run(looks, fields, season, until)
    assert len(run.blocks) == 1
    return list(growth_findings(run, run.blocks[0]))
