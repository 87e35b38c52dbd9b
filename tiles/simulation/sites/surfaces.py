"""Surfaces of solar sites: spectra of panels and of what is taken for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from geo.errors import DataError
from tiles.simulation.spectra import Floats, load_spectra, read_table

PANELS: Final = "panel"
#: Shade nets of other colours than "net", of which a part is gaps.
NETS: Final = ("black_net", "green_net", "grey_net")
#: What is laid instead of panels; "wet_soil" is bare, dark and often wet, "water" a pond that is filled.
MISTAKEN: Final = (
    "greenhouse",
    "mulch",
    "black_film",
    "roof",
    "blue_roof",
    "dark_roof",
    "asphalt",
    "net",
    "burnt",
    "water",
    "wet_soil",
    *NETS,
)


@cache
def site_surfaces() -> Mapping[str, Mapping[str, Floats]]:
    """Spectra (b,) by group ("panel", "surface") and name, in the order of geo.bands.BANDS."""
    table = read_table("sites.toml")
    groups = {
        group: {name: np.array(values, dtype=np.float32) for name, values in table[group].items()}
        for group in ("panel", "surface")
    }
    return MappingProxyType(groups)


def draw_spectrum(rng: np.random.Generator, laid: str) -> Floats:
    """(b,) what is laid on one site: "panel" or one of MISTAKEN, brighter or darker than usual.

    Raises:
        DataError: nothing of that name is laid.
    """
    surfaces = site_surfaces()
    if laid == PANELS:
        names = sorted(surfaces["panel"])
        base = surfaces["panel"][str(rng.choice(names, p=[0.2, 0.1, 0.4, 0.3]))]
        dust = rng.uniform(0.0, 0.12)
        base = base + dust * (load_spectra().soil["loam"] - base)
    elif laid == "water":
        base = load_spectra().ground["water"]
    elif laid == "wet_soil":
        base = load_spectra().soil["clay"] * rng.uniform(0.35, 0.8)
    elif laid in surfaces["surface"]:
        base = surfaces["surface"][laid]
    else:
        raise DataError("SITE_SURFACE", f"No surface of sites is called {laid!r}.")
    slope = np.linspace(-1.0, 1.0, len(base)) * rng.normal(0.0, 0.06)
    return np.asarray(base * np.exp(rng.normal(0.0, 0.12) + slope + rng.normal(0.0, 0.03, len(base))), dtype=np.float32)
