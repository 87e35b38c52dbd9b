"""Passes of a simulated Sentinel-1 over sites: terrain-corrected gamma0, not filtered, as readers expect it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pystac
from shapely.geometry import box, mapping

from tiles.radar.speckle import LOOKS
from tiles.simulation.catalogue import SIMULATED_FLAG, Layer, Named, footprint, stamp, write_layers
from tiles.simulation.clouds import smooth_field
from tiles.simulation.sites.asked import SitesPlan, Track
from tiles.simulation.sites.hydro import HydroWorks, draw_calm, flood
from tiles.simulation.sites.placed import Placed
from tiles.simulation.sites.wind import WindWorks, add_echoes, draw_echoes
from tiles.simulation.spectra import Floats

COLLECTION: Final = "sentinel-1-rtc"
COLLECTED: Final = Named(
    COLLECTION,
    "Simulated Sentinel-1 RTC",
    "Simulated terrain-corrected backscatter (gamma0); not an observation.",
)
#: Mean backscatter of land in dB, VV and VH, its spread over fields, and what all of a pass shares: judgements.
_LAND_DB: Final = (-10.0, -17.0)
_FIELDS_DB: Final = 1.3
_PASS_DB: Final = 0.7
_PATCH_PX: Final = 20.0
#: Stored numbers: hundredths of a decibel.
_SCALE: Final = 0.01
_NODATA: Final = -32768


@dataclass(frozen=True, slots=True)
class Backscatter:
    """What all passes share.

    Attributes:
        seed: of all randomness.
        land: (2, y, x) dB of the land in VV and VH.
        echoes: (k,) dB of each turbine's echo by site id.
    """

    seed: int
    land: npt.NDArray[np.float64]
    echoes: dict[str, npt.NDArray[np.float64]]


def draw_backscatter(plan: SitesPlan, placed: Sequence[Placed]) -> Backscatter:
    """Land and turbines of a plan, the same for the same plan."""
    rng = np.random.default_rng([plan.seed, 6])
    land = np.array(_LAND_DB)[:, None, None] + _FIELDS_DB * smooth_field(rng, plan.size_px, _PATCH_PX)
    echoes = {one.asked.site_id: draw_echoes(rng, one.works) for one in placed if isinstance(one.works, WindWorks)}
    return Backscatter(plan.seed, land, echoes)


def pass_power(shared: Backscatter, placed: Sequence[Placed], track: Track, day: date) -> Floats:
    """(2, y, x) float32 linear power of VV and VH with speckle."""
    rng = np.random.default_rng([shared.seed, 7, track.orbit, day.toordinal()])
    clean = 10 ** ((shared.land + rng.normal(0.0, _PASS_DB)) / 10.0)
    calm, on = draw_calm(rng), np.datetime64(day, "D")
    for one in placed:
        rows, columns = one.asked.window.slices
        part = clean[:, rows, columns]
        if isinstance(one.works, HydroWorks):
            clean[:, rows, columns] = flood(part, one.works.water_on(on), calm)
        elif isinstance(one.works, WindWorks):
            add_echoes(rng, part, one.works, on, shared.echoes[one.asked.site_id])
    return (clean * rng.gamma(LOOKS, 1.0 / LOOKS, clean.shape)).astype(np.float32)


def write_pass(folder: Path, plan: SitesPlan, track: Track, day: date, power: Floats) -> pystac.Item:
    """Write a pass and describe it; hrefs are absolute until the catalogue is saved."""
    item = _item(plan, track, datetime.combine(day, track.at, tzinfo=UTC))
    numbers = np.round(10.0 * np.log10(power) / _SCALE).astype(np.int16)
    states = {"scale": _SCALE, "offset": 0.0, "unit": "dB"}
    layers = [Layer(name, values, _NODATA, states, {}) for name, values in zip(("vv", "vh"), numbers, strict=True)]
    write_layers(folder / COLLECTION / item.id, plan, item, layers)
    return item


def _item(plan: SitesPlan, track: Track, when: datetime) -> pystac.Item:
    corners = footprint(plan)
    known = stamp(when + timedelta(hours=14))
    said: dict[str, Any] = {
        "title": f"Simulated Sentinel-1 RTC, {when:%Y-%m-%d} (not an observation)",
        SIMULATED_FLAG: True,
        "created": known,
        "updated": known,
        "platform": "sentinel-1-simulated",
        "constellation": "sentinel-1",
        "instruments": ["c-sar"],
        "proj:epsg": plan.epsg,
        "sar:product_type": "RTC",
        "sar:polarizations": ["VV", "VH"],
        "sat:orbit_state": "ascending",
        "sat:relative_orbit": track.orbit,
    }
    return pystac.Item(
        id=f"S1SIM_{plan.grid_code.removeprefix('MGRS-')}_{when:%Y%m%dT%H%M%S}_{track.orbit:03d}_RTC",
        geometry=mapping(box(*corners)),
        bbox=list(corners),
        datetime=when,
        properties=said,
    )
