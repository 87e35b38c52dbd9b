"""End members of the mixing model: soil, water, built, canopy, dry matter and flower spectra."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from geo.bands import BANDS
from geo.errors import DataError

Floats: TypeAlias = npt.NDArray[np.float32]

SOILS: Final = ("loam", "sand", "clay")


@dataclass(frozen=True, slots=True)
class Spectra:
    """End members, each of shape (b,) in the order of geo.bands.BANDS, reflectance with 1 = 100 %.

    Attributes:
        soil: dry soils by texture.
        ground: surfaces that are not soil (water, paddy, built, plastic).
        dry: dry plant matter.
        flower: flowering canopies.
        canopy: closed green canopies by legend key.
        wetness: (b,) darkening of soil with moisture, see `wet_soil`.
    """

    soil: Mapping[str, Floats]
    ground: Mapping[str, Floats]
    dry: Mapping[str, Floats]
    flower: Mapping[str, Floats]
    canopy: Mapping[str, Floats]
    wetness: Floats


@cache
def load_spectra() -> Spectra:
    """The end members that ship with Acreline (tiles/simulation/data/spectra.toml, sources in the file)."""
    table = read_table("spectra.toml")
    groups = {name: _group(table[name]) for name in ("soil", "ground", "dry", "flower", "canopy")}
    return Spectra(wetness=_spectrum("wetness", table["wetness"]), **groups)


def wet_soil(dry: Floats, moisture: Floats, wetness: Floats) -> Floats:
    """Soil reflectance at a surface moisture.

    Reflectance falls exponentially with moisture, faster in the short-wave infrared (Lobell and Asner 2002).

    Args:
        dry: (n, b) reflectance when dry.
        moisture: (n, t) share of saturation, 0 to 1.
        wetness: (b,) decay per unit of moisture.

    Returns:
        (n, t, b) float32.
    """
    darkening: Floats = np.exp(-moisture[:, :, None] * wetness)
    return dry[:, None, :] * darkening


def read_table(name: str) -> dict[str, Any]:
    """One of the TOML files of this package."""
    text = resources.files("tiles.simulation").joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _group(rows: Mapping[str, list[float]]) -> dict[str, Floats]:
    return {name: _spectrum(name, values) for name, values in rows.items()}


def _spectrum(name: str, values: list[float]) -> Floats:
    if len(values) != len(BANDS):
        raise DataError("SPECTRUM_SHAPE", f"Spectrum {name!r} has {len(values)} values, not {len(BANDS)}.")
    spectrum = np.asarray(values, dtype=np.float32)
    spectrum.flags.writeable = False
    return spectrum
